//! Claiming: the best ready task becomes this worker's, or nothing happens.
//!
//! Tasks are ready in *lanes* (kind and registry). A claim looks at the head of each open
//! lane and takes the best by (priority, fairness, age), so its cost does not grow with
//! the backlog. The update is conditional: of two workers that saw the same head, one wins.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    TaskId, Timestamp, WorkerId,
    task::{Priority, SPEC_VERSION, TaskState},
};

use super::{Task, begun, counts::count_transition, row};
use crate::{
    Signal, StoreError, Tx, queues,
    sql::{Count, by_index, sql},
    task_requests::{self, Request},
    task_runs::{self, Fence},
};

/// Most rows whose time has come that one look marks ready.
const PROMOTE: i64 = 200;
/// Most heads that turn out not to be for us before a look ends; the next one goes on.
const MISSES: usize = 64;
/// Lost leases after which a task is a suspect.
pub(crate) const SUSPECT_AFTER: i64 = 2;

/// The rows whose time has come.
pub(super) fn due(connection: &impl ConnectionTrait) -> String {
    format!(
        "SELECT id FROM tasks {} WHERE state = 'waiting' AND NOT is_held AND NOT is_ready \
         AND run_after <= $1 ORDER BY run_after LIMIT $2",
        by_index(connection, "tasks_due")
    )
}

/// The head of a lane: one entry of the index, however many rows wait.
pub(super) fn head(connection: &impl ConnectionTrait) -> String {
    format!(
        "SELECT id, dedupe_key, priority, fair_key, crashes FROM tasks {} \
         WHERE is_ready AND lane = $1 AND priority >= $2 AND crashes < $3 \
         ORDER BY priority DESC, fair_key, id LIMIT 1",
        by_index(connection, "tasks_ready")
    )
}

/// When the next row becomes due.
pub(super) fn next_row_due(connection: &impl ConnectionTrait) -> String {
    format!(
        "SELECT run_after AS at FROM tasks {} WHERE state = 'waiting' AND NOT is_held \
         AND NOT is_ready ORDER BY run_after LIMIT 1",
        by_index(connection, "tasks_due")
    )
}

/// Holds a ready row whose key has begun elsewhere.
pub(super) fn hold(connection: &impl ConnectionTrait) -> String {
    format!(
        "UPDATE tasks SET is_held = true, is_ready = false \
         WHERE id = $1 AND is_ready AND generation = 0 \
         AND EXISTS (SELECT 1 {} AND b.id <> $1)",
        begun(connection, "$2")
    )
}

/// What a worker is willing to take.
#[derive(Debug, Clone)]
pub struct ClaimLimits {
    /// How long the lease lasts unless renewed.
    pub lease: Duration,
    /// Only tasks at least this urgent (the slots kept for interactive work).
    pub min_priority: Option<Priority>,
    /// Whether a task that took two workers down may run here now.
    pub accepts_suspects: bool,
    /// Lanes not to look into (hosts that are closed for now).
    pub closed_lanes: Vec<String>,
}

/// A task this worker may now run.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The task, as it is after the claim.
    pub task: Task,
    /// What every write of the run must name.
    pub fence: Fence,
    /// Who wants it, and how; those not withdrawn.
    pub requests: Vec<Request>,
    /// Whether it took two workers down before.
    pub is_suspect: bool,
}

#[derive(FromQueryResult)]
struct Head {
    id: Uuid,
    dedupe_key: String,
    priority: i64,
    fair_key: i64,
    crashes: i64,
}

/// Claims the best ready task, if there is one.
///
/// # Errors
/// If the database refuses; then nothing was claimed.
pub async fn claim(
    tx: &Tx,
    owner: WorkerId,
    limits: &ClaimLimits,
    now: Timestamp,
) -> Result<Option<Claimed>, StoreError> {
    promote(tx, now).await?;
    for _ in 0..MISSES {
        let Some(head) = best_head(tx, limits).await? else {
            return Ok(None);
        };
        if let Some(claimed) = take(tx, &head, owner, limits, now).await? {
            return Ok(Some(claimed));
        }
    }
    Ok(None)
}

