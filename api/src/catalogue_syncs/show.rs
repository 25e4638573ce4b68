//! One synchronisation, with what must be asked for beside its row.

use std::time::Duration;

use tokio::time::Instant;
use weir_domain::{
    TaskId, UserId,
    task::{TaskKind, TaskState},
};
use weir_store::{
    ConnectionTrait, StoreError, task_requests,
    tasks::{self, Depth, Task},
};

use super::model::{CatalogueSync, Parts};
use crate::{
    auth::SignedIn,
    error::ApiResult,
    names::{TaskParam, no_such_task},
    tasks::until_over,
    visit::Visit,
};

/// Most tasks of single sources that one of all is made of.
const MOST_SOURCES: i64 = 200;

/// Returns the task when it is over, and so are those of single sources that it led to; at the
/// latest after this time.
///
/// # Errors
/// 404 if one goes meanwhile.
pub(super) async fn when_over(visit: &Visit, task: Task, wait: Duration) -> ApiResult<Task> {
    let deadline = Instant::now() + wait;
    let task = until_over(visit, task, wait).await?;
    if task.kind == TaskKind::SyncCatalogues && task.state == TaskState::Success {
        let db = visit.running().reader();
        for one in tasks::of_tree(db, task.id, MOST_SOURCES).await? {
            let left = deadline.saturating_duration_since(Instant::now());
            until_over(visit, one, left).await?;
        }
    }
    Ok(task)
}

/// Returns the task that is meant.
///
/// # Errors
/// 400 for what is no id, 404 if there is no synchronisation of that id.
pub(super) async fn find(visit: &Visit, id: TaskParam) -> ApiResult<Task> {
    task(visit, id.to_ask()?).await
}

/// Returns a task that synchronises the catalogue.
///
/// # Errors
/// 404 if there is none of that id.
pub(super) async fn task(visit: &Visit, id: TaskId) -> ApiResult<Task> {
    let task = tasks::find(visit.running().reader(), id).await?;
    let is_ours = |task: &Task| {
        matches!(
            task.kind,
            TaskKind::SyncCatalogue | TaskKind::SyncCatalogues
        )
    };
    task.filter(is_ours).ok_or_else(no_such_task)
}

/// Returns the whole item.
pub(super) async fn item(visit: &Visit, user: &SignedIn, task: Task) -> ApiResult<CatalogueSync> {
    let reader = Reader::of(visit, user);
    Ok(reader.item(visit.running().reader(), task).await?)
}

/// Says whether somebody may read everything about a task: who asked for it, and administrators.
pub(super) async fn sees_all(
    db: &impl ConnectionTrait,
    user: &SignedIn,
    task: TaskId,
) -> Result<bool, StoreError> {
    Ok(user.is_admin || task_requests::has_asked(db, task, user.id).await?)
}

/// Who reads, and from where.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    base: String,
    lease: Duration,
    user: UserId,
    is_admin: bool,
}

impl Reader {
    pub(super) fn of(visit: &Visit, user: &SignedIn) -> Self {
        Self {
            base: visit.base().to_string(),
            lease: visit.running().app.settings.lease,
            user: user.id,
            is_admin: user.is_admin,
        }
    }

    /// Returns a task as this reader may see it.
    pub(super) async fn item(
        &self,
        db: &impl ConnectionTrait,
        task: Task,
    ) -> Result<CatalogueSync, StoreError> {
        let around = tasks::around(db, std::slice::from_ref(&task), Depth::Requests).await?;
        let options = task_requests::options(db, &[task.id]).await?;
        let first = task_requests::first(db, task.id).await?;
        let options = options.into_values().next().unwrap_or_default();
        let sees_all = self.is_admin || task_requests::has_asked(db, task.id, self.user).await?;
        let log_url = format!("{}/api/v1/sync/{}/log", self.base, task.id);
        let around = around.into_iter().next().unwrap_or_default();
        let is_told = task.state == TaskState::Processing && around.request_count == 0;
        let sources = match task.kind {
            TaskKind::SyncCatalogues => tasks::of_tree(db, task.id, MOST_SOURCES).await?,
            _ => Vec::new(),
        };
        Ok(CatalogueSync::new(
            task,
            Parts {
                around,
                first,
                options: options.catalogue.unwrap_or_default(),
                lease: self.lease,
                log_url,
                sees_all,
                is_told,
                sources,
            },
        ))
    }
}
