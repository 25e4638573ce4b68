//! A task as stored, and reading it.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    TaskId, Timestamp,
    task::{ErrorCode, Priority, Progress, Report, TaskKind, TaskSpec, TaskState},
};

use crate::{StoreError, Tx, sql::sql};

/// A task with what its latest run wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Identifier.
    pub id: TaskId,
    /// Kind of work.
    pub kind: TaskKind,
    /// What it is about (a package's name).
    pub target: String,
    /// What it works on.
    pub spec: TaskSpec,
    /// The local thing it writes.
    pub dedupe_key: String,
    /// State.
    pub state: TaskState,
    /// How many times it was claimed; the fence of its writes.
    pub generation: i64,
    /// Urgency.
    pub priority: Priority,
    /// Whether it waits for another of its key to end.
    pub is_held: bool,
    /// Attempts counted so far.
    pub attempts: u32,
    /// Leases lost by dying workers.
    pub crashes: u32,
    /// Why it ended in error.
    pub error_code: Option<ErrorCode>,
    /// The same, as a sentence. While waiting: why the last attempt failed.
    pub error: Option<String>,
    /// What a person should know although it went on.
    pub warnings: Vec<String>,
    /// What it did.
    pub report: Option<Report>,
    /// How far it is.
    pub progress: Option<Progress>,
    /// Lines in its log.
    pub log_lines: u64,
    /// Bytes in its log.
    pub log_bytes: u64,
    /// Until when its latest run is believed to be alive, or was.
    pub lease_expires_at: Option<Timestamp>,
    /// The task this one repeats.
    pub retry_of: Option<TaskId>,
    /// When it may run next.
    pub run_after: Timestamp,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it was first claimed.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
pub(super) struct Row {
    pub(super) id: Uuid,
    kind: String,
    target: String,
    spec: String,
    dedupe_key: String,
    state: String,
    generation: i64,
    priority: i64,
    is_held: bool,
    attempts: i64,
    crashes: i64,
    error_code: Option<String>,
    error: Option<String>,
    warnings: String,
    report: Option<String>,
    progress: Option<String>,
    log_lines: Option<i64>,
    log_bytes: Option<i64>,
    lease_expires_at: Option<i64>,
    retry_of: Option<Uuid>,
    run_after: i64,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
}

/// Columns and tables of a [`Row`], up to the `WHERE`.
pub(super) const SELECT: &str = "SELECT t.id, t.kind, t.target, t.spec, t.dedupe_key, t.state, t.generation, \
     t.priority, t.is_held, t.attempts, t.crashes, t.error_code, t.error, t.warnings, t.report, r.progress, \
     r.log_lines, r.log_bytes, r.lease_expires_at, t.retry_of, t.run_after, t.created_at, t.started_at, t.finished_at \
     FROM tasks t LEFT JOIN task_runs r ON r.task_id = t.id";

impl TryFrom<Row> for Task {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let id = TaskId(row.id);
        let corrupt = |column| StoreError::Corrupt {
            table: "tasks",
            column,
            id: id.to_string(),
        };
        let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
        let small = |n: i64| u32::try_from(n).unwrap_or(0);
        Ok(Self {
            id,
            kind: row.kind.parse().map_err(|_| corrupt("kind"))?,
            target: row.target,
            spec: serde_json::from_str(&row.spec).map_err(|_| corrupt("spec"))?,
            dedupe_key: row.dedupe_key,
            state: row.state.parse().map_err(|_| corrupt("state"))?,
            generation: row.generation,
            priority: Priority(i16::try_from(row.priority).map_err(|_| corrupt("priority"))?),
            is_held: row.is_held,
            attempts: small(row.attempts),
            crashes: small(row.crashes),
            error_code: row
                .error_code
                .map(|code| code.parse().map_err(|_| corrupt("error_code")))
                .transpose()?,
            error: row.error,
            warnings: serde_json::from_str(&row.warnings).map_err(|_| corrupt("warnings"))?,
            report: parse_json(row.report).map_err(|_| corrupt("report"))?,
            progress: parse_json(row.progress).map_err(|_| corrupt("progress"))?,
            log_lines: unsigned(row.log_lines.unwrap_or(0)),
            log_bytes: unsigned(row.log_bytes.unwrap_or(0)),
            lease_expires_at: row.lease_expires_at.map(Timestamp),
            retry_of: row.retry_of.map(TaskId),
            run_after: Timestamp(row.run_after),
            created_at: Timestamp(row.created_at),
            started_at: row.started_at.map(Timestamp),
            finished_at: row.finished_at.map(Timestamp),
        })
    }
}

fn parse_json<T: serde::de::DeserializeOwned>(
    text: Option<String>,
) -> serde_json::Result<Option<T>> {
    text.map(|text| serde_json::from_str(&text)).transpose()
}

/// Returns the task, if there is one.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: TaskId,
) -> Result<Option<Task>, StoreError> {
    let row: Option<Row> = sql(format!("{SELECT} WHERE t.id = $1"))
        .bind(id.0)
        .one(connection)
        .await?;
    row.map(Task::try_from).transpose()
}

/// Returns the task.
///
/// # Errors
/// [`StoreError::NotFound`] if there is none.
pub async fn get(connection: &impl ConnectionTrait, id: TaskId) -> Result<Task, StoreError> {
    find(connection, id).await?.ok_or_else(|| not_found(id))
}

/// Returns the tasks of a tree, its root apart, oldest first; at most `limit`.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn of_tree(
    connection: &impl ConnectionTrait,
    root: TaskId,
    limit: i64,
) -> Result<Vec<Task>, StoreError> {
    let rows: Vec<Row> = sql(format!(
        "{SELECT} WHERE t.id IN (SELECT m.task_id FROM task_tree m \
         WHERE m.root_id = $1 AND m.task_id <> m.root_id) ORDER BY t.id LIMIT $2"
    ))
    .bind(root.0)
    .bind(limit)
    .all(connection)
    .await?;
    rows.into_iter().map(Task::try_from).collect()
}

/// Returns those of the tasks that there are.
pub(super) async fn get_all(
    connection: &impl ConnectionTrait,
    ids: &[TaskId],
) -> Result<HashMap<TaskId, Task>, StoreError> {
    let rows: Vec<Row> = sql(format!("{SELECT} WHERE t.id IN ($*)"))
        .bind_all(ids.iter().map(|id| id.0))
        .all(connection)
        .await?;
    let entry = |row: Row| Task::try_from(row).map(|task| (task.id, task));
    rows.into_iter().map(entry).collect()
}

/// Reads the task and keeps its row from being changed until the transaction ends.
pub(super) async fn get_for_update(tx: &Tx, id: TaskId) -> Result<Task, StoreError> {
    let lock = match tx.get_database_backend() {
        DbBackend::Postgres => "FOR UPDATE OF t",
        _ => "",
    };
    let row: Option<Row> = sql(format!("{SELECT} WHERE t.id = $1 {lock}"))
        .bind(id.0)
        .one(&**tx)
        .await?;
    row.map(Task::try_from)
        .transpose()?
        .ok_or_else(|| not_found(id))
}

fn not_found(id: TaskId) -> StoreError {
    StoreError::NotFound {
        what: "task",
        id: id.to_string(),
    }
}
