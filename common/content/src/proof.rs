//! Proving held bytes against a promise that came later than they did.

use futures::StreamExt;
use weir_domain::{Digest, Integrity};

use crate::{Content, ContentError};

impl Content {
    /// Says whether the stored bytes match `promised`.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn matches(
        &self,
        blob: (Digest, u64),
        promised: &Integrity,
    ) -> Result<bool, ContentError> {
        let mut stored = self.open_held(blob, None).await?;
        let mut hasher = promised.hasher();
        while let Some(piece) = stored.stream.next().await {
            let piece = piece.map_err(|error| ContentError::Unreadable {
                digest: blob.0,
                source: error,
            })?;
            hasher = hash(hasher, piece).await?;
        }
        Ok(promised.accepts(&hasher.finish()))
    }
}

/// A piece is half a megabyte: a millisecond of hashing, not for an async thread.
async fn hash(
    mut hasher: weir_domain::digest::Hasher,
    piece: bytes::Bytes,
) -> Result<weir_domain::digest::Hasher, ContentError> {
    let done = tokio::task::spawn_blocking(move || {
        hasher.update(&piece);
        hasher
    });
    done.await.map_err(|_| ContentError::Interrupted)
}
