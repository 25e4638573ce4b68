//! Proven tarballs on their way to the disk and the database, a group at a time.
//!
//! A group (64 files, 64 MiB or 2 s) shares its syncs and its transaction; a run that dies
//! loses at most the groups under way, and the next finds the rest.

use std::time::Duration;

use tokio::time::Instant;
use weir_content::Verified;
use weir_domain::{Digest, Integrity, PackageId, Version};
use weir_store::{blobs, clock, versions};

use crate::{Attempt, Environment, job::JobError};

/// A group is recorded at this many files …
const FILES: usize = 64;
/// … or this many bytes …
const BYTES: u64 = 64 << 20;
/// … or when its first file is this old.
const AGE: Duration = Duration::from_secs(2);

/// A tarball whose bytes matched, and what they matched.
#[derive(Debug)]
pub(super) struct Proven {
    pub(super) version: Version,
    pub(super) promised: Option<Integrity>,
    pub(super) bytes: Verified,
}

/// Proven tarballs that are not yet recorded.
#[derive(Debug, Default)]
pub(super) struct Group {
    tarballs: Vec<Proven>,
    bytes: u64,
    /// When the group must be recorded at the latest.
    due_at: Option<Instant>,
}

impl Group {
    pub(super) fn add(&mut self, proven: Proven) {
        self.bytes += proven.bytes.size();
        self.tarballs.push(proven);
        self.due_at.get_or_insert_with(|| Instant::now() + AGE);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tarballs.is_empty()
    }

    /// Says whether nothing more should be added.
    pub(super) fn is_full(&self) -> bool {
        self.tarballs.len() >= FILES || self.bytes >= BYTES
    }

    /// Waits until the group must be recorded, for ever if it is empty.
    pub(super) async fn due(&self) {
        match self.due_at {
            _ if self.is_full() => {}
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// Makes the group durable and records it; returns versions and sizes.
    ///
    /// Dying between the two leaves files that the next run finds in place.
    pub(super) async fn record(
        self,
        environment: &Environment,
        attempt: &Attempt,
        package: PackageId,
    ) -> Result<Vec<(Version, u64)>, JobError> {
        let mut promises = Vec::with_capacity(self.tarballs.len());
        let mut bytes = Vec::with_capacity(self.tarballs.len());
        for proven in self.tarballs {
            promises.push((proven.version, proven.promised));
            bytes.push(proven.bytes);
        }
        let kept: Vec<(Digest, u64)> = environment.content.keep(bytes).await?;
        let write = attempt.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                blobs::stored(tx, &kept, now).await?;
                let mut held = Vec::with_capacity(kept.len());
                for ((version, promised), blob) in promises.into_iter().zip(kept) {
                    if versions::hold(tx, package, &version, promised.as_ref(), blob).await? {
                        held.push((version, blob.1));
                    }
                }
                Ok(held)
            })
        });
        Ok(write.await?)
    }
}
