//! What the HTTP process is given, and what it keeps beside that while it runs.
//!
//! [`App`] is put together by whoever starts the process. [`Running`] is what operations
//! see: the same handles, the caches, the list of public bases. It comes to them with the
//! request, in a [`crate::visit::Visit`].

use std::{
    ops::Deref,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use tokio_util::sync::CancellationToken;
use weir_blob::Blobs;
use weir_config::Shares;
use weir_content::Content;
use weir_domain::{
    Clock, PublicBase, SyncMode, Timestamp,
    token::{PREFIX, TokenSecret},
};
use weir_queue::Hub;
use weir_runtime::{Metrics, Room, Sealer};
use weir_store::{ConnectionTrait, Topic, tasks::FairQueue};
use weir_upstream::GithubApp;

use crate::{
    auth::{OpenAnswers, TokenCache},
    base::Bases,
    limits::{Buckets, Seats, Who},
    metrics::Traffic,
    packages::{Encoder, Shelf, Turns},
    passwords::Passwords,
    pull::Pulls,
    search::Searches,
    serve::Limits,
    system::Looks,
    task_logs::Tailers,
};

/// Everything the process is given.
#[derive(Debug, Clone)]
pub struct App {
    /// The database, the stored bytes, and the way in for bytes not stored yet.
    pub content: Content,
    /// Hints, between the parts of the process and from others.
    pub hub: Hub,
    /// The order among those who ask for work.
    pub fair: Arc<FairQueue>,
    /// The time, for what never meets a row.
    pub clock: Arc<dyn Clock>,
    /// Where figures are gathered; those of serving are added.
    pub metrics: Metrics,
    /// What an operator may choose.
    pub settings: Settings,
}

/// What an operator may choose about the HTTP process.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct Settings {
    /// The addresses clients know us by; if empty, the listener's own.
    pub public_urls: Vec<PublicBase>,
    /// What the text of new tokens begins with.
    pub token_prefix: String,
    /// Whether anybody may ask for a sync without signing in.
    pub allows_anonymous_sync: bool,
    /// Whether anybody may become a user.
    pub allows_registration: bool,
    /// What seals secrets that must be read again.
    pub sealer: Arc<Sealer>,
    /// Who may cause a request to an upstream.
    pub sync_mode: SyncMode,
    /// Whether the configuration names the registry `default`.
    pub has_upstream: bool,
    /// How long a worker's lease lasts, as everybody is configured.
    pub lease: Duration,
    /// How old a packument may be before a read has it renewed.
    pub packument_max_age: Duration,
    /// Whether readers of a stored tarball are sent to the bucket it is in.
    pub redirects_tarballs: bool,
    /// Whether anybody may read figures.
    pub shows_metrics: bool,
    /// Most bytes of documents and small tarballs kept in memory.
    pub cache_bytes: u64,
    /// The disks that are written to.
    pub room: Room,
    /// What is granted to connections.
    pub limits: Limits,
    /// What each caller may have.
    pub shares: Shares,
    /// Where people may sign in with GitHub, if anywhere.
    pub github: Option<GithubApp>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_urls: Vec::new(),
            token_prefix: PREFIX.to_owned(),
            allows_anonymous_sync: false,
            allows_registration: false,
            sealer: Arc::default(),
            sync_mode: SyncMode::default(),
            has_upstream: false,
            lease: Duration::from_secs(30),
            packument_max_age: Duration::from_secs(300),
            redirects_tarballs: false,
            shows_metrics: false,
            cache_bytes: 128 * 1024 * 1024,
            room: Room::new([], 0),
            limits: Limits::default(),
            shares: Shares::default(),
            github: None,
        }
    }
}

/// The process while it serves; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Running(Arc<State>);

/// What [`Running`] holds.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) app: App,
    pub(crate) bases: Bases,
    pub(crate) shelf: Shelf,
    pub(crate) rendering: Turns,
    /// Who asks an upstream for a statement; whoever waits for it renders meanwhile.
    pub(crate) asking: Turns,
    pub(crate) encoder: Encoder,
    pub(crate) pulls: Pulls,
    pub(crate) tokens: TokenCache,
    pub(crate) open_answers: OpenAnswers,
    pub(crate) passwords: Passwords,
    pub(crate) searches: Searches,
    pub(crate) looks: Looks,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) tailers: Tailers,
    pub(crate) buckets: Buckets,
    pub(crate) followers: Seats<Who>,
    pub(crate) started_at: Timestamp,
    /// Cancelled when the process stops: endless answers end.
    pub(crate) shutdown: CancellationToken,
}

impl Running {
    /// Makes the caches and hangs them on the hub.
    pub(crate) fn new(app: App, bases: Bases, shutdown: CancellationToken) -> Self {
        let shares = &app.settings.shares;
        let state = Arc::new(State {
            shelf: Shelf::new(app.settings.cache_bytes),
            rendering: Turns::default(),
            asking: Turns::default(),
            encoder: Encoder::default(),
            pulls: Pulls::default(),
            tokens: TokenCache::default(),
            open_answers: OpenAnswers::default(),
            passwords: Passwords::default(),
            searches: Searches::default(),
            looks: Looks::default(),
            traffic: Arc::default(),
            tailers: Tailers::default(),
            buckets: Buckets::new(shares),
            followers: Seats::new(shares.followers, shares.followers_per_caller),
            started_at: app.clock.now(),
            app,
            bases,
            shutdown,
        });
        let caches = Arc::downgrade(&state);
        state.app.hub.on_invalidation(move |topic, key| {
            let Some(state) = caches.upgrade() else {
                return;
            };
            match topic {
                Topic::Package => {
                    state.shelf.forget(key);
                    state.open_answers.doubt(key);
                }
                Topic::Token => {
                    state.tokens.forget();
                    state.open_answers.doubt(key);
                }
                Topic::Session => state.open_answers.doubt(key),
                Topic::Everything => {
                    state.shelf.forget_all();
                    state.tokens.forget();
                    state.open_answers.doubt_all();
                }
                Topic::Registry | Topic::Setting => {}
            }
        });
        Self(state)
    }
}

impl State {
    /// Returns a connection for reading.
    pub(crate) fn reader(&self) -> &impl ConnectionTrait {
        self.app.content.db.read()
    }

    /// Returns the time, for what never meets a row.
    pub(crate) fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// Says whether what is cached may be used unasked: see [`Hub::is_current`].
    pub(crate) fn is_current(&self) -> bool {
        self.app.hub.is_current()
    }

    /// Returns the text of a token that is about to be made.
    pub(crate) fn new_secret(&self) -> TokenSecret {
        TokenSecret::generate_as(&self.app.settings.token_prefix)
    }

    /// Returns the stored bytes.
    pub(crate) fn blobs(&self) -> &Blobs {
        &self.app.content.blobs
    }
}

impl Deref for Running {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

/// A count that moves whenever something cached may have become wrong.
///
/// Whoever fills a cache reads the count *before* it reads the truth and stores both; an
/// entry is good only while its count is the present one. So a value read before a change
/// and stored after it is never served.
#[derive(Debug, Default)]
pub(crate) struct Generation(AtomicU64);

impl Generation {
    /// Returns the present count.
    pub(crate) fn now(&self) -> u64 {
        self.0.load(std::sync::atomic::Ordering::Acquire)
    }

    /// Makes everything stored so far out of date.
    pub(crate) fn advance(&self) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
    }
}
