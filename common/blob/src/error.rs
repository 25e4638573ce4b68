//! What can go wrong with a blob, by what it means for the caller.
//!
//! A missing blob is not an error here but `None`: only the caller knows whether its row
//! promised one.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use weir_domain::{Decision, Digest, Retryable, task::ErrorCode};

/// How long whoever met a full disk waits before looking again.
pub const FULL_PAUSE: Duration = Duration::from_secs(30);

/// Why bytes could not be written, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The folder for blobs is not usable; the operator must act.
    #[error("the blob folder {} cannot be written to", path.display())]
    Folder {
        /// The folder, or the part of it that failed.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The disk failed or is full.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A stored blob does not have the size its row promises.
    #[error("blob {digest} has {actual} bytes, not {expected}")]
    Size {
        /// The blob.
        digest: Digest,
        /// Bytes promised.
        expected: u64,
        /// Bytes found.
        actual: u64,
    },
    /// The range asked for is not within the blob.
    #[error("bytes {start}..{end} are not within blob {digest} of {size} bytes")]
    Range {
        /// The blob.
        digest: Digest,
        /// Its size in bytes.
        size: u64,
        /// First byte asked for.
        start: u64,
        /// First byte not asked for.
        end: u64,
    },
    /// The bucket is not usable; the operator must act.
    #[error("the bucket {bucket} cannot be used")]
    Bucket {
        /// The bucket.
        bucket: String,
        /// What it or the network said.
        #[source]
        source: Reason,
    },
    /// The store of the bucket failed or did not answer; it may yet.
    #[error("cannot {action} {object}")]
    Unavailable {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which object.
        object: String,
        /// What the store or the network said.
        #[source]
        source: Reason,
    },
    /// The store of the bucket does not let us; the operator must act.
    #[error("not allowed to {action} {object}")]
    Denied {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which object.
        object: String,
        /// What the store said.
        #[source]
        source: Reason,
    },
    /// The folder holds, or the store of the bucket sent, other bytes than this blob's.
    #[error("the bytes of blob {digest} are those of {actual}")]
    Corrupt {
        /// The blob.
        digest: Digest,
        /// The digest of what came.
        actual: Digest,
    },
    /// Another caller's read of the same blob failed.
    #[error(transparent)]
    Shared(Arc<Self>),
    /// An earlier write of this writer failed or was cancelled; its bytes are gone.
    #[error("this blob was abandoned by an earlier write")]
    Abandoned,
}

/// What a store or the network said, on one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Reason(pub String);

impl BlobError {
    /// Says whether a bucket did not answer, or failed, and may be back soon.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::Shared(error) => error.is_unavailable(),
            _ => false,
        }
    }

    /// Says whether the bytes that are stored are not the blob's.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Size { .. } | Self::Corrupt { .. } => true,
            Self::Shared(error) => error.is_damage(),
            _ => false,
        }
    }

    /// Says whether there is no room for more bytes.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Io { source, .. } | Self::Folder { source, .. } => is_full(source),
            Self::Shared(error) => error.is_full(),
            _ => false,
        }
    }

    /// Returns a wrapper for the system's errors on `path`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

/// Says whether the system refused a write because the disk, or somebody's share of it, is full.
pub fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

impl Retryable for BlobError {
    fn decision(&self) -> Decision {
        match self {
            _ if self.is_full() => Decision::Wait(FULL_PAUSE),
            Self::Io { .. } | Self::Unavailable { .. } | Self::Corrupt { .. } | Self::Abandoned => {
                Decision::Retry(None)
            }
            Self::Folder { .. }
            | Self::Bucket { .. }
            | Self::Denied { .. }
            | Self::Size { .. }
            | Self::Range { .. } => Decision::GiveUp,
            Self::Shared(error) => error.decision(),
        }
    }

    fn code(&self) -> ErrorCode {
        ErrorCode::Internal
    }
}
