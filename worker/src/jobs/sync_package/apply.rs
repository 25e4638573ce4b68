//! Makes a plan visible: versions staged under the next revision, documents rendered from
//! them, and one short transaction that flips.
//!
//! Everything before the flip is invisible, and a later run throws it away.

use std::collections::HashSet;

use weir_content::Shown;
use weir_domain::{Timestamp, Version};
use weir_store::{
    StoreError, blobs, blocks, clock,
    packages::{self, Flip, Head, Package, UpstreamMark},
    versions::{self, NewVersion},
};

use super::{Sync, plan::SyncPlan, read::Sides, removal::Losses};
use crate::job::JobError;

impl Sync<'_> {
    /// Applies the visible part of the plan and returns the package as it then is.
    pub(super) async fn apply(
        &mut self,
        sides: &Sides,
        plan: &SyncPlan,
    ) -> Result<Package, JobError> {
        let (name, registry) = (self.spec.package.clone(), sides.registry.id);
        let confirmed = plan.head.is_none().then(|| plan.losses.clone());
        let package = self
            .attempt
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    let package = packages::ensure(tx, &name, registry, now).await?;
                    if let Some(losses) = confirmed {
                        packages::confirm(tx, package.id, now).await?;
                        losses.write(tx, &package, now).await?;
                    }
                    Ok(package)
                })
            })
            .await?;
        let Some(head) = &plan.head else {
            return Ok(package);
        };
        if package.revision != sides.local.revision {
            return Err(StoreError::Changed("package").into());
        }
        self.stage(sides, plan, &package).await?;
        let mark = sides
            .upstream
            .as_ref()
            .map(|upstream| upstream.mark.clone())
            .unwrap_or_default();
        let losses = plan.losses.clone();
        let shown = self.flip(&package, head.clone(), mark, losses).await?;
        self.tell_tags(&plan.tag_moves).await;
        Ok(shown)
    }

    pub(super) async fn tell_tags(&self, moves: &[(String, Option<Version>)]) {
        for (tag, target) in moves {
            let text = match target {
                Some(version) => format!("Tag {tag} is now {version}"),
                None => format!("Tag {tag} is gone"),
            };
            self.attempt.info(text).await;
        }
    }

    /// Throws away what an earlier run staged and did not show.
    pub(super) async fn clear_stage(&self, package: &Package) -> Result<(), JobError> {
        let (id, revision) = (package.id, package.revision);
        let clear = self.attempt.write(move |tx| {
            Box::pin(async move { versions::discard_stage(tx, id, revision).await })
        });
        Ok(clear.await?)
    }

    async fn stage(
        &mut self,
        sides: &Sides,
        plan: &SyncPlan,
        package: &Package,
    ) -> Result<(), JobError> {
        self.clear_stage(package).await?;
        let (id, revision) = (package.id, package.revision);
        let Some((upstream, document)) = sides
            .upstream
            .as_ref()
            .and_then(|upstream| Some((upstream, upstream.document.as_ref()?)))
        else {
            return Ok(());
        };
        let wanted: HashSet<Version> = plan
            .added
            .iter()
            .chain(plan.changed.keys())
            .cloned()
            .collect();
        let mut batches = document.manifests(wanted);
        while let Some(batch) = batches.next().await {
            let batch: Vec<NewVersion> = batch?
                .into_iter()
                .map(|(facts, raw)| {
                    let at = upstream.outline.time.get(facts.version.as_str());
                    let change = plan.changed.get(&facts.version);
                    NewVersion {
                        published_at: at.and_then(|at| Timestamp::parse(at)),
                        keeps_tarball: change.is_some_and(|change| change.keeps_tarball),
                        facts,
                        raw,
                    }
                })
                .collect();
            self.tell_staged(&batch, plan).await;
            self.attempt
                .write(move |tx| {
                    Box::pin(async move { versions::stage(tx, id, revision + 1, &batch).await })
                })
                .await?;
        }
        self.stage_losses(plan, package).await
    }

    /// Stages what is hidden, shown again, or gone.
    async fn stage_losses(&self, plan: &SyncPlan, package: &Package) -> Result<(), JobError> {
        let losses = plan.losses.clone();
        if !losses.is_visible() {
            return Ok(());
        }
        let (id, next) = (package.id, package.revision + 1);
        let again = losses.shown_again.iter();
        let again = again.filter(|version| !plan.changed.contains_key(*version));
        let mut exposed: Vec<(Version, Option<&'static str>)> =
            again.map(|version| (version.clone(), None)).collect();
        exposed.extend(
            losses
                .blocked
                .iter()
                .map(|(v, why)| (v.clone(), Some(*why))),
        );
        let deleted: Vec<Version> = losses.deleted.into_iter().collect();
        let stage = self.attempt.write(move |tx| {
            Box::pin(async move {
                for (version, why) in &exposed {
                    versions::stage_quarantine(tx, id, next, (version, *why)).await?;
                }
                versions::stage_removals(tx, id, next, &deleted).await
            })
        });
        Ok(stage.await?)
    }

    async fn tell_staged(&self, batch: &[NewVersion], plan: &SyncPlan) {
        for new in batch {
            let version = &new.facts.version;
            match plan.changed.get(version) {
                Some(change) => {
                    self.attempt
                        .info(format!("Version {version}: {}", change.what))
                        .await;
                }
                None => self.attempt.info(format!("Version {version} added")).await,
            }
        }
        let done = u64::try_from(batch.len()).unwrap_or(0);
        self.attempt
            .progress(|progress| progress.versions_done += done);
    }

    /// Renders the staged revision and makes it visible.
    pub(super) async fn flip(
        &self,
        package: &Package,
        head: Head,
        upstream: UpstreamMark,
        losses: Losses,
    ) -> Result<Package, JobError> {
        let shown = Shown {
            package: package.id,
            name: package.name.clone(),
            revision: package.revision + 1,
            policy_generation: package.policy_generation,
            head: head.clone(),
        };
        let content = &self.environment.content;
        let rendered = match content.first_base().await? {
            Some(base) => content.render(&shown, &base).await?,
            None => Vec::new(),
        };
        let flip = Flip {
            package: package.id,
            name: package.name.clone(),
            from_revision: package.revision,
            policy_generation: package.policy_generation,
            head,
            upstream,
        };
        let (flipped, former) = (flip.clone(), package.clone());
        let forbidden = self.forbidden.clone();
        self.attempt
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    let kept: Vec<_> = rendered
                        .iter()
                        .map(|document| (document.digest, document.size_bytes))
                        .collect();
                    blobs::stored(tx, &kept, now).await?;
                    packages::flip(tx, &flip, &rendered, now).await?;
                    // What an operator blocked or released since it was read must be read again.
                    if blocks::forbidden(&**tx, &flip.name).await? != forbidden {
                        return Err(StoreError::Changed("block"));
                    }
                    losses.write(tx, &former, now).await
                })
            })
            .await?;
        Ok(Package {
            revision: package.revision + 1,
            head: flipped.head,
            upstream: flipped.upstream,
            ..package.clone()
        })
    }
}
