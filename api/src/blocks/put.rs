//! Blocks, and notes who did.

use weir_domain::{PackageName, Version};
use weir_store::{
    audit,
    blocks::{self, Source},
    clock, packages,
};

use super::model::{MadeBlock, NewBlock};
use crate::{
    auth::Admin,
    error::{ApiError, ApiResult},
    names::VersionSpec,
    payload::Id,
    visit::Visit,
};

/// Returns the version that is to be written to.
///
/// # Errors
/// 422 for what is no version.
pub(super) fn version(text: &VersionSpec) -> ApiResult<Version> {
    let wrong = || ApiError::invalid_field("version", "must be a semantic version");
    text.exact().ok_or_else(wrong)
}

/// Returns how the trail calls it.
pub(super) fn spelt(name: &PackageName, version: Option<&Version>) -> String {
    match version {
        Some(version) => format!("{name}@{version}"),
        None => name.to_string(),
    }
}

pub(super) async fn put(
    visit: &Visit,
    admin: &Admin,
    (name, version): (&PackageName, Option<&Version>),
    new: &NewBlock,
) -> ApiResult<MadeBlock> {
    let Some(reason) = new.reason.as_deref().map(str::trim) else {
        return Err(ApiError::invalid_field("reason", "must be given"));
    };
    let reason = format!("{reason} (operator: {}/{})", admin.name, admin.id);
    let reason = reason.trim_start().to_owned();
    let (name, version) = (name.clone(), version.cloned());
    let (by, blocked) = (visit.actor(), version.as_ref().map(ToString::to_string));
    let made = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let what = (version.as_ref(), reason.as_str());
            let id = blocks::put(tx, &name, what, Source::Operator, now).await?;
            let package = packages::reserve_id(tx, &name).await?;
            let target = spelt(&name, version.as_ref());
            audit::insert(tx, &by.did("block.set", target, reason, now)).await?;
            Ok((id, package))
        })
    });
    let (id, package) = made.await?;
    Ok(MadeBlock {
        ok: true,
        id: Id(id.0),
        package_id: Id(package.0),
        version: blocked,
    })
}
