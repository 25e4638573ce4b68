//! Lists tasks, page by page.

use weir_domain::{
    Timestamp,
    task::{ErrorCode, TaskKind, TaskState},
};
use weir_store::{
    registries,
    tasks::{self, ListFilter},
};

use super::{
    item::{items, may_see},
    model::{Children, Pagination, TaskPage},
};
use crate::{
    auth::Caller,
    error::{ApiError, ApiResult},
    payload::{Asked, Number, Text, Violations},
    visit::Visit,
};

/// Tasks on a page, unless the caller says otherwise.
const DEFAULT_LIMIT: u64 = 50;

/// Most tasks on a page.
pub(super) const MOST: u64 = 100;

/// The query, not yet judged; at most so many tasks.
#[derive(Debug)]
pub(super) struct Filter<const MOST: u64> {
    pub(super) state: Asked<TaskState>,
    pub(super) code: Asked<ErrorCode>,
    pub(super) kind: Asked<TaskKind>,
    pub(super) target: Asked<Text<214>>,
    pub(super) registry: Asked<Text<214>>,
    pub(super) since: Asked<Timestamp>,
    pub(super) until: Asked<Timestamp>,
    pub(super) limit: Asked<Number<1, MOST>>,
    pub(super) cursor: Asked<Text<64>>,
}

impl<const MOST: u64> Filter<MOST> {
    pub(super) async fn checked(self, visit: &Visit, default_limit: u64) -> ApiResult<ListFilter> {
        let mut wrong = Violations::default();
        let cursor = self.cursor.take("cursor", &mut wrong);
        let before = cursor.map(|text| text.0.parse()).transpose();
        if before.is_err() {
            wrong.add("cursor", "must be the nextCursor of an earlier page");
        }
        let word = self.registry.take("registry", &mut wrong);
        let registry = match &word {
            Some(word) => registries::find_by_word(visit.running().reader(), &word.0).await?,
            None => None,
        };
        if word.is_some() && registry.is_none() {
            wrong.add("registry", "must be the slug, name or id of a registry");
        }
        let limit = self.limit.take("limit", &mut wrong);
        let filter = ListFilter {
            state: self.state.take("state", &mut wrong),
            code: self.code.take("code", &mut wrong),
            kind: self.kind.take("kind", &mut wrong),
            target: self.target.take("target", &mut wrong).map(|text| text.0),
            registry: registry.map(|registry| registry.id),
            since: self.since.take("since", &mut wrong),
            until: self.until.take("until", &mut wrong),
            before: before.ok().flatten(),
            viewer: None,
            limit: limit.map_or(default_limit, |limit| limit.0),
        };
        wrong.none_or(filter)
    }
}

pub(super) async fn list(
    visit: &Visit,
    caller: &Caller,
    filter: Filter<MOST>,
) -> ApiResult<TaskPage> {
    let mut filter = filter.checked(visit, DEFAULT_LIMIT).await?;
    filter.viewer = Some(caller.viewer());
    if caller.user().is_none() {
        // What a stranger may see is all of one kind.
        let kind = *filter.kind.get_or_insert(TaskKind::SyncPackage);
        if !may_see(caller, kind) {
            let text = "Tasks of this kind are shown to users only; sign in first";
            return Err(ApiError::unauthorized(text));
        }
    }
    let db = visit.running().reader();
    let counts = tasks::counts(db, filter.kind).await?;
    let wanted = filter.limit;
    // One more than wanted says whether there is another page.
    filter.limit += 1;
    let mut rows = tasks::list(db, &filter).await?;
    let has_more = rows.len() as u64 > wanted;
    rows.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
    let next_cursor = rows
        .last()
        .filter(|_| has_more)
        .map(|task| task.id.to_string());
    Ok(TaskPage {
        data: items(visit, caller, rows).await?,
        pagination: Pagination { next_cursor },
        counts: Children::of(&counts),
    })
}
