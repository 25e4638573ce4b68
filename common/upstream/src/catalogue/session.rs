//! Asking one source: every request is counted, tried again within bounds, and capped.
//!
//! A plain Conan server wants a name and a password once, and gives a token for everything else;
//! Artifactory takes either at any time. Nobody else asks on behalf of a source.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName};
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use url::Url;
use weir_domain::{Decision, Digest, Retryable, UpstreamDigest, digest::Hasher};

use super::{CatalogueLimits, Spent, decode};
use crate::{
    Place, UpstreamError,
    client::{Answer, Ask, Authorization, Client, Home, Offer, Sent, Side},
};

/// The requests of one source.
#[derive(Debug)]
pub(super) struct Session {
    client: Arc<Client>,
    home: Home,
    /// What a plain Conan server gave for name and password; nothing if it has not been asked.
    token: Option<Mutex<Option<Authorization>>>,
    requests: AtomicU64,
    retries: AtomicU64,
    bytes: AtomicU64,
}

/// What a request is for.
#[derive(Debug, Clone)]
pub(super) struct Errand {
    url: Url,
    side: Side,
    offer: Offer,
    max_bytes: u64,
    body: Option<Sent>,
}

impl Errand {
    /// Asks for a small answer.
    pub(super) fn new(url: Url, max_bytes: u64) -> Self {
        Self {
            url,
            side: Side::Catalogue,
            offer: Offer::Identity,
            max_bytes,
            body: None,
        }
    }

    /// Asks for all there is, or a great part of it: it is waited for.
    pub(super) fn listing(url: Url, max_bytes: u64) -> Self {
        Self {
            side: Side::Listings,
            offer: Offer::Gzip,
            ..Self::new(url, max_bytes)
        }
    }

    /// Sends a query along.
    pub(super) fn with_query(self, query: String) -> Self {
        Self {
            body: Some(Sent {
                content_type: "text/plain",
                bytes: query.into(),
            }),
            ..self
        }
    }
}

/// An answer that has come to its end.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) place: Place,
    pub(super) bytes: Bytes,
    pub(super) headers: HeaderMap,
}

impl Session {
    /// `logs_in` says that it is a plain Conan server.
    pub(super) fn new(client: Arc<Client>, home: Home, logs_in: bool) -> Self {
        let token = (logs_in && home.user().is_some()).then(|| Mutex::new(None));
        Self {
            client,
            home,
            token,
            requests: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    pub(super) fn client(&self) -> &Arc<Client> {
        &self.client
    }

    pub(super) fn limits(&self) -> &CatalogueLimits {
        &self.client.config.catalogue
    }

    pub(super) fn spent(&self) -> Spent {
        Spent {
            requests: self.requests.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }

    /// Counts a request that another client sends for this source.
    pub(super) fn count(&self, bytes: u64) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Waits for a whole answer.
    ///
    /// # Errors
    /// The last try's.
    pub(super) async fn get(&self, errand: &Errand) -> Result<Received, UpstreamError> {
        let mut tries = self.tries();
        loop {
            match self.receive(errand).await {
                Ok(received) => return Ok(received),
                Err(error) => tries.again(error).await?,
            }
        }
    }

    /// Waits for JSON; JSON that breaks off is an answer that broke off.
    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        errand: &Errand,
    ) -> Result<T, UpstreamError> {
        let mut tries = self.tries();
        loop {
            let outcome = match self.receive(errand).await {
                Ok(received) => decode::json(&received),
                Err(error) => Err(error),
            };
            match outcome {
                Ok(value) => return Ok(value),
                Err(error) => tries.again(error).await?,
            }
        }
    }

    /// Begins to ask, to be asked [`Tries::again`] after each failure.
    pub(super) fn tries(&self) -> Tries<'_> {
        let limits = self.limits();
        Tries {
            session: self,
            left: limits.retries,
            pause: limits.first_pause,
        }
    }

    /// Waits for a whole answer, and asks once only: it can be done without.
    ///
    /// # Errors
    /// Those of the client.
    pub(super) async fn receive(&self, errand: &Errand) -> Result<Received, UpstreamError> {
        let mut answer = self.open(errand).await?;
        let bytes = answer.body.read().await;
        self.received(answer.body.received_bytes());
        decode::plain(
            Received {
                bytes: bytes?,
                place: answer.place.clone(),
                headers: answer.headers.clone(),
            },
            answer.encoding().as_deref(),
            errand.max_bytes,
        )
    }

    /// Counts what came of a body that somebody else read.
    pub(super) fn received(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Sends a request once and waits for its headers.
    pub(super) async fn open(&self, errand: &Errand) -> Result<Answer, UpstreamError> {
        let home = self.identified().await?;
        let answer = self.send(&home, errand).await;
        match (answer, &self.token) {
            // Tokens of Conan servers end while we read; the password does not.
            (Err(UpstreamError::Refused { status: 401, .. }), Some(token)) => {
                *token.lock().await = None;
                let home = self.identified().await?;
                self.send(&home, errand).await
            }
            (answer, _) => answer,
        }
    }

    async fn send(&self, home: &Home, errand: &Errand) -> Result<Answer, UpstreamError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let ask = Ask {
            url: errand.url.clone(),
            accept: "*/*",
            offer: errand.offer,
            conditions: HeaderMap::new(),
            max_bytes: errand.max_bytes,
            body: errand.body.clone(),
            side: errand.side,
        };
        self.client.fetch(home, ask).await
    }

    /// Returns the home with what it wants to see.
    async fn identified(&self) -> Result<Home, UpstreamError> {
        let mut home = self.home.clone();
        let Some(token) = &self.token else {
            return Ok(home);
        };
        let mut token = token.lock().await;
        if token.is_none() {
            let url = super::address::below(&home.url, &["v2", "users", "authenticate"]);
            let mut answer = self.send(&home, &Errand::new(url, MAX_TOKEN_BYTES)).await?;
            let bytes = answer.body.read().await?;
            let text = String::from_utf8_lossy(&bytes);
            let given = Authorization::bearer(text.trim()).filter(|_| !text.trim().is_empty());
            let given =
                given.ok_or_else(|| UpstreamError::invalid(&answer.place, "it is no token"))?;
            *token = Some(given);
        }
        if let Some(given) = &*token {
            home.authorize(given.clone());
        }
        Ok(home)
    }
}

/// Longest token of a Conan server.
const MAX_TOKEN_BYTES: u64 = 16 << 10;

/// What is left of one request's patience.
#[derive(Debug)]
pub(super) struct Tries<'s> {
    session: &'s Session,
    left: u32,
    pause: Duration,
}

