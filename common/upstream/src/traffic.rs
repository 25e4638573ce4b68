//! How much this process asked of whom, and what came of it: counts, for figures.
//!
//! Hosts are those of registries, which an operator names. Whatever else upstream documents
//! lead to (tarballs elsewhere, redirects) is counted as one, so the list stays short.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use url::Url;

use crate::{UpstreamError, client::Home, limit::HostKey};

/// Stands for every host that is no registry's own.
pub const OTHER_HOSTS: &str = "other";
/// Most registries counted apart.
const MAX_HOSTS: usize = 100;

macro_rules! endings {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// How a request ended, as far as its headers tell.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Ending { $($(#[$doc])* $name,)* }

        impl Ending {
            const ALL: &[Self] = &[$(Self::$name,)*];

            fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

endings! {
    /// With what was asked for, or that it is unchanged.
    Answered = "answered",
    /// With another address.
    Redirected = "redirected",
    /// There is no such thing.
    NotFound = "not_found",
    /// It may not be had.
    Refused = "refused",
    /// It asked for peace.
    Busy = "busy",
    /// A fault of the host.
    Failed = "failed",
    /// Nobody answered.
    Unreachable = "unreachable",
    /// Nobody answered in time.
    TimedOut = "timed_out",
    /// We did not ask: the host is left alone for now.
    HeldBack = "held_back",
    /// Anything else.
    Invalid = "invalid",
}

impl Ending {
    pub(crate) fn of(error: &UpstreamError) -> Self {
        match error {
            UpstreamError::NotFound { .. } => Self::NotFound,
            UpstreamError::Refused { .. } => Self::Refused,
            UpstreamError::Busy { .. } => Self::Busy,
            UpstreamError::Failed { .. } => Self::Failed,
            UpstreamError::Unreachable { .. } => Self::Unreachable,
            UpstreamError::TimedOut { .. } => Self::TimedOut,
            UpstreamError::HostClosed { .. } => Self::HeldBack,
            _ => Self::Invalid,
        }
    }
}

/// What is counted of a host.
#[derive(Debug)]
pub(crate) struct HostTraffic {
    endings: Box<[AtomicU64]>,
    received_bytes: AtomicU64,
}

impl HostTraffic {
    pub(crate) fn ended(&self, ending: Ending) {
        let place = Ending::ALL.iter().position(|known| *known == ending);
        if let Some(count) = place.and_then(|place| self.endings.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn received(&self, bytes: u64) {
        self.received_bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Default for HostTraffic {
    fn default() -> Self {
        Self {
            endings: Ending::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
            received_bytes: AtomicU64::new(0),
        }
    }
}

/// The counts of all hosts.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    hosts: Mutex<BTreeMap<HostKey, Arc<HostTraffic>>>,
    others: Arc<HostTraffic>,
}

impl Traffic {
    /// Returns where a request to `url` on behalf of `home` is counted.
    pub(crate) fn of(&self, home: &Home, url: &Url) -> Arc<HostTraffic> {
        if url.origin() != home.url.origin() {
            return Arc::clone(&self.others);
        }
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = HostKey::of(url);
        if hosts.len() >= MAX_HOSTS && !hosts.contains_key(&key) {
            return Arc::clone(&self.others);
        }
        Arc::clone(hosts.entry(key).or_default())
    }

    /// Returns what was counted; `is_closed` says of a host whether it is left alone now.
    pub(crate) fn read(&self, is_closed: impl Fn(&HostKey) -> bool) -> Vec<HostReport> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = hosts
            .iter()
            .map(|(key, traffic)| report(key.as_str(), traffic, is_closed(key)));
        let others = report(OTHER_HOSTS, &self.others, false);
        known.chain([others]).collect()
    }
}

/// What was counted of a host since the start of the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostReport {
    /// Scheme, host and port of a registry, or [`OTHER_HOSTS`].
    pub host: String,
    /// Requests by how they ended.
    pub requests: Vec<(&'static str, u64)>,
    /// Bytes of bodies received.
    pub received_bytes: u64,
    /// Whether it is left alone now: it asked for that, or failed many times in a row.
    pub is_closed: bool,
}

fn report(host: &str, traffic: &HostTraffic, is_closed: bool) -> HostReport {
    let counts = traffic.endings.iter().map(|n| n.load(Ordering::Relaxed));
    HostReport {
        host: host.to_owned(),
        requests: Ending::ALL.iter().map(|e| e.as_str()).zip(counts).collect(),
        received_bytes: traffic.received_bytes.load(Ordering::Relaxed),
        is_closed,
    }
}
