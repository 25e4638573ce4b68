//! Cancelling: a requester withdraws; a task nobody wants any more ends.
//!
//! A waiting task ends at once. A running one is told by its next heartbeat. Of a tree,
//! the first 500 unfinished tasks are dealt with here; the others end when they are
//! claimed, because by then nobody wants them (see [`task_requests::live`]).

use sea_orm::FromQueryResult;
use uuid::Uuid;
use weir_domain::{TaskId, Timestamp, UserId, task::TaskState};

use super::{
    Task,
    end::{cancelled, end},
    lock, row,
};
use crate::{Signal, StoreError, Tx, sql::sql, task_requests, task_runs};

/// Most tasks of a tree that are ended in the transaction of the cancellation.
const BATCH: i64 = 500;

/// What a cancellation led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// Others still want it.
    Withdrawn,
    /// It has ended.
    Ended,
    /// It is running and will end at its next heartbeat.
    Told,
    /// It had ended before, and so had its tree.
    AlreadyFinal,
}

/// Withdraws what `requester` asked for at `root`; ends what nobody wants any more.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such task.
pub async fn withdraw(
    tx: &Tx,
    root: TaskId,
    requester: UserId,
    now: Timestamp,
) -> Result<Cancelled, StoreError> {
    let tree = Tree::lock(tx, root).await?;
    task_requests::withdraw_by(tx, root, requester, now).await?;
    tree.end_unwanted(tx, now).await
}

/// Ends the task whoever wants it, and what only its tree wanted.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such task.
pub async fn cancel(tx: &Tx, root: TaskId, now: Timestamp) -> Result<Cancelled, StoreError> {
    let tree = Tree::lock(tx, root).await?;
    task_requests::withdraw_all(tx, root, now).await?;
    tree.end_unwanted(tx, now).await
}

/// A root and the unfinished tasks of its tree, all locked.
struct Tree {
    root: TaskId,
    members: Vec<TaskId>,
}

impl Tree {
    async fn lock(tx: &Tx, root: TaskId) -> Result<Self, StoreError> {
        #[derive(FromQueryResult)]
        struct Member {
            id: Uuid,
            dedupe_key: String,
        }
        let key = row::get(&**tx, root).await?.dedupe_key;
        let members: Vec<Member> = sql("SELECT t.id, t.dedupe_key FROM task_tree m \
             JOIN tasks t ON t.id = m.task_id WHERE m.root_id = $1 AND t.id <> $1 \
             AND t.state IN ('waiting', 'processing') ORDER BY t.id LIMIT $2")
        .bind(root.0)
        .bind(BATCH)
        .all(&**tx)
        .await?;
        let keys = members.iter().map(|member| member.dedupe_key.as_str());
        lock(tx, keys.chain([key.as_str()])).await?;
        let members = members.iter().map(|member| TaskId(member.id)).collect();
        Ok(Self { root, members })
    }

    async fn end_unwanted(&self, tx: &Tx, now: Timestamp) -> Result<Cancelled, StoreError> {
        let mut of_members = Cancelled::AlreadyFinal;
        for member in &self.members {
            let member = row::get_for_update(tx, *member).await?;
            if task_requests::live(&**tx, member.id).await?.is_empty() {
                match end_or_tell(tx, &member, now).await? {
                    Cancelled::AlreadyFinal => {}
                    other => of_members = other,
                }
            }
        }
        let root = row::get_for_update(tx, self.root).await?;
        if root.state.is_final() {
            return Ok(of_members);
        }
        if !task_requests::live(&**tx, self.root).await?.is_empty() {
            return Ok(Cancelled::Withdrawn);
        }
        end_or_tell(tx, &root, now).await
    }
}

async fn end_or_tell(tx: &Tx, task: &Task, now: Timestamp) -> Result<Cancelled, StoreError> {
    match task.state {
        TaskState::Waiting => {
            end(tx, task, &cancelled(), now).await?;
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
