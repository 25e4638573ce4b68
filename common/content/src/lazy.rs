//! Lazy tarballs: fetched when first asked for, streamed while they are proven.
//!
//! A *flight* is one fetch of one tarball. Its readers get bytes from the growing file,
//! but never the last 64 KiB before the whole matched its digest: no complete file is
//! ever served unverified. On a mismatch every reader's stream ends in an error, and
//! nothing is stored. A flight goes on without readers, and whoever asks meanwhile joins.

use std::{
    collections::HashMap,
    fs::File,
    os::unix::fs::FileExt,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;
use weir_domain::{Digest, PackageId, PackageName, Version};
use weir_store::{StoreError, Topic, blobs, clock, invalidations, packages, registries, versions};

use crate::{Content, ContentError, TarballSource, Verified, fetch::Incoming};

/// Bytes held back until the whole is proven.
const HELD_BACK: u64 = 64 * 1024;
/// Bytes read from the growing file at a time.
const PIECE: u64 = 256 * 1024;

/// Where the bytes of a version are.
#[derive(Debug)]
pub enum Tarball {
    /// Stored: key and size.
    Held(Digest, u64),
    /// On their way.
    Lazy(Arc<Flight>),
}

/// How far a flight is.
#[derive(Debug, Clone, Default)]
struct Stage {
    /// The file being written, once there is one, and the length upstream announced.
    file: Option<(Arc<File>, Option<u64>)>,
    /// Bytes that readers may have.
    released: u64,
    /// How it ended.
    end: Option<Result<(Digest, u64), Arc<ContentError>>>,
}

/// One fetch of one tarball, shared by all who wait for it.
#[derive(Debug)]
pub struct Flight {
    stage: watch::Receiver<Stage>,
}

/// The flights of this process.
#[derive(Debug, Clone, Default)]
pub struct Flights(Arc<Mutex<InFlight>>);

type InFlight = HashMap<(PackageId, Version), Arc<Flight>>;

impl Content {
    /// Finds the tarball of a version, starting a flight if it is not held.
    ///
    /// Returns nothing if the package or the version is not there (or not shown).
    ///
    /// # Errors
    /// If the database cannot be asked.
    pub async fn tarball(
        &self,
        name: &PackageName,
        version: &Version,
    ) -> Result<Option<Tarball>, ContentError> {
        let Some(package) = packages::find(self.db.read(), name).await? else {
            return Ok(None);
        };
        let outline =
            versions::find_outline(self.db.read(), package.id, package.revision, version).await?;
        let Some(outline) = outline.filter(|outline| outline.quarantine.is_none()) else {
            return Ok(None);
        };
        if let Some((digest, size)) = outline.tarball {
            return Ok(Some(Tarball::Held(digest, size)));
        }
        let Some(registry) = package.registry else {
            return Ok(None);
        };
        let source = TarballSource {
            registry: registries::get(self.db.read(), registry).await?,
            url: outline.tarball_url,
            integrity: outline.integrity,
        };
        let key = (package.id, version.clone());
        Ok(Some(Tarball::Lazy(self.board(key, name.clone(), source))))
    }

    /// Joins the flight of this tarball, or starts it.
    fn board(
        &self,
        key: (PackageId, Version),
        name: PackageName,
        source: TarballSource,
    ) -> Arc<Flight> {
        let mut flights = self
            .flights
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&key) {
            return Arc::clone(flight);
        }
        let (stage, receiver) = watch::channel(Stage::default());
        let flight = Arc::new(Flight { stage: receiver });
        flights.insert(key.clone(), Arc::clone(&flight));
        let content = self.clone();
        let work = async move {
            let end = content.fly(&key, &name, &source, &stage).await;
            if let Err(error) = &end {
                tracing::warn!(package.name = %name, version = %key.1, error = error as &dyn std::error::Error,
                    "a lazy tarball could not be fetched");
            }
            content
                .flights
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&key);
            stage.send_modify(|stage| stage.end = Some(end.map_err(Arc::new)));
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "a flight outlives its readers and leaves nothing behind if cut off"
        )]
        drop(tokio::spawn(work));
        flight
    }

    async fn fly(
        &self,
        (package, version): &(PackageId, Version),
        name: &PackageName,
        source: &TarballSource,
        stage: &watch::Sender<Stage>,
    ) -> Result<(Digest, u64), ContentError> {
        let mut incoming = self.open(source).await?;
        let file = incoming.reader().await?;
        let length = incoming.body.content_length;
        stage.send_modify(|stage| stage.file = Some((Arc::new(file), length)));
        let mut unseen = 0;
        while let Some(bytes) = incoming.next().await? {
            unseen += bytes;
            if unseen >= HELD_BACK {
                unseen = 0;
                incoming.writer.flush().await?;
                let released = incoming.writer.len().saturating_sub(HELD_BACK);
                stage.send_modify(|stage| stage.released = released);
            }
        }
        let verified = incoming.verify().await?;
        self.record(*package, version, name, verified).await
    }

    async fn record(
        &self,
        package: PackageId,
        version: &Version,
        name: &PackageName,
        verified: Verified,
    ) -> Result<(Digest, u64), ContentError> {
        let kept = self.keep(vec![verified]).await?;
        let (blob, version, name) = (kept[0], version.clone(), name.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    blobs::stored(tx, &[blob], now).await?;
                    versions::hold(tx, package, &version, blob).await?;
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

impl Flight {
    /// Waits until the bytes are proven and stored.
    ///
    /// # Errors
    /// Why they are not.
    pub async fn landed(&self) -> Result<(Digest, u64), ContentError> {
        let mut stage = self.stage.clone();
        let ended = stage
            .wait_for(|stage| stage.end.is_some())
            .await
            .map_err(|_| ContentError::Interrupted)?;
        match ended.end.clone() {
            Some(Ok(kept)) => Ok(kept),
            Some(Err(error)) => Err(ContentError::Shared(error)),
            None => Err(ContentError::Interrupted),
        }
    }

    /// Waits for the first bytes and returns the announced length with the stream of all.
    ///
    /// Without an announced length it waits for the whole.
    ///
    /// # Errors
    /// Why there are no bytes; later failures end the stream with an error.
    pub async fn stream(
        &self,
    ) -> Result<(u64, BoxStream<'static, std::io::Result<Bytes>>), ContentError> {
        let mut stage = self.stage.clone();
        let ready = |stage: &Stage| {
            stage.end.is_some()
                || (stage.released > 0 && stage.file.as_ref().is_some_and(|file| file.1.is_some()))
        };
        let seen = stage
            .wait_for(ready)
            .await
            .map_err(|_| ContentError::Interrupted)?
            .clone();
        if let Some(Err(error)) = seen.end {
            return Err(ContentError::Shared(error));
        }
        let (file, length) = seen.file.ok_or(ContentError::Interrupted)?;
        let length = match seen.end {
            Some(Ok((_, size))) => size,
            _ => length.ok_or(ContentError::Interrupted)?,
        };
        let pieces = stream::try_unfold((stage, file, 0_u64), next_piece);
        Ok((length, pieces.boxed()))
    }
}

type Reading = (watch::Receiver<Stage>, Arc<File>, u64);

/// Reads the next released piece of the growing file.
async fn next_piece((mut stage, file, at): Reading) -> std::io::Result<Option<(Bytes, Reading)>> {
    let seen = stage
        .wait_for(|stage| stage.end.is_some() || stage.released > at)
        .await;
    let seen = seen.map_err(std::io::Error::other)?.clone();
    let released = match &seen.end {
        Some(Ok((_, size))) => *size,
        Some(Err(error)) => return Err(std::io::Error::other(error.to_string())),
        None => seen.released,
    };
    if at >= released {
        return Ok(None);
    }
    let reader = Arc::clone(&file);
    let piece = tokio::task::spawn_blocking(move || {
        let len = usize::try_from((released - at).min(PIECE)).map_err(std::io::Error::other)?;
        let mut piece = vec![0; len];
        reader.read_exact_at(&mut piece, at)?;
        Ok::<_, std::io::Error>(Bytes::from(piece))
    });
    let piece = piece.await.map_err(std::io::Error::other)??;
    let next = at + piece.len() as u64;
    Ok(Some((piece, (stage, file, next))))
}

impl ContentError {
    /// Says whether upstream definitely has no such tarball.
    pub fn is_not_found(&self) -> bool {
        use weir_domain::{Retryable, task::ErrorCode};
        self.code() == ErrorCode::NotFound && !matches!(self, Self::Store(StoreError::Database(_)))
    }
}
