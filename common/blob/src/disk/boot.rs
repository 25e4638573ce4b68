//! The folder in which one process keeps its temporary files.
//!
//! A live process holds a lock (`flock`) on its folder, which the system drops with the
//! process, however it dies. So "another boot's" is decided by the lock and not by a guess:
//! several processes may share one root.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use weir_domain::WorkerId;

/// Below the root: one folder a process.
pub(crate) const TEMPORARIES: &str = "tmp";

/// Begins the name of the file that proves writability, if a crash left one.
const PROOF: &str = ".proof-";

/// A claimed folder; removed on drop.
#[derive(Debug)]
pub(crate) struct BootFolder {
    path: PathBuf,
    _lock: File,
}

impl BootFolder {
    /// Makes and locks a new folder below `temporaries`.
    pub(crate) fn claim(temporaries: &Path) -> io::Result<Self> {
        fs::create_dir_all(temporaries)?;
        loop {
            let path = temporaries.join(WorkerId::new().to_string());
            fs::create_dir(&path)?;
            // Between the two steps a clearing process may take the folder for a dead one;
            // it then holds the lock, or the folder is gone before or once we do.
            match try_lock(&path) {
                Ok(Some(lock)) if path.try_exists()? => return Ok(Self { path, _lock: lock }),
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Moves an empty file into `folder` and removes it: both folders are writable and on
    /// one file system.
    pub(crate) fn prove_moves_into(&self, folder: &Path) -> io::Result<()> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let here = self.path.join("proof");
        let there = folder.join(format!("{PROOF}{name}"));
        File::create(&here)?;
        fs::rename(&here, &there)?;
        ignore_missing(fs::remove_file(there))
    }

    /// Removes the folders beside this one that nobody holds.
    pub(crate) fn clear_others(&self) -> io::Result<()> {
        let Some(temporaries) = self.path.parent() else {
            return Ok(());
        };
        for entry in fs::read_dir(temporaries)? {
            let path = entry?.path();
            if path == self.path {
                continue;
            }
            // The lock is held until the folder is gone, so that no one claims it meanwhile.
            let lock = match try_lock(&path) {
                Ok(Some(lock)) => lock,
                Ok(None) => continue,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let is_folder = lock.metadata()?.is_dir();
            ignore_missing(if is_folder {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            })?;
        }
        Ok(())
    }
}

impl Drop for BootFolder {
    fn drop(&mut self) {
        // Best effort: what stays is cleared by the next start.
        drop(fs::remove_dir_all(&self.path));
    }
}

/// Removes proofs of writability that a crash left in `folder`.
pub(crate) fn clear_proofs(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PROOF) {
            ignore_missing(fs::remove_file(entry.path()))?;
        }
    }
    Ok(())
}

fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = File::open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn ignore_missing(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
