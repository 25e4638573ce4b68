//! Shows one package, its versions, its README: by its key or by its name alone.
//!
//! Two look-ups by index, whatever the catalogue's size; only a name that several packages have
//! costs more.

use weir_domain::catalogue::PackageKey;
use weir_store::catalogue::{self, Found, Page};

use super::{
    address::address_of,
    answer::{Fresh, FreshPage, FreshText},
    detail::{INLINE_VERSIONS, PackageAnswer},
    model::{VersionItem, VersionPage},
    paging::{Limit, Numbered, PageNumber},
};
use crate::{
    error::{ApiError, ApiResult},
    names::{Meant, not_in_catalogue},
    payload::Violations,
    visit::Visit,
};

/// Finds the package that is meant.
///
/// # Errors
/// 404 if there is none.
async fn find(visit: &Visit, meant: &Meant) -> ApiResult<Found> {
    let db = visit.running().reader();
    let (found, name) = match meant {
        Meant::Key(key) => (catalogue::find(db, key).await?, key.to_string()),
        Meant::Named(name) => (catalogue::find_named(db, name).await?, name.clone()),
    };
    found.ok_or_else(|| not_in_catalogue(&name))
}

pub(super) async fn show(visit: &Visit, meant: &Meant) -> ApiResult<Fresh<PackageAnswer>> {
    let found = find(visit, meant).await?;
    let page = Page {
        from: 0,
        size: INLINE_VERSIONS,
    };
    let versions = catalogue::versions(visit.running().reader(), found.id, page).await?;
    Fresh::new(&visit.headers, &PackageAnswer::new(found, versions))
}

pub(super) async fn versions(
    visit: &Visit,
    meant: &Meant,
    (page, limit): (PageNumber, Limit),
) -> ApiResult<FreshPage<VersionPage>> {
    let mut wrong = Violations::default();
    let page = Numbered::take(page, limit, &mut wrong);
    wrong.none_or(())?;
    let found = find(visit, meant).await?;
    let db = visit.running().reader();
    let versions = catalogue::versions(db, found.id, page.part()).await?;
    let key: PackageKey = found.package.key;
    let pagination = page.of(found.package.versions_count);
    let url = format!("{}{}/versions", visit.base().as_str(), address_of(&key));
    let links = pagination.links(&url, &[]);
    let data = versions
        .into_iter()
        .map(|version| VersionItem::new(&key, version))
        .collect();
    let page = VersionPage { data, pagination };
    FreshPage::new(&visit.headers, &page, &links)
}

pub(super) async fn readme(visit: &Visit, meant: &Meant) -> ApiResult<FreshText> {
    let found = find(visit, meant).await?;
    let readme = catalogue::readme(visit.running().reader(), found.id).await?;
    let absent = || ApiError::not_found(format!("{} has no README", found.package.key));
    FreshText::new(&visit.headers, readme.ok_or_else(absent)?.readme)
}
