//! Clients of the servers we copy from, and the one policy they all obey.
//!
//! Every byte that enters weir from outside comes through [`Upstreams`]: one address guard,
//! one redirect loop, one set of time and size limits, one limiter a host. A protocol is a
//! module (`npm`, `github`) that says what to ask for and how to read the answer; it never
//! touches the HTTP library. Nothing here writes to the database or the blob store.

pub mod catalogue;
mod client;
mod config;
mod error;
mod github;
pub mod guard;
pub mod limit;
mod local;
pub mod npm;
mod traffic;

use std::sync::Arc;

use weir_domain::{Clock, Registry};

use crate::{
    client::{CATALOGUE, Client, Home},
    guard::{Lookup, SystemLookup},
    limit::{HostKey, HostLimiter, LocalLimiter},
};

pub use crate::{
    client::Authorization,
    config::{HostLimits, InvalidConfig, Sizes, Timeouts, UpstreamConfig},
    error::{Phase, Place, UpstreamError},
    github::{
        Departure, DeviceCode, DeviceProgress, Github, GithubApp, GithubError, Person, PersonToken,
        Return,
    },
    local::{LineStream, LocalClient, LocalError, LocalServer, LoginStep, local_client},
    npm::{
        DAYS_AT_ONCE, FetchedPackument, ManifestBatches, NpmRegistry, PackumentReply, Statement,
        TarballBody, Validators,
    },
    traffic::{HostReport, OTHER_HOSTS},
};

/// The upstreams of this process: connections, limits and breakers are shared by clones.
#[derive(Debug, Clone)]
pub struct Upstreams(Arc<Client>);

/// What an embedding process may replace.
#[derive(Debug)]
pub struct Seams {
    /// Tells the time for `Retry-After` dates.
    pub clock: Arc<dyn Clock>,
    /// Shared between workers, or this process's own.
    pub limiter: Arc<dyn HostLimiter>,
    /// Turns host names into addresses; what it answers is still judged by the guard.
    pub lookup: Arc<dyn Lookup>,
}

impl Seams {
    /// Returns the seams of a process that shares nothing.
    pub fn local(config: &UpstreamConfig, clock: Arc<dyn Clock>) -> Self {
        Self {
            limiter: Arc::new(LocalLimiter::new(config.hosts, Arc::clone(&clock))),
            lookup: Arc::new(SystemLookup),
            clock,
        }
    }
}

impl Upstreams {
    /// Builds the clients; reads the extra roots and the system's.
    ///
    /// # Errors
    /// Says which setting cannot be used.
    pub fn new(config: UpstreamConfig, clock: Arc<dyn Clock>) -> Result<Self, InvalidConfig> {
        let seams = Seams::local(&config, clock);
        Self::with_seams(config, seams)
    }

    /// Builds the clients around a limiter, a clock and a resolver of the caller's.
    ///
    /// # Errors
    /// Says which setting cannot be used.
    pub fn with_seams(config: UpstreamConfig, seams: Seams) -> Result<Self, InvalidConfig> {
        Client::new(config, seams).map(|client| Self(Arc::new(client)))
    }

    /// Returns what was asked of each host so far, and what came of it.
    pub fn traffic(&self) -> Vec<HostReport> {
        self.0.traffic()
    }

    /// Returns the client of an npm registry.
    pub fn registry(&self, registry: &Registry) -> NpmRegistry {
        NpmRegistry::new(Arc::clone(&self.0), Home::of(registry))
    }

    /// Returns the client of a GitHub, where people sign in.
    pub fn github(&self, app: &GithubApp) -> Github {
        Github::new(Arc::clone(&self.0), app.clone())
    }

    /// Returns the hosts to which no request may begin now, as far as this process knows.
    pub fn closed_hosts(&self) -> Vec<HostKey> {
        self.0.limiter().closed()
    }

    /// Lets requests to a registry's host begin at once, whatever it asked for and however often
    /// it failed: somebody insists.
    pub async fn reopen(&self, registry: &Registry) {
        let host = HostKey::of(&registry.url);
        self.0.limiter().reopen(&host).await;
        self.0.limiter().reopen(&host.apart(CATALOGUE)).await;
    }
}
