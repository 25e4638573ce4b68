//! Where the bytes lie. Nothing outside this crate sees which.
//!
//! What is the same everywhere (list, size, remove) goes through `objects`; what decides
//! speed and durability (write, publish, read) is each backend's own.

use std::{io, sync::Arc};

use object_store::{ObjectStore, local::LocalFileSystem};

use crate::{BlobError, disk::Disk, remote::Remote};

/// A kind of storage.
#[derive(Debug, Clone)]
pub(crate) enum Backend {
    /// A folder of this machine.
    Disk {
        /// Writes and reads.
        disk: Arc<Disk>,
        /// The same folder, as objects.
        objects: Arc<LocalFileSystem>,
    },
    /// A bucket, and a folder of this machine to read it through.
    Remote(Arc<Remote>),
}

impl Backend {
    pub(crate) fn disk(disk: Disk) -> Result<Self, BlobError> {
        let objects =
            LocalFileSystem::new_with_prefix(disk.root()).map_err(|error| BlobError::Folder {
                path: disk.root().to_owned(),
                source: io::Error::from(error),
            })?;
        // What is written through it (sealed logs) replaces rows that survive a power cut.
        let objects = objects.with_fsync(true);
        Ok(Self::Disk {
            disk: Arc::new(disk),
            objects: Arc::new(objects),
        })
    }

    /// Returns the folder in which blobs are written before anybody sees them.
    pub(crate) fn spool(&self) -> &Arc<Disk> {
        match self {
            Self::Disk { disk, .. } => disk,
            Self::Remote(remote) => remote.cache().disk(),
        }
    }

    pub(crate) fn objects(&self) -> &dyn ObjectStore {
        match self {
            Self::Disk { objects, .. } => objects.as_ref(),
            Self::Remote(remote) => remote.objects(),
        }
    }

    /// Says what it means that `action` on the object `key` failed.
    pub(crate) fn failed(
        &self,
        action: &'static str,
        key: &str,
        error: object_store::Error,
    ) -> BlobError {
        match self {
            Self::Disk { .. } => BlobError::io(action, key)(io::Error::from(error)),
            Self::Remote(remote) => remote.failed(action, key, &error),
        }
    }
}
