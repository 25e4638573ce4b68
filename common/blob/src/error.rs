//! What can go wrong with a blob, by what it means for the caller.
//!
//! A missing blob is not an error here but `None`: only the caller knows whether its row
//! promised one.

use std::{io, path::PathBuf};

use weir_domain::{Decision, Digest, Retryable, task::ErrorCode};

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
    /// An earlier write of this writer failed or was cancelled; its bytes are gone.
    #[error("this blob was abandoned by an earlier write")]
    Abandoned,
}

impl BlobError {
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

impl Retryable for BlobError {
    fn decision(&self) -> Decision {
        match self {
            Self::Io { .. } | Self::Abandoned => Decision::Retry(None),
            Self::Folder { .. } | Self::Size { .. } | Self::Range { .. } => Decision::GiveUp,
        }
    }

    fn code(&self) -> ErrorCode {
        ErrorCode::Internal
    }
}
