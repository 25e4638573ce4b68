//! Pages of tasks, newest first, and a task's place in the queue.

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{
    RegistryId, TaskId, Timestamp,
    task::{TaskKind, TaskState},
};

use super::row::{Row, SELECT, Task};
use crate::{
    StoreError, queues,
    sql::{Count, by_index, sql},
};

/// Queue positions beyond this are not counted.
const POSITION_CAP: i64 = 1000;

/// Which tasks to list; every given field must match.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// In this state.
    pub state: Option<TaskState>,
    /// Of this kind.
    pub kind: Option<TaskKind>,
    /// About this.
    pub target: Option<String>,
    /// From this registry.
    pub registry: Option<RegistryId>,
    /// Submitted at or after this.
    pub since: Option<Timestamp>,
    /// Submitted before this.
    pub until: Option<Timestamp>,
    /// Older than this task (the cursor of the previous page).
    pub before: Option<TaskId>,
    /// At most this many.
    pub limit: u64,
}

/// Returns a page of tasks, newest first.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: &ListFilter,
) -> Result<Vec<Task>, StoreError> {
    let mut conditions = vec![String::from("true")];
    let mut values: Vec<sea_orm::Value> = Vec::new();
    let mut add = |condition: &str, value: Option<sea_orm::Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{condition} ${}", values.len()));
        }
    };
    add("t.state =", filter.state.map(|state| state.as_str().into()));
    add("t.kind =", filter.kind.map(|kind| kind.as_str().into()));
    add("t.target =", filter.target.clone().map(Into::into));
    add("t.registry_id =", filter.registry.map(|id| id.0.into()));
    add("t.created_at >=", filter.since.map(|at| at.0.into()));
    add("t.created_at <", filter.until.map(|at| at.0.into()));
    add("t.id <", filter.before.map(|id| id.0.into()));
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let mut query = sql(format!(
        "{SELECT} WHERE {} ORDER BY t.id DESC LIMIT {limit}",
        conditions.join(" AND ")
    ));
    for value in values {
        query = query.bind(value);
    }
    let rows: Vec<Row> = query.all(connection).await?;
    rows.into_iter().map(Task::try_from).collect()
}

/// Returns how many ready tasks go before this waiting one; `None` past 1,000, or if it is
/// not ready itself.
///
/// Paused lanes go before nobody. The work is bounded by 1,000 index entries a lane.
///
/// # Errors
/// If the database cannot be asked.
pub async fn queue_position(
    connection: &impl ConnectionTrait,
    id: TaskId,
) -> Result<Option<u64>, StoreError> {
    #[derive(FromQueryResult)]
    struct Place {
        priority: i64,
        fair_key: i64,
    }
    let place: Option<Place> =
        sql("SELECT priority, fair_key FROM tasks WHERE id = $1 AND is_ready")
            .bind(id.0)
            .one(connection)
            .await?;
    let Some(place) = place else { return Ok(None) };
    let mut ahead = 0;
    for lane in queues::open_lanes(connection).await? {
        let count: Option<Count> = sql(heads_before(connection))
            .bind(lane.value)
            .bind(POSITION_CAP + 1)
            .bind(place.priority)
            .bind(place.fair_key)
            .bind(id.0)
            .one(connection)
            .await?;
        ahead += count.map_or(0, |count| count.n);
        if ahead > POSITION_CAP {
            return Ok(None);
        }
    }
    Ok(u64::try_from(ahead).ok())
}

/// Since when the oldest ready task of a kind waits.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct OldestReady {
    /// The kind, by its word.
    pub kind: String,
    /// When it became ready, in milliseconds since 1970.
    pub ready_at: i64,
}

/// Returns since when the oldest ready task of each kind waits.
///
/// Only the thousand oldest of all kinds are looked at: a kind that is not among them has no
/// older one.
///
/// # Errors
/// If the database cannot be asked.
pub async fn oldest_ready(
    connection: &impl ConnectionTrait,
) -> Result<Vec<OldestReady>, StoreError> {
    sql(format!(
        "SELECT kind, MIN(ready_at) AS ready_at FROM (SELECT kind, ready_at FROM tasks {} \
         WHERE is_ready AND ready_at IS NOT NULL ORDER BY ready_at LIMIT {POSITION_CAP}) AS oldest \
         GROUP BY kind ORDER BY kind",
        by_index(connection, "tasks_ready_since")
    ))
    .all(connection)
    .await
}

/// How many of a lane's first rows come before a place.
///
/// The first rows are taken in the order of the index and only then compared: comparing
/// inside would read the whole lane whenever fewer come before than the limit.
pub(super) fn heads_before(connection: &impl ConnectionTrait) -> String {
    format!(
        "SELECT COUNT(*) AS n FROM (SELECT priority, fair_key, id FROM tasks {} \
         WHERE is_ready AND lane = $1 ORDER BY priority DESC, fair_key, id LIMIT $2) AS heads \
         WHERE priority > $3 OR (priority = $3 AND (fair_key < $4 OR (fair_key = $4 AND id < $5)))",
        by_index(connection, "tasks_ready")
    )
}
