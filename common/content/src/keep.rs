//! Making proven bytes durable, so that a row may refer to them.

use std::time::Duration;

use tokio::time::Instant;
use weir_blob::StagedBlob;
use weir_domain::Digest;
use weir_store::{StoreError, blobs, clock};

use crate::{Content, ContentError, Verified};

/// Longest wait for a deletion of the same bytes: another one takes over what a dead process
/// began (see [`crate::DELETION_LAPSES`]).
const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

impl Content {
    /// Makes a group of tarballs durable; the caller then records them with
    /// [`weir_store::blobs::stored`] in the transaction that refers to them.
    ///
    /// # Errors
    /// If the database or the disk refuses; the bytes are then fetched again some day.
    ///
    /// # Cancel safety
    /// A dropped call may leave files that no row names; the collector takes them.
    pub async fn keep(&self, group: Vec<Verified>) -> Result<Vec<(Digest, u64)>, ContentError> {
        self.keep_staged(group.into_iter().map(|verified| verified.0).collect())
            .await
    }

    pub(crate) async fn keep_staged(
        &self,
        group: Vec<StagedBlob>,
    ) -> Result<Vec<(Digest, u64)>, ContentError> {
        let kept: Vec<_> = group
            .iter()
            .map(|blob| (blob.digest(), blob.size()))
            .collect();
        self.announce(&kept).await?;
        self.blobs.publish(group).await?;
        Ok(kept)
    }

    /// Announces blobs; waits for the end of deletions of the same.
    async fn announce(&self, blobs: &[(Digest, u64)]) -> Result<(), StoreError> {
        let end = Instant::now() + PATIENCE;
        loop {
            let blobs = blobs.to_vec();
            let announced = self.db.write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    blobs::announce(tx, &blobs, now).await
                })
            });
            match announced.await {
                Err(StoreError::Changed(_)) if Instant::now() < end => {}
                outcome => return outcome,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
