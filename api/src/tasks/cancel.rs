//! Cancels a task: a user withdraws their own wish, an administrator everybody's.
//!
//! What nobody wants any more ends: at once if it waits, within a heartbeat if it runs.

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use weir_domain::{TaskId, task::TaskState};
use weir_store::{
    StoreError,
    audit::{self, Event},
    clock, task_requests,
    tasks::{self, Cancelled},
};

use super::model::StateWord;
use crate::{
    auth::SignedIn,
    error::{ApiError, ApiResult, Code},
    names::no_such_task,
    visit::Visit,
};

/// Who cancelled, as a log says it that anybody may read; the audit trail has the name.
const ADMINISTRATOR: &str = "an administrator";
/// Who withdrew, likewise.
const REQUESTER: &str = "who asked for it";

/// What became of a task that somebody wants no more.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct CancelledTask {
    /// Always true.
    ok: bool,
    /// Its state now: `error` if it has ended, `waiting` if others still want it,
    /// `processing` if they do or it has yet to hear.
    state: StateWord,
}

impl Example for CancelledTask {
    fn example() -> Self {
        Self {
            ok: true,
            state: StateWord(TaskState::Error),
        }
    }
}

/// Withdraws the caller's wish for the task, or, for an administrator, cancels it.
///
/// # Errors
/// 403 for somebody who never asked for it, 404 if it is gone, 409 if it is over.
pub(crate) async fn cancel(visit: &Visit, user: &SignedIn, id: TaskId) -> ApiResult<CancelledTask> {
    let db = &visit.running().app.content.db;
    if !user.is_admin && !task_requests::has_asked(db.read(), id, user.id).await? {
        return Err(ApiError::forbidden(
            "Only who asked for a task, or an administrator, may cancel it",
        ));
    }
    let (user, is_admin, by) = (user.id, user.is_admin, visit.actor());
    let cancelled = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let came_to = if is_admin {
                tasks::cancel(tx, id, ADMINISTRATOR, now).await?
            } else {
                tasks::withdraw(tx, id, (user, REQUESTER), now).await?
            };
            let task = tasks::get(&**tx, id).await?;
            if is_admin && came_to != Cancelled::AlreadyFinal {
                let event = Event {
                    at: now,
                    by,
                    action: "task.cancel".to_owned(),
                    target: id.to_string(),
                    detail: task.dedupe_key,
                };
                audit::insert(tx, &event).await?;
            }
            Ok((came_to, task.state))
        })
    });
    match cancelled.await {
        Ok((Cancelled::AlreadyFinal, _)) => {
            Err(ApiError::new(Code::Conflict, "The task is over already"))
        }
        Ok((_, state)) => Ok(CancelledTask {
            ok: true,
            state: StateWord(state),
        }),
        Err(StoreError::NotFound { .. }) => Err(no_such_task()),
        Err(error) => Err(error.into()),
    }
}
