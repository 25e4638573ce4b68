//! Lists users.

use weir_store::users;

use super::model::UserPage;
use crate::{
    error::ApiResult,
    payload::{Asked, Number, Text, Violations},
    tasks::Pagination,
    visit::Visit,
};

const DEFAULT_LIMIT: u64 = 100;

/// Returns a page of users.
///
/// # Errors
/// 422 for a limit out of bounds.
pub(super) async fn list(
    visit: &Visit,
    limit: Asked<Number<1, 100>>,
    cursor: Asked<Text<200>>,
) -> ApiResult<UserPage> {
    let mut wrong = Violations::default();
    let limit = limit.take("limit", &mut wrong);
    let after = cursor.take("cursor", &mut wrong);
    wrong.none_or(())?;
    let wanted = limit.map_or(DEFAULT_LIMIT, |limit| limit.0);
    // One more than wanted says whether there is another page.
    let limit = u32::try_from(wanted + 1).unwrap_or(u32::MAX);
    let after = after.as_ref().map(|text| text.0.as_str());
    let mut rows = users::list(visit.running().reader(), after, limit).await?;
    let has_more = rows.len() as u64 > wanted;
    rows.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
    let last = rows.last().filter(|_| has_more);
    Ok(UserPage {
        pagination: Pagination {
            next_cursor: last.map(|user| user.name.clone()),
        },
        data: rows.into_iter().map(Into::into).collect(),
    })
}
