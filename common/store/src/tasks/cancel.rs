//! Cancelling: a requester withdraws; a task nobody wants any more ends.
//!
//! A waiting task ends at once. A running one is told by its next heartbeat.

use sea_orm::FromQueryResult;
use uuid::Uuid;
use weir_domain::{
    TaskId, Timestamp, UserId,
    task::{ErrorCode, TaskState},
};

use super::{
    Outcome, Task, advisory_lock,
    end::{ended, write_outcome},
    row,
};
use crate::{Signal, StoreError, Tx, sql::sql, task_requests, task_runs};

/// What a cancellation led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// Others still want it.
    Withdrawn,
    /// It has ended.
    Ended,
    /// It is running and will end at its next heartbeat.
    Told,
    /// It had ended before.
    AlreadyFinal,
}

/// Withdraws the requests of `requester` in the tree of `root`; ends what nobody wants.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such task.
pub async fn withdraw(
    tx: &Tx,
    root: TaskId,
    requester: UserId,
    now: Timestamp,
) -> Result<Cancelled, StoreError> {
    task_requests::withdraw_by(tx, root, requester, now).await?;
    if task_requests::live(&**tx, root).await?.is_empty() {
        return cancel(tx, root, now).await;
    }
    Ok(Cancelled::Withdrawn)
}

/// Ends the task whoever wants it, and what only its tree wanted.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such task.
pub async fn cancel(tx: &Tx, root: TaskId, now: Timestamp) -> Result<Cancelled, StoreError> {
    #[derive(FromQueryResult)]
    struct Member {
        task_id: Uuid,
    }
    let task = row::get(&**tx, root).await?;
    task_requests::withdraw_all(tx, root, now).await?;
    let members: Vec<Member> =
        sql("SELECT task_id FROM task_tree WHERE root_id = $1 AND task_id <> $1")
            .bind(root.0)
            .all(&**tx)
            .await?;
    for member in members {
        let member = row::get(&**tx, TaskId(member.task_id)).await?;
        if !member.state.is_final() && task_requests::live(&**tx, member.id).await?.is_empty() {
            end_or_tell(tx, &member, now).await?;
        }
    }
    end_or_tell(tx, &task, now).await
}

async fn end_or_tell(tx: &Tx, task: &Task, now: Timestamp) -> Result<Cancelled, StoreError> {
    advisory_lock(tx, &task.dedupe_key).await?;
    let task = row::get(&**tx, task.id).await?;
    match task.state {
        TaskState::Waiting => {
            let outcome = Outcome::failed(ErrorCode::Cancelled, "Cancelled");
            write_outcome(tx, task.id, &outcome, now).await?;
            ended(tx, &task, TaskState::Error, now).await?;
            Ok(Cancelled::Ended)
        }
        TaskState::Processing => {
            task_runs::cancel(tx, task.id).await?;
            tx.signal(Signal::TaskChanged(task.id));
            Ok(Cancelled::Told)
        }
        TaskState::Success | TaskState::Error => Ok(Cancelled::AlreadyFinal),
    }
}
