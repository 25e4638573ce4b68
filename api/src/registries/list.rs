//! Shows registries: to anybody which there are, to administrators how they are asked.

use weir_store::{
    catalogue::sources,
    registries::{self, Entry},
};

use super::model::{Inside, RegistryItem, RegistryPage};
use crate::{
    auth::Caller,
    error::ApiResult,
    payload::{Asked, Number, Violations},
    visit::Visit,
};

/// Rows on a page, unless somebody says otherwise.
const PAGE_SIZE: u64 = 20;
/// The last page that may be asked for.
pub(crate) const LAST_PAGE: u64 = 1_000_000;

/// How many rows a page has, and which page is wanted, as registries and scopes are asked for.
pub(crate) type Numbered = (Asked<Number<1, 100>>, Asked<Number<0, LAST_PAGE>>);

/// Returns how many rows come before the page, and how many are on it.
///
/// # Errors
/// 422 for a page out of bounds.
pub(crate) fn part_of((size, index): Numbered) -> ApiResult<(i64, i64)> {
    let mut wrong = Violations::default();
    let size = size.take("pageSize", &mut wrong);
    let index = index.take("pageIndex", &mut wrong);
    wrong.none_or(())?;
    let (size, index) = (size.map_or(PAGE_SIZE, |n| n.0), index.map_or(0, |n| n.0));
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Ok((whole(index * size), whole(size)))
}

/// Returns a page of registries.
///
/// # Errors
/// 422 for a page out of bounds.
pub(super) async fn list(
    visit: &Visit,
    caller: &Caller,
    page: Numbered,
) -> ApiResult<RegistryPage> {
    let part = part_of(page)?;
    let (entries, total) = registries::page(visit.running().reader(), part).await?;
    let mut data = Vec::new();
    for entry in entries {
        data.push(item(visit, caller, entry).await?);
    }
    Ok(RegistryPage {
        data,
        total,
        count: total,
    })
}

/// Returns a registry as this caller may see it.
pub(super) async fn item(visit: &Visit, caller: &Caller, entry: Entry) -> ApiResult<RegistryItem> {
    if !caller.is_admin() {
        return Ok(RegistryItem::new(&entry, None));
    }
    let (db, id) = (visit.running().reader(), entry.registry.id);
    let source = if entry.registry.kind.is_catalogue() {
        sources::find(db, id).await?
    } else {
        None
    };
    let has_webhook_secret = sources::sealed_webhook_secret(db, id).await?.is_some();
    let inside = Inside {
        settings: source.map(|source| source.settings),
        has_webhook_secret,
    };
    Ok(RegistryItem::new(&entry, Some(inside)))
}
