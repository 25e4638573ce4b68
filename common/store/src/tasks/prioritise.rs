//! Changing how urgently a waiting task is wanted.

use weir_domain::{
    TaskId,
    task::{Priority, TaskState},
};

use super::{Task, begun, lock_task};
use crate::{Signal, StoreError, Tx, sql::sql};

/// Gives a waiting task this priority; returns the task as it was before.
///
/// Who waits behind a task of the same key cannot go before it: then that one becomes as
/// urgent, as it does when somebody wishes for it.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such task, [`StoreError::Changed`] if it does not
/// wait.
pub async fn prioritise(tx: &Tx, id: TaskId, priority: Priority) -> Result<Task, StoreError> {
    let task = lock_task(tx, id).await?;
    if task.state != TaskState::Waiting {
        return Err(StoreError::Changed("task"));
    }
    sql("UPDATE tasks SET priority = $2 WHERE id = $1")
        .bind(id.0)
        .bind(i64::from(priority.0))
        .execute(&**tx)
        .await?;
    if task.is_held {
        sql(format!(
            "UPDATE tasks SET priority = $2 WHERE priority < $2 AND id IN (SELECT b.id {})",
            begun(&**tx, "$1")
        ))
        .bind(task.dedupe_key.as_str())
        .bind(i64::from(priority.0))
        .execute(&**tx)
        .await?;
    }
    tx.signal(Signal::TaskChanged(id));
    // Slots that only urgent tasks may use look again.
    tx.signal(Signal::TaskReady);
    Ok(task)
}
