//! Where the bytes lie. Nothing outside this crate sees which.
//!
//! What is the same everywhere (list, size, remove) goes through `objects`; what decides
//! speed and durability (write, publish, read) is each backend's own.

use std::{io, sync::Arc};

use object_store::{ObjectStore, local::LocalFileSystem};

use crate::{BlobError, disk::Disk};

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

    pub(crate) fn objects(&self) -> &dyn ObjectStore {
        let Self::Disk { objects, .. } = self;
        objects.as_ref()
    }
}
