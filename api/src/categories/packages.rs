//! Says of single packages which categories they have, and takes it back; notes who did.

use weir_domain::catalogue::PackageKey;
use weir_store::{audit, catalogue, clock};

use super::model::{NewPackageCategories, PackageCategories};
use crate::{
    error::{ApiError, ApiResult},
    names::not_in_catalogue,
    visit::Visit,
};

/// Returns the categories that are wanted.
///
/// # Errors
/// 422 if none are given.
pub(super) fn wanted(new: NewPackageCategories) -> ApiResult<Vec<String>> {
    let missing = || ApiError::invalid_field("categories", "must be given");
    new.categories.ok_or_else(missing)
}

/// Says which categories a package has, or takes it back; returns those it has then.
///
/// # Errors
/// 404 if there is no such package.
pub(super) async fn say(
    visit: &Visit,
    key: PackageKey,
    said: Option<Vec<String>>,
) -> ApiResult<PackageCategories> {
    let (by, target, overridden) = (visit.actor(), key.to_string(), said.is_some());
    let absent = not_in_catalogue(&target);
    let written = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let categories = catalogue::override_categories(tx, &key, said.as_deref()).await?;
            if let Some(categories) = &categories {
                let action = if said.is_some() {
                    "catalogue.override"
                } else {
                    "catalogue.reset"
                };
                let event = by.did(action, target, categories.join(", "), now);
                audit::insert(tx, &event).await?;
            }
            Ok(categories)
        })
    });
    let categories = written.await?.ok_or(absent)?;
    Ok(PackageCategories {
        categories,
        overridden,
    })
}
