//! Lazy tarballs: fetched when first asked for, streamed while they are proven.
//!
//! Whoever asks first begins a [`Flight`]; whoever asks meanwhile joins it, and in another
//! process waits until it has landed. No complete
//! file is ever served unverified, and what did not match is not stored.

use std::{fs::File, sync::Arc, time::Duration};

use tokio::time::Instant;
use tracing::Instrument;
use weir_domain::{Decision, Digest, PackageName, Retryable, Version, task::ErrorCode};
use weir_store::{
    StoreError, Topic, blobs, clock,
    fetches::Fetch,
    invalidations,
    packages::{self, Place},
    registries,
    versions::{self, VersionOutline},
};

use crate::{
    Content, ContentError, Flight, TarballSource, Verified, fetch::Incoming, flight::Pilot,
};

/// Between two looks for what another process is fetching.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Bytes held back until the whole is proven.
const HELD_BACK: u64 = 64 * 1024;

/// How long an upstream's passing failures are waited out before a reader hears of one:
/// package managers give up after ten seconds.
const PATIENCE: Duration = Duration::from_secs(8);
/// Longest pause that is worth keeping a reader waiting.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// A version's tarball, as it can be had.
#[derive(Debug)]
pub struct Offer {
    /// Stands for the bytes, those on their way as well as those stored: it is made of the
    /// version and what upstream promised of it. `None` if upstream promised nothing.
    pub promise: Option<Digest>,
    /// The bytes.
    pub tarball: Tarball,
}

/// Where the bytes of a version are.
#[derive(Debug)]
pub enum Tarball {
    /// Stored: key and size.
    Held(Digest, u64),
    /// On their way.
    Lazy(Arc<Flight>),
}

/// What a flight is to fetch.
struct Order {
    place: Place,
    name: PackageName,
    version: Version,
    source: TarballSource,
}

impl Order {
    fn fetch(&self) -> Fetch {
        let promise = self.source.integrity.as_ref();
        Fetch {
            package: self.place.id,
            version: self.version.clone(),
            promise: promise.map(ToString::to_string).unwrap_or_default(),
        }
    }
}

impl Content {
    /// Finds the tarball of a version, starting a flight if it is not held.
    ///
    /// Returns nothing if the package or the version is not there (or not shown), or would have
    /// to be fetched by a mirror that asks no upstream.
    ///
    /// # Errors
    /// If the database cannot be asked.
    ///
    /// # Concurrency
    /// Any number of callers for one tarball, in any number of processes, cause one fetch.
    pub async fn tarball(
        &self,
        name: &PackageName,
        version: &Version,
    ) -> Result<Option<Offer>, ContentError> {
        let Some(place) = packages::find_place(self.db.read(), name).await? else {
            return Ok(None);
        };
        let Some(outline) = self.shown(&place, version).await? else {
            return Ok(None);
        };
        let promise = outline.integrity.as_ref().map(|integrity| {
            let text = format!("{name}@{version} {integrity}");
            Digest::of(text.as_bytes())
        });
        let offer = |tarball| Some(Offer { promise, tarball });
        if let Some((digest, size)) = outline.tarball {
            return Ok(offer(Tarball::Held(digest, size)));
        }
        let Some(registry) = place.registry.filter(|_| self.asks_upstream) else {
            return Ok(None);
        };
        let order = Order {
            place,
            name: name.clone(),
            version: version.clone(),
            source: TarballSource {
                registry: registries::get(self.db.read(), registry).await?,
                url: outline.tarball_url,
                integrity: outline.integrity,
            },
        };
        Ok(offer(Tarball::Lazy(self.board(order))))
    }

    async fn shown(
        &self,
        place: &Place,
        version: &Version,
    ) -> Result<Option<VersionOutline>, StoreError> {
        let db = self.db.read();
        let outline = versions::find_outline(db, place.id, place.revision, version).await?;
        Ok(outline.filter(|outline| outline.quarantine.is_none()))
    }

