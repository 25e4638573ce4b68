//! Every limit an upstream request obeys, as plain fields with the defaults of production.
//!
//! Tests shorten the times and shrink the sizes; nothing in this crate has a limit that is
//! not a field here.

use std::{path::PathBuf, time::Duration};

use url::Url;

use crate::{catalogue::CatalogueLimits, client::Side};

/// Settings of all upstream clients of a process.
#[derive(Debug, Clone)]
pub struct UpstreamConfig {
    /// What we call ourselves.
    pub user_agent: String,
    /// PEM file of further trusted roots, beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Proxy for everything but internal registries; environment variables are ignored.
    pub outgoing_proxy: Option<Url>,
    /// Folder for documents too large for memory; made when first needed.
    pub spool_folder: PathBuf,
    /// How long we wait.
    pub timeouts: Timeouts,
    /// How much we accept.
    pub sizes: Sizes,
    /// How hard we knock on one host.
    pub hosts: HostLimits,
    /// How many redirects are followed.
    pub max_redirects: usize,
    /// What sources of the catalogue are allowed beyond that.
    pub catalogue: CatalogueLimits,
}

impl UpstreamConfig {
    /// Returns the defaults, with large documents spooled to `spool_folder`.
    pub fn new(spool_folder: impl Into<PathBuf>) -> Self {
        Self {
            user_agent: concat!("weir/", env!("CARGO_PKG_VERSION")).to_owned(),
            ca_file: None,
            outgoing_proxy: None,
            spool_folder: spool_folder.into(),
            timeouts: Timeouts::default(),
            sizes: Sizes::default(),
            hosts: HostLimits::default(),
            max_redirects: 5,
            catalogue: CatalogueLimits::default(),
        }
    }

    /// Returns how long a request on that side may take.
    pub(crate) fn timeouts_of(&self, side: Side) -> &Timeouts {
        match side {
            Side::Listings => &self.catalogue.listing,
            _ => &self.timeouts,
        }
    }
}

/// How long each part of a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name look-up, TCP and TLS together.
    pub connect: Duration,
    /// From sending the request to the end of the answer's headers, connecting included.
    pub headers: Duration,
    /// Between two pieces of the body.
    pub silence: Duration,
    /// The stretch of waiting over which the least rate is judged.
    pub rate_window: Duration,
    /// Least rate of a body, over a whole window of waiting for it.
    pub min_bytes_per_second: u64,
    /// Longest believed `Retry-After`.
    pub max_retry_after: Duration,
    /// How long a host that says 429 without `Retry-After` is left alone.
    pub default_retry_after: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_secs(30),
            silence: Duration::from_secs(30),
            rate_window: Duration::from_secs(30),
            min_bytes_per_second: 1024,
            max_retry_after: Duration::from_mins(15),
            default_retry_after: Duration::from_secs(30),
        }
    }
}

/// How much of anything we accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// A packument, decoded. The largest seen in the wild has 109 MB.
    pub packument_bytes: u64,
    /// One manifest in a packument, decoded; a version with a larger one is left out.
    pub value_bytes: u64,
    /// All root fields of a packument together, versions and times aside, and any one value
    /// whatever it is; bounds the memory of a parse.
    pub root_bytes: u64,
    /// Versions of a packument, and entries of its `time`. The most seen in the wild is 27,708.
    pub entries: usize,
    /// What a packument may take of memory before it goes to a file, as received.
    pub spool_memory_bytes: usize,
    /// A tarball.
    pub tarball_bytes: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            packument_bytes: 512 << 20,
            value_bytes: 8 << 20,
            root_bytes: 32 << 20,
            entries: 200_000,
            spool_memory_bytes: 4 << 20,
            tarball_bytes: 4 << 30,
        }
    }
}

/// How hard one process knocks on one host; with a limiter that all share, rate and breaker are
/// those of all processes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostLimits {
    /// Requests under way, bodies included.
    pub max_concurrent: usize,
    /// Requests begun a second, in the long run.
    pub requests_per_second: u32,
    /// Requests that may begin at once after a pause.
    pub burst: u32,
    /// Longest wait for a permit; then the task gives its slot back.
    pub max_wait: Duration,
    /// Failures in a row that open the breaker.
    pub failures_to_open: u32,
    /// How long it stays open at first; doubled at each failed probe.
    pub open_for: Duration,
    /// Longest time it stays open.
    pub max_open_for: Duration,
}

impl Default for HostLimits {
    fn default() -> Self {
        Self {
            max_concurrent: 64,
            requests_per_second: 2_000,
            burst: 4_000,
            max_wait: Duration::from_secs(5),
            failures_to_open: 10,
            open_for: Duration::from_secs(5),
            max_open_for: Duration::from_mins(1),
        }
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidConfig {
    /// The file of further roots cannot be read or holds no certificate.
    #[error("the CA file {path} cannot be used: {why}")]
    CaFile {
        /// As configured.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The proxy's URL is not one.
    #[error("the outgoing proxy is http(s)://host[:port]: {0}")]
    Proxy(String),
    /// The HTTP library refuses the settings.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}
