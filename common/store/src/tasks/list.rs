//! Pages of tasks, newest first.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use weir_domain::{
    RegistryId, TaskId, Timestamp,
    task::{ErrorCode, TaskKind, TaskState},
};

use super::row::{Row, SELECT, Task};
use crate::{
    StoreError,
    access::Viewer,
    sql::{by_index, sql},
};

/// Most ready tasks among which the oldest of each kind is looked for.
const OLDEST: i64 = 1_000;

/// Which tasks to list; every given field must match.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// In this state.
    pub state: Option<TaskState>,
    /// Ended with this code.
    pub code: Option<ErrorCode>,
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
    /// About nothing that this viewer may not read; if absent, about anything.
    pub viewer: Option<Viewer>,
    /// At most this many.
    pub limit: u64,
}

/// Returns what a task must fulfil, and the values that this names.
fn conditions(filter: &ListFilter) -> (Vec<String>, Vec<Value>) {
    let mut conditions = vec![String::from("true")];
    let mut values: Vec<Value> = Vec::new();
    let mut add = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{condition} ${}", values.len()));
        }
    };
    add("t.state =", filter.state.map(|state| state.as_str().into()));
    add(
        "t.error_code =",
        filter.code.map(|code| code.as_str().into()),
    );
    add("t.kind =", filter.kind.map(|kind| kind.as_str().into()));
    add("t.target =", filter.target.clone().map(Into::into));
    add("t.registry_id =", filter.registry.map(|id| id.0.into()));
    add("t.created_at >=", filter.since.map(|at| at.0.into()));
    add("t.created_at <", filter.until.map(|at| at.0.into()));
    add("t.id <", filter.before.map(|id| id.0.into()));
    let closed = filter
        .viewer
        .and_then(|viewer| viewer.closed(values.len() + 1));
    if let Some((closed, value)) = closed {
        // Whatever is no package has no name that is closed, nor one like it.
        conditions.push(format!("t.target NOT IN ({closed})"));
        values.extend(value);
    }
    (conditions, values)
}

/// Returns a page of tasks, newest first.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: &ListFilter,
) -> Result<Vec<Task>, StoreError> {
    page(connection, filter, conditions(filter)).await
}

/// Returns a page of tasks that failed and are worth repeating, newest first: those whose
/// package, say, has no newer task. Cancelled ones only if `filter` names that code.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn list_repeatable(
    connection: &impl ConnectionTrait,
    filter: &ListFilter,
) -> Result<Vec<Task>, StoreError> {
    let filter = ListFilter {
        state: Some(TaskState::Error),
        ..filter.clone()
    };
    let (mut conditions, values) = conditions(&filter);
    // The target has an index, the key of a task that is over has none.
    conditions.push(
        "NOT EXISTS (SELECT 1 FROM tasks n WHERE n.target = t.target AND n.id > t.id \
         AND n.dedupe_key = t.dedupe_key)"
            .to_owned(),
    );
    if filter.code.is_none() {
        let cancelled = ErrorCode::Cancelled;
        conditions.push(format!("t.error_code <> '{cancelled}'"));
    }
    page(connection, &filter, (conditions, values)).await
}

async fn page(
    connection: &impl ConnectionTrait,
    filter: &ListFilter,
    (conditions, values): (Vec<String>, Vec<Value>),
) -> Result<Vec<Task>, StoreError> {
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
         WHERE is_ready AND ready_at IS NOT NULL ORDER BY ready_at LIMIT {OLDEST}) AS oldest \
         GROUP BY kind ORDER BY kind",
        by_index(connection, "tasks_ready_since")
    ))
    .all(connection)
    .await
}
