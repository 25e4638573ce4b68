//! Lists synchronisations, newest first.

use std::cmp::Reverse;

use weir_domain::{
    TaskId,
    task::{TaskKind, TaskState},
};
use weir_store::tasks::{self, ListFilter};

use super::{model::SyncPage, show};
use crate::{
    auth::SignedIn,
    error::ApiResult,
    payload::{Asked, Number, Text, Violations},
    tasks::Pagination,
    visit::Visit,
};

/// Items on a page, unless somebody says otherwise.
const DEFAULT_LIMIT: u64 = 20;

/// Returns a page.
///
/// # Errors
/// 400 for filters out of bounds.
pub(super) async fn list(
    visit: &Visit,
    user: &SignedIn,
    (status, limit, cursor): (Asked<TaskState>, Asked<Number<1, 100>>, Asked<Text<64>>),
) -> ApiResult<SyncPage> {
    let mut wrong = Violations::default();
    let state = status.take("status", &mut wrong);
    let limit = limit
        .take("limit", &mut wrong)
        .map_or(DEFAULT_LIMIT, |n| n.0);
    let cursor = cursor.take("cursor", &mut wrong);
    let before = cursor.map(|text| text.0.parse::<TaskId>()).transpose();
    if before.is_err() {
        wrong.add("cursor", "must be the nextCursor of an earlier page");
    }
    wrong.none_or(())?;
    let mut found = Vec::new();
    for kind in [TaskKind::SyncCatalogue, TaskKind::SyncCatalogues] {
        let filter = ListFilter {
            state,
            kind: Some(kind),
            before: before.ok().flatten(),
            // One more than wanted says whether there is another page.
            limit: limit + 1,
            ..ListFilter::default()
        };
        found.extend(tasks::list(visit.running().reader(), &filter).await?);
    }
    found.sort_unstable_by_key(|task| Reverse(task.id.0));
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = found.len() > most;
    found.truncate(most);
    let last = found.last().filter(|_| has_more);
    let pagination = Pagination {
        next_cursor: last.map(|task| task.id.to_string()),
    };
    let mut data = Vec::new();
    for task in found {
        data.push(show::item(visit, user, task).await?);
    }
    Ok(SyncPage { data, pagination })
}
