//! Politeness and self-protection, one host at a time.
//!
//! A [`HostLimiter`] hands out permits: so many at once, so many a second, none while the
//! host asked to be left alone (`Retry-After`) or while its breaker is open. Waiting for one
//! is bounded, and a refusal says when to come back, so that a task gives its slot to
//! another. The trait is the seam for a limiter that all workers share.

mod breaker;
mod bucket;
mod local;

use std::{any::Any, fmt, time::Duration};

use async_trait::async_trait;
use url::Url;

pub use local::{LocalLimiter, Place};

/// What a limit applies to: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostKey(String);

impl HostKey {
    /// Takes the origin of a URL.
    pub fn of(url: &Url) -> Self {
        Self(url.origin().ascii_serialization())
    }

    /// Returns a key of its own for some of what is asked there, so that it is not held against
    /// the rest.
    #[must_use]
    pub fn apart(&self, what: &str) -> Self {
        Self(format!("{}#{what}", self.0))
    }

    /// Returns `scheme://host[:port]`, and behind `#` what of it is meant.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The right to one request, until dropped: after the last byte of its body.
pub struct Permit(#[expect(dead_code, reason = "held for its drop")] Box<dyn Any + Send + Sync>);

impl Permit {
    /// Wraps whatever gives the place back when dropped.
    pub fn new(place: impl Any + Send + Sync) -> Self {
        Self(Box::new(place))
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Permit")
    }
}

/// No permit for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// When to try again.
    pub wait: Duration,
    /// The reason, as half a sentence.
    pub why: &'static str,
}

impl Closed {
    /// The host said until when.
    pub const ASKED: &str = "it asked us to wait";
    /// Its breaker is open.
    pub const BROKEN: &str = "it failed many times in a row";
    /// Its breaker is half open, and another request is the probe.
    pub const PROBED: &str = "it is being probed after failures";
    /// All places are taken.
    pub const CROWDED: &str = "too many requests to it are under way";
    /// No token is due soon enough.
    pub const FAST: &str = "too many requests to it began just now";
}

/// What a permitted request met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The host answered, whatever it said.
    Answered,
    /// It failed: no connection, no headers in time, or 5xx.
    Failed,
    /// It asked to be left alone for this long.
    AskedToWait(Duration),
}

/// Decides who may knock on which host, and when.
#[async_trait]
pub trait HostLimiter: Send + Sync + fmt::Debug {
    /// Waits, within bounds, for the right to one request.
    ///
    /// # Errors
    /// [`Closed`] says when to come back.
    ///
    /// # Cancel safety
    /// Dropping the future takes no place.
    async fn acquire(&self, host: &HostKey) -> Result<Permit, Closed>;

    /// Tells what the request met, as soon as its headers are known.
    async fn report(&self, host: &HostKey, outcome: Outcome);

    /// Returns the hosts to which no request may begin now, as far as this process knows: they
    /// asked for peace, their breaker is open, or one request is probing them. Waits for nobody.
    fn closed(&self) -> Vec<HostKey>;

    /// Forgets that a host asked for peace, or failed: somebody insists.
    async fn reopen(&self, host: &HostKey);
}
