//! Pull-through: a read of what is missing or old has upstream asked for it.
//!
//! There is no second way in: a pull is an ordinary sync task of priority `interactive`,
//! without dependencies and tarballs, which everybody joins who wants the same; so one read
//! of upstream serves any number of readers in any number of processes. Here is who may
//! cause one, and the waiting: for the document, never for the task's end.

mod ask;
mod freshness;
mod join;

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use tokio::time::Instant;
use weir_domain::{PackageName, RegistryId, Timestamp};
use weir_store::{
    StoreError, clock,
    packages::{self, Place},
    registries, scopes,
};

pub(crate) use self::freshness::{Freshness, Staleness};
use self::join::{Joint, Outcome};
use crate::{
    app::Running,
    error::{ApiError, ApiResult, Code},
    limits::network,
    visit::Visit,
};

/// How long a reader waits for a document: longer than a slow upstream takes, shorter than
/// clients and proxies keep a connection without a byte.
const PATIENCE: Duration = Duration::from_secs(25);
/// What upstream said this recently is not asked again, whatever is missing from it.
const RECENT: Duration = Duration::from_secs(5);
/// When to come back, in seconds, if nobody knows better.
const COME_BACK_SECS: u64 = 5;
/// Packages whose age is remembered; one forgotten is looked up again.
const REMEMBERED: u64 = 100_000;

/// What this process knows of pulls.
#[derive(Debug)]
pub(crate) struct Pulls {
    joint: Joint,
    ages: Cache<String, Arc<Freshness>>,
}

impl Default for Pulls {
    fn default() -> Self {
        Self {
            joint: Joint::default(),
            ages: Cache::new(REMEMBERED),
        }
    }
}

impl Pulls {
    /// Returns what is known of the age of a package; all its documents share it.
    fn freshness(&self, name: &PackageName) -> Arc<Freshness> {
        self.ages.get_with_by_ref(name.as_str(), Arc::default)
    }
}

/// What a reader wants of upstream.
#[derive(Debug, Clone)]
struct Wish {
    name: PackageName,
    registry: RegistryId,
    /// The reader's address: nobody's many names make another's one wait.
    from: String,
    request_id: String,
}

impl Wish {
    fn new(visit: &Visit, name: &PackageName, registry: RegistryId) -> Self {
        Self {
            name: name.clone(),
            registry,
            from: network(visit.found.client).to_string(),
            request_id: visit.found.request_id.as_str().to_owned(),
        }
    }
}

/// Has upstream asked for a package that lacks what a reader wants, and waits until what it
/// says is visible. Once this returned, what is still missing is not there.
///
/// Does nothing where reads ask nobody, for names that stay here, and if upstream was asked
/// a moment ago.
///
/// # Errors
/// 503 if it cannot be found out now whether upstream has it.
pub(crate) async fn renew(visit: &Visit, name: &PackageName) -> ApiResult<()> {
    let running = visit.running();
    if !may_leave(running, name).await? {
        return Ok(());
    }
    let place = packages::find_place(running.reader(), name).await?;
    let Some(registry) = source(running, (name, place)).await? else {
        return Ok(());
    };
    let wish = Wish::new(visit, name, registry);
    let deadline = Instant::now() + PATIENCE;
    // What upstream said since the request arrived is as good: on a busy machine that is long ago.
    let recently = clock::now(running.reader()).await?.minus(RECENT);
    let since = recently.min(visit.found.arrived_at);
    let before = shown_since(place);
    let mut shown = before;
    // Who joins late may get what upstream said before it was wanted; the next time is ours.
    for _ in 0..2 {
        if shown.is_some_and(|at| before.is_none() || at >= since) {
            return Ok(());
        }
        let pull = running.pulls.joint.join(running, &wish);
        let outcome = tokio::time::timeout_at(deadline, pull).await;
        match outcome.unwrap_or(Outcome::Unknown(None)) {
            Outcome::Answered => shown = checked_at(running, name).await?,
            Outcome::Missing => return Ok(()),
            Outcome::Unknown(wait) => return Err(unknown(name, wait)),
            Outcome::Crowded => return Err(crowded()),
        }
    }
    Ok(())
}

/// Takes over what a package's row says of its age, and has it renewed if it is too old; whoever
/// reads it now does not wait for that. Returns by what the age is told, if it has one.
pub(crate) async fn look(
    visit: &Visit,
    name: &PackageName,
    (registry, checked_at): (Option<RegistryId>, Option<Timestamp>),
) -> Option<Arc<Freshness>> {
    let running = visit.running();
    let settings = &running.app.settings;
    let registry = registry.filter(|_| settings.sync_mode.pulls())?;
    let freshness = running.pulls.freshness(name);
    let max_age = settings.packument_max_age;
    freshness.set(checked_at.unwrap_or_default().plus(max_age));
    if freshness.take_turn(running.now(), max_age) {
        let refreshed = async {
            if may_leave(running, name).await? {
                ask::refresh(running, &Wish::new(visit, name, registry)).await?;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = refreshed.await {
            tracing::warn!(package.name = %name, error = &error as &dyn std::error::Error,
                "nobody could be asked to renew an old packument");
        }
    }
    Some(freshness)
}

/// Returns when upstream last confirmed what is shown; nothing if nothing is.
async fn checked_at(
    running: &Running,
    name: &PackageName,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(shown_since(
        packages::find_place(running.reader(), name).await?,
    ))
}

fn shown_since(place: Option<Place>) -> Option<Timestamp> {
    let shown = place.filter(|place| place.revision > 0);
    shown.map(|place| place.checked_at.unwrap_or_default())
}

/// Returns the registry that a read may ask for a package that stands there, if there is one.
async fn source(
    running: &Running,
    (name, place): (&PackageName, Option<Place>),
) -> Result<Option<RegistryId>, StoreError> {
    if let Some(place) = place {
        // Without a registry it is our own, and no upstream's business.
        return Ok(place.registry);
    }
    if let Some(home) = scopes::home(running.reader(), name).await? {
        return Ok(Some(home));
    }
    let default = registries::find_by_slug(running.reader(), registries::DEFAULT_SLUG).await?;
    Ok(default.map(|registry| registry.id))
}

/// Says whether a reader's name may be told to an upstream.
async fn may_leave(running: &Running, name: &PackageName) -> Result<bool, StoreError> {
    if !running.app.settings.sync_mode.pulls() || !name.may_be_upstream() {
        return Ok(false);
    }
    let private = scopes::private(running.reader()).await?;
    Ok(!scopes::covers(&private, name))
}

fn unknown(name: &PackageName, wait: Option<Duration>) -> ApiError {
    let wait = wait.map_or(COME_BACK_SECS, |wait| wait.as_secs().max(1));
    let sentence = format!("The upstream does not say whether it has {name}; try again later");
    ApiError::new(Code::UpstreamUnavailable, sentence)
        .with_header(http::header::RETRY_AFTER, wait.to_string())
}

fn crowded() -> ApiError {
    let sentence = "Too many packages are being asked for; try again later";
    ApiError::new(Code::UpstreamUnavailable, sentence)
        .with_header(http::header::RETRY_AFTER, COME_BACK_SECS.to_string())
}
