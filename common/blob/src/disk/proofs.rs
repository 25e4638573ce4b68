//! Which files were seen to hold the bytes that they are called after.
//!
//! A process reads a file whole when it first opens it, and again when the file is no longer
//! the one it was, by its number, size or time of change. So bytes that were changed under us
//! reach no reader. What a disk changes without telling is found by reading all files again
//! from time to time, which is not done here.

use std::{
    collections::HashMap,
    fs::{File, Metadata},
    io::{Seek, SeekFrom},
    os::unix::fs::MetadataExt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use weir_domain::Digest;

use super::Disk;
use crate::BlobError;

/// Files remembered; beyond, all are forgotten and read once more. 3 MiB at most.
const REMEMBERED: usize = 32 * 1024;

/// What changes whenever a file's bytes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    number: u64,
    size: u64,
    changed_at: (i64, i64),
}

impl From<&Metadata> for Stamp {
    fn from(meta: &Metadata) -> Self {
        Self {
            number: meta.ino(),
            size: meta.len(),
            changed_at: (meta.ctime(), meta.ctime_nsec()),
        }
    }
}

/// The files of one folder that one process has read.
#[derive(Debug, Default)]
pub(super) struct Proofs(Mutex<HashMap<Digest, Stamp>>);

impl Proofs {
    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Stamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn holds(&self, digest: Digest, stamp: Stamp) -> bool {
        self.lock().get(&digest) == Some(&stamp)
    }

    fn add(&self, digest: Digest, stamp: Stamp) {
        let mut known = self.lock();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(digest, stamp);
    }
}

impl Disk {
    /// Fails if the open file does not hold the bytes of `digest`.
    pub(super) fn prove(
        &self,
        digest: Digest,
        file: &mut File,
        meta: &Metadata,
    ) -> Result<(), BlobError> {
        let stamp = Stamp::from(meta);
        if self.proofs.holds(digest, stamp) {
            return Ok(());
        }
        let failed = || BlobError::io("read", self.path_of(digest));
        let actual = Digest::of_reader(&mut *file).map_err(failed())?;
        if actual != digest {
            return Err(BlobError::Corrupt { digest, actual });
        }
        file.seek(SeekFrom::Start(0)).map_err(failed())?;
        self.proofs.add(digest, stamp);
        Ok(())
    }

    /// Notes that the file still holds what it held, though its times are others: we changed
    /// them, or have just written it.
    pub(crate) fn still_holds(&self, digest: Digest, file: &File) {
        // At worst it is read once more.
        if let Ok(meta) = file.metadata() {
            self.proofs.add(digest, Stamp::from(&meta));
        }
    }
}
