//! What the log says of a sync, apart from single versions and tarballs.
//!
//! Anybody may read a log, so it never says who asked, nor why.

use std::time::Duration;

use weir_domain::{Registry, RemovalPolicy, removal::Absence};

use super::{
    Sync,
    plan::SyncPlan,
    read::Sides,
    removal::{LOOKS, Losses},
};

impl Sync<'_> {
    pub(super) async fn announce(&self, registry: &Registry) {
        let (package, url) = (&self.spec.package, &registry.url);
        let host = url.host_str().unwrap_or_default();
        let port = url.port().map(|port| format!(":{port}"));
        let (port, path) = (port.unwrap_or_default(), url.path());
        let from = format!("{}://{host}{port}{path}", url.scheme());
        self.attempt
            .info(format!("Sync of {package} from {from} begins"))
            .await;
    }

    pub(super) async fn tell(&mut self, sides: &Sides, plan: &SyncPlan) {
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
        self.tell_losses(sides, &plan.losses).await;
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        self.report.versions_added = count(plan.added.len());
        self.report.versions_changed = count(plan.changed.len());
        self.report.versions_skipped = count(plan.skipped);
        self.report.versions_removed = count(plan.losses.blocked.len() + plan.losses.deleted.len());
        self.report.tags_changed = count(plan.tag_moves.len());
        let (versions, tarballs) = (plan.added.len() + plan.changed.len(), plan.fetch.len());
        self.attempt.progress(|progress| {
            progress.versions_total = count(versions);
            progress.tarballs_total = count(tarballs);
        });
    }

    async fn tell_losses(&self, sides: &Sides, losses: &Losses) {
        let attempt = self.attempt;
        if losses.absence == Some(Absence::SecurityHolder) {
            let text = "Upstream put a security holder in the place of this package";
            attempt.warn(text).await;
        }
        for version in losses.blocked.keys() {
            let text = format!("Version {version} is no longer upstream; it is blocked");
            attempt.info(text).await;
        }
        for version in &losses.deleted {
            let text = format!("Version {version} is no longer upstream; it is deleted");
            attempt.info(text).await;
        }
        for version in losses.returned.iter().flatten() {
            attempt
                .info(format!("Version {version} is upstream again"))
                .await;
        }
        if losses.returned.contains(&None) {
            attempt.info("Upstream has the package again").await;
        }
        let policy = sides.removals.policy;
        let is_pending = losses.looked.len() > losses.settled.len() + losses.deleted.len();
        if is_pending && policy != RemovalPolicy::Keep {
            let hours = sides.removals.span.as_secs() / 3600;
            let text = format!(
                "What upstream lacks is believed after {LOOKS} looks over {hours} h; then the \
                 policy is to {policy} it"
            );
            attempt.info(text).await;
        }
    }

    pub(super) async fn summarise(&self, took: Duration) {
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
                self.warnings.count(),
            ))
            .await;
    }
}

/// Returns a size as people write it: `17 B`, `4.2 kB`, `1.3 MB`.
pub(super) fn readable_size(bytes: u64) -> String {
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
