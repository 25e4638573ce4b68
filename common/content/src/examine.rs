//! Whether stored bytes still are what they are called, and taking them out of use if not.
//!
//! Out of use means in one commit: the versions whose tarball they were are lazy again, documents
//! are rendered anew, caches forget, an auditor can read of it, and a deletion has begun.

use std::{io, ops::Range};

use futures::{StreamExt, TryStreamExt};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use weir_blob::{BlobError, BlobRead};
use weir_domain::Digest;
use weir_store::{
    blobs::{self, Damage},
    clock,
};

use crate::{Content, ContentError, Pace};

/// The system's number for a disk that fails to read.
const EIO: i32 = 5;

/// A blob whose bytes are not its own.
#[derive(Debug)]
pub struct Finding {
    /// The blob.
    pub digest: Digest,
    /// What is there instead.
    pub found: String,
    /// What it was good for.
    pub damage: Damage,
}

impl Content {
    /// Opens a blob that a row names.
    ///
    /// # Errors
    /// [`ContentError::Damaged`] if its bytes are not its own: rows name it no more.
    pub async fn open_held(
        &self,
        blob: (Digest, u64),
        range: Option<Range<u64>>,
    ) -> Result<BlobRead, ContentError> {
        match self.blobs.open_range(blob, range).await {
            Ok(Some(read)) => return Ok(self.watched(blob, read)),
            Ok(None) => {}
            Err(error) if error.is_damage() => {}
            Err(error) => return Err(error.into()),
        }
        // It, or somebody who was faster.
        self.examine(blob, &mut Pace::new(None), |_| {}).await?;
        Err(ContentError::Damaged(blob.0))
    }

    /// Lets what a reader finds out late be the last time.
    fn watched(&self, blob: (Digest, u64), read: BlobRead) -> BlobRead {
        let content = self.clone();
        let stream = read.stream.inspect_err(move |error| {
            let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
            if !cause.is_some_and(BlobError::is_damage) {
                return;
            }
            let content = content.clone();
            #[expect(
                clippy::disallowed_methods,
                reason = "its reader is gone by then, and the next one would find the same"
            )]
            drop(tokio::spawn(async move {
                let examined = content.examine(blob, &mut Pace::new(None), |_| {}).await;
                if let Err(error) = examined {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(digest = %blob.0, error, "a damaged blob stays in use");
                }
            }));
        });
        BlobRead {
            stream: stream.boxed(),
            ..read
        }
    }

    /// Reads a blob where it lies for good, and takes it out of use if its bytes are not its
    /// own. Returns nothing if they are, or somebody was faster. `on_bytes` hears of every
    /// piece.
    ///
    /// # Errors
    /// If it cannot be read for now, or the database refuses.
    ///
    /// # Cancel safety
    /// A dropped call has done all or nothing, but for the file, which then goes later.
    pub async fn examine(
        &self,
        (digest, size): (Digest, u64),
        pace: &mut Pace,
        on_bytes: impl Fn(u64) + Send,
    ) -> Result<Option<Finding>, ContentError> {
        let seen_at = clock::now(self.db.read()).await?;
        let Some(found) = self.difference(digest, size, pace, on_bytes).await? else {
            return Ok(None);
        };
        let (begun, told) = (Instant::now(), found.clone());
        let condemned = self.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                blobs::condemn(tx, digest, (&told, seen_at), now).await
            })
        });
        let Some(damage) = condemned.await? else {
            return Ok(None);
        };
        tracing::error!(%digest, %found, used_as = %damage, "a stored blob is damaged; it is taken out of use");
        self.erase(begun, vec![digest]).await?;
        Ok(Some(Finding {
            digest,
            found,
            damage,
        }))
    }

    /// Says what is there instead of the blob's bytes, if they are not.
    async fn difference(
        &self,
        digest: Digest,
        size: u64,
        pace: &mut Pace,
        on_bytes: impl Fn(u64) + Send,
    ) -> Result<Option<String>, ContentError> {
        let stored = match self.blobs.open_unproven(digest).await {
            Ok(Some(stored)) => stored,
            Ok(None) => return Ok(Some("its file is not there".to_owned())),
            Err(BlobError::Io { source, .. }) if is_broken(&source) => {
                return Ok(Some(format!("it cannot be read: {source}")));
            }
            Err(error) => return Err(error.into()),
        };
        if stored.size != size {
            let actual = stored.size;
            return Ok(Some(format!("it has {actual} bytes, not {size}")));
        }
        let (mut stream, mut hasher) = (stored.stream, Sha256::new());
        while let Some(piece) = stream.next().await {
            let piece = match piece {
                Ok(piece) => piece,
                Err(error) if is_broken(&error) => {
                    return Ok(Some(format!("it cannot be read: {error}")));
                }
                Err(source) => return Err(ContentError::Unreadable { digest, source }),
            };
            let bytes = piece.len() as u64;
            hasher = hash(hasher, piece).await?;
            on_bytes(bytes);
            pace.spend(bytes).await;
        }
        let actual = Digest(hasher.finalize().into());
        Ok((actual != digest).then(|| format!("its bytes are those of {actual}")))
    }
}

/// Says whether the disk has lost what was there.
fn is_broken(error: &io::Error) -> bool {
    error.raw_os_error() == Some(EIO)
}

/// A piece is up to a megabyte: not for an async thread.
async fn hash(mut hasher: Sha256, piece: bytes::Bytes) -> Result<Sha256, ContentError> {
    let done = tokio::task::spawn_blocking(move || {
        hasher.update(&piece);
        hasher
    });
    done.await.map_err(|_| ContentError::Interrupted)
}
