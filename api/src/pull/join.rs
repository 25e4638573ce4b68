//! The pulls that readers of this process wait for: one a package, however many wait.
//!
//! A pull is a shared future that whoever waits polls; it goes when the last of them does.
//! The task it waits for goes on in any case.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use weir_domain::{PackageName, Timestamp, task::ErrorCode};
use weir_store::{StoreError, clock, tasks};

use super::{
    PATIENCE, Wish,
    ask::{self, Asked},
    checked_at,
};
use crate::app::Running;

/// Longest time without a look at a task that nobody told of.
const TICK: Duration = Duration::from_secs(1);
/// Entries that are not worth looking through for those nobody waits for any more.
const MANY: usize = 256;

/// What came of a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// What upstream says is visible.
    Answered,
    /// Upstream has no such package.
    Missing,
    /// Upstream could not be asked, or answered nonsense; it may be worth asking again then.
    Unknown(Option<Duration>),
    /// Too many wait.
    Crowded,
}

type Pull = BoxFuture<'static, Outcome>;

/// The pulls of this process.
#[derive(Debug, Default)]
pub(super) struct Joint(Mutex<HashMap<PackageName, WeakShared<Pull>>>);

impl Joint {
    /// Joins the pull of this package, or begins it.
    pub(super) fn join(&self, running: &Running, wish: &Wish) -> Shared<Pull> {
        let mut pulls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let present = pulls.get(&wish.name).and_then(WeakShared::upgrade);
        // One that ended is what somebody else has just waited for.
        if let Some(pull) = present.filter(|pull| pull.peek().is_none()) {
            return pull;
        }
        let pull = pull(running.clone(), wish.clone()).boxed().shared();
        if pulls.len() > MANY {
            pulls.retain(|_, pull| pull.upgrade().is_some());
        }
        if let Some(weak) = pull.downgrade() {
            pulls.insert(wish.name.clone(), weak);
        }
        pull
    }

    fn leave(&self, name: &PackageName) {
        let mut pulls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pulls.remove(name);
    }
}

async fn pull(running: Running, wish: Wish) -> Outcome {
    let outcome = follow(&running, &wish).await;
    running.pulls.joint.leave(&wish.name);
    outcome.unwrap_or_else(|error| {
        tracing::error!(package.name = %wish.name, error = &error as &dyn std::error::Error,
            "a package could not be asked for");
        Outcome::Unknown(None)
    })
}

/// Waits until what upstream says is visible, or it is certain that nothing will be.
async fn follow(running: &Running, wish: &Wish) -> Result<Outcome, StoreError> {
    let before = checked_at(running, &wish.name).await?;
    let task = match ask::ask(running, wish).await? {
        Asked::Follow(task) => task,
        Asked::Missing => return Ok(Outcome::Missing),
        Asked::Failed(wait) => return Ok(Outcome::Unknown(Some(wait))),
        Asked::Crowded => return Ok(Outcome::Crowded),
    };
    let mut watch = running.app.hub.watch(task);
    loop {
        let found = tasks::find(running.reader(), task).await?;
        // After the task: what it made visible before its end is seen.
        if checked_at(running, &wish.name).await? > before {
            return Ok(Outcome::Answered);
        }
        let now = clock::now(running.reader()).await?;
        if let Some(outcome) = found.map_or(Some(Outcome::Unknown(None)), |task| judge(&task, now))
        {
            return Ok(outcome);
        }
        tokio::select! {
            () = watch.changed() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Says what a task came to, or that waiting for it is of no use.
fn judge(task: &tasks::Task, now: Timestamp) -> Option<Outcome> {
    if !task.state.is_final() {
        let wait = task.run_after.since(now);
        return (wait > PATIENCE).then_some(Outcome::Unknown(Some(wait)));
    }
    Some(match task.error_code {
        None => Outcome::Answered,
        Some(ErrorCode::NotFound) => Outcome::Missing,
        Some(_) => Outcome::Unknown(None),
    })
}
