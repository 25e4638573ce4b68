//! What belongs to tasks and is not in their rows: places in the queue, what they led to, who
//! wants them.
//!
//! Asked for any number of tasks at once, by as many statements as for one.

use sea_orm::ConnectionTrait;
use weir_domain::{TaskId, task::TaskState};

use super::{Counts, Task, queue_positions};
use crate::{
    StoreError,
    task_requests::{self, Request},
    task_trees,
};

/// Most wishes shown of one task.
const MOST_REQUESTS: i64 = 100;

/// How much somebody wants to know, or may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// How it is going.
    Status,
    /// Also what led to it.
    Origin,
    /// Also who wants it, and why.
    Requests,
}

/// What is around one task; empty where nobody asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// How many go before it, if it waits its turn; none past 1,000.
    pub queue_position: Option<u64>,
    /// The tasks of its tree by state, itself apart.
    pub children: Counts,
    /// The root of the tree it belongs to: itself, if somebody asked for it.
    pub root: Option<TaskId>,
    /// The oldest wishes for it.
    pub requests: Vec<Request>,
    /// How many there are.
    pub request_count: u64,
}

/// Returns what is around each task, in their order.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn around(
    connection: &impl ConnectionTrait,
    tasks: &[Task],
    depth: Depth,
) -> Result<Vec<Around>, StoreError> {
    let ids: Vec<_> = tasks.iter().map(|task| task.id).collect();
    let waiting = tasks.iter().filter(|task| task.state == TaskState::Waiting);
    let waiting: Vec<_> = waiting.map(|task| task.id).collect();
    let places = queue_positions(connection, &waiting).await?;
    let mut children = task_trees::children_of_all(connection, &ids).await?;
    let mut around: Vec<Around> = ids
        .iter()
        .map(|id| Around {
            queue_position: places.get(id).copied(),
            children: children.remove(id).unwrap_or_default(),
            ..Around::default()
        })
        .collect();
    if depth >= Depth::Origin {
        let roots = task_requests::roots_of_all(connection, &ids).await?;
        for (one, id) in around.iter_mut().zip(&ids) {
            one.root = roots.get(id).copied();
        }
    }
    if depth >= Depth::Requests {
        let mut some = task_requests::some_of_all(connection, &ids, MOST_REQUESTS).await?;
        for (one, id) in around.iter_mut().zip(&ids) {
            (one.requests, one.request_count) = some.remove(id).unwrap_or_default();
        }
    }
    Ok(around)
}
