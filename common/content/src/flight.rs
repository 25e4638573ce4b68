//! A flight: one fetch of one tarball, and the readers that follow it.
//!
//! Readers get bytes from the growing file, but only what is *released*: never the last
//! 64 KiB before the whole matched its digest. On a mismatch every reader's stream ends in
//! an error. A flight goes on without readers, and one that dies says so.

use std::{
    collections::HashMap,
    fs::File,
    os::unix::fs::FileExt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;
use weir_blob::Blobs;
use weir_domain::{Digest, PackageId, Version};

use crate::ContentError;

/// Bytes read from the growing file at a time.
const PIECE: u64 = 256 * 1024;

/// Which tarball a flight is about.
pub(crate) type Key = (PackageId, Version);

/// The flights of this process.
#[derive(Debug, Clone, Default)]
pub struct Flights(Arc<Mutex<HashMap<Key, Arc<Flight>>>>);

/// One fetch of one tarball, shared by all who wait for it.
#[derive(Debug)]
pub struct Flight {
    stage: watch::Receiver<Stage>,
    blobs: Blobs,
}

/// How far a flight is.
#[derive(Debug, Clone, Default)]
struct Stage {
    /// The file being written, once there is one, and the length upstream announced.
    file: Option<(Arc<File>, Option<u64>)>,
    /// Bytes that readers may have.
    released: u64,
    /// How it ended.
    end: Option<Landing>,
}

/// Key and size of what is stored now, or why nothing is.
type Landing = Result<(Digest, u64), Arc<ContentError>>;

/// The bytes of a tarball on their way.
pub type Bodies = BoxStream<'static, std::io::Result<Bytes>>;

/// The working end of a flight. Dropping it without [`Pilot::land`] fails the flight.
#[derive(Debug)]
pub(crate) struct Pilot {
    flights: Flights,
    key: Key,
    stage: watch::Sender<Stage>,
}

impl Flights {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<Flight>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the flight of this tarball, or begins it: then there is a pilot.
    pub(crate) fn board(&self, key: Key, blobs: &Blobs) -> (Arc<Flight>, Option<Pilot>) {
        let mut flights = self.lock();
        if let Some(flight) = flights.get(&key) {
            return (Arc::clone(flight), None);
        }
        let (stage, receiver) = watch::channel(Stage::default());
        let flight = Arc::new(Flight {
            stage: receiver,
            blobs: blobs.clone(),
        });
        flights.insert(key.clone(), Arc::clone(&flight));
        let pilot = Pilot {
            flights: self.clone(),
            key,
            stage,
        };
        (flight, Some(pilot))
    }
}

impl Pilot {
    /// Tells the file that grows, and the length that was announced.
    pub(crate) fn take_off(&self, file: File, length: Option<u64>) {
        self.stage
            .send_modify(|stage| stage.file = Some((Arc::new(file), length)));
    }

    /// Lets readers have the first `bytes` bytes of the file.
    pub(crate) fn release(&self, bytes: u64) {
        self.stage.send_modify(|stage| stage.released = bytes);
    }

    /// Ends the flight; on success a row already says where the bytes are.
    pub(crate) fn land(self, end: Result<(Digest, u64), ContentError>) {
        self.stage
            .send_modify(|stage| stage.end = Some(end.map_err(Arc::new)));
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        self.flights.lock().remove(&self.key);
        self.stage.send_if_modified(|stage| {
            let is_lost = stage.end.is_none();
            if is_lost {
                stage.end = Some(Err(Arc::new(ContentError::Interrupted)));
            }
            is_lost
        });
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
    pub async fn stream(&self) -> Result<(u64, Bodies), ContentError> {
        let mut stage = self.stage.clone();
        let seen = stage
            .wait_for(|stage| stage.end.is_some() || stage.announced().is_some())
            .await
            .map_err(|_| ContentError::Interrupted)?
            .clone();
        let announced = seen.announced();
        let (length, file) = match (seen.end, seen.file) {
            (Some(Err(error)), _) => return Err(ContentError::Shared(error)),
            // It was held already when the flight began.
            (Some(Ok((digest, size))), None) => return self.stored(digest, size).await,
            (Some(Ok((_, size))), Some((file, _))) => (size, file),
            (None, Some((file, _))) => (announced.ok_or(ContentError::Interrupted)?, file),
            (None, None) => return Err(ContentError::Interrupted),
        };
        let pieces = stream::try_unfold((stage, file, 0_u64), next_piece);
        Ok((length, pieces.boxed()))
    }

    async fn stored(&self, digest: Digest, size: u64) -> Result<(u64, Bodies), ContentError> {
        let read = self.blobs.open_range((digest, size), None).await?;
        let read = read.ok_or(ContentError::Missing(digest))?;
        Ok((read.size, read.stream))
    }
}

impl Stage {
    /// Returns the announced length, if readers may have bytes on the strength of it.
    fn announced(&self) -> Option<u64> {
        let (_, length) = self.file.as_ref()?;
        length.filter(|_| self.released > 0)
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

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;

    fn key() -> Key {
        (PackageId::new(), Version::parse("1.0.0").expect("valid"))
    }

    fn blobs() -> (tempfile::TempDir, Blobs) {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(folder.path()).expect("a writable folder");
        (folder, blobs)
    }

    #[tokio::test]
    async fn a_pilot_that_dies_fails_the_flight_and_lets_the_next_one_begin() {
        let (_folder, blobs) = blobs();
        let (flights, key) = (Flights::default(), key());
        let (flight, pilot) = flights.board(key.clone(), &blobs);
        let (joined, none) = flights.board(key.clone(), &blobs);
        assert!(Arc::ptr_eq(&flight, &joined) && none.is_none());
        drop(pilot.expect("the first begins it"));
        let error = flight.landed().await.expect_err("lost");
        assert_eq!(error.to_string(), "interrupted");
        assert!(flight.stream().await.is_err());
        assert!(flights.board(key, &blobs).1.is_some());
    }

    #[tokio::test]
    async fn a_flight_to_what_is_already_held_reads_the_blob() {
        let (_folder, blobs) = blobs();
        let staged = blobs.stage(Bytes::from_static(b"held")).await;
        let staged = staged.expect("staged");
        let held = (staged.digest(), staged.size());
        blobs.publish(vec![staged]).await.expect("published");
        let (flight, pilot) = Flights::default().board(key(), &blobs);
        pilot.expect("the first begins it").land(Ok(held));
        let (length, stream) = flight.stream().await.expect("bytes");
        let bytes: Vec<Bytes> = stream.try_collect().await.expect("all");
        assert_eq!((length, bytes.concat()), (4, b"held".to_vec()));
    }
}
