//! Whether a read makes a task, joins one, or is answered by how the last one ended.
//!
//! All of it is decided by the newest task of the package, whoever made it, so several
//! processes decide alike. What is decided before the transaction is decided again in it.

use std::time::Duration;

use weir_domain::{
    TaskId, Timestamp,
    task::{ErrorCode, Priority, SyncOptions, SyncPackage, TaskSpec, TaskState},
};
use weir_store::{
    StoreError, clock, pulls,
    tasks::{self, NewRequest, NewTask, Task},
};

use super::Wish;
use crate::app::Running;

/// Most pulls that wait at once, of all processes: about what ten slots bring, at a quarter of
/// a second each, while a reader is patient.
const MOST: i64 = 1_000;
/// Of these, what may be for readers that were answered already.
const MOST_REFRESHED: i64 = MOST / 2;
/// How long upstream's "there is no such package" is believed.
const MISSING: Duration = Duration::from_secs(60);
/// How long nobody tries again what failed in all its attempts.
const FAILED: Duration = Duration::from_secs(5);

/// What a reader is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Wait for what this task brings.
    Follow(TaskId),
    /// Give up: upstream has no such package.
    Missing,
    /// Come back after this long.
    Failed(Duration),
    /// Come back when fewer wait.
    Crowded,
}

/// Finds, joins or makes the task that will bring the package.
pub(super) async fn ask(running: &Running, wish: &Wish) -> Result<Asked, StoreError> {
    submit(running, wish, MOST, judge).await
}

/// Has the package renewed, unless that is being done, or was tried within its longest age.
pub(super) async fn refresh(running: &Running, wish: &Wish) -> Result<Asked, StoreError> {
    let age = running.app.settings.packument_max_age;
    let judge = move |newest: Option<&Task>, now| judge_old(newest, age, now);
    submit(running, wish, MOST_REFRESHED, judge).await
}

async fn submit(
    running: &Running,
    wish: &Wish,
    most: i64,
    judge: impl Fn(Option<&Task>, Timestamp) -> Option<Asked> + Send + 'static,
) -> Result<Asked, StoreError> {
    let db = &running.app.content.db;
    let newest = pulls::newest(db.read(), &wish.name).await?;
    if let Some(asked) = judge(newest.as_ref(), clock::now(db.read()).await?) {
        return Ok(asked);
    }
    let (wish, running) = (wish.clone(), running.clone());
    db.write(move |tx| {
        Box::pin(async move {
            let spec = TaskSpec::SyncPackage(SyncPackage {
                package: wish.name.clone(),
                registry: wish.registry,
            });
            tasks::lock(tx, [spec.dedupe_key().as_str(), pulls::PLACES]).await?;
            let now = clock::now(&**tx).await?;
            let newest = pulls::newest(&**tx, &wish.name).await?;
            if let Some(asked) = judge(newest.as_ref(), now) {
                return Ok(asked);
            }
            let task = NewTask {
                spec,
                priority: Priority::INTERACTIVE,
                fair_key: running.app.fair.next(&wish.from, now),
                run_after: now,
                retry_of: None,
            };
            let request = NewRequest {
                request_id: Some(wish.request_id),
                tips: Some("a read".to_owned()),
                options: SyncOptions {
                    skip_dependencies: true,
                    leave_tarballs: true,
                    ..SyncOptions::default()
                },
                ..NewRequest::default()
            };
            let submitted = pulls::submit(tx, &task, &request, most, now).await?;
            Ok(submitted.map_or(Asked::Crowded, |submitted| Asked::Follow(submitted.task)))
        })
    })
    .await
}

/// Decides by the newest task; nothing if there must be another one, or this one hurried.
fn judge(newest: Option<&Task>, now: Timestamp) -> Option<Asked> {
    let task = newest?;
    let Some(finished_at) = task.finished_at else {
        let is_urgent = task.priority >= Priority::INTERACTIVE && !task.is_held;
        let is_coming = task.state == TaskState::Processing || is_urgent;
        return is_coming.then_some(Asked::Follow(task.id));
    };
    let ended = now.since(finished_at);
    match task.error_code? {
        ErrorCode::NotFound => (ended < MISSING).then_some(Asked::Missing),
        ErrorCode::Cancelled => None,
        _ => (ended < FAILED).then(|| Asked::Failed(FAILED.saturating_sub(ended))),
    }
}

/// Decides whether an old package is renewed: once in its longest age, however that ends.
fn judge_old(newest: Option<&Task>, age: Duration, now: Timestamp) -> Option<Asked> {
    let task = newest?;
    let is_recent = task
        .finished_at
        .is_none_or(|finished_at| now.since(finished_at) < age);
    is_recent.then_some(Asked::Follow(task.id))
}
