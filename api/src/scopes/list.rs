//! Lists scopes, page by page.

use std::collections::HashMap;

use weir_domain::RegistryId;
use weir_store::{registries, scopes};

use super::model::{ScopeItem, ScopePage};
use crate::{
    error::ApiResult,
    registries::{Numbered, part_of},
    visit::Visit,
};

/// Returns a page of the scopes of one registry, or of all.
///
/// # Errors
/// 422 for a page out of bounds.
pub(super) async fn list(
    visit: &Visit,
    registry: Option<RegistryId>,
    page: Numbered,
) -> ApiResult<ScopePage> {
    let (db, part) = (visit.running().reader(), part_of(page)?);
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
