//! Running file work off the async threads.

use std::{io, panic};

use crate::BlobError;

/// Runs `work` on the blocking pool; a panic in it goes on in the caller.
///
/// # Cancel safety
/// A dropped call does not stop the work.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(payload) => panic::resume_unwind(payload),
            Err(cancelled) => Err(BlobError::Io {
                action: "finish work on",
                path: "blobs".into(),
                source: io::Error::other(cancelled),
            }),
        },
    }
}
