//! Fetches the tarballs a plan wants, several at once, while what is proven is recorded.
//!
//! A tarball that keeps failing its digest is quarantined: its version is no longer shown,
//! and what would have been chosen without it is fetched in the next round.

use std::{collections::BTreeSet, pin::pin};

use futures::{FutureExt, Stream, StreamExt, future::BoxFuture, stream};
use weir_content::{ContentError, TarballSource, Verified};
use weir_domain::{Decision, Registry, Retryable, Version};
use weir_store::{
    packages::Package,
    versions::{self, VersionOutline},
};

use super::{
    Sync,
    exposure::Exposure,
    group::{Group, Proven},
    known::Known,
    plan::SyncPlan,
    read::Sides,
    tell::readable_size,
};
use crate::{Attempt, Environment, job::JobError};

/// Tarballs of one package fetched at once.
const AT_ONCE: usize = 8;
/// Fetches of a tarball whose bytes do not match, or that breaks off, within one run.
const TRIES: u32 = 3;

/// What a fetch came to.
enum Fetched {
    Proven(Proven),
    /// The bytes are not those promised, and nothing better is held.
    Broken(Version, String),
    /// It cannot be had; what the mirror has stays.
    Unavailable(String),
}

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
        Ok(Known::now(listed, package.head.dist_tags.clone()))
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
                    Some(Ok(Fetched::Proven(proven))) => group.add(proven),
                    Some(Ok(Fetched::Unavailable(warning))) => self.warn(warning).await,
                    Some(Ok(Fetched::Broken(version, why))) => {
                        self.warn(format!("Version {version} is quarantined: {why}")).await;
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

/// Fetches each tarball, several at once, in the order in which they come.
fn fetches<'a>(
    environment: &'a Environment,
    attempt: &'a Attempt,
    registry: &'a Registry,
    outlines: Vec<VersionOutline>,
) -> impl Stream<Item = Result<Fetched, JobError>> + 'a {
    let fetches = outlines.into_iter().map(move |outline| async move {
        let source = TarballSource {
            registry: registry.clone(),
            url: outline.tarball_url.clone(),
            integrity: outline.integrity.clone(),
        };
        let on_bytes = |bytes| attempt.progress(|progress| progress.bytes += bytes);
        let result = fetch(environment, &source, on_bytes).await;
        judge(outline, result)
    });
    stream::iter(fetches).buffer_unordered(AT_ONCE)
}

/// Decides what a fetch means; an error ends the run.
fn judge(
    ours: VersionOutline,
    result: Result<Verified, ContentError>,
) -> Result<Fetched, JobError> {
    let version = ours.version;
    let error = match result {
        Ok(bytes) => {
            let held = ours.tarball.map(|(digest, _)| digest);
            if held.is_some_and(|held| held != bytes.digest()) {
                return Ok(Fetched::Unavailable(format!(
                    "Version {version}: upstream's tarball is not the one held, though its digest \
                     matches; the held one stays"
                )));
            }
            return Ok(Fetched::Proven(Proven {
                version,
                promised: ours.integrity,
                bytes,
            }));
        }
        Err(error) => error,
    };
    match &error {
        ContentError::Mismatch { .. } if ours.tarball.is_none() => {
            Ok(Fetched::Broken(version, error.to_string()))
        }
        ContentError::Mismatch { .. } | ContentError::Undigested => Ok(Fetched::Unavailable(
            format!("Version {version}: {error}; what the mirror has stays"),
        )),
        ContentError::Upstream(cause) if cause.decision() == Decision::GiveUp => {
            let code = cause.code();
            Ok(Fetched::Unavailable(format!(
                "Version {version}: its tarball cannot be had ({code}): {error}"
            )))
        }
        _ => Err(error.into()),
    }
}

/// Fetches with a few tries for what a second try may mend.
async fn fetch(
    environment: &Environment,
    source: &TarballSource,
    on_bytes: impl Fn(u64) + Send + std::marker::Sync,
) -> Result<Verified, ContentError> {
    let mut tries = 1;
    loop {
        let error = match environment.content.fetch(source, &on_bytes).await {
            Ok(verified) => return Ok(verified),
            Err(error) => error,
        };
        let may_mend = matches!(error, ContentError::Mismatch { .. })
            || matches!(&error, ContentError::Upstream(upstream) if upstream.decision() == Decision::Retry(None));
        if !may_mend || tries == TRIES {
            return Err(error);
        }
        tokio::time::sleep(environment.settings.backoff.pause(tries)).await;
        tries += 1;
    }
}
