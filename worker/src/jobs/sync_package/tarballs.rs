//! Fetches the tarballs a plan wants, several at once, while what is proven is recorded.
//!
//! A tarball that keeps failing its digest, or is too large, is quarantined: its version is no longer shown,
//! and what would have been chosen without it is fetched in the next round. One that does
//! not come keeps no other from coming: the run is repeated for it, and the last run leaves
//! it lazy with a warning.

use std::{collections::BTreeSet, pin::pin};

use futures::{FutureExt, StreamExt, future::BoxFuture};
use weir_domain::Version;
use weir_store::{blocks, packages::Package, versions};

use super::{
    Sync,
    exposure::Exposure,
    fetch::{Fetched, fetches},
    group::Group,
    known::Known,
    plan::SyncPlan,
    read::Sides,
    tell::readable_size,
};
use crate::job::JobError;

impl Sync<'_> {
    /// Holds what the plan wants; returns the package as it then is.
    pub(super) async fn hold_tarballs(
        &mut self,
        sides: &Sides,
        plan: &SyncPlan,
        mut package: Package,
    ) -> Result<Package, JobError> {
        let mut wanted = plan.fetch.clone();
        let mut tried = BTreeSet::new();
        while !wanted.is_empty() {
            let mut exposure = Exposure::new();
            let fetched = self
                .fetch_round(sides, &wanted, &package, &mut exposure)
                .await;
            let hides = exposure.values().any(Option::is_some);
            if !exposure.is_empty() {
                package = self.show_anew(&exposure, sides, &package).await?;
            }
            fetched?;
            tried.append(&mut wanted);
            if hides {
                let known = self.known_now(&package).await?;
                wanted = known.to_fetch(sides.registry.tarballs, &sides.wishes);
                wanted.retain(|version| !tried.contains(version));
                let count = wanted.len() as u64;
                self.attempt
                    .progress(|progress| progress.tarballs_total += count);
            }
        }
        Ok(package)
    }

    pub(super) async fn known_now(&self, package: &Package) -> Result<Known, JobError> {
        let db = self.environment.db.read();
        let listed = versions::listed(db, package.id, package.revision).await?;
        let blocks = blocks::list(db, &package.name).await?;
        Ok(Known::now(listed, package.head.dist_tags.clone(), &blocks))
    }

    /// Fetches each of `wanted` and records what is proven, also what was before a failure.
    async fn fetch_round(
        &mut self,
        sides: &Sides,
        wanted: &BTreeSet<Version>,
        package: &Package,
        exposure: &mut Exposure,
    ) -> Result<(), JobError> {
        let (environment, attempt) = (self.environment, self.attempt);
        let db = environment.db.read();
        let outlines = versions::outlines_of(db, package.id, package.revision, wanted).await?;
        let hidden: BTreeSet<Version> = outlines
            .iter()
            .filter(|outline| outline.quarantine.is_some())
            .map(|outline| outline.version.clone())
            .collect();
        let mut fetches = pin!(fetches(environment, attempt, &sides.registry, outlines));
        let mut group = Group::default();
        // One group is recorded while the next one comes in.
        let mut recording: Option<BoxFuture<'_, _>> = None;
        let (mut is_over, mut outcome) = (false, Ok(()));
        loop {
            if recording.is_none() && !group.is_empty() && (group.is_full() || is_over) {
                let full = std::mem::take(&mut group);
                recording = Some(full.record(environment, attempt, package.id).boxed());
            }
            if recording.is_none() && is_over {
                return outcome;
            }
            tokio::select! {
                recorded = recorded(&mut recording) => {
                    recording = None;
                    self.tell_recorded(recorded?, &hidden, exposure).await;
                }
                fetched = fetches.next(), if !is_over && !group.is_full() => match fetched {
                    None => is_over = true,
                    Some(Err(error)) => (is_over, outcome) = (true, Err(error)),
                    Some(Ok(Fetched::Late(version, error))) => {
                        outcome = outcome.and(self.do_without(&version, error).await);
                    }
                    Some(Ok(Fetched::Proven(proven))) => group.add(proven),
                    Some(Ok(Fetched::Unavailable(warning))) => self.warn(warning).await,
                    Some(Ok(Fetched::Unfit(version, why))) => {
                        self.warn(format!("Version {version} {why}")).await;
                        // One that is hidden already stays so; nothing shown changes.
                        if !hidden.contains(&version) {
                            exposure.insert(version, Some(why));
                        }
                    }
                },
                () = group.due(), if recording.is_none() => {
                    let due = std::mem::take(&mut group);
                    recording = Some(due.record(environment, attempt, package.id).boxed());
                }
            }
        }
    }

    /// Says that a tarball did not come; an error is worth another run.
    async fn do_without(&mut self, version: &Version, why: JobError) -> Result<(), JobError> {
        let text = format!(
            "Version {version}: its tarball does not come: {}",
            why.message
        );
        if self.attempt.is_last {
            self.warn(format!("{text}; it is fetched when it is asked for"))
                .await;
            return Ok(());
        }
        self.attempt.warn(text).await;
        Err(why)
    }

    async fn tell_recorded(
        &mut self,
        recorded: Vec<(Version, u64)>,
        hidden: &BTreeSet<Version>,
        exposure: &mut Exposure,
    ) {
        for (version, bytes) in recorded {
            let size = readable_size(bytes);
            self.attempt
                .info(format!("Tarball of {version} verified and stored ({size})"))
                .await;
            self.report.tarballs_stored += 1;
            self.report.tarball_bytes += bytes;
            self.attempt
                .progress(|progress| progress.tarballs_done += 1);
            if hidden.contains(&version) {
                exposure.insert(version, None);
            }
        }
    }
}

/// Waits for the group that is being recorded, for ever if there is none.
async fn recorded<T>(recording: &mut Option<BoxFuture<'_, T>>) -> T {
    match recording {
        Some(recording) => recording.await,
        None => std::future::pending().await,
    }
}