    fn board(&self, order: Order) -> Arc<Flight> {
        let key = (order.place.id, order.version.clone());
        let (flight, pilot) = self.flights.board(key, &self.blobs);
        if let Some(pilot) = pilot {
            let content = self.clone();
            let work = async move {
                let end = content.fly(&order, &pilot).await;
                if let Err(error) = &end {
                    // Its readers tell it, and each logs it as its own failure.
                    tracing::debug!(package.name = %order.name, version = %order.version,
                        error = error as &dyn std::error::Error, "a lazy tarball could not be fetched");
                }
                pilot.land(end);
            };
            #[expect(
                clippy::disallowed_methods,
                reason = "a flight outlives its readers and leaves nothing behind if cut off"
            )]
            drop(tokio::spawn(work.in_current_span()));
        }
        flight
    }

    async fn fly(&self, order: &Order, pilot: &Pilot) -> Result<(Digest, u64), ContentError> {
        let lease = loop {
            let lease = self.lease(order.fetch()).await?;
            // An earlier flight, of whatever process, may have landed after we looked.
            let outline = self.shown(&order.place, &order.version).await?;
            if let Some(held) = outline.and_then(|outline| outline.tarball) {
                if let Some(lease) = lease {
                    lease.release().await;
                }
                return Ok(held);
            }
            match lease {
                Some(lease) => break lease,
                None => tokio::time::sleep(LOOK_AGAIN).await,
            }
        };
        let landed = tokio::select! {
            landed = self.carry(order, pilot) => landed,
            never = lease.keep() => match never {},
        };
        lease.release().await;
        landed
    }

    /// Brings the tarball: from upstream to its readers, and into the store.
    async fn carry(&self, order: &Order, pilot: &Pilot) -> Result<(Digest, u64), ContentError> {
        let mut incoming = self.open_patiently(&order.source).await?;
        pilot.take_off(incoming.reader().await?, incoming.body.content_length);
        let mut unseen = 0;
        while let Some(bytes) = incoming.next().await? {
            unseen += bytes;
            if unseen >= HELD_BACK {
                unseen = 0;
                incoming.writer.flush().await?;
                pilot.release(incoming.writer.len().saturating_sub(HELD_BACK));
            }
        }
        let verified = incoming.verify().await?;
        self.record(order, verified).await
    }

    /// Asks upstream, and again while it fails in passing: no byte was shown to anybody yet.
    async fn open_patiently(&self, source: &TarballSource) -> Result<Incoming, ContentError> {
        let end = Instant::now() + PATIENCE;
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.open(source).await {
                Ok(incoming) => return Ok(incoming),
                Err(error) => error,
            };
            let wait = match (&error, error.decision()) {
                (ContentError::Upstream(_), Decision::Retry(None)) => pause,
                (ContentError::Upstream(_), Decision::Retry(Some(wait)) | Decision::Wait(wait)) => {
                    wait.max(FIRST_PAUSE)
                }
                _ => return Err(error),
            };
            if wait > LONGEST_PAUSE || Instant::now() + wait > end {
                return Err(error);
            }
            tracing::debug!(%error, "a lazy tarball is asked for again");
            tokio::time::sleep(wait).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn record(
        &self,
        order: &Order,
        verified: Verified,
    ) -> Result<(Digest, u64), ContentError> {
        let kept = self.keep(vec![verified]).await?;
        let (blob, package) = (kept[0], order.place.id);
        let (name, version) = (order.name.clone(), order.version.clone());
        let promised = order.source.integrity.clone();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    blobs::stored(tx, &[blob], now).await?;
                    versions::hold(tx, package, &version, promised.as_ref(), blob).await?;
                    invalidations::insert(tx, Topic::Package, name.as_str(), now).await
                })
            })
            .await?;
        Ok(blob)
    }
}

impl Incoming {
    /// Opens the growing file for reading.
    async fn reader(&mut self) -> Result<File, ContentError> {
        let path = self.writer.path().to_owned();
        let opened = tokio::task::spawn_blocking(move || File::open(path)).await;
        opened
            .ok()
            .and_then(Result::ok)
            .ok_or(ContentError::Interrupted)
    }
}

impl ContentError {
    /// Says whether upstream definitely has no such tarball.
    pub fn is_not_found(&self) -> bool {
        self.code() == ErrorCode::NotFound && !matches!(self, Self::Store(_))
    }
}
