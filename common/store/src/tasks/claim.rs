//! Claiming: the best ready task becomes this worker's, or nothing happens.
//!
//! Tasks are ready in *lanes* (kind and registry). A claim looks at the head of each open
//! lane and takes the best by (priority, fairness, age), so its cost does not grow with
//! the backlog. The update is conditional: of two workers that saw the same head, one wins.
//! Several are claimed by the same statements as one, because on a server's database it is
//! the number of statements that takes the time.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    TaskId, Timestamp, WorkerId,
    task::{Priority, SPEC_VERSION, TaskKind, TaskState},
};

use super::{Task, begun, counts::count_transitions, row};
use crate::{
    Signal, StoreError, Tx, queues,
    sql::{by_index, sql},
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

/// The first rows of a lane: as many entries of the index, however many rows wait.
pub(super) fn head(connection: &impl ConnectionTrait) -> String {
    format!(
        "SELECT id, priority, fair_key, crashes FROM tasks {} \
         WHERE is_ready AND lane = $1 AND priority >= $2 AND crashes < $3 \
         ORDER BY priority DESC, fair_key, id LIMIT $4",
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

/// Holds ready rows whose key has begun elsewhere.
pub(super) fn hold(connection: &impl ConnectionTrait) -> String {
    format!(
        "UPDATE tasks SET is_held = true, is_ready = false \
         WHERE id IN ($*) AND is_ready AND generation = 0 \
         AND EXISTS (SELECT 1 {} AND b.id <> tasks.id)",
        begun(connection, "tasks.dedupe_key")
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
    /// Lanes whose host is closed for now: only what is forced is taken from them.
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

#[derive(Clone, Copy, FromQueryResult)]
struct Head {
    id: Uuid,
    priority: i64,
    fair_key: i64,
    crashes: i64,
}

#[derive(FromQueryResult)]
struct Taken {
    id: Uuid,
    generation: i64,
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
    Ok(claim_some(tx, owner, limits, (1, now)).await?.pop())
}

/// Claims the best ready tasks, up to so many; the best first, at most one suspect.
///
/// # Errors
/// If the database refuses; then nothing was claimed.
pub async fn claim_some(
    tx: &Tx,
    owner: WorkerId,
    limits: &ClaimLimits,
    (count, now): (usize, Timestamp),
) -> Result<Vec<Claimed>, StoreError> {
    promote(tx, now).await?;
    let mut misses = 0;
    while misses < MISSES {
        let heads = best_heads(tx, limits, count).await?;
        if heads.is_empty() {
            break;
        }
        let taken = take(tx, &heads, now).await?;
        if !taken.is_empty() {
            return begin(tx, (owner, limits.lease), taken, now).await;
        }
        misses += heads.len();
    }
    Ok(Vec::new())
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

async fn best_heads(tx: &Tx, limits: &ClaimLimits, count: usize) -> Result<Vec<Head>, StoreError> {
    let lanes = queues::open_lanes(&**tx).await?;
    let statement = format!("{} {}", head(&**tx), skip_locked(tx));
    let mut heads: Vec<Head> = Vec::new();
    for lane in lanes {
        let is_closed = limits.closed_lanes.contains(&lane.value);
        let least = limits
            .min_priority
            .max(is_closed.then_some(Priority::FORCED));
        let found: Vec<Head> = sql(statement.as_str())
            .bind(lane.value)
            .bind(least.map_or(i64::MIN, |priority| i64::from(priority.0)))
            .bind(if limits.accepts_suspects {
                i64::MAX
            } else {
                SUSPECT_AFTER
            })
            .bind(i64::try_from(count).unwrap_or(i64::MAX))
            .all(&**tx)
            .await?;
        heads.extend(found);
    }
    heads.sort_by_key(|head| (std::cmp::Reverse(head.priority), head.fair_key, head.id));
    let mut suspects = 0;
    heads.retain(|head| {
        suspects += usize::from(head.crashes >= SUSPECT_AFTER);
        head.crashes < SUSPECT_AFTER || suspects == 1
    });
    heads.truncate(count);
    Ok(heads)
}

/// Takes the rows that are still there to take; holds those whose key has begun elsewhere.
async fn take(tx: &Tx, heads: &[Head], now: Timestamp) -> Result<Vec<(Head, i64)>, StoreError> {
    let ids = || heads.iter().map(|head| head.id);
    sql(hold(&**tx)).bind_all(ids()).execute(&**tx).await?;
    let taken: Vec<Taken> = sql("UPDATE tasks SET state = 'processing', is_ready = false, \
         generation = generation + 1, attempts = attempts + 1, started_at = COALESCE(started_at, $1), \
         error = NULL, error_code = NULL \
         WHERE is_ready AND state = 'waiting' AND spec_version <= $2 AND id IN ($*) \
         RETURNING id, generation")
        .bind(now.0)
        .bind(i64::from(SPEC_VERSION))
        .bind_all(ids())
        .all(&**tx)
        .await?;
    if taken.len() < heads.len() {
        // A newer worker's spec: out of this look, back at the next promotion.
        sql("UPDATE tasks SET is_ready = false, run_after = $1 WHERE is_ready AND id IN ($*)")
            .bind(now.plus(Duration::from_secs(1)).0)
            .bind_all(ids())
            .execute(&**tx)
            .await?;
    }
    let generations: HashMap<_, _> = taken.iter().map(|row| (row.id, row.generation)).collect();
    let with_generation = |head: &Head| Some((*head, *generations.get(&head.id)?));
    Ok(heads.iter().filter_map(with_generation).collect())
}

/// Begins the runs of rows just taken.
async fn begin(
    tx: &Tx,
    (owner, lease): (WorkerId, Duration),
    taken: Vec<(Head, i64)>,
    now: Timestamp,
) -> Result<Vec<Claimed>, StoreError> {
    let ids: Vec<_> = taken.iter().map(|(head, _)| TaskId(head.id)).collect();
    let fences: Vec<_> = taken
        .iter()
        .map(|(head, generation)| Fence {
            task: TaskId(head.id),
            generation: *generation,
            owner,
        })
        .collect();
    task_runs::begin(tx, &fences, now.plus(lease)).await?;
    let mut tasks = row::get_all(&**tx, &ids).await?;
    let mut requests = task_requests::live_of_all(&**tx, &ids).await?;
    let mut kinds: BTreeMap<TaskKind, i64> = BTreeMap::new();
    let mut claimed = Vec::with_capacity(taken.len());
    for ((head, _), fence) in taken.into_iter().zip(fences) {
        let id = fence.task;
        let task = tasks.remove(&id).ok_or(StoreError::Changed("task"))?;
        *kinds.entry(task.kind).or_default() += 1;
        tx.signal(Signal::TaskChanged(id));
        claimed.push(Claimed {
            requests: requests.remove(&id).unwrap_or_default(),
            is_suspect: head.crashes >= SUSPECT_AFTER,
            task,
            fence,
        });
    }
    for (kind, count) in kinds {
        let states = (Some(TaskState::Waiting), TaskState::Processing);
        count_transitions(tx, kind, states, count).await?;
    }
    Ok(claimed)
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
