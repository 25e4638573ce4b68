//! Wishes again for what failed: a new task that names the former one.
//!
//! The wish is the caller's own, and wants what the wishes for the former task wanted.

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use uuid::Uuid;
use weir_domain::{
    TaskId,
    task::{SyncOptions, TaskSpec, TaskState},
};
use weir_store::{
    audit::{self, Event},
    task_requests,
    tasks::{self, NewRequest, Submitted, Task},
};

use super::{item, model::StateWord};
use crate::{
    auth::Submitter,
    error::{ApiError, ApiResult, Code},
    idempotency::{self, IdempotencyKey, Kept},
    package_syncs,
    payload::Id,
    visit::Visit,
};

/// A task that does again what another one failed to do.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct RetriedTask {
    /// Always true.
    ok: bool,
    /// The new task.
    id: Id,
    /// What kind of thing it is about.
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    wire_type: String,
    /// The new task's state.
    state: StateWord,
    /// The task that failed.
    retry_of: Id,
}

impl RetriedTask {
    pub(super) fn new(former: &Task, submitted: Submitted) -> Self {
        Self {
            ok: true,
            id: Id(submitted.task.0),
            wire_type: former.kind.wire_type().to_owned(),
            state: StateWord(submitted.state),
            retry_of: Id(former.id.0),
        }
    }
}

impl Example for RetriedTask {
    fn example() -> Self {
        let id = |n: u128| {
            Id(Uuid::from_u128(
                0x0193_5b0a_7c00_7000_8000_0000_0000_0000 + n,
            ))
        };
        Self {
            ok: true,
            id: id(2),
            wire_type: "package".to_owned(),
            state: StateWord(TaskState::Waiting),
            retry_of: id(1),
        }
    }
}

/// Repeats a task.
///
/// # Errors
/// 403 for what the caller may not wish, 404 if it is gone, 409 if it did not fail.
pub(super) async fn retry(
    visit: &Visit,
    caller: &Submitter,
    key: IdempotencyKey,
    id: TaskId,
) -> ApiResult<Kept<RetriedTask, 201>> {
    let key = key.of((visit, caller), ("retry_task", &id.to_string(), &[]))?;
    if let Some(answer) = idempotency::answered(visit, key.as_ref()).await? {
        return Ok(answer);
    }
    let former = item::find_visible(visit, caller, id).await?;
    if former.state != TaskState::Error {
        let sentence = format!(
            "The task is {}; only one that ended in error can be repeated",
            former.state
        );
        return Err(ApiError::new(Code::Conflict, sentence));
    }
    let options = task_requests::options(visit.running().reader(), &[id]).await?;
    let options = options.into_values().next().unwrap_or_default();
    check(visit, caller, &former, &options).await?;
    let request = NewRequest {
        options,
        ..visit.wish(caller)
    };
    let (running, fair_name) = (visit.running().clone(), visit.name_of(caller));
    let by = visit.actor();
    idempotency::once(visit, key, move |tx, now| {
        Box::pin(async move {
            let place = running.app.fair.next(&fair_name, now);
            let submitted = tasks::repeat(tx, &former, &request, (place, now)).await?;
            if by.user.is_some() {
                let event = Event {
                    at: now,
                    by,
                    action: "task.retry".to_owned(),
                    target: former.id.to_string(),
                    detail: former.dedupe_key.clone(),
                };
                audit::insert(tx, &event).await?;
            }
            Ok(RetriedTask::new(&former, submitted))
        })
    })
    .await
}

/// Judges the wish as if it were made anew.
async fn check(
    visit: &Visit,
    caller: &Submitter,
    former: &Task,
    options: &SyncOptions,
) -> ApiResult<()> {
    if let TaskSpec::SyncPackage(sync) = &former.spec {
        let needs_admin = options.force || options.force_sync_history;
        return package_syncs::judge(visit, caller, &sync.package, needs_admin).await;
    }
    if caller.is_admin() {
        return Ok(());
    }
    Err(ApiError::forbidden("Only an administrator may repeat this"))
}
