//! What can go wrong between an upstream's byte and a stored one.

use std::{convert::Infallible, sync::Arc, time::Duration};

use weir_blob::{BlobError, FULL_PAUSE, is_full};
use weir_domain::{Decision, Digest, Retryable, TaskId, task::ErrorCode};
use weir_render::RenderError;
use weir_runtime::sealing::SealError;
use weir_store::StoreError;
use weir_upstream::UpstreamError;

/// Why bytes could not be fetched, proven, stored or rendered.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The blob store.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The upstream.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// What proves to a registry who we are cannot be opened.
    #[error("the credentials of the registry cannot be opened: {0}")]
    Sealed(#[from] SealError),
    /// The bytes are not those that were promised.
    #[error("integrity mismatch: {promised} was promised, {received} came ({bytes} bytes)")]
    Mismatch {
        /// What upstream's manifest says.
        promised: String,
        /// What its tarball is.
        received: String,
        /// How many bytes came.
        bytes: u64,
    },
    /// Upstream promises nothing, and the registry does not allow that.
    #[error("upstream gives no digest for this tarball")]
    Undigested,
    /// A document could not be written.
    #[error(transparent)]
    Render(#[from] RenderError<Infallible>),
    /// A blob that a row refers to is not there.
    #[error("blob {0} is missing")]
    Missing(Digest),
    /// A stored blob cannot be read.
    #[error("blob {digest} cannot be read")]
    Unreadable {
        /// Which.
        digest: Digest,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A blob's bytes were not its own; they are fetched or rendered anew by whoever asks next.
    #[error("blob {0} was damaged and is taken out of use")]
    Damaged(Digest),
    /// A stored log is not what it should be.
    #[error("the log of task {0} cannot be read: {1}")]
    Log(TaskId, &'static str),
    /// Another caller's fetch of the same tarball failed.
    #[error("{0}")]
    Shared(Arc<Self>),
    /// The process is stopping.
    #[error("interrupted")]
    Interrupted,
}

impl ContentError {
    /// Says whether the database is away: see [`StoreError::is_outage`].
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Store(error) => error.is_outage(),
            Self::Shared(error) => error.is_outage(),
            _ => false,
        }
    }
}

impl Retryable for ContentError {
    fn decision(&self) -> Decision {
        match self {
            Self::Store(error) => error.decision(),
            Self::Upstream(error) => error.decision(),
            Self::Blob(error) => error.decision(),
            Self::Render(RenderError::Write(error)) if is_full(error) => Decision::Wait(FULL_PAUSE),
            Self::Damaged(_) => Decision::Retry(Some(Duration::ZERO)),
            Self::Missing(_) | Self::Unreadable { .. } | Self::Interrupted => Decision::Retry(None),
            Self::Mismatch { .. }
            | Self::Undigested
            | Self::Sealed(_)
            | Self::Render(_)
            | Self::Log(..) => Decision::GiveUp,
            Self::Shared(error) => error.decision(),
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::Store(error) => error.code(),
            Self::Upstream(error) => error.code(),
            Self::Mismatch { .. } | Self::Undigested => ErrorCode::IntegrityMismatch,
            Self::Blob(_)
            | Self::Missing(_)
            | Self::Damaged(_)
            | Self::Unreadable { .. }
            | Self::Sealed(_)
            | Self::Render(_)
            | Self::Log(..)
            | Self::Interrupted => ErrorCode::Internal,
            Self::Shared(error) => error.code(),
        }
    }
}