impl Tries<'_> {
    /// Waits until it may be tried again.
    ///
    /// # Errors
    /// The failure itself, if trying again cannot help, or not soon.
    pub(super) async fn again(&mut self, error: UpstreamError) -> Result<(), UpstreamError> {
        let wait = match error.decision() {
            Decision::Retry(asked) => asked.unwrap_or(self.pause),
            Decision::Wait(asked) => asked,
            Decision::GiveUp | Decision::Stop => return Err(error),
        };
        if self.left == 0 || wait > self.session.limits().max_pause {
            return Err(error);
        }
        self.left -= 1;
        self.pause *= 2;
        tokio::time::sleep(wait + jitter(wait)).await;
        self.session.retries.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Returns up to a fifth more, so that those who failed together do not come back together.
fn jitter(wait: Duration) -> Duration {
    let millis = u64::try_from(wait.as_millis() / 5).unwrap_or(0);
    Duration::from_millis(rand::random_range(0..=millis))
}

impl Received {
    /// Says whether the bytes are those that the headers promise; nothing is promised often.
    pub(super) fn is_whole(&self) -> bool {
        promise(&self.headers).is_none_or(|promise| {
            let mut hasher = promise.hasher();
            hasher.update(&self.bytes);
            hasher.finish() == promise
        })
    }
}

/// Returns the strongest digest that Artifactory's headers promise.
fn promise(headers: &HeaderMap) -> Option<UpstreamDigest> {
    let text = |name| {
        let value = headers.get(HeaderName::from_static(name))?;
        value.to_str().ok().map(str::trim)
    };
    let sha256 = text("x-checksum-sha256").and_then(|text| text.parse::<Digest>().ok());
    let sha1 = || text("x-checksum-sha1").and_then(UpstreamDigest::parse_shasum);
    sha256
        .map(|digest| UpstreamDigest::Sha256(digest.0))
        .or_else(sha1)
}

/// Checks a body against its headers while it passes.
#[derive(Debug)]
pub(super) struct Check(Option<(UpstreamDigest, Hasher)>);

impl Check {
    pub(super) fn of(answer: &Answer) -> Self {
        let promise = promise(&answer.headers);
        Self(promise.map(|promise| {
            let hasher = promise.hasher();
            (promise, hasher)
        }))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        if let Some((_, hasher)) = &mut self.0 {
            hasher.update(bytes);
        }
    }

    /// Says whether all that passed is what was promised.
    pub(super) fn holds(self) -> bool {
        self.0
            .is_none_or(|(promise, hasher)| hasher.finish() == promise)
    }
}
