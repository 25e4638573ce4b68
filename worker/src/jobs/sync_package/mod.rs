//! Brings one package of the mirror to the state of its upstream.
//!
//! Read both sides, plan, apply, report. The plan is pure and holds every decision;
//! applying is a list of steps that may each be repeated, because a run can lose its lease
//! at any await and another will start over: what the first one stored is then found.
//!
//! The packument comes first, every new tarball lazy; tarballs follow in the same task, so
//! that readers wait for a document, never for a download.

mod apply;
mod fan_out;
mod plan;
mod read;
mod tags;
mod tarballs;
#[cfg(test)]
mod tests;

use std::time::Instant;

use weir_domain::task::{Report, SyncPackage};
use weir_store::{packages, registries};
use weir_upstream::UpstreamError;

use self::{plan::SyncPlan, read::Sides};
use crate::{
    Attempt, Environment,
    job::{Done, JobError},
};

/// A sync under way: what it works with and what it has to tell.
struct Sync<'a> {
    environment: &'a Environment,
    attempt: &'a Attempt,
    spec: &'a SyncPackage,
    report: Report,
    warnings: Vec<String>,
}

pub(super) async fn run(
    environment: &Environment,
    attempt: &Attempt,
    spec: &SyncPackage,
) -> Result<Done, JobError> {
    let mut sync = Sync {
        environment,
        attempt,
        spec,
        report: Report::default(),
        warnings: Vec::new(),
    };
    sync.run().await
}

impl Sync<'_> {
    async fn run(&mut self) -> Result<Done, JobError> {
        let begun = Instant::now();
        let registry = registries::get(self.environment.db.read(), self.spec.registry).await?;
        self.announce(registry.url.as_str()).await;
        let sides = self.read(registry).await?;
        let plan = plan::plan(&sides)?;
        self.tell(&sides, &plan).await;
        let package = self.apply(&sides, &plan).await?;
        self.hold_tarballs(&sides, &plan, &package).await?;
        self.record(&sides, &package).await?;
        let follow_ups = self.fan_out(&sides).await?;
        self.summarise(begun.elapsed()).await;
        let warnings = std::mem::take(&mut self.warnings);
        Ok(Done {
            report: self.report,
            warnings,
            follow_ups,
        })
    }

    async fn announce(&self, from: &str) {
        self.attempt
            .info(format!("Sync of {} from {from} begins", self.spec.package))
            .await;
        for request in self.attempt.requests.iter() {
            let who = request
                .requester
                .as_deref()
                .unwrap_or("a dependent package");
            if let Some(tips) = &request.tips {
                self.attempt
                    .info(format!("Asked for by {who}: {tips}"))
                    .await;
            }
        }
    }

    /// Adds a line that also ends up with the task.
    async fn warn(&mut self, text: String) {
        self.attempt.warn(&text).await;
        self.warnings.push(text);
    }

    async fn tell(&mut self, sides: &Sides, plan: &SyncPlan) {
        match &sides.upstream {
            None => {
                self.report.unchanged = true;
                self.attempt
                    .info("Upstream says that nothing changed")
                    .await;
            }
            Some(upstream) => {
                let (theirs, ours) = (upstream.outline.versions.len(), sides.local.versions.len());
                self.attempt
                    .info(format!("Upstream has {theirs} versions, the mirror {ours}"))
                    .await;
            }
        }
        for warning in &plan.warnings {
            self.warn(warning.clone()).await;
        }
        for version in &plan.kept {
            self.attempt
                .info(format!(
                    "Version {version} is no longer upstream; it is kept"
                ))
                .await;
        }
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        self.report.versions_added = count(plan.added.len());
        self.report.versions_changed = count(plan.changed.len());
        self.report.versions_skipped = count(plan.skipped);
        self.report.tags_changed = count(plan.tag_moves.len());
        let (versions, tarballs) = (plan.added.len() + plan.changed.len(), plan.fetch.len());
        self.attempt.progress(|progress| {
            progress.versions_total = count(versions);
            progress.tarballs_total = count(tarballs);
        });
    }

    /// Notes that the sync ended, and with what upstream may be asked the next time.
    async fn record(&self, sides: &Sides, package: &packages::Package) -> Result<(), JobError> {
        let (id, is_clean) = (package.id, self.warnings.is_empty());
        let mark = sides
            .upstream
            .as_ref()
            .map(|upstream| upstream.mark.clone())
            .unwrap_or_default();
        let write = self.attempt.write(move |tx| {
            Box::pin(async move {
                let now = weir_store::clock::now(&**tx).await?;
                packages::record_sync(tx, id, is_clean, &mark, now).await
            })
        });
        Ok(write.await?)
    }

    async fn summarise(&self, took: std::time::Duration) {
        let report = &self.report;
        self.attempt
            .info(format!(
                "Done in {:.1} s: {} versions added, {} changed, {} skipped; {} tags changed; \
                 {} tarballs stored ({}); {} warnings",
                took.as_secs_f64(),
                report.versions_added,
                report.versions_changed,
                report.versions_skipped,
                report.tags_changed,
                report.tarballs_stored,
                readable_size(report.tarball_bytes),
                self.warnings.len(),
            ))
            .await;
    }
}

/// Returns a size as people write it: `17 B`, `4.2 kB`, `1.3 MB`.
fn readable_size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        1_000_000..1_000_000_000 => {
            format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
        }
        _ => format!(
            "{}.{} GB",
            bytes / 1_000_000_000,
            bytes % 1_000_000_000 / 100_000_000
        ),
    }
}

/// Says whether an error is about one tarball only, not about the upstream.
fn is_missing(error: &UpstreamError) -> bool {
    matches!(
        error,
        UpstreamError::NotFound { .. } | UpstreamError::InvalidUrl { .. }
    )
}
