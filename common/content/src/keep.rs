//! Making proven bytes durable, so that a row may refer to them.

use weir_blob::StagedBlob;
use weir_domain::Digest;
use weir_store::{blobs, clock};

use crate::{Content, ContentError, Verified};

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
        let announced = kept.clone();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    blobs::announce(tx, &announced, now).await
                })
            })
            .await?;
        self.blobs.publish(group).await?;
        Ok(kept)
    }
}
