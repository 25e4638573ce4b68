//! Wishes again for everything that failed and fits a filter, page by page, for administrators.
//!
//! Only the newest task of a package, say, is worth repeating; so doing it twice does no harm,
//! and what was cancelled stays so unless it is named.

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use weir_store::{
    audit::{self, Event},
    tasks::{self, Repeated},
};

use super::{list::Filter, model::Pagination, retry::RetriedTask};
use crate::{
    auth::Admin,
    error::ApiResult,
    idempotency::{self, IdempotencyKey, Kept},
    visit::Visit,
};

/// Tasks repeated at a time, unless the caller says otherwise.
const DEFAULT_LIMIT: u64 = 100;
/// Most tasks repeated at a time: they are one transaction.
pub(super) const MOST: u64 = 1_000;

/// The tasks that do again what others failed to do.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(example)]
pub(crate) struct RetriedTasks {
    /// Always true.
    ok: bool,
    /// How many were repeated.
    count: u64,
    /// Each new task, with the one it repeats; the newest of those first.
    data: Vec<RetriedTask>,
    /// Where to go on.
    pagination: Pagination,
}

impl Example for RetriedTasks {
    fn example() -> Self {
        Self {
            ok: true,
            count: 1,
            data: vec![RetriedTask::example()],
            pagination: Pagination { next_cursor: None },
        }
    }
}

pub(super) async fn retry_failed(
    visit: &Visit,
    admin: &Admin,
    key: IdempotencyKey,
    filter: Filter<MOST>,
) -> ApiResult<Kept<RetriedTasks, 200>> {
    let filter = filter.checked(visit, DEFAULT_LIMIT).await?;
    let caller = admin.caller();
    let asked = ("retry_failed_tasks", format!("{filter:?}"));
    let key = key.of((visit, &caller), (asked.0, &asked.1, &[]))?;
    let (request, fair_name) = (visit.wish(&caller), visit.name_of(&caller));
    let (running, by) = (visit.running().clone(), visit.actor());
    idempotency::once(visit, key, move |tx, now| {
        Box::pin(async move {
            let place = || running.app.fair.next(&fair_name, now);
            let repeated = tasks::repeat_failed(tx, &filter, &request, place, now).await?;
            if !repeated.tasks.is_empty() {
                let event = Event {
                    at: now,
                    by,
                    action: "task.retry".to_owned(),
                    target: "failed".to_owned(),
                    detail: format!("{} tasks", repeated.tasks.len()),
                };
                audit::insert(tx, &event).await?;
            }
            Ok(RetriedTasks::from(repeated))
        })
    })
    .await
}

impl From<Repeated> for RetriedTasks {
    fn from(repeated: Repeated) -> Self {
        let tasks = repeated.tasks.into_iter();
        let data = tasks.map(|(former, submitted)| RetriedTask::new(&former, submitted));
        let data: Vec<_> = data.collect();
        Self {
            ok: true,
            count: data.len() as u64,
            data,
            pagination: Pagination {
                next_cursor: repeated.next.map(|id| id.to_string()),
            },
        }
    }
}
