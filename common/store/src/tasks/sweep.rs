//! The sweep: finds what nobody looks after any more, and puts it right.
//!
//! Lapsed leases (their worker died), held rows whose begun sibling is gone, and tasks
//! that were ready for longer than anyone could want. Doing it twice, or in two processes
//! at once, changes nothing.

use std::time::Duration;

use sea_orm::FromQueryResult;
use uuid::Uuid;
use weir_domain::{
    TaskId, Timestamp,
    task::{ErrorCode, Level, LogLine, TaskState},
};

use super::{
    Outcome, advisory_lock,
    claim::SUSPECT_AFTER,
    counts::fold_counts,
    end::{back_to_waiting, ended, release_held, write_outcome},
    row,
};
use crate::{
    StoreError, Tx,
    sql::{Text, sql},
    task_logs, task_runs,
};

/// Most rows of each sort that one sweep handles.
const BATCH: i64 = 500;

/// How patient the sweep is.
#[derive(Debug, Clone, Copy)]
pub struct SweepLimits {
    /// Longest time a task may be ready without being claimed.
    pub queue_age: Duration,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Runs whose lease had lapsed.
    pub lapsed: usize,
    /// Of these, tasks given up as poisoned.
    pub poisoned: usize,
    /// Held rows let go.
    pub unheld: usize,
    /// Tasks that waited too long.
    pub expired: usize,
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

/// Puts right whatever nobody looks after.
///
/// # Errors
/// If the database refuses; then nothing was changed.
pub async fn sweep(tx: &Tx, limits: SweepLimits, now: Timestamp) -> Result<Swept, StoreError> {
    let lapsed: Vec<Id> = sql("SELECT task_id AS id FROM task_runs \
         WHERE owner IS NOT NULL AND lease_expires_at < $1 ORDER BY lease_expires_at LIMIT $2")
    .bind(now.0)
    .bind(BATCH)
    .all(&**tx)
    .await?;
    let mut swept = return_runs(tx, lapsed, "its worker stopped answering", now).await?;
    swept.unheld = release_orphans(tx, now).await?;
    swept.expired = expire_waiting(tx, limits.queue_age, now).await?;
    fold_counts(tx).await?;
    Ok(swept)
}

/// Returns every run there is, because the caller knows that no worker lives.
///
/// For the one process that holds the lock of its data folder, at its start.
///
/// # Errors
/// If the database refuses; then nothing was changed.
pub async fn return_abandoned(tx: &Tx, now: Timestamp) -> Result<Swept, StoreError> {
    let running: Vec<Id> = sql("SELECT task_id AS id FROM task_runs WHERE owner IS NOT NULL")
        .all(&**tx)
        .await?;
    return_runs(tx, running, "its process ended", now).await
}

async fn return_runs(
    tx: &Tx,
    runs: Vec<Id>,
    why: &str,
    now: Timestamp,
) -> Result<Swept, StoreError> {
    let mut swept = Swept {
        lapsed: runs.len(),
        ..Swept::default()
    };
    for Id { id } in runs {
        let id = TaskId(id);
        let task = row::get(&**tx, id).await?;
        advisory_lock(tx, &task.dedupe_key).await?;
        if task.state != TaskState::Processing {
            task_runs::clear_owner(tx, id).await?;
            continue;
        }
        let is_cancelled = task_runs::is_cancelled(&**tx, id).await?;
        task_runs::clear_owner(tx, id).await?;
        sql("UPDATE tasks SET crashes = crashes + 1 WHERE id = $1")
            .bind(id.0)
            .execute(&**tx)
            .await?;
        let is_poisoned = i64::from(task.crashes) >= SUSPECT_AFTER;
        let said = format!("Attempt {} was lost: {why}", task.attempts);
        task_logs::append_line(tx, id, &LogLine::new(now, Level::Warn, &said), now).await?;
        if is_poisoned || is_cancelled {
            let outcome = if is_cancelled {
                Outcome::failed(ErrorCode::Cancelled, "Cancelled")
            } else {
                Outcome::failed(
                    ErrorCode::Poisoned,
                    "Three workers were lost while running this task",
                )
            };
            write_outcome(tx, id, &outcome, now).await?;
            ended(tx, &task, TaskState::Error, now).await?;
            swept.poisoned += usize::from(is_poisoned);
        } else {
            back_to_waiting(tx, id, now, false, Some(&said)).await?;
        }
    }
    Ok(swept)
}

async fn release_orphans(tx: &Tx, now: Timestamp) -> Result<usize, StoreError> {
    let orphans: Vec<Text> = sql("SELECT t.dedupe_key AS value FROM tasks t WHERE t.is_held \
         AND NOT EXISTS (SELECT 1 FROM tasks b WHERE b.dedupe_key = t.dedupe_key AND b.id <> t.id \
         AND (b.state = 'processing' OR (b.state = 'waiting' AND b.generation > 0))) LIMIT $1")
    .bind(BATCH)
    .all(&**tx)
    .await?;
    for orphan in &orphans {
        advisory_lock(tx, &orphan.value).await?;
        release_held(tx, &orphan.value, now).await?;
    }
    Ok(orphans.len())
}

async fn expire_waiting(tx: &Tx, queue_age: Duration, now: Timestamp) -> Result<usize, StoreError> {
    let expired: Vec<Id> =
        sql("SELECT id FROM tasks WHERE is_ready AND ready_at < $1 ORDER BY ready_at LIMIT $2")
            .bind(now.minus(queue_age).0)
            .bind(BATCH)
            .all(&**tx)
            .await?;
    for Id { id } in &expired {
        let task = row::get(&**tx, TaskId(*id)).await?;
        advisory_lock(tx, &task.dedupe_key).await?;
        let outcome = Outcome::failed(ErrorCode::Timeout, "No worker took this task in time");
        write_outcome(tx, task.id, &outcome, now).await?;
        ended(tx, &task, TaskState::Error, now).await?;
    }
    Ok(expired.len())
}
