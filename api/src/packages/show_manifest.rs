//! Shows one version's manifest, by version, dist-tag or range.
//!
//! A text is first a version, then a tag of that name, then a range: `latest` if it is in
//! it, else the highest. The full form is sliced from the stored text, not parsed.

use std::sync::Arc;

use http::header;
use weir_domain::{PackageName, Range, Version, manifest::StoredManifest, text::printable};
use weir_render::{render_manifest, weak_etag};
use weir_store::{
    packages::{self, Package},
    versions,
};

use super::{
    admit::admit,
    answers::ManifestAnswer,
    negotiate,
    ready::{Content, Ready},
};
use crate::{
    app::Running,
    error::{ApiError, ApiResult},
    pull::{self, Freshness},
    visit::Visit,
};

/// Shows the manifest that `spec` means.
///
/// # Errors
/// 404 if there is no such package or version, 451 if it is blocked.
pub(crate) async fn show_manifest(
    visit: &Visit,
    name: &PackageName,
    spec: &str,
) -> ApiResult<ManifestAnswer> {
    let absent = || ApiError::not_found(format!("There is no {name}@{}", printable(spec, 100)));
    let version = Version::parse(spec).ok();
    let audience = admit(visit, (name, version.as_ref()), absent).await?;
    let mut found = find(visit, name, spec).await?;
    if found.is_none() {
        // It may have been published a moment ago.
        pull::renew(visit, name).await?;
        found = find(visit, name, spec).await?;
    }
    let is_exact = version.is_some();
    let (version, stored, freshness) = found.ok_or_else(absent)?;
    if !is_exact {
        admit(visit, (name, Some(&version)), absent).await?;
    }
    let (running, headers) = (visit.running(), &visit.headers);
    let form = negotiate::form(headers);
    let json =
        render_manifest(form, name, &version, &stored, visit.base()).map_err(ApiError::internal)?;
    let ready = Ready::new(weak_etag(&json), Content::Memory(json.into()))?
        .with(header::CONTENT_TYPE, form.media_type())
        .with(
            header::VARY,
            audience.choose("accept", "accept, authorization, cookie"),
        )
        .with(
            header::CACHE_CONTROL,
            audience.choose("public, max-age=0", "private, max-age=0"),
        )
        .aged_by(freshness);
    let reply = ready.reply_of_age(headers, &*running.app.clock)?;
    reply
        .open(&running.app.content, visit.found.is_head)
        .await
        .map(ManifestAnswer)
}

/// A version, its manifest, and by what its age is told.
type Stored = (Version, StoredManifest, Option<Arc<Freshness>>);

/// Finds the version that is meant.
async fn find(visit: &Visit, name: &PackageName, spec: &str) -> ApiResult<Option<Stored>> {
    let running = visit.running();
    let db = running.reader();
    let place = packages::find_place(db, name).await?;
    let Some(place) = place.filter(|place| place.revision > 0) else {
        return Ok(None);
    };
    let (revision, version) = if let Ok(version) = Version::parse(spec) {
        // What the package is beside this version does not matter.
        (place.revision, version)
    } else {
        let Some(package) = packages::find(db, name).await? else {
            return Ok(None);
        };
        let Some(version) = resolve(running, &package, spec).await? else {
            return Ok(None);
        };
        (package.revision, version)
    };
    let stored = versions::find_manifest(db, place.id, revision, &version).await?;
    let Some(stored) = stored else {
        return Ok(None);
    };
    let freshness = pull::look(visit, name, (place.registry, place.checked_at)).await;
    Ok(Some((version, stored, freshness)))
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
