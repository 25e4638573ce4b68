//! Blobs of a bucket kept in a folder: verified before they get their name, bounded in
//! bytes, the least recently used going first.
//!
//! The folder is its own index: a file's time of change is its last use. So several
//! processes may share a folder, and a start costs nothing. What cannot be read here is
//! read from the bucket again; nothing of a cache is an error to a reader.

mod room;

use std::{
    error::Error,
    fs::{self, File},
    ops::Range,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use room::Room;
use weir_domain::{Clock, Digest, SystemClock};

use crate::{
    BlobError, BlobRead, StagedBlob, Wanted, blocking,
    disk::{Disk, RealFiles},
    read::{self, Use},
};

/// How old a file's time of use may get before a read renews it: eviction need not know
/// better, and most reads are spared a write.
const TOUCHED_EVERY: Duration = Duration::from_secs(60);

/// A folder of blobs that are elsewhere for good.
#[derive(Debug)]
pub(crate) struct Cache {
    disk: Arc<Disk>,
    room: Room,
}

impl Cache {
    /// Opens (and makes, if need be) the folder `root`, for at most so many bytes.
    pub(crate) fn open(root: &Path, capacity: u64) -> Result<Arc<Self>, BlobError> {
        let disk = Arc::new(Disk::open(root, Arc::new(RealFiles))?);
        let room = Room::new(disk.content(), capacity);
        Ok(Arc::new(Self { disk, room }))
    }

    /// Returns the folder, in which blobs are also written before anybody sees them.
    pub(crate) fn disk(&self) -> &Arc<Disk> {
        &self.disk
    }

    /// Opens a blob, or a part of it, if it is here.
    ///
    /// # Errors
    /// [`BlobError::Range`] only.
    pub(crate) async fn find(
        &self,
        wanted: Wanted,
        range: Option<Range<u64>>,
    ) -> Result<Option<BlobRead>, BlobError> {
        match read::open_in(Arc::clone(&self.disk), wanted, range, Use::Noted).await {
            found @ (Ok(_) | Err(BlobError::Range { .. })) => found,
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "a cached blob is of no use");
                self.forget(wanted.digest).await;
                Ok(None)
            }
        }
    }

    /// Takes in a verified blob. If it cannot be kept it is read from the bucket again.
    ///
    /// # Cancel safety
    /// A dropped call still runs to its end in the background.
    pub(crate) async fn adopt(self: &Arc<Self>, staged: StagedBlob) {
        let cache = Arc::clone(self);
        let adopted = blocking::run(move || cache.adopt_now(staged)).await;
        if let Err(error) = adopted {
            tracing::warn!(error = &error as &dyn Error, "a blob could not be cached");
        }
    }

    fn adopt_now(&self, staged: StagedBlob) -> Result<(), BlobError> {
        let Some(_room) = self.room.make(staged.size()) else {
            return Ok(());
        };
        // A power cut must not leave a name without its bytes.
        staged.file.sync()?;
        // What is there already is replaced: it may be what this is to mend.
        let digest = staged.digest();
        self.disk.place(staged.file, digest)
    }

    /// Drops a blob, if it is here.
    pub(crate) async fn forget(&self, digest: Digest) {
        let place = self.disk.path_of(digest);
        // What cannot be removed is overwritten, or found to be of no use again.
        drop(blocking::run(move || Ok(fs::remove_file(place).ok())).await);
    }
}

/// Notes that a file is being used.
pub(crate) fn touch(disk: &Disk, digest: Digest, file: &File) {
    let now = u64::try_from(SystemClock.now().0).unwrap_or_default();
    let now = UNIX_EPOCH + Duration::from_millis(now);
    let is_recent = |used: SystemTime| {
        now.duration_since(used)
            .is_ok_and(|age| age < TOUCHED_EVERY)
    };
    let used = file.metadata().and_then(|meta| meta.modified());
    // At worst the file goes early.
    if !used.is_ok_and(is_recent) && file.set_modified(now).is_ok() {
        disk.still_holds(digest, file);
    }
}
