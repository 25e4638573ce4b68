//! What shows that a task has changed, without reading all of it.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::TaskId;

use crate::{StoreError, sql::sql};

/// Whatever moves when a task's state, requests, progress or log does. Two that are equal
/// mean that a watcher has nothing new to read.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Mark {
    state: String,
    generation: i64,
    priority: i64,
    is_held: bool,
    run_after: i64,
    progress: Option<String>,
    log_lines: Option<i64>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    #[sea_orm(nested)]
    mark: Mark,
}

/// Returns the marks of those of `tasks` that there are, in no order.
///
/// # Errors
/// If the database cannot be asked.
pub async fn marks(
    connection: &impl ConnectionTrait,
    tasks: &[TaskId],
) -> Result<Vec<(TaskId, Mark)>, StoreError> {
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = sql(
        "SELECT t.id, t.state, t.generation, t.priority, t.is_held, t.run_after, r.progress, \
         r.log_lines FROM tasks t LEFT JOIN task_runs r ON r.task_id = t.id WHERE t.id IN ($*)",
    )
    .bind_all(tasks.iter().map(|task| task.0))
    .all(connection)
    .await?;
    let marks = rows.into_iter().map(|row| (TaskId(row.id), row.mark));
    Ok(marks.collect())
}
