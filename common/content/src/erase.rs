//! Removing the files of blobs whose deletion was begun, and then their rows.
//!
//! From that beginning until the row is gone nobody can put the same bytes, so a file that goes
//! is the old one. Nothing but time tells a process that froze in between from a dead one: it
//! stops when it wakes up too late, before another takes over.

use std::time::Duration;

use futures::{StreamExt, stream};
use tokio::time::Instant;
use weir_domain::Digest;
use weir_store::blobs;

use crate::{Content, ContentError};

/// After this time another process takes over a deletion that was not ended.
pub const DELETION_LAPSES: Duration = Duration::from_secs(60);
/// Files removed at once: a bucket is slow to answer.
const AT_ONCE: usize = 8;

impl Content {
    /// Ends the deletion of blobs that was begun at most at `begun`; returns how many are gone.
    /// What cannot be removed stays for whoever looks after [`DELETION_LAPSES`].
    ///
    /// # Errors
    /// If the database refuses.
    ///
    /// # Cancel safety
    /// A dropped call leaves the rest to be taken over.
    pub async fn erase(&self, begun: Instant, blobs: Vec<Digest>) -> Result<u64, ContentError> {
        let end = begun + DELETION_LAPSES / 2;
        let removals = blobs.into_iter().map(|digest| async move {
            if Instant::now() >= end {
                return None;
            }
            match self.blobs.remove(digest).await {
                Ok(_) => Some(digest),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(%digest, error, "a blob could not be deleted");
                    None
                }
            }
        });
        let removed = stream::iter(removals).buffer_unordered(AT_ONCE);
        let removed: Vec<Digest> = removed.filter_map(std::future::ready).collect().await;
        let forgotten = self
            .db
            .write(move |tx| Box::pin(async move { blobs::forget(tx, &removed).await }));
        Ok(forgotten.await?)
    }
}
