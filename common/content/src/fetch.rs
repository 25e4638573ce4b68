//! Fetching one tarball: streamed, hashed twice, compared, staged.
//!
//! Twice, because our key is SHA-256 while upstream promises SHA-512 (or, for old
//! versions, SHA-1). What does not match is dropped with its temporary file.

use futures::StreamExt;
use weir_blob::{BlobWriter, StagedBlob};
use weir_domain::{Integrity, Registry, digest::Hasher};
use weir_upstream::TarballBody;

use crate::{Content, ContentError};

/// Where a tarball comes from and what it must be.
#[derive(Debug, Clone)]
pub struct TarballSource {
    /// The upstream.
    pub registry: Registry,
    /// Upstream's URL of the tarball.
    pub url: String,
    /// What its bytes must match; `None` only where the registry allows it.
    pub integrity: Option<Integrity>,
}

/// A tarball whose bytes matched.
#[derive(Debug)]
pub struct Verified(pub(crate) StagedBlob);

impl Verified {
    /// Returns its size in bytes.
    pub fn size(&self) -> u64 {
        self.0.size()
    }

    /// Returns its key.
    pub fn digest(&self) -> weir_domain::Digest {
        self.0.digest()
    }
}

/// A tarball on its way from upstream into a temporary file.
pub(crate) struct Incoming {
    pub(crate) body: TarballBody,
    pub(crate) writer: BlobWriter,
    promised: Option<Integrity>,
    hasher: Option<Hasher>,
    received: u64,
}

impl Content {
    /// Fetches a tarball and proves it; `on_bytes` hears of every piece.
    ///
    /// # Errors
    /// [`ContentError::Mismatch`] if the bytes are not those promised; [`ContentError::Undigested`]
    /// if nothing was; what upstream or the disk says.
    ///
    /// # Cancel safety
    /// A dropped call leaves nothing behind.
    pub async fn fetch(
        &self,
        source: &TarballSource,
        mut on_bytes: impl FnMut(u64) + Send,
    ) -> Result<Verified, ContentError> {
        let mut incoming = self.open(source).await?;
        while let Some(bytes) = incoming.next().await? {
            on_bytes(bytes);
        }
        incoming.verify().await
    }

    /// Asks upstream for a tarball.
    pub(crate) async fn open(&self, source: &TarballSource) -> Result<Incoming, ContentError> {
        if source.integrity.is_none() && !source.registry.allows_undigested {
            return Err(ContentError::Undigested);
        }
        let client = self.npm(&source.registry).await?;
        let body = client.tarball(&source.url).await?;
        Ok(Incoming {
            body,
            writer: self.blobs.create().await?,
            hasher: source.integrity.as_ref().map(Integrity::hasher),
            promised: source.integrity.clone(),
            received: 0,
        })
    }
}

impl Incoming {
    /// Takes in the next piece and returns its length; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<u64>, ContentError> {
        let Some(piece) = self.body.stream.next().await.transpose()? else {
            return Ok(None);
        };
        // A piece is at most what one read of a socket gives: hashing it takes far less
        // than a millisecond, so it is not worth a trip to another thread.
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&piece);
        }
        self.writer.write(&piece).await?;
        self.received += piece.len() as u64;
        Ok(Some(piece.len() as u64))
    }

    /// Compares what came with what was promised.
    pub(crate) async fn verify(self) -> Result<Verified, ContentError> {
        if let (Some(promised), Some(hasher)) = (self.promised, self.hasher) {
            let received = hasher.finish();
            if !promised.accepts(&received) {
                return Err(ContentError::Mismatch {
                    promised: promised_text(&promised),
                    received: received.to_string(),
                    bytes: self.received,
                });
            }
        }
        Ok(Verified(self.writer.finish().await?))
    }
}

/// Returns the digests that the bytes were compared with.
fn promised_text(promised: &Integrity) -> String {
    let accepted: Vec<_> = promised
        .strongest()
        .iter()
        .map(ToString::to_string)
        .collect();
    accepted.join(" or ")
}
