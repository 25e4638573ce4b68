//! How a package's sync is going.

use weir_domain::task::{TaskSpec, TaskState};
use weir_store::tasks::Task;

use super::model::SyncStatus;
use crate::{
    auth::Caller,
    error::ApiResult,
    names::{Fullname, TaskParam, no_such_task},
    payload::{Id, Instant},
    tasks::{Children, ErrorWord, StateWord, around, find_visible, reason},
    visit::Visit,
};

/// Returns the task, if it is a sync of this very package and the caller may know of that.
pub(super) async fn find(
    (visit, caller): (&Visit, &Caller),
    fullname: &Fullname,
    id: TaskParam,
) -> ApiResult<Task> {
    let name = fullname.to_read()?;
    let task = find_visible(visit, caller, id.to_read()?).await?;
    match &task.spec {
        TaskSpec::SyncPackage(sync) if sync.package == *name => Ok(task),
        _ => Err(no_such_task()),
    }
}

/// Returns where the log of a package's sync is.
pub(super) fn log_url(visit: &Visit, task: &Task) -> String {
    format!(
        "{}/-/package/{}/syncs/{}/log",
        visit.base(),
        task.target,
        task.id
    )
}

pub(super) async fn status(visit: &Visit, task: Task) -> ApiResult<SyncStatus> {
    let has_failed = task.state == TaskState::Error;
    let around = around(visit, &task).await?;
    Ok(SyncStatus {
        ok: true,
        id: Id(task.id.0),
        wire_type: task.kind.wire_type().to_owned(),
        state: StateWord(task.state),
        log_url: log_url(visit, &task),
        queue_position: around.queue_position,
        children: Children::of(&around.children),
        reason: reason(visit, &task).await?,
        error: task.error.filter(|_| has_failed),
        error_code: task.error_code.filter(|_| has_failed).map(ErrorWord),
        warnings: task.warnings,
        attempts: task.attempts,
        created_at: Instant(task.created_at),
        started_at: task.started_at.map(Instant),
        finished_at: task.finished_at.map(Instant),
        progress: task.progress.map(Into::into),
    })
}
