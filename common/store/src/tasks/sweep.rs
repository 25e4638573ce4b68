//! The sweep: finds what nobody looks after any more, and puts it right.
//!
//! Lapsed leases (their worker died), held rows whose begun sibling is gone, and tasks
//! that were ready for longer than anyone could want. Doing it twice, or in two processes
//! at once, changes nothing.

use std::time::Duration;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    TaskId, Timestamp, WorkerId,
    task::{ErrorCode, Level, LogLine, TaskState},
};

use super::{
    Again, Outcome, Task, begun,
    claim::SUSPECT_AFTER,
    counts::fold_counts,
    end::{back_to_waiting, end, end_cancelled, release_held},
    locks::{try_lock, try_lock_task},
};
use crate::{
    StoreError, Tx, queues,
    sql::{Text, by_index, sql},
    task_logs,
    task_runs::{self, Lost},
};

/// Most rows of each sort that one sweep handles.
const BATCH: i64 = 500;

/// Rows that were ready before an instant.
pub(super) fn ready_too_long(connection: &impl ConnectionTrait) -> String {
    format!(
        "SELECT id FROM tasks {} WHERE is_ready AND ready_at < $1 ORDER BY ready_at LIMIT $2",
        by_index(connection, "tasks_ready_since")
    )
}

/// Keys with a held row and no begun one.
pub(super) fn orphans(connection: &impl ConnectionTrait) -> String {
    format!(
        "SELECT t.dedupe_key AS value FROM tasks t {} WHERE t.is_held \
         AND NOT EXISTS (SELECT 1 {}) LIMIT $1",
        by_index(connection, "tasks_held"),
        begun(connection, "t.dedupe_key")
    )
}

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
///
/// # Concurrency
/// Waits for nobody: what others are deciding about is left to the next sweep.
pub async fn sweep(tx: &Tx, limits: SweepLimits, now: Timestamp) -> Result<Swept, StoreError> {
    let mut swept = return_runs(tx, Lost::Lapsed(now), "its worker stopped answering", now).await?;
    swept.unheld = release_orphans(tx, now).await?;
    swept.expired = expire_waiting(tx, limits.queue_age, now).await?;
    fold_counts(tx).await?;
    Ok(swept)
}

/// Returns the runs of a process that is known to be no more, whatever their leases say.
///
/// For the process that holds the lock of its data folder, at its start: who held it before
/// it is dead. Runs of others are left alone.
///
/// # Errors
/// If the database refuses; then nothing was changed.
pub async fn return_abandoned(
    tx: &Tx,
    predecessor: WorkerId,
    now: Timestamp,
) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    loop {
        let some = return_runs(tx, Lost::Of(predecessor), "its process ended", now).await?;
        swept.lapsed += some.lapsed;
        swept.poisoned += some.poisoned;
        if some.lapsed == 0 {
            return Ok(swept);
        }
    }
}

/// Returns lost runs.
async fn return_runs(tx: &Tx, lost: Lost, why: &str, now: Timestamp) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    for id in task_runs::lost(tx, lost, BATCH).await? {
        let Some(task) = readable(try_lock_task(tx, id).await)? else {
            continue;
        };
        let Some(last) = task_runs::take_away(tx, id, lost).await? else {
            continue;
        };
        swept.lapsed += 1;
        if task.state != TaskState::Processing {
            continue;
        }
        sql("UPDATE tasks SET crashes = crashes + 1 WHERE id = $1")
            .bind(id.0)
            .execute(&**tx)
            .await?;
        let said = format!("Attempt {} was lost: {why}", task.attempts + task.crashes);
        task_logs::append_line(tx, id, &LogLine::new(now, Level::Warn, &said)).await?;
        if let Some(order) = last.order() {
            end_cancelled(tx, &task, &order, now).await?;
        } else if i64::from(task.crashes) >= SUSPECT_AFTER {
            let sentence = "Three workers were lost while running this task";
            let outcome = Outcome::failed(ErrorCode::Poisoned, sentence);
            end(tx, &task, &outcome, now).await?;
            swept.poisoned += 1;
        } else {
            let again = Again {
                run_after: now,
                counts: false,
                why: said,
            };
            back_to_waiting(tx, &task, &again).await?;
        }
    }
    Ok(swept)
}

/// Passes over a row that nobody can read, so that it does not keep others from their rights.
fn readable(found: Result<Option<Task>, StoreError>) -> Result<Option<Task>, StoreError> {
    match found {
        Err(error @ StoreError::Corrupt { .. }) => {
            tracing::error!(%error, "a task is left alone by the sweep");
            Ok(None)
        }
        found => found,
    }
}

async fn release_orphans(tx: &Tx, now: Timestamp) -> Result<usize, StoreError> {
    let orphans: Vec<Text> = sql(orphans(&**tx)).bind(BATCH).all(&**tx).await?;
    let mut released = 0;
    for orphan in &orphans {
        if try_lock(tx, &orphan.value).await? && release_held(tx, &orphan.value, now).await? > 0 {
            released += 1;
        }
    }
    Ok(released)
}

async fn expire_waiting(tx: &Tx, queue_age: Duration, now: Timestamp) -> Result<usize, StoreError> {
    let bound = now.minus(queue_age);
    let resting = queues::resting(&**tx, bound).await?;
    let expired: Vec<Id> = sql(ready_too_long(&**tx))
        .bind(bound.0)
        .bind(BATCH)
        .all(&**tx)
        .await?;
    let mut ended = 0;
    for Id { id } in expired {
        let Some(task) = readable(try_lock_task(tx, TaskId(id)).await)? else {
            continue;
        };
        // Those of other kinds behind many of these wait for a later sweep.
        if resting.iter().any(|kind| kind == task.kind.as_str()) {
            continue;
        }
        let still: Option<Id> =
            sql("SELECT id FROM tasks WHERE id = $1 AND is_ready AND ready_at < $2")
                .bind(id)
                .bind(bound.0)
                .one(&**tx)
                .await?;
        if still.is_none() {
            continue;
        }
        let sentence = "No worker took this task in time";
        let outcome = Outcome::failed(ErrorCode::Timeout, sentence);
        end(tx, &task, &outcome, now).await?;
        ended += 1;
    }
    Ok(ended)
}
