//! Submitting: a new task, or a share in one that has not begun.
//!
//! A wish made while a task runs is never folded into that run (it may already have read
//! upstream): it becomes the fresh row, held until the run ends.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    RegistryId, TaskId, Timestamp, UserId,
    task::{Priority, SyncOptions, TaskKind, TaskSpec, TaskState},
};

use super::{begun, counts::count_transition, lock};
use crate::{
    Signal, StoreError, Tx,
    sql::{Count, by_index, sql},
    task_requests, task_trees,
};

/// Milliseconds between two tasks of one requester in the order of fairness.
const FAIR_STEP_MS: i64 = 10;
/// Requesters remembered before those in the past are forgotten.
const FAIR_REQUESTERS: usize = 4096;

/// The unfinished rows of a key.
pub(super) fn live(connection: &impl ConnectionTrait) -> String {
    format!(
        "SELECT id, state, generation FROM tasks {} \
         WHERE dedupe_key = $1 AND state IN ('waiting', 'processing')",
        by_index(connection, "tasks_live")
    )
}

/// Says whether a task of this key is not over.
///
/// # Errors
/// If the database cannot be asked.
pub async fn is_live(connection: &impl ConnectionTrait, key: &str) -> Result<bool, StoreError> {
    let row: Option<Live> = sql(live(connection)).bind(key).one(connection).await?;
    Ok(row.is_some())
}

/// Returns the lane in which tasks of a kind wait that read this registry.
pub fn lane(kind: TaskKind, registry: Option<RegistryId>) -> String {
    let registry = registry.map(|id| id.to_string()).unwrap_or_default();
    format!("{kind}:{registry}")
}

/// Gives each requester's tasks places 10 ms apart, so that one who asks for a thousand
/// does not make another who asks for one wait behind them all.
#[derive(Debug, Default)]
pub struct FairQueue {
    last: Mutex<HashMap<String, i64>>,
}

impl FairQueue {
    /// Returns the next place of `requester`.
    pub fn next(&self, requester: &str, now: Timestamp) -> i64 {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() > FAIR_REQUESTERS {
            last.retain(|_, place| *place > now.0);
        }
        let place = last
            .get(requester)
            .map_or(now.0, |place| now.0.max(place + FAIR_STEP_MS));
        last.insert(requester.to_owned(), place);
        place
    }
}

/// The work wanted.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// What to work on.
    pub spec: TaskSpec,
    /// How urgently.
    pub priority: Priority,
    /// Its place among tasks of the same priority (see [`FairQueue`]).
    pub fair_key: i64,
    /// Not before this.
    pub run_after: Timestamp,
    /// The task this one repeats.
    pub retry_of: Option<TaskId>,
}

