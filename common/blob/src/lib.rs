//! Bytes by their own digest: written once, verified while written, never changed.
//!
//! Bytes go temp file → hash → sync → rename → sync folder, in groups, and only then may
//! a row say that they are there. This crate knows no database: the states of a blob's row
//! (`pending`, `stored`, …) are in the store, and a put begins after its row is `pending`.
//!
//! Where they lie for good is a folder (`disk`) or a bucket (`remote`, read through
//! `cache`). Files are read here and not through `object_store`, whose local stream reads
//! 8 KiB a blocking call; listing, sizes and removal go through it on both.

mod backend;
mod blocking;
mod cache;
mod disk;
mod error;
mod key;
mod list;
mod logs;
mod pieces;
mod presign;
mod read;
mod remote;
#[cfg(test)]
mod tests;
mod writer;

use std::{path::Path, sync::Arc};

use backend::Backend;
use bytes::Bytes;
use disk::Disk;
pub use error::{BlobError, FULL_PAUSE, Reason, is_full};
pub use key::BlobKey;
pub use list::{Listed, ListedLog};
pub use logs::LogWriter;
pub use presign::Verb;
pub use read::{BlobRead, Wanted};
use remote::{Patience, Remote};
use weir_domain::BlobStore;
pub use writer::{BlobWriter, BlockingBlobWriter, StagedBlob};

/// The blobs of one installation; cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    backend: Backend,
}

impl Blobs {
    /// Opens (and makes, if need be) the folder `root`.
    ///
    /// # Errors
    /// [`BlobError::Folder`] if it cannot be written to.
    pub fn open(root: &Path) -> Result<Self, BlobError> {
        Self::over(Disk::open(root, Arc::new(disk::RealFiles))?)
    }

    /// Opens where blobs are configured to be. A bucket is asked for, and written to, to
    /// prove that it can be used; what it does not honour is a warning.
    ///
    /// # Errors
    /// [`BlobError::Folder`] or [`BlobError::Bucket`] if it cannot be used.
    pub async fn connect(store: &BlobStore) -> Result<Self, BlobError> {
        let bucket = match store {
            BlobStore::Folder(path) => return Self::open(path),
            BlobStore::Bucket(bucket) => bucket,
        };
        let remote = Remote::open(bucket, &Patience::default())?;
        remote.check().await?;
        Ok(Self {
            backend: Backend::Remote(Arc::new(remote)),
        })
    }

    fn over(disk: Disk) -> Result<Self, BlobError> {
        Ok(Self {
            backend: Backend::disk(disk)?,
        })
    }

    /// Begins a new blob.
    ///
    /// # Errors
    /// [`BlobError::Io`] if there is no room for another file.
    pub async fn create(&self) -> Result<BlobWriter, BlobError> {
        BlobWriter::create(self.backend.spool()).await
    }

    /// Begins a new blob, for a thread that may block (rendering, unpacking).
    ///
    /// # Errors
    /// [`BlobError::Io`] if there is no room for another file.
    pub fn create_blocking(&self) -> Result<BlockingBlobWriter, BlobError> {
        BlockingBlobWriter::create(self.backend.spool())
    }

    /// Stages bytes that are already in memory.
    ///
    /// # Errors
    /// [`BlobError::Io`] if they cannot be written.
    ///
    /// # Cancel safety
    /// A dropped call leaves nothing behind.
    pub async fn stage(&self, bytes: Bytes) -> Result<StagedBlob, BlobError> {
        let disk = Arc::clone(self.backend.spool());
        blocking::run(move || {
            let mut writer = BlockingBlobWriter::create(&disk)?;
            writer.append(&bytes)?;
            Ok(writer.finish())
        })
        .await
    }

    /// Makes a group of staged blobs durable under their digests: after `Ok` all of them
    /// survive a power cut. Bytes that are already there cost a look and a folder sync, or
    /// a refused upload.
    ///
    /// # Errors
    /// [`BlobError::Io`], [`BlobError::Unavailable`]; some of the group may then be in
    /// place, which is harmless.
    ///
    /// # Cancel safety
    /// A dropped call still runs to its end in the background.
    ///
    /// # Concurrency
    /// Two puts of one digest are harmless. A removal of the same digest is not seen: the
    /// row's state must rule it out.
    pub async fn publish(&self, group: Vec<StagedBlob>) -> Result<(), BlobError> {
        match self.backend.clone() {
            Backend::Disk { disk, .. } => blocking::run(move || disk.publish(group)).await,
            Backend::Remote(remote) => remote.publish(group).await,
        }
    }

    /// Proves that bytes can be put here now, by putting a few.
    ///
    /// # Errors
    /// Why they cannot.
    ///
    /// # Cancel safety
    /// A dropped call leaves nothing behind.
    pub async fn check(&self) -> Result<(), BlobError> {
        let staged = self.stage(Bytes::from_static(b"weir")).await?;
        drop(staged);
        match &self.backend {
            Backend::Disk { .. } => Ok(()),
            Backend::Remote(remote) => remote.check().await,
        }
    }

    /// Returns the folder of this machine that bytes are written to first.
    pub fn folder(&self) -> &Path {
        self.backend.spool().root()
    }

    /// Removes the temporary folders of processes that are gone. Those of live processes
    /// (this one included) stay: each holds a lock on its own.
    ///
    /// # Errors
    /// [`BlobError::Io`] if a dead folder cannot be removed.
    pub async fn clear_temporaries(&self) -> Result<(), BlobError> {
        let disk = Arc::clone(self.backend.spool());
        blocking::run(move || disk.clear_temporaries()).await
    }
}
