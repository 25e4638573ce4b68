//! Making a group of files durable: sync each, rename each, sync each touched folder.
//!
//! A sync waits for the disk, and syncs that wait together share one commit of the file
//! system's journal. So a group is synced by several threads at once; that is what makes
//! many small files bearable. No folder is synced before all renames are done, and nothing
//! returns before all folders are synced.

use std::{
    collections::{BTreeSet, HashSet},
    fs::File,
    path::{Path, PathBuf},
    sync::{
        PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use weir_domain::Digest;

use super::Disk;
use crate::{BlobError, StagedBlob};

/// How many syncs of a group wait for the disk at once. Where a sync is nearly free (0.1 ms)
/// 4 to 8 are best and 64 take twice as long; where it costs milliseconds more would help
/// little, because they wait for the same commit.
const SYNC_THREADS: usize = 8;

impl Disk {
    /// See [`crate::Blobs::publish`].
    pub(crate) fn publish(&self, group: Vec<StagedBlob>) -> Result<(), BlobError> {
        let touched: BTreeSet<Digest> = group.iter().map(StagedBlob::digest).collect();
        let mut seen = HashSet::new();
        let fresh: Vec<_> = group
            .into_iter()
            .filter(|staged| seen.insert(staged.digest()) && !self.holds(staged))
            .collect();
        in_parallel(&fresh, |staged| staged.file.sync())?;
        for staged in fresh {
            let digest = staged.digest();
            self.place(staged.file, digest)?;
        }
        self.sync_folders_of(&touched)
    }

    /// Says whether the same bytes are in place. They are read again, because whoever puts
    /// them anew may do so to mend what the disk has lost.
    fn holds(&self, staged: &StagedBlob) -> bool {
        let file = File::open(self.path_of(staged.digest()));
        file.and_then(Digest::of_reader)
            .is_ok_and(|digest| digest == staged.digest())
    }

    /// Syncs the folders of `digests`, found in place or not: whoever renamed a file we
    /// found may not have come to this step yet.
    fn sync_folders_of(&self, digests: &BTreeSet<Digest>) -> Result<(), BlobError> {
        let prefixes: BTreeSet<u8> = digests.iter().map(|digest| digest.0[0]).collect();
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        for digest in digests {
            let place = self.path_of(*digest);
            let is_settled = self.settled().contains(&digest.0[0]);
            // Its own folder; the first time also the one above, which has its name.
            let depth = if is_settled { 1 } else { 2 };
            folders.extend(place.ancestors().skip(1).take(depth).map(Path::to_owned));
        }
        let folders: Vec<_> = folders.into_iter().collect();
        in_parallel(&folders, |folder| {
            self.files
                .sync_folder(folder)
                .map_err(BlobError::io("sync", folder))
        })?;
        self.settled().extend(prefixes);
        Ok(())
    }

    fn settled(&self) -> std::sync::MutexGuard<'_, HashSet<u8>> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does `action` for each item, on up to [`SYNC_THREADS`] threads, and returns an error if
/// one failed. The calling thread takes part, so it does not matter if none can be spawned.
fn in_parallel<T: Sync>(
    items: &[T],
    action: impl Fn(&T) -> Result<(), BlobError> + Sync,
) -> Result<(), BlobError> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            action(item)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..items.len().min(SYNC_THREADS))
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let own = work();
        others.into_iter().fold(own, |outcome, other| {
            let theirs = other
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            outcome.and(theirs)
        })
    })
}
