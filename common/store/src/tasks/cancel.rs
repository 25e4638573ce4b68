//! Cancelling: a requester withdraws; a task nobody wants any more ends.
//!
//! A waiting task ends at once. A running one is told by its next heartbeat. Of a tree,
//! the first 500 unfinished tasks are dealt with here; the others end when they are
//! claimed, because by then nobody wants them (see [`task_requests::live`]).

use sea_orm::FromQueryResult;
use uuid::Uuid;
use weir_domain::{TaskId, Timestamp, UserId, task::TaskState};

use super::{Task, end::end_cancelled, lock, row};
use crate::{Signal, StoreError, Tx, sql::sql, task_requests, task_runs};

/// Most tasks of a tree that are ended in the transaction of the cancellation.
const BATCH: i64 = 500;

/// What a cancellation led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// Others still want it, or all that is left of its tree.
    Withdrawn,
    /// It has ended.
    Ended,
    /// It is running and will end at its next heartbeat.
    Told,
    /// It had ended before, and so had its tree.
    AlreadyFinal,
}

/// Withdraws what a requester asked for at `root`; ends what nobody wants any more. Who they are
/// is told in the logs of what ends, in words that anybody may read.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such task.
///
/// # Concurrency
/// Of two callers the second finds what the first did.
pub async fn withdraw(
    tx: &Tx,
    root: TaskId,
    (requester, name): (UserId, &str),
    now: Timestamp,
) -> Result<Cancelled, StoreError> {
    let tree = Tree::lock(tx, root).await?;
    if tree.is_over(tx).await? {
        return Ok(Cancelled::AlreadyFinal);
    }
    let withdrawn = task_requests::withdraw_by(tx, root, requester, now).await?;
    tree.end_unwanted(tx, (withdrawn, name), now).await
}

/// Ends the task whoever wants it, and what only its tree wanted; `by` is told in their logs.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such task.
///
/// # Concurrency
/// As [`withdraw`].
pub async fn cancel(
    tx: &Tx,
    root: TaskId,
    by: &str,
    now: Timestamp,
) -> Result<Cancelled, StoreError> {
    Tree::lock(tx, root).await?.cancel(tx, by, now).await
}

/// Trees that end together, whoever wants them. All their keys are locked in one call, with
/// whatever else the transaction locks, before anything is decided about any of them.
#[derive(Debug)]
pub struct Trees(Vec<Tree>);

impl Trees {
    /// Finds the trees of these roots; locks nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such task.
    pub async fn find(tx: &Tx, roots: &[TaskId]) -> Result<Self, StoreError> {
        let mut trees = Vec::new();
        for root in roots {
            trees.push(Tree::find(tx, *root).await?);
        }
        Ok(Self(trees))
    }

    /// Returns what must be locked before they are cancelled.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .flat_map(|tree| &tree.keys)
            .map(String::as_str)
    }

    /// Ends each as [`cancel`] does.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn cancel(self, tx: &Tx, by: &str, now: Timestamp) -> Result<(), StoreError> {
        for tree in self.0 {
            tree.cancel(tx, by, now).await?;
        }
        Ok(())
    }
}

/// A root and the unfinished tasks of its tree.
#[derive(Debug)]
struct Tree {
    root: TaskId,
    members: Vec<TaskId>,
    keys: Vec<String>,
}

impl Tree {
    async fn find(tx: &Tx, root: TaskId) -> Result<Self, StoreError> {
        #[derive(FromQueryResult)]
        struct Member {
            id: Uuid,
            dedupe_key: String,
        }
        let mut keys = vec![row::get(&**tx, root).await?.dedupe_key];
        let found: Vec<Member> = sql("SELECT t.id, t.dedupe_key FROM task_tree m \
             JOIN tasks t ON t.id = m.task_id WHERE m.root_id = $1 AND t.id <> $1 \
             AND t.state IN ('waiting', 'processing') ORDER BY t.id LIMIT $2")
        .bind(root.0)
        .bind(BATCH)
        .all(&**tx)
        .await?;
        let members = found.iter().map(|member| TaskId(member.id)).collect();
        keys.extend(found.into_iter().map(|member| member.dedupe_key));
        Ok(Self {
            root,
            members,
            keys,
        })
    }

    async fn lock(tx: &Tx, root: TaskId) -> Result<Self, StoreError> {
        let tree = Self::find(tx, root).await?;
        lock(tx, tree.keys.iter().map(String::as_str)).await?;
        Ok(tree)
    }

    /// Says whether all of it is over: then who wanted it stays known.
    async fn is_over(&self, tx: &Tx) -> Result<bool, StoreError> {
        Ok(row::get(&**tx, self.root).await?.state.is_final()
            && !task_requests::has_unfinished(&**tx, self.root).await?)
    }

    async fn cancel(self, tx: &Tx, by: &str, now: Timestamp) -> Result<Cancelled, StoreError> {
        if self.is_over(tx).await? {
            return Ok(Cancelled::AlreadyFinal);
        }
        let withdrawn = task_requests::withdraw_all(tx, self.root, now).await?;
        self.end_unwanted(tx, (withdrawn, by), now).await
    }

    async fn end_unwanted(
        &self,
        tx: &Tx,
        (withdrawn, by): (u64, &str),
        now: Timestamp,
    ) -> Result<Cancelled, StoreError> {
        let mut of_members = match withdrawn {
            0 => Cancelled::AlreadyFinal,
            _ => Cancelled::Withdrawn,
        };
        for member in &self.members {
            let member = row::get_for_update(tx, *member).await?;
            if task_requests::live(&**tx, member.id).await?.is_empty() {
                match end_or_tell(tx, &member, by, now).await? {
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
        end_or_tell(tx, &root, by, now).await
    }
}

async fn end_or_tell(
    tx: &Tx,
    task: &Task,
    by: &str,
    now: Timestamp,
) -> Result<Cancelled, StoreError> {
    match task.state {
        TaskState::Waiting => {
            end_cancelled(tx, task, &task_runs::cancelled_by(by), now).await?;
            Ok(Cancelled::Ended)
        }
        TaskState::Processing => {
            task_runs::cancel(tx, task.id, by).await?;
            tx.signal(Signal::TaskChanged(task.id));
            Ok(Cancelled::Told)
        }
        TaskState::Success | TaskState::Error => Ok(Cancelled::AlreadyFinal),
    }
}
