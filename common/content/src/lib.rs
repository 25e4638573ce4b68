//! Puts verified bytes in and finds them again: tarballs and rendered documents.
//!
//! The worker holds tarballs and renders first; the API fetches lazy tarballs and renders
//! for further public bases. Both go through here, so that there is one order of steps
//! between an upstream's byte and a row that refers to it:
//! stream → hash → compare → announce → sync, rename, sync folder → record.

mod documents;
mod encode;
mod erase;
mod error;
mod examine;
mod fetch;
mod figures;
mod flight;
mod keep;
mod lazy;
mod lease;
mod logs;
mod pace;
mod proof;
mod registries;
mod statements;

use std::sync::Arc;

use tokio::sync::Semaphore;
use weir_blob::Blobs;
use weir_domain::WorkerId;
use weir_runtime::Sealer;
use weir_store::Db;
use weir_upstream::Upstreams;

pub use documents::{BASES_SETTING, Shown};
pub use erase::DELETION_LAPSES;
pub use error::ContentError;
pub use examine::Finding;
pub use fetch::{TarballSource, Verified};
pub use flight::{Bodies, Flight, Flights};
pub use lazy::{Offer, Tarball};
pub use pace::Pace;

/// The way in and out of stored bytes; cheap to clone.
#[derive(Debug, Clone)]
pub struct Content {
    /// Rows.
    pub db: Db,
    /// Bytes.
    pub blobs: Blobs,
    /// Where bytes come from.
    pub upstreams: Upstreams,
    flights: Flights,
    /// Opens the credentials of registries.
    sealer: Arc<Sealer>,
    /// Whether lazy tarballs are fetched when somebody asks.
    asks_upstream: bool,
    /// Who fetches lazy tarballs, to other processes.
    holder: WorkerId,
    /// Renderings at once: each keeps a core busy.
    renderers: Arc<Semaphore>,
}

impl Content {
    /// Joins the three.
    pub fn new(db: Db, blobs: Blobs, upstreams: Upstreams) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, |n| n.get().max(2));
        Self {
            db,
            blobs,
            upstreams,
            flights: Flights::default(),
            sealer: Arc::default(),
            asks_upstream: true,
            holder: WorkerId::new(),
            renderers: Arc::new(Semaphore::new(cores)),
        }
    }

    /// Takes what opens the credentials of registries; without it, those that have some are not
    /// asked.
    #[must_use]
    pub fn opening_with(mut self, sealer: Arc<Sealer>) -> Self {
        self.sealer = sealer;
        self
    }

    /// Says whether lazy tarballs are fetched when somebody asks; if not, they are not there.
    #[must_use]
    pub fn asking_upstream(mut self, asks_upstream: bool) -> Self {
        self.asks_upstream = asks_upstream;
        self
    }
}
