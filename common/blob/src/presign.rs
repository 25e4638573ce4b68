//! Letting a client read a blob from the bucket itself, for a while.

use std::time::Duration;

use weir_domain::Digest;

use crate::{BlobError, Blobs, backend::Backend};

/// What a client may do with an address: a signature is for one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Read the bytes, or a part of them.
    Get,
    /// Ask for the headers.
    Head,
}

impl Blobs {
    /// Returns an address at which anybody can read a blob for so long; `None` if blobs are
    /// in a folder. It does not look whether the blob is there.
    ///
    /// # Errors
    /// [`BlobError::Unavailable`] if there are no credentials to sign with.
    pub async fn presigned(
        &self,
        digest: Digest,
        verb: Verb,
        valid_for: Duration,
    ) -> Result<Option<String>, BlobError> {
        match &self.backend {
            Backend::Disk { .. } => Ok(None),
            Backend::Remote(remote) => remote.presigned(digest, verb, valid_for).await.map(Some),
        }
    }
}
