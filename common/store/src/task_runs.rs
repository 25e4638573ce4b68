//! Runs: who holds a task's lease now, and what that run has written so far.
//!
//! Every write transaction of a job begins with [`check`] (or one of the functions here
//! that contain it). A worker that slept past its lease finds another owner, or none, and
//! gets [`StoreError::LeaseLost`].

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use weir_domain::{TaskId, Timestamp, WorkerId, task::Progress};

use crate::{
    Signal, StoreError, Tx,
    sql::{Count, sql},
    task_logs::Chunk,
};

/// What proves that a run is this worker's: which task, which claim of it, whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// The task.
    pub task: TaskId,
    /// The number of the claim.
    pub generation: i64,
    /// The claimant.
    pub owner: WorkerId,
}

/// What a heartbeat learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// Whether the run should stop.
    pub is_cancelled: bool,
}

#[derive(FromQueryResult)]
struct Cancelled {
    is_cancelled: bool,
}

/// Starts a run; log counters carry on from earlier runs.
pub(crate) async fn begin(
    tx: &Tx,
    fence: &Fence,
    lease_expires_at: Timestamp,
) -> Result<(), StoreError> {
    sql("INSERT INTO task_runs (task_id, generation, owner, lease_expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (task_id) DO UPDATE SET generation = excluded.generation, owner = excluded.owner, \
         lease_expires_at = excluded.lease_expires_at, is_cancelled = false")
        .bind(fence.task.0)
        .bind(fence.generation)
        .bind(fence.owner.0)
        .bind(lease_expires_at.0)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Makes sure that the run is still this worker's, until the transaction ends.
///
/// # Errors
/// [`StoreError::LeaseLost`] if it is not.
pub async fn check(tx: &Tx, fence: &Fence) -> Result<(), StoreError> {
    let lock = if tx.get_database_backend() == DbBackend::Postgres {
        "FOR KEY SHARE"
    } else {
        ""
    };
    let row: Option<Count> = sql(format!(
        "SELECT generation AS n FROM task_runs WHERE task_id = $1 AND generation = $2 AND owner = $3 {lock}"
    ))
    .bind(fence.task.0)
    .bind(fence.generation)
    .bind(fence.owner.0)
    .one(&**tx)
    .await?;
    row.map(|_| ()).ok_or(StoreError::LeaseLost)
}

/// Appends a chunk of log (possibly none), renews the lease, and learns of a cancellation.
///
/// # Errors
/// [`StoreError::LeaseLost`] if the run is not this worker's. Repeating a call whose answer
/// was lost is harmless: the chunk is recognised by its first line and generation.
pub async fn heartbeat(
    tx: &Tx,
    fence: &Fence,
    chunk: Option<&Chunk>,
    progress: Option<Progress>,
    (now, lease): (Timestamp, Duration),
) -> Result<Heartbeat, StoreError> {
    let empty = Chunk::default();
    let appended = chunk.unwrap_or(&empty);
    let progress = progress
        .map(|progress| serde_json::to_string(&progress))
        .transpose();
    let row: Option<Cancelled> = sql("UPDATE task_runs SET log_lines = log_lines + $4, \
         log_bytes = log_bytes + $5, lease_expires_at = $6, progress = COALESCE($7, progress) \
         WHERE task_id = $1 AND generation = $2 AND owner = $3 AND ($4 = 0 OR log_lines = $8) \
         RETURNING is_cancelled")
    .bind(fence.task.0)
    .bind(fence.generation)
    .bind(fence.owner.0)
    .bind(appended.line_count())
    .bind(appended.byte_count())
    .bind(now.plus(lease).0)
    .bind(progress.map_err(|_| StoreError::Changed("progress"))?)
    .bind(appended.first_line - 1)
    .one(&**tx)
    .await?;
    match (row, chunk) {
        (Some(row), Some(chunk)) if chunk.line_count() > 0 => {
            chunk.insert(tx, fence.task, fence.generation).await?;
            tx.signal(Signal::LogGrew(fence.task));
            Ok(Heartbeat {
                is_cancelled: row.is_cancelled,
            })
        }
        (Some(row), _) => {
            tx.signal(Signal::TaskChanged(fence.task));
            Ok(Heartbeat {
                is_cancelled: row.is_cancelled,
            })
        }
        (None, Some(chunk)) if chunk.is_stored(tx, fence.task, fence.generation).await? => {
            check(tx, fence).await?;
            Ok(Heartbeat {
                is_cancelled: is_cancelled(&**tx, fence.task).await?,
            })
        }
        (None, _) => Err(StoreError::LeaseLost),
    }
}

/// Ends the run: nobody owns the task any more.
pub(crate) async fn end(tx: &Tx, fence: &Fence) -> Result<(), StoreError> {
    let ended = sql("UPDATE task_runs SET owner = NULL \
         WHERE task_id = $1 AND generation = $2 AND owner = $3")
    .bind(fence.task.0)
    .bind(fence.generation)
    .bind(fence.owner.0)
    .execute(&**tx)
    .await?;
    if ended == 0 {
        Err(StoreError::LeaseLost)
    } else {
        Ok(())
    }
}

pub(crate) async fn clear_owner(tx: &Tx, task: TaskId) -> Result<(), StoreError> {
    sql("UPDATE task_runs SET owner = NULL WHERE task_id = $1")
        .bind(task.0)
        .execute(&**tx)
        .await?;
    Ok(())
}

pub(crate) async fn cancel(tx: &Tx, task: TaskId) -> Result<(), StoreError> {
    sql("UPDATE task_runs SET is_cancelled = true WHERE task_id = $1")
        .bind(task.0)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Says whether the task's present run was told to stop.
///
/// # Errors
/// If the database cannot be asked.
pub async fn is_cancelled(
    connection: &impl ConnectionTrait,
    task: TaskId,
) -> Result<bool, StoreError> {
    let row: Option<Cancelled> = sql("SELECT is_cancelled FROM task_runs WHERE task_id = $1")
        .bind(task.0)
        .one(connection)
        .await?;
    Ok(row.is_some_and(|row| row.is_cancelled))
}