/// Who wants it, and how.
#[derive(Debug, Clone, Default)]
pub struct NewRequest {
    /// The tree this belongs to; a request of its own starts a tree at the task it gets.
    pub root: Option<TaskId>,
    /// The user, if one asked.
    pub requester: Option<(UserId, String)>,
    /// The HTTP request.
    pub request_id: Option<String>,
    /// A reason, for people.
    pub tips: Option<String>,
    /// How the work is wanted.
    pub options: SyncOptions,
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submitted {
    /// The task that will serve it.
    pub task: TaskId,
    /// That task's state.
    pub state: TaskState,
    /// Whether it was already there.
    pub is_joined: bool,
}

#[derive(FromQueryResult)]
struct Live {
    id: Uuid,
    state: String,
    generation: i64,
}

/// Submits work, or joins the task that will do it anyway.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// Any number of callers for one key get at most one fresh and one begun task.
pub async fn submit(
    tx: &Tx,
    new: &NewTask,
    request: &NewRequest,
    now: Timestamp,
) -> Result<Submitted, StoreError> {
    let key = new.spec.dedupe_key();
    lock(tx, [key.as_str()]).await?;
    loop {
        let live: Vec<Live> = sql(live(&**tx)).bind(key.as_str()).all(&**tx).await?;
        let fresh = live
            .iter()
            .find(|row| row.state == "waiting" && row.generation == 0);
        let pausing = live
            .iter()
            .find(|row| row.state == "waiting" && row.generation > 0);
        let is_begun = live.iter().any(|row| row.generation > 0);
        let (task, is_joined) = match fresh.or(pausing) {
            Some(row) if !join(tx, row.id, new, request, now).await? => continue,
            Some(row) => (TaskId(row.id), true),
            None => (insert(tx, new, &key, is_begun, now).await?, false),
        };
        if is_begun && fresh.or(pausing).is_none_or(|row| row.generation == 0) {
            hurry_begun(tx, &key, new, request, now).await?;
        }
        if let (true, Some(former)) = (is_joined, new.retry_of) {
            repeats_too(tx, task, former).await?;
        }
        let root = request.root.unwrap_or(task);
        task_requests::insert(tx, task, root, request, now).await?;
        task_trees::record(tx, root, &key, task).await?;
        tx.signal(Signal::TaskChanged(task));
        return Ok(Submitted {
            task,
            state: TaskState::Waiting,
            is_joined,
        });
    }
}

/// Raises the joined row's priority, and its place if it was a later one.
///
/// A row that never ran is due when the newcomer's would be; one that pauses after a
/// failed attempt keeps its pause, unless `force` is said. False if it was claimed meanwhile.
async fn join(
    tx: &Tx,
    id: Uuid,
    new: &NewTask,
    request: &NewRequest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let forced_at = if request.options.force {
        now.0
    } else {
        i64::MAX
    };
    let joined: Option<Count> = sql("UPDATE tasks SET \
         priority = CASE WHEN priority < $2 THEN $2 ELSE priority END, \
         fair_key = CASE WHEN fair_key > $3 THEN $3 ELSE fair_key END, \
         run_after = CASE WHEN run_after > $4 THEN $4 \
         WHEN generation = 0 AND run_after > $5 THEN $5 ELSE run_after END \
         WHERE id = $1 AND state = 'waiting' RETURNING CAST(CASE WHEN NOT is_held AND NOT is_ready \
         AND run_after <= $6 THEN 1 ELSE 0 END AS BIGINT) AS n")
    .bind(id)
    .bind(i64::from(new.priority.0))
    .bind(new.fair_key)
    .bind(forced_at)
    .bind(new.run_after.0)
    .bind(now.0)
    .one(&**tx)
    .await?;
    let Some(Count { n: is_due }) = joined else {
        return Ok(false);
    };
    if is_due > 0 {
        sql("UPDATE tasks SET is_ready = true, ready_at = $2 WHERE id = $1")
            .bind(id)
            .bind(now.0)
            .execute(&**tx)
            .await?;
        tx.signal(Signal::TaskReady);
    }
    Ok(true)
}

/// Notes that the joined task repeats another one, unless it does already.
async fn repeats_too(tx: &Tx, id: TaskId, former: TaskId) -> Result<(), StoreError> {
    sql("UPDATE tasks SET retry_of = $2 WHERE id = $1 AND retry_of IS NULL")
        .bind(id.0)
        .bind(former.0)
        .execute(&**tx)
        .await?;
    Ok(())
}

async fn insert(
    tx: &Tx,
    new: &NewTask,
    key: &str,
    is_held: bool,
    now: Timestamp,
) -> Result<TaskId, StoreError> {
    let id = TaskId::new();
    let kind = new.spec.kind();
    let registry = new.spec.registry();
    let lane = lane(kind, registry);
    let is_ready = !is_held && new.run_after <= now;
    let spec = serde_json::to_string(&new.spec).map_err(|_| StoreError::Changed("task spec"))?;
    sql("INSERT INTO lanes (lane, kind, is_paused) VALUES ($1, $2, false) ON CONFLICT (lane) DO NOTHING")
        .bind(lane.as_str())
        .bind(kind.as_str())
        .execute(&**tx)
        .await?;
    sql("INSERT INTO tasks (id, kind, target, registry_id, lane, dedupe_key, spec, spec_version, state, \
         generation, priority, is_held, is_ready, run_after, fair_key, warnings, retry_of, created_at, ready_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', 0, $9, $10, $11, $12, $13, '[]', $14, $15, $16)")
        .bind(id.0)
        .bind(kind.as_str())
        .bind(new.spec.target())
        .bind(registry.map(|id| id.0))
        .bind(lane)
        .bind(key)
        .bind(spec)
        .bind(i64::from(new.spec.version()))
        .bind(i64::from(new.priority.0))
        .bind(is_held)
        .bind(is_ready)
        .bind(new.run_after.0)
        .bind(new.fair_key)
        .bind(new.retry_of.map(|id| id.0))
        .bind(now.0)
        .bind(is_ready.then_some(now.0))
        .execute(&**tx)
        .await?;
    count_transition(tx, kind, None, TaskState::Waiting).await?;
    if is_ready {
        tx.signal(Signal::TaskReady);
    }
    Ok(id)
}

/// Someone waits behind the begun row: it becomes as urgent as they are, and due if forced.
async fn hurry_begun(
    tx: &Tx,
    key: &str,
    new: &NewTask,
    request: &NewRequest,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row: Option<Live> = sql(format!(
        "SELECT b.id, b.state, b.generation {}",
        begun(&**tx, "$1")
    ))
    .bind(key)
    .one(&**tx)
    .await?;
    match row {
        Some(row) if row.state == "waiting" => {
            join(tx, row.id, new, request, now).await?;
        }
        Some(row) => {
            sql("UPDATE tasks SET priority = $2 WHERE id = $1 AND priority < $2")
                .bind(row.id)
                .bind(i64::from(new.priority.0))
                .execute(&**tx)
                .await?;
        }
        None => {}
    }
    Ok(())
}
