//! Runs: who holds a task's lease now, and what that run has written so far.
//!
//! Every write transaction of a job begins with [`check`] (or one of the functions here
//! that contain it). A worker that slept past its lease finds another owner, or none, and
//! gets [`StoreError::LeaseLost`].

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Value};
use uuid::Uuid;
use weir_domain::{TaskId, Timestamp, WorkerId, task::Progress};

use crate::{
    Signal, StoreError, Tx,
    sql::{by_index, sql},
    task_logs::{self, Chunk},
};

/// Runs that nobody looks after any more.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lost {
    /// Those whose lease ended before this.
    Lapsed(Timestamp),
    /// Those of a process that is no more.
    Of(WorkerId),
}

impl Lost {
    /// Returns what the statements below know as `$1`, and what it must be.
    fn condition(self) -> (&'static str, Value) {
        match self {
            Self::Lapsed(bound) => ("lease_expires_at < $1", bound.0.into()),
            Self::Of(owner) => ("owner = $1", owner.0.into()),
        }
    }
}

/// The lost runs, those first whose lease ends first.
pub(crate) fn losing(connection: &impl ConnectionTrait, lost: Lost) -> String {
    format!(
        "SELECT task_id FROM task_runs {} WHERE owner IS NOT NULL AND {} \
         ORDER BY lease_expires_at LIMIT $2",
        by_index(connection, "task_runs_leases"),
        lost.condition().0
    )
}

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

/// What a heartbeat learns, and every write of the run.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Heartbeat {
    /// Whether the run should stop.
    pub is_cancelled: bool,
    /// Who said so, if that is known.
    pub cancelled_by: Option<String>,
}

impl Heartbeat {
    /// Returns the order to stop, if there is one, as the task's log says it.
    pub fn order(&self) -> Option<String> {
        let order = || match &self.cancelled_by {
            Some(name) => cancelled_by(name),
            None => "Cancelled".to_owned(),
        };
        self.is_cancelled.then(order)
    }
}

/// Returns what the log of a task says that somebody cancelled.
pub(crate) fn cancelled_by(name: &str) -> String {
    format!("Cancelled by {name}")
}

/// Starts runs; log counters carry on from earlier ones.
pub(crate) async fn begin(
    tx: &Tx,
    fences: &[Fence],
    lease_expires_at: Timestamp,
) -> Result<(), StoreError> {
    let row = |fence: &Fence| -> [Value; 4] {
        [
            fence.task.0.into(),
            fence.generation.into(),
            fence.owner.0.into(),
            lease_expires_at.0.into(),
        ]
    };
    sql("INSERT INTO task_runs (task_id, generation, owner, lease_expires_at) VALUES $* \
         ON CONFLICT (task_id) DO UPDATE SET generation = excluded.generation, owner = excluded.owner, \
         lease_expires_at = excluded.lease_expires_at, is_cancelled = false, cancelled_by = NULL")
        .bind_rows(4, fences.iter().flat_map(row).collect())
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Makes sure that the run is still this worker's, until the transaction ends.
///
/// On `PostgreSQL` the row is locked so that heartbeats pass but [`end`] and [`take_away`]
/// wait: whoever runs the task next sees everything this transaction wrote, or nothing.
///
/// # Errors
/// [`StoreError::LeaseLost`] if it is not, [`StoreError::Cancelled`] if it was told to stop.
pub async fn check(tx: &Tx, fence: &Fence) -> Result<(), StoreError> {
    match hold(tx, fence).await? {
        heard if heard.is_cancelled => Err(StoreError::Cancelled(heard)),
        _ => Ok(()),
    }
}

async fn hold(tx: &Tx, fence: &Fence) -> Result<Heartbeat, StoreError> {
    let row: Option<Heartbeat> = sql(format!(
        "SELECT is_cancelled, cancelled_by FROM task_runs \
         WHERE task_id = $1 AND generation = $2 AND owner = $3 {}",
        on_postgres(tx, "FOR KEY SHARE")
    ))
    .bind(fence.task.0)
    .bind(fence.generation)
    .bind(fence.owner.0)
    .one(&**tx)
    .await?;
    row.ok_or(StoreError::LeaseLost)
}

/// Returns the locking clause where rows need one.
fn on_postgres(tx: &Tx, clause: &'static str) -> &'static str {
    match tx.get_database_backend() {
        DbBackend::Postgres => clause,
        _ => "",
    }
}

/// Appends a chunk of log (possibly none), renews the lease, and learns of a cancellation.
///
/// Repeating a call whose answer was lost is harmless, and so is sending the same chunk
/// with further lines: what is stored already is recognised by first line and generation.
///
/// # Errors
/// [`StoreError::LeaseLost`] if the run is not this worker's.
pub async fn heartbeat(
    tx: &Tx,
    fence: &Fence,
    chunk: Option<&Chunk>,
    progress: Option<Progress>,
    (now, lease): (Timestamp, Duration),
) -> Result<Heartbeat, StoreError> {
    let progress = progress
        .map(|progress| serde_json::to_string(&progress))
        .transpose()
        .map_err(|_| StoreError::Changed("progress"))?;
    let beat = Beat {
        fence,
        progress,
        expires_at: now.plus(lease),
    };
    let chunk = chunk.filter(|chunk| chunk.line_count() > 0);
    if let Some(learnt) = beat.write(tx, chunk).await? {
        return Ok(learnt);
    }
    let Some(chunk) = chunk else {
        return Err(StoreError::LeaseLost);
    };
    let rest = beat.rest_of(tx, chunk).await?;
    let rest = rest.as_ref().filter(|rest| rest.line_count() > 0);
    beat.write(tx, rest).await?.ok_or(StoreError::LeaseLost)
}

/// What a heartbeat writes besides lines.
struct Beat<'a> {
    fence: &'a Fence,
    progress: Option<String>,
    expires_at: Timestamp,
}

impl Beat<'_> {
    /// Writes; `None` if the run is not this worker's or the chunk does not go here.
    async fn write(&self, tx: &Tx, chunk: Option<&Chunk>) -> Result<Option<Heartbeat>, StoreError> {
        let learnt: Option<Heartbeat> = sql("UPDATE task_runs SET log_lines = log_lines + $4, \
             log_bytes = log_bytes + $5, lease_expires_at = $6, progress = COALESCE($7, progress) \
             WHERE task_id = $1 AND generation = $2 AND owner = $3 AND ($4 = 0 OR log_lines = $8) \
             RETURNING is_cancelled, cancelled_by")
        .bind(self.fence.task.0)
        .bind(self.fence.generation)
        .bind(self.fence.owner.0)
        .bind(chunk.map_or(0, Chunk::line_count))
        .bind(chunk.map_or(0, Chunk::byte_count))
        .bind(self.expires_at.0)
        .bind(self.progress.clone())
        .bind(chunk.map_or(0, |chunk| chunk.first_line - 1))
        .one(&**tx)
        .await?;
        if learnt.is_none() {
            return Ok(None);
        }
        if let Some(chunk) = chunk {
            chunk
                .insert(tx, self.fence.task, self.fence.generation)
                .await?;
            tx.signal(Signal::LogGrew(self.fence.task));
        } else {
            tx.signal(Signal::TaskChanged(self.fence.task));
        }
        Ok(learnt)
    }

    /// Returns what of the chunk is not stored yet, if its beginning is.
    async fn rest_of(&self, tx: &Tx, chunk: &Chunk) -> Result<Option<Chunk>, StoreError> {
        hold(tx, self.fence).await?;
        let (task, generation) = (self.fence.task, self.fence.generation);
        if !chunk.has_begun(tx, task, generation).await? {
            return Err(StoreError::LeaseLost);
        }
        Ok(chunk.beyond(task_logs::extent(&**tx, task).await?))
    }
}

