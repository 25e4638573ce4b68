//! One task, with what must be asked for beside its row.

use weir_domain::{
    TaskId,
    task::{TaskKind, TaskSpec, TaskState},
};
use weir_store::{
    clock, shortages, task_requests,
    tasks::{self, Around, Depth, Task},
};

use super::model::{Children, ErrorWord, StateWord, TaskItem, TaskRequest};
use crate::{
    auth::Caller,
    error::ApiResult,
    names::no_such_task,
    packages::is_open_to,
    payload::{Id, Instant},
    visit::Visit,
};

/// Returns the task, whoever asks.
///
/// # Errors
/// 404 if there is none.
pub(super) async fn find_task(visit: &Visit, id: TaskId) -> ApiResult<Task> {
    let task = tasks::find(visit.running().reader(), id).await?;
    task.ok_or_else(no_such_task)
}

/// Returns the task, if the caller may know of it.
///
/// # Errors
/// 404 if there is none, or none for this caller.
pub(crate) async fn find_visible(visit: &Visit, caller: &Caller, id: TaskId) -> ApiResult<Task> {
    let task = find_task(visit, id).await?;
    let is_open = match &task.spec {
        TaskSpec::SyncPackage(sync) => is_open_to(visit, caller, &sync.package).await?,
        _ => may_see(caller, task.kind) || has_asked(visit, caller, id).await?,
    };
    is_open.then_some(task).ok_or_else(no_such_task)
}

/// Says whether the caller may know of tasks of this kind: anybody of those about packages, and
/// administrators alone of those whose logs say where a house's sources are.
pub(super) fn may_see(caller: &Caller, kind: TaskKind) -> bool {
    match kind {
        TaskKind::SyncPackage => true,
        TaskKind::SyncCatalogue | TaskKind::SyncCatalogues => caller.is_admin(),
        _ => caller.user().is_some(),
    }
}

async fn has_asked(visit: &Visit, caller: &Caller, id: TaskId) -> ApiResult<bool> {
    match caller.user() {
        Some(user) => Ok(task_requests::has_asked(visit.running().reader(), id, user.id).await?),
        None => Ok(false),
    }
}

/// Returns what is around the task, as far as everybody may know.
pub(crate) async fn around(visit: &Visit, task: &Task) -> ApiResult<Around> {
    let tasks = std::slice::from_ref(task);
    let around = tasks::around(visit.running().reader(), tasks, Depth::Status).await?;
    Ok(around.into_iter().next().unwrap_or_default())
}

/// Returns why a task waits, if that is not only for its turn.
pub(crate) async fn reason(visit: &Visit, task: &Task) -> ApiResult<Option<String>> {
    let shortage = shortage(visit, std::slice::from_ref(task)).await?;
    Ok(reason_of(task, shortage.as_deref()))
}

/// Returns what workers are short of, if one of the tasks may wait for that.
async fn shortage(visit: &Visit, tasks: &[Task]) -> ApiResult<Option<String>> {
    if !tasks.iter().any(needs_room) {
        return Ok(None);
    }
    let db = visit.running().reader();
    let now = clock::now(db).await?;
    Ok(shortages::find(db, now).await?)
}

fn needs_room(task: &Task) -> bool {
    task.state == TaskState::Waiting && task.error.is_none() && task.kind == TaskKind::SyncPackage
}

fn reason_of(task: &Task, shortage: Option<&str>) -> Option<String> {
    if task.state != TaskState::Waiting {
        return None;
    }
    let shortage = shortage.filter(|_| needs_room(task));
    task.error.clone().or_else(|| shortage.map(str::to_owned))
}

/// Returns the whole item.
pub(super) async fn item(visit: &Visit, caller: &Caller, task: Task) -> ApiResult<TaskItem> {
    let items = items(visit, caller, vec![task]).await?;
    items.into_iter().next().ok_or_else(no_such_task)
}

/// Returns the whole items, by as many queries as one takes.
pub(super) async fn items(
    visit: &Visit,
    caller: &Caller,
    tasks: Vec<Task>,
) -> ApiResult<Vec<TaskItem>> {
    let depth = match caller.user() {
        Some(_) => Depth::Requests,
        None => Depth::Origin,
    };
    let around = tasks::around(visit.running().reader(), &tasks, depth).await?;
    let shortage = shortage(visit, &tasks).await?;
    let items = tasks.into_iter().zip(around);
    Ok(items
        .map(|(task, around)| {
            let reason = reason_of(&task, shortage.as_deref());
            TaskItem {
                reason,
                ..shown(visit, depth, task, around)
            }
        })
        .collect())
}

fn shown(visit: &Visit, depth: Depth, task: Task, around: Around) -> TaskItem {
    let parent = around.root.filter(|root| *root != task.id);
    let has_failed = task.state == TaskState::Error;
    let requests = around.requests.into_iter().map(TaskRequest::from);
    let requests = (depth == Depth::Requests).then(|| requests.collect::<Vec<_>>());
    let first = requests.as_ref().and_then(|requests| requests.first());
    TaskItem {
        ok: true,
        id: Id(task.id.0),
        wire_type: task.kind.wire_type().to_owned(),
        kind: task.kind.as_str().to_owned(),
        state: StateWord(task.state),
        log_url: format!("{}/syncs/{}/log", visit.base(), task.id),
        queue_position: around.queue_position,
        children: Children::of(&around.children),
        reason: None,
        error: task.error.filter(|_| has_failed),
        error_code: task.error_code.filter(|_| has_failed).map(ErrorWord),
        target: task.target,
        warnings: task.warnings,
        attempts: task.attempts,
        priority: task.priority.0,
        created_at: Instant(task.created_at),
        started_at: task.started_at.map(Instant),
        finished_at: task.finished_at.map(Instant),
        progress: task.progress.map(Into::into),
        requested_by: first.and_then(|request| request.requested_by.clone()),
        requests_total: requests.as_ref().map(|_| around.request_count),
        requests,
        parent_id: parent.map(|parent| Id(parent.0)),
        retry_of: task.retry_of.map(|former| Id(former.0)),
        report: task.report.map(Into::into),
    }
}

impl From<task_requests::Request> for TaskRequest {
    fn from(request: task_requests::Request) -> Self {
        Self {
            root_id: Id(request.root.0),
            requested_by: request.requester,
            request_id: request.request_id,
            tips: request.tips,
            created_at: Instant(request.created_at),
        }
    }
}
