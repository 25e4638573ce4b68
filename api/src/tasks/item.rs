//! One task, with what must be asked for beside its row.

use weir_domain::{
    TaskId,
    task::{TaskKind, TaskState},
};
use weir_store::{
    clock, shortages, task_requests, task_trees,
    tasks::{self, Task},
};

use super::model::{Children, ErrorWord, StateWord, TaskItem, TaskRequest};
use crate::{
    auth::Caller,
    error::ApiResult,
    names::no_such_task,
    payload::{Id, Instant},
    visit::Visit,
};

/// Most wishes shown of one task.
const MOST_REQUESTS: i64 = 100;

/// Returns the task.
///
/// # Errors
/// 404 if there is none.
pub(crate) async fn find_task(visit: &Visit, id: TaskId) -> ApiResult<Task> {
    let task = tasks::find(visit.running().reader(), id).await?;
    task.ok_or_else(no_such_task)
}

/// Returns the task, if the caller may know of it.
///
/// # Errors
/// 404 if there is none, or none for this caller.
pub(super) async fn find_visible(visit: &Visit, caller: &Caller, id: TaskId) -> ApiResult<Task> {
    let task = find_task(visit, id).await?;
    if may_see(caller, task.kind) {
        Ok(task)
    } else {
        Err(no_such_task())
    }
}

/// Says whether the caller may know of tasks of this kind: anybody of those about packages.
pub(super) fn may_see(caller: &Caller, kind: TaskKind) -> bool {
    kind == TaskKind::SyncPackage || caller.user().is_some()
}

/// Returns how many tasks go before this one, if it waits its turn.
pub(crate) async fn queue_position(visit: &Visit, task: &Task) -> ApiResult<Option<u64>> {
    if task.state != TaskState::Waiting {
        return Ok(None);
    }
    Ok(tasks::queue_position(visit.running().reader(), task.id).await?)
}

/// Returns why a task waits, if that is not only for its turn.
pub(crate) async fn reason(visit: &Visit, task: &Task) -> ApiResult<Option<String>> {
    if task.state != TaskState::Waiting || task.error.is_some() {
        return Ok(task
            .error
            .clone()
            .filter(|_| task.state == TaskState::Waiting));
    }
    if task.kind != TaskKind::SyncPackage {
        return Ok(None);
    }
    let db = visit.running().reader();
    let now = clock::now(db).await?;
    Ok(shortages::find(db, now).await?)
}

/// Counts the tasks that this one led to.
pub(crate) async fn children(visit: &Visit, task: &Task) -> ApiResult<Children> {
    let counts = task_trees::children(visit.running().reader(), task.id).await?;
    Ok(Children::from_counts(|word| {
        counts.get(word).copied().unwrap_or(0)
    }))
}

/// Returns the whole item.
pub(super) async fn item(visit: &Visit, caller: &Caller, task: Task) -> ApiResult<TaskItem> {
    let db = visit.running().reader();
    let root = task_requests::root_of(db, task.id).await?;
    let parent = root.filter(|root| *root != task.id);
    let wishes = match caller.user() {
        Some(_) => Some(wishes(visit, &task).await?),
        None => None,
    };
    let (requests, requests_total) = wishes.unzip();
    let first = requests.as_ref().and_then(|requests| requests.first());
    let has_failed = task.state == TaskState::Error;
    Ok(TaskItem {
        ok: true,
        id: Id(task.id.0),
        wire_type: task.kind.wire_type().to_owned(),
        kind: task.kind.as_str().to_owned(),
        state: StateWord(task.state),
        log_url: format!("{}/syncs/{}/log", visit.base(), task.id),
        queue_position: queue_position(visit, &task).await?,
        children: children(visit, &task).await?,
        reason: reason(visit, &task).await?,
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
        requests,
        requests_total,
        parent_id: parent.map(|parent| Id(parent.0)),
        retry_of: task.retry_of.map(|former| Id(former.0)),
        report: task.report.map(Into::into),
    })
}

/// Returns the oldest wishes for a task, and how many there are.
async fn wishes(visit: &Visit, task: &Task) -> ApiResult<(Vec<TaskRequest>, u64)> {
    let db = visit.running().reader();
    let shown = task_requests::first_live(db, task.id, MOST_REQUESTS).await?;
    let shown: Vec<_> = shown.into_iter().map(TaskRequest::from).collect();
    let total = match shown.len() as u64 {
        count if count < MOST_REQUESTS.unsigned_abs() => count,
        _ => task_requests::count_live(db, task.id).await?,
    };
    Ok((shown, total))
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
