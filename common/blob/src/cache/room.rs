//! How many bytes the cache holds, and making room for more.
//!
//! One process counts what it adds; it looks into the folder when that fills it, and now
//! and then because others may add to it too. Looking is reading the folder: a second for
//! hundreds of thousands of files, once for an eighth of the capacity.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

/// What share of the capacity is freed at once.
const FREED: u64 = 8;
/// After adding what share of the capacity the folder is looked at again in any case.
const LOOKED_EVERY: u64 = 16;

/// The bytes of one folder of blobs.
#[derive(Debug)]
pub(super) struct Room {
    folder: PathBuf,
    capacity: u64,
    count: Mutex<Count>,
}

/// What is known of the folder.
#[derive(Debug, Default)]
struct Count {
    /// Bytes in it when it was looked at, and those added since; `None` before the first look.
    used: Option<u64>,
    /// Bytes added since the look.
    added: u64,
    /// Bytes there is room for and that are not there yet.
    coming: u64,
}

/// Room for a file, to be dropped when the file is there.
#[derive(Debug)]
pub(super) struct Place<'r> {
    room: &'r Room,
    bytes: u64,
}

/// A file that may go.
struct Kept {
    used_at: SystemTime,
    bytes: u64,
    path: PathBuf,
}

impl Room {
    pub(super) fn new(folder: PathBuf, capacity: u64) -> Self {
        Self {
            folder,
            capacity,
            count: Mutex::default(),
        }
    }

    /// Makes room for so many bytes more, removing what was not used for longest. `None` if
    /// they are not welcome: one blob must not push out everything else.
    pub(super) fn make(&self, bytes: u64) -> Option<Place<'_>> {
        let mut count = self.count();
        let coming = count.coming + bytes;
        if bytes > self.capacity / 2 || coming > self.capacity {
            return None;
        }
        let is_known = count
            .used
            .is_some_and(|used| used + coming <= self.capacity);
        if !is_known || count.added >= self.capacity / LOOKED_EVERY {
            count.used = Some(self.clear_for(coming));
            count.added = 0;
        }
        count.coming = coming;
        Some(Place { room: self, bytes })
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the folder, removes files if there is no room for `bytes`, and returns how
    /// many bytes are left in it.
    fn clear_for(&self, bytes: u64) -> u64 {
        let mut kept = Vec::new();
        // What cannot be listed cannot be removed either; a reader will hear of it.
        let _ = gather(&self.folder, &mut kept);
        let mut used = kept.iter().map(|file| file.bytes).sum::<u64>();
        if used + bytes <= self.capacity {
            return used;
        }
        let goal = (self.capacity - self.capacity / FREED).saturating_sub(bytes);
        kept.sort_by_key(|file| file.used_at);
        for file in kept {
            if used <= goal {
                break;
            }
            // Another process may have been faster; gone is gone.
            let _ = fs::remove_file(file.path);
            used -= file.bytes;
        }
        used
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut count = self.room.count();
        count.coming -= self.bytes;
        count.added += self.bytes;
        count.used = count.used.map(|used| used + self.bytes);
    }
}

fn gather(folder: &Path, kept: &mut Vec<Kept>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Files may go while we look.
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_dir() {
            gather(&entry.path(), kept)?;
        } else {
            kept.push(Kept {
                used_at: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                bytes: meta.len(),
                path: entry.path(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Adds a file of so many bytes that was last used so many minutes ago.
    fn put(folder: &Path, name: &str, bytes: u64, minutes: u64) {
        let file = fs::File::create(folder.join(name)).expect("created");
        file.set_len(bytes).expect("grown");
        let used_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - minutes * 60);
        file.set_modified(used_at).expect("dated");
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .expect("listed")
            .map(|entry| {
                entry
                    .expect("listed")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first_and_an_eighth_is_freed() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, minutes) in [("a", 3), ("b", 9), ("c", 1), ("d", 7)] {
            put(folder.path(), name, 200, minutes);
        }
        let room = Room::new(folder.path().to_owned(), 800);
        for (name, gone) in [("e", "b"), ("f", ""), ("g", "d")] {
            let place = room.make(100).expect("welcome");
            assert!(!names(folder.path()).contains(&gone.to_owned()));
            put(folder.path(), name, 100, 0);
            drop(place);
        }
        assert_eq!(names(folder.path()), ["a", "c", "e", "f", "g"]);
    }

    #[test]
    fn what_others_add_to_the_folder_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let room = Room::new(folder.path().to_owned(), 1600);
        drop(room.make(100).expect("welcome"));
        put(folder.path(), "theirs", 1550, 5);
        assert!(room.make(100).is_some());
        assert_eq!(names(folder.path()), ["theirs"; 0]);
    }

    #[test]
    fn what_is_still_coming_is_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        put(folder.path(), "old", 300, 5);
        let room = Room::new(folder.path().to_owned(), 1000);
        let places: Vec<_> = (0..3).map(|_| room.make(300).expect("welcome")).collect();
        assert_eq!(names(folder.path()), ["old"; 0], "three are coming");
        assert!(room.make(300).is_none(), "no fourth fits beside them");
        drop(places);
        assert!(room.make(300).is_some());
    }

    #[test]
    fn a_blob_as_large_as_all_others_together_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        put(folder.path(), "a", 10, 1);
        let room = Room::new(folder.path().to_owned(), 1000);
        assert!(room.make(501).is_none());
        assert!(room.make(500).is_some());
        assert_eq!(names(folder.path()), ["a"]);
    }
}