/// Marks ready what has become due.
async fn promote(tx: &Tx, now: Timestamp) -> Result<(), StoreError> {
    sql(format!(
        "UPDATE tasks SET is_ready = true, ready_at = $1 WHERE id IN ({} {})",
        due(&**tx),
        skip_locked(tx)
    ))
    .bind(now.0)
    .bind(PROMOTE)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// What others are changing is not waited for.
fn skip_locked(tx: &Tx) -> &'static str {
    match tx.get_database_backend() {
        DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    }
}

async fn best_head(tx: &Tx, limits: &ClaimLimits) -> Result<Option<Head>, StoreError> {
    let lanes = queues::open_lanes(&**tx).await?;
    let heads = format!("{} {}", head(&**tx), skip_locked(tx));
    let mut best: Option<Head> = None;
    for lane in lanes
        .iter()
        .filter(|lane| !limits.closed_lanes.contains(&lane.value))
    {
        let found: Option<Head> = sql(heads.as_str())
            .bind(lane.value.as_str())
            .bind(
                limits
                    .min_priority
                    .map_or(i64::MIN, |priority| i64::from(priority.0)),
            )
            .bind(if limits.accepts_suspects {
                i64::MAX
            } else {
                SUSPECT_AFTER
            })
            .one(&**tx)
            .await?;
        let rank = |head: &Head| (std::cmp::Reverse(head.priority), head.fair_key, head.id);
        if let Some(head) = found
            && best.as_ref().is_none_or(|best| rank(&head) < rank(best))
        {
            best = Some(head);
        }
    }
    Ok(best)
}

/// Takes the row if it is still there to take; holds it if its key has begun elsewhere.
async fn take(
    tx: &Tx,
    head: &Head,
    owner: WorkerId,
    limits: &ClaimLimits,
    now: Timestamp,
) -> Result<Option<Claimed>, StoreError> {
    let begun_elsewhere = sql(hold(&**tx))
        .bind(head.id)
        .bind(head.dedupe_key.as_str())
        .execute(&**tx)
        .await?;
    if begun_elsewhere > 0 {
        return Ok(None);
    }
    let taken: Option<Count> = sql("UPDATE tasks SET state = 'processing', is_ready = false, \
         generation = generation + 1, attempts = attempts + 1, started_at = COALESCE(started_at, $2), \
         error = NULL, error_code = NULL \
         WHERE id = $1 AND is_ready AND state = 'waiting' AND spec_version <= $3 \
         RETURNING generation AS n")
        .bind(head.id)
        .bind(now.0)
        .bind(i64::from(SPEC_VERSION))
        .one(&**tx)
        .await?;
    let Some(Count { n: generation }) = taken else {
        // A newer worker's spec: out of this look, back at the next promotion.
        sql("UPDATE tasks SET is_ready = false, run_after = $2 WHERE id = $1 AND is_ready")
            .bind(head.id)
            .bind(now.plus(Duration::from_secs(1)).0)
            .execute(&**tx)
            .await?;
        return Ok(None);
    };
    let id = TaskId(head.id);
    let fence = Fence {
        task: id,
        generation,
        owner,
    };
    task_runs::begin(tx, &fence, now.plus(limits.lease)).await?;
    let task = row::get(&**tx, id).await?;
    count_transition(
        tx,
        task.kind,
        Some(TaskState::Waiting),
        TaskState::Processing,
    )
    .await?;
    let requests = task_requests::live(&**tx, id).await?;
    tx.signal(Signal::TaskChanged(id));
    Ok(Some(Claimed {
        task,
        fence,
        requests,
        is_suspect: head.crashes >= SUSPECT_AFTER,
    }))
}

/// Returns when the next task not yet ready becomes due, if one is known.
///
/// # Errors
/// If the database cannot be asked.
pub async fn next_due(connection: &impl ConnectionTrait) -> Result<Option<Timestamp>, StoreError> {
    #[derive(FromQueryResult)]
    struct Due {
        at: i64,
    }
    let due: Option<Due> = sql(next_row_due(connection)).one(connection).await?;
    Ok(due.map(|due| Timestamp(due.at)))
}
