//! Has mirrored packages looked at again, each at its moment of its registry's interval.
//!
//! A look submits few, and none while many wait: so a round that is not through is not followed
//! by another one. Upstream is asked for what changed only; dependencies have moments of their own.

use std::{sync::Arc, time::Duration};

use weir_content::ContentError;
use weir_domain::{
    RegistryId, Timestamp,
    task::{Priority, SyncOptions, SyncPackage, TaskKind, TaskSpec},
};
use weir_store::{
    StoreError, Tx, clock,
    resyncs::{self, Due},
    scopes,
    tasks::{self, FairQueue, NewRequest, NewTask},
};

use super::lead::Lead;
use crate::Environment;

/// Between two looks.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Most packages of a registry in one look: with the pause, eight million a day.
const PAGE: i64 = 500;
/// Tasks that wait already, beyond which none is added.
const MANY: u64 = 1000;
/// Intervals from one look to the next at what upstream no longer has.
const CALM: u32 = 7;

/// Submits what is due, of every registry that has an interval.
pub(super) async fn submit(lead: &Lead) -> Result<(), ContentError> {
    let environment = &lead.environment;
    if !environment.settings.asks_upstream {
        return Ok(());
    }
    for (registry, interval) in resyncs::registries(environment.db.read()).await? {
        place(lead, registry, interval).await?;
        if is_crowded(environment).await? {
            continue;
        }
        let now = clock::now(environment.db.read()).await?;
        let due = resyncs::due(environment.db.read(), registry, PAGE, now).await?;
        let private = scopes::private(environment.db.read()).await?;
        for package in due {
            let is_wanted = !scopes::covers(&private, &package.name);
            let round = Round {
                registry,
                interval,
                fair: Arc::clone(&environment.fair),
            };
            let submitted = lead
                .write(move |tx| Box::pin(async move { round.take(tx, package, is_wanted).await }));
            submitted.await?;
        }
    }
    Ok(())
}

/// Says whether there is enough to do, or no room to do it.
async fn is_crowded(environment: &Environment) -> Result<bool, StoreError> {
    let counts = tasks::counts(environment.db.read(), Some(TaskKind::SyncPackage)).await?;
    let waiting = counts.get("waiting").copied().unwrap_or(0);
    Ok(waiting >= MANY || environment.room.shortage().is_some())
}

/// Gives packages their moments that have none.
async fn place(lead: &Lead, registry: RegistryId, interval: Duration) -> Result<(), StoreError> {
    let db = lead.environment.db.read();
    loop {
        let unset = resyncs::unset(db, registry, PAGE).await?;
        if unset.is_empty() {
            return Ok(());
        }
        let placed = lead.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                for package in unset {
                    let at = resyncs::next(&package.name, interval, now);
                    resyncs::set(tx, package.package, at).await?;
                }
                Ok(())
            })
        });
        placed.await?;
    }
}

/// One turn of a registry's packages.
struct Round {
    registry: RegistryId,
    interval: Duration,
    fair: Arc<FairQueue>,
}

impl Round {
    /// Sets a package's next moment, and submits its sync unless there is a reason not to.
    async fn take(mut self, tx: &Tx, due: Due, is_wanted: bool) -> Result<(), StoreError> {
        let now = clock::now(&**tx).await?;
        if due.is_gone {
            self.interval = self.interval.saturating_mul(CALM);
        }
        let next = resyncs::next(&due.name, self.interval, now);
        resyncs::set(tx, due.package, next).await?;
        if !is_wanted || due.is_blocked || self.is_recent(&due, now) {
            return Ok(());
        }
        let spec = TaskSpec::SyncPackage(SyncPackage {
            package: due.name,
            registry: self.registry,
        });
        if tasks::is_live(&**tx, &spec.dedupe_key()).await? {
            return Ok(());
        }
        let new = NewTask {
            spec,
            priority: Priority::BULK,
            fair_key: self.fair.next("resync", now),
            run_after: now,
            retry_of: None,
        };
        let request = NewRequest {
            tips: Some("scheduled".to_owned()),
            options: SyncOptions {
                skip_dependencies: true,
                ..SyncOptions::default()
            },
            ..NewRequest::default()
        };
        tasks::submit(tx, &new, &request, now).await.map(drop)
    }

    /// Somebody else had it looked at not long ago.
    fn is_recent(&self, due: &Due, now: Timestamp) -> bool {
        let bound = now.minus(self.interval / 2);
        due.synced_at.is_some_and(|synced| synced > bound)
    }
}
