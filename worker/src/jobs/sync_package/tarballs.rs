//! Fetches the tarballs a plan wants, several at once, and records them in groups.
//!
//! A group (64 files, 64 MiB or 2 s) shares its syncs and its transaction; a run that dies
//! loses at most one group, and the next finds the rest. A tarball that keeps failing its
//! digest is quarantined: its version is no longer shown.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use weir_content::{ContentError, TarballSource, Verified};
use weir_domain::{Decision, Retryable, Version};
use weir_store::{
    blobs, clock,
    packages::{Package, UpstreamMark},
    versions::{self, VersionOutline},
};

use super::{Sync, is_missing, plan::SyncPlan, read::Sides, readable_size, tags};
use crate::job::JobError;

/// Tarballs of one package fetched at once.
const AT_ONCE: usize = 8;
/// Fetches of a tarball whose bytes do not match, or that breaks off, within one run.
const TRIES: u32 = 3;
/// A group is recorded at this many files …
const GROUP_FILES: usize = 64;
/// … or this many bytes …
const GROUP_BYTES: u64 = 64 << 20;
/// … or when its first file is this old.
const GROUP_AGE: Duration = Duration::from_secs(2);

/// Proven tarballs that are not yet recorded.
struct Group {
    tarballs: Vec<(Version, Verified)>,
    bytes: u64,
    begun: Instant,
}

impl Group {
    fn new() -> Self {
        Self {
            tarballs: Vec::new(),
            bytes: 0,
            begun: Instant::now(),
        }
    }

    fn is_due(&self) -> bool {
        self.tarballs.len() >= GROUP_FILES
            || self.bytes >= GROUP_BYTES
            || (!self.tarballs.is_empty() && self.begun.elapsed() >= GROUP_AGE)
    }
}