/// Ends the run: nobody owns the task any more. Says what it may not have learnt yet.
///
/// Waits for this worker's own writes that are still under way (see [`check`]).
pub(crate) async fn end(tx: &Tx, fence: &Fence) -> Result<Heartbeat, StoreError> {
    let last: Option<Heartbeat> = sql(format!(
        "UPDATE task_runs SET owner = NULL WHERE task_id = (SELECT task_id FROM task_runs \
         WHERE task_id = $1 AND generation = $2 AND owner = $3 {}) RETURNING is_cancelled, cancelled_by",
        on_postgres(tx, "FOR UPDATE")
    ))
    .bind(fence.task.0)
    .bind(fence.generation)
    .bind(fence.owner.0)
    .one(&**tx)
    .await?;
    last.ok_or(StoreError::LeaseLost)
}

/// Returns up to `limit` tasks whose run is lost.
pub(crate) async fn lost(tx: &Tx, lost: Lost, limit: i64) -> Result<Vec<TaskId>, StoreError> {
    #[derive(FromQueryResult)]
    struct Id {
        task_id: Uuid,
    }
    let ids: Vec<Id> = sql(losing(&**tx, lost))
        .bind(lost.condition().1)
        .bind(limit)
        .all(&**tx)
        .await?;
    Ok(ids.into_iter().map(|row| TaskId(row.task_id)).collect())
}

/// Takes the run away from its worker if it is still lost and no write of it is under way.
/// Says what the run may not have learnt; `None` if it goes on.
pub(crate) async fn take_away(
    tx: &Tx,
    task: TaskId,
    lost: Lost,
) -> Result<Option<Heartbeat>, StoreError> {
    let (condition, bound) = lost.condition();
    sql(format!(
        "UPDATE task_runs SET owner = NULL WHERE task_id = (SELECT task_id FROM task_runs \
         WHERE task_id = $2 AND owner IS NOT NULL AND {condition} {}) \
         RETURNING is_cancelled, cancelled_by",
        on_postgres(tx, "FOR UPDATE SKIP LOCKED")
    ))
    .bind(bound)
    .bind(task.0)
    .one(&**tx)
    .await
}

/// Tells the run of a task to stop; whoever says so first is named.
pub(crate) async fn cancel(tx: &Tx, task: TaskId, by: &str) -> Result<(), StoreError> {
    sql(
        "UPDATE task_runs SET is_cancelled = true, cancelled_by = COALESCE(cancelled_by, $2) \
         WHERE task_id = $1",
    )
    .bind(task.0)
    .bind(by)
    .execute(&**tx)
    .await?;
    Ok(())
}
