//! Removing tasks that ended long ago, with all that hangs on them.
//!
//! Nothing of a tree goes before all of it ended long ago. The condition is only about times, so
//! no two tasks wait for each other to go first.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{TaskId, Timestamp, task::TaskState};

use super::counts::count_removed;
use crate::{
    Signal, StoreError, Tx,
    sql::{by_index, sql},
};

/// When tasks must have ended to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// Those that succeeded.
    pub success: Timestamp,
    /// Those that failed.
    pub error: Timestamp,
}

/// A log that is to be removed from where sealed logs lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedObject {
    /// The task.
    pub task: TaskId,
    /// The run that its name carries.
    pub generation: i64,
}

/// A task that was looked at; the next look goes on behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    finished_at: i64,
    id: Uuid,
}

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// How many tasks.
    pub tasks: usize,
    /// What of their logs is no row.
    pub logs: Vec<SealedObject>,
    /// Where to go on; nowhere, if there was nothing to look at.
    pub last: Option<Looked>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    kind: String,
    finished_at: i64,
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

/// The tasks in state `$1` that ended before `$2`, behind `$3`, `$4`.
fn ended(connection: &impl ConnectionTrait) -> String {
    format!(
        "SELECT id, kind, finished_at FROM tasks {} WHERE state = $1 AND finished_at < $2 \
         AND (finished_at, id) > ($3, $4) AND is_log_sealed ORDER BY finished_at, id LIMIT $5",
        by_index(connection, "tasks_ended")
    )
}

/// Those of some tasks that belong to a tree of which something is not over, or not for long.
const KEPT: &str = "WITH roots AS (SELECT DISTINCT root_id FROM task_requests WHERE task_id IN ($*)), \
     alive AS MATERIALIZED (SELECT root_id FROM roots WHERE EXISTS (SELECT 1 FROM task_requests o \
     JOIN tasks x ON x.id = o.task_id WHERE o.root_id = roots.root_id AND (x.finished_at IS NULL \
     OR x.finished_at >= CASE WHEN x.state = 'error' THEN $2 ELSE $1 END))) \
     SELECT DISTINCT r.task_id AS id FROM task_requests r JOIN alive ON alive.root_id = r.root_id \
     WHERE r.task_id IN ($*)";

/// Looks at up to `limit` tasks in the final `state` that ended before `expiry`, behind `after`,
/// and removes those whose trees did, too.
///
/// The log's objects are the caller's to remove, afterwards: whoever reads a log finds its task
/// gone before its bytes are.
///
/// # Errors
/// If the database refuses.
pub async fn remove_expired(
    tx: &Tx,
    (state, expiry): (TaskState, Expiry),
    after: Option<Looked>,
    limit: i64,
) -> Result<Removed, StoreError> {
    let bound = match state {
        TaskState::Error => expiry.error,
        _ => expiry.success,
    };
    let mut rows: Vec<Row> = sql(ended(&**tx))
        .bind(state.as_str())
        .bind(bound.0)
        .bind(after.map_or(i64::MIN, |after| after.finished_at))
        .bind(after.map_or(Uuid::nil(), |after| after.id))
        .bind(limit)
        .all(&**tx)
        .await?;
    let last = rows.last().map(|row| Looked {
        finished_at: row.finished_at,
        id: row.id,
    });
    if rows.is_empty() {
        return Ok(Removed::default());
    }
    let kept: Vec<Id> = sql(KEPT)
        .bind(expiry.success.0)
        .bind(expiry.error.0)
        .bind_all(rows.iter().map(|row| row.id))
        .bind_all(rows.iter().map(|row| row.id))
        .all(&**tx)
        .await?;
    rows.retain(|row| kept.iter().all(|kept| kept.id != row.id));
    let mut removed = Removed {
        tasks: rows.len(),
        last,
        ..Removed::default()
    };
    if rows.is_empty() {
        return Ok(removed);
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    removed.logs = sealed_objects(tx, &ids).await?;
    let gone = rows.iter().map(|row| (row.id, &*row.kind, state.as_str()));
    remove(tx, gone).await?;
    for id in &ids {
        tx.signal(Signal::TaskChanged(TaskId(*id)));
    }
    Ok(removed)
}

async fn sealed_objects(tx: &Tx, ids: &[Uuid]) -> Result<Vec<SealedObject>, StoreError> {
    #[derive(FromQueryResult)]
    struct Sealed {
        task_id: Uuid,
        generation: i64,
    }
    let rows: Vec<Sealed> =
        sql("SELECT task_id, generation FROM sealed_logs WHERE body IS NULL AND task_id IN ($*)")
            .bind_all(ids.iter().copied())
            .all(&**tx)
            .await?;
    let object = |row: Sealed| SealedObject {
        task: TaskId(row.task_id),
        generation: row.generation,
    };
    Ok(rows.into_iter().map(object).collect())
}

/// Removes tasks, each with its kind and state, and all rows that hang on them.
///
/// # Errors
/// If the database refuses.
pub(crate) async fn remove(
    tx: &Tx,
    gone: impl Iterator<Item = (Uuid, &str, &str)>,
) -> Result<(), StoreError> {
    let mut counts: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut ids = Vec::new();
    for (id, kind, state) in gone {
        *counts.entry((kind.into(), state.into())).or_default() += 1;
        ids.push(id);
    }
    for (table, column) in [
        ("task_log_chunks", "task_id"),
        ("sealed_logs", "task_id"),
        ("task_runs", "task_id"),
        ("task_requests", "task_id"),
        ("task_requests", "root_id"),
        ("task_tree", "task_id"),
        ("task_tree", "root_id"),
        ("tree_wants", "root_id"),
        ("tree_expanded", "root_id"),
        ("tasks", "id"),
    ] {
        sql(format!("DELETE FROM {table} WHERE {column} IN ($*)"))
            .bind_all(ids.iter().copied())
            .execute(&**tx)
            .await?;
    }
    count_removed(tx, counts).await
}

/// Returns those of `tasks` that there are not.
///
/// # Errors
/// If the database cannot be asked.
pub async fn missing(
    connection: &impl ConnectionTrait,
    tasks: &[TaskId],
) -> Result<Vec<TaskId>, StoreError> {
    let rows: Vec<Id> = sql("SELECT id FROM tasks WHERE id IN ($*)")
        .bind_all(tasks.iter().map(|task| task.0))
        .all(connection)
        .await?;
    let is_there = |task: &&TaskId| rows.iter().any(|row| row.id == task.0);
    let gone = tasks.iter().filter(|task| !is_there(task));
    Ok(gone.copied().collect())
}
