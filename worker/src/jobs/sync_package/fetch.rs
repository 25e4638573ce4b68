//! Fetches single tarballs, and says what came of each.
//!
//! Whether a failure ends the run, is worth another one, or is a fact about one version is
//! decided here, from what upstream or our own disk said.

use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use weir_content::{ContentError, TarballSource, Verified};
use weir_domain::{Decision, Registry, Retryable, Version};
use weir_store::versions::VersionOutline;
use weir_upstream::UpstreamError;

use super::group::Proven;
use crate::{Attempt, Environment, job::JobError};

/// Tarballs of one package fetched at once.
const AT_ONCE: usize = 8;
/// Fetches of a tarball whose bytes do not match, or that breaks off, within one run.
const TRIES: u32 = 3;
/// A host that is closed or crowded for no longer than this is waited for; for longer, the
/// run makes room for others.
const SHORT: Duration = Duration::from_secs(5);
/// Longest time that all short waits for one tarball may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is said of a version whose tarball is beyond the limit.
pub(super) const TOO_LARGE: &str = "is skipped, for its tarball is beyond what is mirrored";

/// What a fetch came to.
pub(super) enum Fetched {
    Proven(Proven),
    /// It is not what may be held, and nothing better is: said as "is quarantined", or so.
    Unfit(Version, String),
    /// It cannot be had; what the mirror has stays.
    Unavailable(String),
    /// It did not come, and may come the next time.
    Late(Version, JobError),
}

/// Fetches each tarball, several at once, in the order in which they come.
pub(super) fn fetches<'a>(
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
            Ok(Fetched::Unfit(version, format!("is quarantined: {error}")))
        }
        ContentError::Upstream(UpstreamError::TooLarge { .. }) if ours.tarball.is_none() => {
            Ok(Fetched::Unfit(version, format!("{TOO_LARGE}: {error}")))
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
        ContentError::Upstream(cause) if matches!(cause.decision(), Decision::Retry(_)) => {
            Ok(Fetched::Late(version, error.into()))
        }
        _ => Err(error.into()),
    }
}

/// Fetches with a few tries for what a second try may mend; waits out what takes seconds.
async fn fetch(
    environment: &Environment,
    source: &TarballSource,
    on_bytes: impl Fn(u64) + Send + Sync,
) -> Result<Verified, ContentError> {
    let (mut tries, mut waited) = (1, Duration::ZERO);
    loop {
        let error = match environment.content.fetch(source, &on_bytes).await {
            Ok(verified) => return Ok(verified),
            Err(error) => error,
        };
        let pause = match &error {
            ContentError::Upstream(upstream) => match upstream.decision() {
                Decision::Wait(wait) if wait <= SHORT && waited < PATIENCE => {
                    tokio::time::sleep(wait).await;
                    waited += wait;
                    continue;
                }
                Decision::Retry(None) => environment.settings.backoff.pause(tries),
                _ => return Err(error),
            },
            ContentError::Mismatch { .. } => environment.settings.backoff.pause(tries),
            _ => return Err(error),
        };
        if tries == TRIES {
            return Err(error);
        }
        tokio::time::sleep(pause).await;
        tries += 1;
    }
}
