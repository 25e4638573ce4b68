//! Shows one version's manifest, by version, dist-tag or range.
//!
//! A text is first a version, then a tag of that name, then a range: `latest` if it is in
//! it, else the highest. The full form is sliced from the stored text, not parsed.

use http::header;
use weir_domain::{PackageName, Range, Version, text::printable};
use weir_render::{render_manifest, weak_etag};
use weir_store::{
    packages::{self, Package},
    versions,
};

use super::{
    answers::ManifestAnswer,
    negotiate,
    ready::{Content, Ready},
};
use crate::{
    app::Running,
    error::{ApiError, ApiResult},
    names::no_such_package,
    visit::Visit,
};

/// Shows the manifest that `spec` means.
///
/// # Errors
/// 404 if there is no such package or version.
pub(crate) async fn show_manifest(
    visit: &Visit,
    name: &PackageName,
    spec: &str,
) -> ApiResult<ManifestAnswer> {
    let (running, headers) = (visit.running(), &visit.headers);
    let db = running.reader();
    let absent = || ApiError::not_found(format!("There is no {name}@{}", printable(spec, 100)));
    let (package, revision, version) = if let Ok(version) = Version::parse(spec) {
        // What the package is beside this version does not matter.
        let place = packages::find_place(db, name)
            .await?
            .filter(|place| place.revision > 0);
        let place = place.ok_or_else(|| no_such_package(name))?;
        (place.id, place.revision, version)
    } else {
        let package = packages::find(db, name)
            .await?
            .filter(|package| package.revision > 0);
        let package = package.ok_or_else(|| no_such_package(name))?;
        let version = resolve(running, &package, spec).await?.ok_or_else(absent)?;
        (package.id, package.revision, version)
    };
    let stored = versions::find_manifest(db, package, revision, &version).await?;
    let stored = stored.ok_or_else(absent)?;
    let form = negotiate::form(headers);
    let json =
        render_manifest(form, name, &version, &stored, visit.base()).map_err(ApiError::internal)?;
    let ready = Ready::new(weak_etag(&json), Content::Memory(json.into()))?
        .with(header::CONTENT_TYPE, form.media_type())
        .with(header::VARY, "accept")
        .with(header::CACHE_CONTROL, "public, max-age=0");
    let reply = ready.reply(headers)?;
    reply
        .open(&running.app.content, visit.found.is_head)
        .await
        .map(ManifestAnswer)
}

/// Finds the version that a tag or a range means.
async fn resolve(running: &Running, package: &Package, spec: &str) -> ApiResult<Option<Version>> {
    let tags = &package.head.dist_tags;
    if let Some(tagged) = tags.get(spec) {
        return Ok(Some(tagged.clone()));
    }
    let Some(range) = Range::parse(spec) else {
        return Ok(None);
    };
    if let Some(latest) = tags.get("latest").filter(|latest| range.contains(latest)) {
        return Ok(Some(latest.clone()));
    }
    let db = running.reader();
    let outlines = versions::outlines(db, package.id, package.revision).await?;
    let shown = outlines
        .iter()
        .filter(|outline| outline.quarantine.is_none());
    Ok(range
        .highest(shown.map(|outline| &outline.version))
        .cloned())
}
