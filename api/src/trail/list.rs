//! Reads the trail, page by page.

use weir_domain::{Timestamp, UserId};
use weir_store::{
    audit::{self, Filter},
    users,
};

use super::model::{AuditEvent, TrailPage};
use crate::{
    error::ApiResult,
    payload::{Asked, Number, Text, Violations},
    tasks::Pagination,
    visit::Visit,
};

/// Events on a page, unless the caller says otherwise.
const DEFAULT_LIMIT: u64 = 50;
/// Most events on a page.
pub(super) const MOST: u64 = 1_000;

/// The query, not yet judged.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) user: Asked<Text<100>>,
    pub(super) action: Asked<Text<100>>,
    pub(super) target: Asked<Text<512>>,
    pub(super) since: Asked<Timestamp>,
    pub(super) until: Asked<Timestamp>,
    pub(super) limit: Asked<Number<1, MOST>>,
    pub(super) cursor: Asked<Text<64>>,
}

impl Asking {
    async fn checked(self, visit: &Visit) -> ApiResult<Filter> {
        let mut wrong = Violations::default();
        let user = self.user.take("user", &mut wrong);
        let user = match &user {
            Some(Text(word)) => Some(find_user(visit, word).await?),
            None => None,
        };
        if user == Some(None) {
            wrong.add("user", "must be the name or id of a user");
        }
        let cursor = self.cursor.take("cursor", &mut wrong);
        let before = cursor.map(|text| text.0.parse()).transpose();
        if before.is_err() {
            wrong.add("cursor", "must be the nextCursor of an earlier page");
        }
        let limit = self.limit.take("limit", &mut wrong);
        let filter = Filter {
            user: user.flatten(),
            action: self.action.take("action", &mut wrong).map(|text| text.0),
            target: self.target.take("target", &mut wrong).map(|text| text.0),
            since: self.since.take("since", &mut wrong),
            until: self.until.take("until", &mut wrong),
            before: before.ok().flatten(),
            limit: limit.map_or(DEFAULT_LIMIT, |limit| limit.0),
        };
        wrong.none_or(filter)
    }
}

/// Returns the user of this name; an id is taken as it is, since its user may be no more.
async fn find_user(visit: &Visit, word: &str) -> ApiResult<Option<UserId>> {
    let found = users::find_by_name(visit.running().reader(), word).await?;
    Ok(found.map(|user| user.id).or_else(|| word.parse().ok()))
}

pub(super) async fn list(visit: &Visit, asking: Asking) -> ApiResult<TrailPage> {
    let mut filter = asking.checked(visit).await?;
    let wanted = filter.limit;
    // One more than wanted says whether there is another page.
    filter.limit += 1;
    let records = audit::find(visit.running().reader(), &filter).await?;
    let has_more = records.len() as u64 > wanted;
    let data: Vec<_> = records
        .into_iter()
        .take(usize::try_from(wanted).unwrap_or(usize::MAX))
        .map(AuditEvent::from)
        .collect();
    let last = data.last().filter(|_| has_more);
    let next_cursor = last.map(|event| event.id.0.to_string());
    Ok(TrailPage {
        data,
        pagination: Pagination { next_cursor },
    })
}
