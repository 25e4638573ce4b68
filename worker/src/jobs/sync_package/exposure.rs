//! Showing a package anew because tarballs turned out to be broken, or to be mended.
//!
//! What may be shown is staged like any other change, so readers see the old document or
//! the new one; a run that dies in between leaves the old one.

use std::collections::BTreeMap;

use weir_domain::{Version, task::ErrorCode};
use weir_store::{
    packages::Package,
    versions::{self, Listed},
};

use super::{Sync, fetch::TOO_LARGE, plan::tag_moves, read::Sides, removal::Losses, tags};
use crate::job::JobError;

/// Changes of what may be shown: why a version may not be, or `None` if it may again.
pub(super) type Exposure = BTreeMap<Version, Option<String>>;

impl Sync<'_> {
    /// Hides and shows versions, repairs the tags, and makes it visible.
    pub(super) async fn show_anew(
        &mut self,
        exposure: &Exposure,
        sides: &Sides,
        package: &Package,
    ) -> Result<Package, JobError> {
        let db = self.environment.db.read();
        let listed = versions::listed(db, package.id, package.revision).await?;
        let is_shown = |listed: &Listed| match exposure.get(&listed.version) {
            Some(why) => why.is_none(),
            None => listed.is_shown,
        };
        let shown = listed.into_iter().filter(is_shown);
        let shown = shown.map(|listed| listed.version).collect();
        let theirs = sides.upstream.as_ref().map(|upstream| &upstream.outline);
        let wanted = match theirs {
            Some(outline) => outline.dist_tags.clone(),
            None => package
                .head
                .dist_tags
                .iter()
                .map(|(tag, version)| (tag.clone(), version.to_string()))
                .collect(),
        };
        let tags = tags::shown(&wanted, &sides.local.head.dist_tags, &shown);
        if tags.shown.is_empty() {
            let mut reasons = exposure.values().flatten();
            let (code, text) = if reasons.all(|why| why.starts_with(TOO_LARGE)) {
                (ErrorCode::TooLarge, "whose tarball is small enough")
            } else {
                (
                    ErrorCode::IntegrityMismatch,
                    "whose tarball matches its digest",
                )
            };
            let text = format!("No version is left {text}; what was shown stays");
            return Err(JobError::give_up(code, text));
        }
        for warning in tags.warnings {
            self.warn(warning).await;
        }
        let moves = tag_moves(&package.head.dist_tags, &tags.shown);
        let mut head = package.head.clone();
        head.dist_tags = tags.shown;
        self.clear_stage(package).await?;
        self.stage_exposure(exposure, package).await?;
        let (mark, none) = (package.upstream.clone(), Losses::default());
        let package = self.flip(package, head, mark, none).await?;
        for version in exposure.iter().filter(|(_, why)| why.is_none()) {
            self.attempt
                .info(format!("Version {} is shown again", version.0))
                .await;
        }
        self.tell_tags(&moves).await;
        Ok(package)
    }

    async fn stage_exposure(&self, exposure: &Exposure, package: &Package) -> Result<(), JobError> {
        let (id, next) = (package.id, package.revision + 1);
        let exposure = exposure.clone();
        let stage = self.attempt.write(move |tx| {
            Box::pin(async move {
                for (version, why) in &exposure {
                    versions::stage_quarantine(tx, id, next, (version, why.as_deref())).await?;
                }
                Ok(())
            })
        });
        Ok(stage.await?)
    }
}
