//! Lists scopes, page by page.

use std::collections::HashMap;

use weir_domain::RegistryId;
use weir_store::{registries, scopes};

use super::model::{ScopeItem, ScopePage};
use crate::{
    error::ApiResult,
    payload::{Asked, Number, Violations},
    visit::Visit,
};

/// Scopes on a page, unless somebody says otherwise.
const PAGE_SIZE: u64 = 20;
/// The last page that may be asked for.
pub(super) const LAST_PAGE: u64 = 1_000_000;

/// Returns a page of the scopes of one registry, or of all.
///
/// # Errors
/// 422 for a page out of bounds.
pub(super) async fn list(
    visit: &Visit,
    registry: Option<RegistryId>,
    (size, index): (Asked<Number<1, 100>>, Asked<Number<0, LAST_PAGE>>),
) -> ApiResult<ScopePage> {
    let mut wrong = Violations::default();
    let size = size.take("pageSize", &mut wrong);
    let index = index.take("pageIndex", &mut wrong);
    wrong.none_or(())?;
    let (size, index) = (size.map_or(PAGE_SIZE, |n| n.0), index.map_or(0, |n| n.0));
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let db = visit.running().reader();
    let part = (whole(index * size), whole(size));
    let (found, total) = scopes::page(db, registry, part).await?;
    let slugs = registries::list(db).await?.into_iter();
    let slugs: HashMap<_, _> = slugs.map(|registry| (registry.id, registry.slug)).collect();
    let item = |scope: scopes::Scope| {
        let slug = scope.registry.and_then(|id| slugs.get(&id).cloned());
        ScopeItem::new(&scope, slug)
    };
    Ok(ScopePage {
        data: found.into_iter().map(item).collect(),
        total,
        count: total,
    })
}
