//! One request with the whole policy around it.
//!
//! [`Client::fetch`] is the only way out: it judges the address at each hop, takes a permit of
//! the host, sends with time limits, follows up to `max_redirects` by itself (the HTTP
//! library follows none), keeps credentials to their own origin, and sorts the status. What
//! it returns is an answer with a body still to be read; the permit travels with it.

mod answer;
mod body;
mod build;
mod home;
mod send;
mod trace;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use tokio::sync::Semaphore;
use url::Url;
use weir_domain::Clock;

use crate::{
    InvalidConfig, Place, Seams, UpstreamConfig, UpstreamError,
    guard::{Pool, judge},
    limit::{HostKey, HostLimiter, Outcome},
    traffic::{Ending, HostReport, Traffic},
};

pub(crate) use answer::Answer;
pub(crate) use body::Body;
pub(crate) use build::{bare, tls};
pub use home::Authorization;
pub(crate) use home::Home;

/// The connections and limits of one process.
#[derive(Debug)]
pub(crate) struct Client {
    public: reqwest::Client,
    internal: reqwest::Client,
    limiter: Arc<dyn HostLimiter>,
    clock: Arc<dyn Clock>,
    traffic: Traffic,
    pub(crate) config: UpstreamConfig,
    /// How many documents are parsed at once.
    pub(crate) parsers: Arc<Semaphore>,
}

/// Which content encodings we offer to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// gzip; the reader decodes.
    Gzip,
    /// The bytes themselves: digests are over them.
    Identity,
}

/// What to ask for.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) url: Url,
    pub(crate) accept: &'static str,
    pub(crate) offer: Offer,
    /// `if-none-match` and the like; sent at every hop.
    pub(crate) conditions: HeaderMap,
    /// Largest accepted body, as received.
    pub(crate) max_bytes: u64,
    /// What to send along, by POST; what would be a redirect is then an error.
    pub(crate) body: Option<Sent>,
    /// Whose limits count.
    pub(crate) side: Side,
}

/// What is sent along.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Bytes,
}

/// On which side of a host's limits a request counts. Whoever may be made to ask by anybody must
/// not close the host for packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// What is mirrored.
    Packages,
    /// What is read for the catalogue: that it is too much for its source stops nothing else.
    Catalogue,
    /// The same, where the source has to gather it first; it is waited for longer.
    Listings,
    /// Audits, which anybody may have asked for.
    Audits,
    /// Somebody's signing in. That they should come back later is said to them alone.
    People,
}

/// The word for the catalogue's own limits of a host.
pub(crate) const CATALOGUE: &str = "catalogue";

impl Side {
    fn key(self, host: HostKey) -> HostKey {
        match self {
            Self::Packages => host,
            Self::Catalogue | Self::Listings => host.apart(CATALOGUE),
            Self::Audits => host.apart("audits"),
            Self::People => host.apart("people"),
        }
    }
}

impl Client {
    pub(crate) fn new(config: UpstreamConfig, seams: Seams) -> Result<Self, InvalidConfig> {
        let tls = tls(config.ca_file.as_deref())?;
        Ok(Self {
            public: build::client(&config, tls.clone(), Pool::Public, &seams.lookup)?,
            internal: build::client(&config, tls, Pool::Internal, &seams.lookup)?,
            limiter: seams.limiter,
            clock: seams.clock,
            traffic: Traffic::default(),
            config,
            parsers: Arc::new(Semaphore::new(parser_count())),
        })
    }

    pub(crate) fn limiter(&self) -> &dyn HostLimiter {
        &*self.limiter
    }

    /// Fetches `ask` on behalf of the registry at `home`.
    ///
    /// # Errors
    /// Every variant of [`UpstreamError`] but those about documents.
    pub(crate) async fn fetch(&self, home: &Home, ask: Ask) -> Result<Answer, UpstreamError> {
        let mut url = ask.url.clone();
        for _ in 0..=self.config.max_redirects {
            match self.hop(home, &ask, &url).await? {
                Hop::Arrived(answer) => return Ok(*answer),
                Hop::Onward(next) if ask.body.is_none() => url = next,
                Hop::Onward(_) => {
                    return Err(UpstreamError::Redirect {
                        place: Place::of(&url),
                        why: "what is sent there goes nowhere else".to_owned(),
                    });
                }
            }
        }
        Err(UpstreamError::Redirect {
            place: Place::of(&ask.url),
            why: format!("more than {} redirects", self.config.max_redirects),
        })
    }

    pub(crate) fn traffic(&self) -> Vec<HostReport> {
        let closed = self.limiter.closed();
        self.traffic.read(|host| closed.contains(host))
    }

    async fn hop(&self, home: &Home, ask: &Ask, url: &Url) -> Result<Hop, UpstreamError> {
        let hop = self.try_hop(home, ask, url).await;
        let ending = match &hop {
            Ok(Hop::Arrived(_)) => Ending::Answered,
            Ok(Hop::Onward(_)) => Ending::Redirected,
            Err(error) => Ending::of(error),
        };
        self.traffic.of(home, url).ended(ending);
        hop
    }

    async fn try_hop(&self, home: &Home, ask: &Ask, url: &Url) -> Result<Hop, UpstreamError> {
        let place = Place::of(url);
        let pool = judge(url, home.is_internal_origin(url)).map_err(|why| {
            UpstreamError::RefusedAddress {
                place: place.clone(),
                why,
            }
        })?;
        let host = ask.side.key(HostKey::of(url));
        let permit =
            self.limiter
                .acquire(&host)
                .await
                .map_err(|closed| UpstreamError::HostClosed {
                    host: place.host.clone(),
                    wait: closed.wait,
                    why: closed.why,
                })?;
        let sent = self.send(pool, home, ask, url).await;
        let sorted = sent.and_then(|reply| reply.sort(ask, &self.config, self.clock.now()));
        for outcome in answer::outcomes(&sorted) {
            if ask.side == Side::People && matches!(outcome, Outcome::AskedToWait(_)) {
                continue;
            }
            self.limiter.report(&host, outcome).await;
        }
        match sorted? {
            answer::Sorted::Redirect(target) => Ok(Hop::Onward(target)),
            answer::Sorted::Answer(reply) => {
                let answer = reply.into_answer(permit, ask, &self.config)?;
                Ok(Hop::Arrived(Box::new(answer)))
            }
        }
    }
}

enum Hop {
    Arrived(Box<Answer>),
    Onward(Url),
}

fn parser_count() -> usize {
    std::thread::available_parallelism().map_or(2, |n| n.get().max(2))
}

/// Marks a header value as secret, so that nothing prints it.
fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
