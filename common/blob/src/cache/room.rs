//! How many bytes the cache holds, and making room for more.
//!
//! One process counts what it adds; it looks into the folder when that fills it, and now
//! and then because others may add to it too. Looking is reading the folder: a second for
//! hundreds of thousands of files, once for an eighth of the capacity.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
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
    count: Mutex<Option<Count>>,
}

/// What is known of the folder since it was looked at.
#[derive(Debug)]
struct Count {
    /// Bytes in it, as far as known.
    used: u64,
    /// Bytes added since the look.
    added: u64,
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

    /// Makes room for so many bytes more, removing what was not used for longest; says
    /// whether they are welcome at all: one blob must not push out everything else.
    pub(super) fn make(&self, bytes: u64) -> bool {
        if bytes > self.capacity / 2 {
            return false;
        }
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let known = count.take().filter(|known| {
            known.used + bytes <= self.capacity && known.added < self.capacity / LOOKED_EVERY
        });
        let mut known = known.unwrap_or_else(|| Count {
            used: self.clear_for(bytes),
            added: 0,
        });
        known.used += bytes;
        known.added += bytes;
        *count = Some(known);
        true
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
        assert!(room.make(100));
        put(folder.path(), "e", 100, 0);
        assert_eq!(names(folder.path()), ["a", "c", "d", "e"]);
        assert!(room.make(100));
        put(folder.path(), "f", 100, 0);
        assert_eq!(names(folder.path()), ["a", "c", "d", "e", "f"]);
        assert!(room.make(1));
        assert_eq!(names(folder.path()), ["a", "c", "e", "f"]);
    }

    #[test]
    fn what_others_add_to_the_folder_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let room = Room::new(folder.path().to_owned(), 1600);
        assert!(room.make(100));
        put(folder.path(), "theirs", 1550, 5);
        assert!(room.make(100));
        assert_eq!(names(folder.path()), ["theirs"; 0]);
    }

    #[test]
    fn a_blob_as_large_as_all_others_together_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        put(folder.path(), "a", 10, 1);
        let room = Room::new(folder.path().to_owned(), 1000);
        assert!(!room.make(501));
        assert!(room.make(500));
        assert_eq!(names(folder.path()), ["a"]);
    }
}
