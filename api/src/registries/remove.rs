//! Removes a registry that no mirrored package comes from.
//!
//! A mirrored package without a registry would pass for one of our own, so packages are never
//! parted from theirs. What the catalogue has is only said of a source, and goes with it, but
//! not by mistake.

use weir_domain::Registry;
use weir_store::{audit, clock, registries::Leaving};

use super::is_configured;
use crate::{
    error::{ApiError, ApiResult, Code},
    visit::Visit,
};

/// Who removed it, as logs say it that anybody may read.
const ADMINISTRATOR: &str = "an administrator, with its registry";

/// Removes a registry.
///
/// # Errors
/// 409 while something keeps it.
pub(super) async fn remove(visit: &Visit, registry: Registry, is_forced: bool) -> ApiResult<()> {
    if is_configured(visit, &registry.slug) {
        let sentence =
            "The configuration names this registry (WEIR_UPSTREAM); take it out there first";
        return Err(ApiError::new(Code::Conflict, sentence));
    }
    let by = visit.actor();
    let removed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let leaving = Leaving::lock(tx, registry.id).await?;
            let has = leaving.has;
            let is_catalogue = registry.kind.is_catalogue();
            let kept = match (has.packages, has.running_tasks, has.catalogue_packages) {
                (1.., _, _) => Some(format!("{} packages are mirrored from it", has.packages)),
                // Its names would be told to `default` from then on.
                _ if has.scopes > 0 => Some(format!("{} scopes come from it", has.scopes)),
                (_, 1.., _) if !is_catalogue => Some("a task reads from it now".to_owned()),
                (_, _, 1..) if !is_forced => Some(format!(
                    "the catalogue has {} packages of it, which would go with it; say force=true",
                    has.catalogue_packages
                )),
                _ => None,
            };
            if kept.is_some() {
                return Ok(kept);
            }
            leaving.remove(tx, ADMINISTRATOR, now).await?;
            let detail = format!("{} of the catalogue", has.catalogue_packages);
            let event = by.did("registry.remove", registry.slug, detail, now);
            audit::insert(tx, &event).await.map(|()| None)
        })
    });
    match removed.await? {
        Some(why) => Err(ApiError::new(Code::Conflict, format!("It stays: {why}"))),
        None => Ok(()),
    }
}