impl Sync<'_> {
    pub(super) async fn hold_tarballs(
        &mut self,
        sides: &Sides,
        plan: &SyncPlan,
        package: &Package,
    ) -> Result<(), JobError> {
        if plan.fetch.is_empty() {
            return Ok(());
        }
        let db = self.environment.db.read();
        let outlines = versions::outlines(db, package.id, package.revision).await?;
        let hidden: BTreeSet<Version> = outlines
            .iter()
            .filter(|o| o.quarantine.is_some())
            .map(|o| o.version.clone())
            .collect();
        let wanted = outlines
            .into_iter()
            .filter(|outline| plan.fetch.contains(&outline.version));
        let mut quarantined = hidden.clone();
        let mut group = Group::new();
        let mut failure = None;
        let (environment, attempt, registry) = (self.environment, self.attempt, &sides.registry);
        let mut fetched = stream::iter(wanted)
            .map(|outline| async move {
                let source = TarballSource {
                    registry: registry.clone(),
                    url: outline.tarball_url.clone(),
                    integrity: outline.integrity.clone(),
                };
                let on_bytes = |bytes| attempt.progress(|progress| progress.bytes += bytes);
                let result = fetch(environment, &source, on_bytes).await;
                (outline, result)
            })
            .buffer_unordered(AT_ONCE);
        while let Some((outline, result)) = fetched.next().await {
            match self
                .judge(&outline, result, &mut quarantined, package)
                .await
            {
                Ok(Some(verified)) => {
                    group.bytes += verified.size();
                    group.tarballs.push((outline.version, verified));
                }
                Ok(None) => {}
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
            if group.is_due() {
                self.record_group(
                    std::mem::replace(&mut group, Group::new()),
                    package,
                    &mut quarantined,
                )
                .await?;
            }
        }
        drop(fetched);
        // What was proven before a failure is kept all the same.
        self.record_group(group, package, &mut quarantined).await?;
        if quarantined != hidden {
            self.show_without(&quarantined, sides, package).await?;
        }
        failure.map_or(Ok(()), Err)
    }

    /// Decides what a fetch means: a tarball to record, a warning, or the end of the run.
    async fn judge(
        &mut self,
        outline: &VersionOutline,
        result: Result<Verified, ContentError>,
        quarantined: &mut BTreeSet<Version>,
        package: &Package,
    ) -> Result<Option<Verified>, JobError> {
        let version = &outline.version;
        let warning = match result {
            Ok(verified) => match outline.tarball {
                Some((held, _)) if held != verified.digest() => format!(
                    "Version {version}: upstream's tarball is not the one held, though its digest matches; the held one stays"
                ),
                _ => return Ok(Some(verified)),
            },
            Err(error @ ContentError::Mismatch { .. }) if outline.tarball.is_none() => {
                let (id, hidden, why) = (package.id, version.clone(), error.to_string());
                self.attempt
                    .write(move |tx| {
                        Box::pin(async move { versions::quarantine(tx, id, &hidden, &why).await })
                    })
                    .await?;
                quarantined.insert(version.clone());
                format!("Version {version} is quarantined: {error}")
            }
            Err(error @ (ContentError::Mismatch { .. } | ContentError::Undigested)) => {
                format!("Version {version}: {error}; what the mirror has stays")
            }
            Err(ContentError::Upstream(error))
                if is_missing(&error) || error.decision() == Decision::GiveUp =>
            {
                format!(
                    "Version {version}: its tarball cannot be had ({}): {error}",
                    error.code()
                )
            }
            Err(error) => return Err(error.into()),
        };
        self.warn(warning).await;
        Ok(None)
    }

    async fn record_group(
        &mut self,
        group: Group,
        package: &Package,
        quarantined: &mut BTreeSet<Version>,
    ) -> Result<(), JobError> {
        if group.tarballs.is_empty() {
            return Ok(());
        }
        let (names, verified): (Vec<_>, Vec<_>) = group.tarballs.into_iter().unzip();
        let kept = self.environment.content.keep(verified).await?;
        let (id, held): (_, Vec<_>) = (
            package.id,
            names.iter().cloned().zip(kept.iter().copied()).collect(),
        );
        self.attempt
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    blobs::stored(tx, &kept, now).await?;
                    for (version, blob) in &held {
                        versions::hold(tx, id, version, *blob).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        let (files, bytes) = (u64::try_from(names.len()).unwrap_or(0), group.bytes);
        self.report.tarballs_stored += files;
        self.report.tarball_bytes += bytes;
        self.attempt
            .progress(|progress| progress.tarballs_done += files);
        for version in names {
            quarantined.remove(&version);
            self.attempt
                .info(format!("Tarball of {version} verified and stored"))
                .await;
        }
        self.attempt
            .info(format!(
                "{files} tarballs recorded ({})",
                readable_size(bytes)
            ))
            .await;
        Ok(())
    }

    /// Shows the package anew, because versions were quarantined or came out of it.
    async fn show_without(
        &mut self,
        quarantined: &BTreeSet<Version>,
        sides: &Sides,
        package: &Package,
    ) -> Result<(), JobError> {
        let db = self.environment.db.read();
        let all = versions::outlines(db, package.id, package.revision).await?;
        let shown: BTreeSet<Version> = all
            .into_iter()
            .map(|o| o.version)
            .filter(|v| !quarantined.contains(v))
            .collect();
        let upstream = sides
            .upstream
            .as_ref()
            .map(|upstream| upstream.outline.dist_tags.clone());
        let wanted = upstream.unwrap_or_else(|| {
            package
                .head
                .dist_tags
                .iter()
                .map(|(tag, v)| (tag.clone(), v.to_string()))
                .collect()
        });
        let tags = tags::shown(&wanted, &sides.local.head.dist_tags, &shown);
        for warning in tags.warnings {
            self.warn(warning).await;
        }
        let mut head = package.head.clone();
        head.dist_tags = tags.shown;
        let mark: UpstreamMark = package.upstream.clone();
        self.flip(package, head, mark).await?;
        Ok(())
    }
}

/// Fetches with a few tries for what a second try may mend.
async fn fetch(
    environment: &crate::Environment,
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
