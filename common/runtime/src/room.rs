//! Whether there is room left on the disks that we write to.
//!
//! What is kept free is for reading on, for the database, and for what runs already. Nothing
//! is reserved: others may use it up.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Says how many bytes are free for us on the file system of a folder.
type Probe = dyn Fn(&Path) -> io::Result<u64> + Send + Sync;

/// Some folders and what must stay free below each; cheap to clone.
#[derive(Clone)]
pub struct Room {
    folders: Arc<[PathBuf]>,
    least: u64,
    probe: Arc<Probe>,
}

/// A folder on whose disk too little is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// The folder.
    pub folder: PathBuf,
    /// Bytes that are free.
    pub free: u64,
    /// Bytes that should be.
    pub least: u64,
}

impl Room {
    /// Returns the room of these folders, of which `least` bytes should stay free; of zero bytes
    /// there is always enough.
    pub fn new(folders: impl IntoIterator<Item = PathBuf>, least: u64) -> Self {
        Self::measured_by(folders, least, free)
    }

    /// The same, with a measure of its own: for tests, whose disks are large.
    pub fn measured_by(
        folders: impl IntoIterator<Item = PathBuf>,
        least: u64,
        probe: impl Fn(&Path) -> io::Result<u64> + Send + Sync + 'static,
    ) -> Self {
        Self {
            folders: folders.into_iter().collect(),
            least,
            probe: Arc::new(probe),
        }
    }

    /// Returns the first folder that is short of room. A disk that does not tell is not.
    pub fn shortage(&self) -> Option<Shortage> {
        self.measures()
            .find(|measured| measured.free < measured.least)
    }

    /// Returns what is free below each folder that can be asked.
    pub fn measures(&self) -> impl Iterator<Item = Shortage> {
        self.folders.iter().filter_map(|folder| {
            let free = (self.probe)(folder).ok()?;
            Some(Shortage {
                folder: folder.clone(),
                free,
                least: self.least,
            })
        })
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room")
            .field("folders", &self.folders)
            .field("least", &self.least)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: u64| bytes >> 20;
        let (free, least) = (mib(self.free), mib(self.least));
        write!(
            f,
            "the disk is low: {free} MiB are free, {least} MiB should be"
        )
    }
}

fn free(folder: &Path) -> io::Result<u64> {
    let system = rustix::fs::statvfs(folder)?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_low_when_less_is_free_than_should_be() {
        let folder = std::env::temp_dir();
        let there = free(&folder).expect("a disk tells");
        assert!(there > 0);
        assert_eq!(Room::new([folder.clone()], 0).shortage(), None);
        let short = Room::new([folder.clone()], u64::MAX).shortage();
        assert_eq!(short.expect("nobody has that much").folder, folder);
    }

    #[test]
    fn a_folder_that_cannot_be_asked_is_not_low() {
        let room = Room::new([PathBuf::from("/there/is/no/such/folder")], u64::MAX);
        assert_eq!(room.shortage(), None);
    }
}
