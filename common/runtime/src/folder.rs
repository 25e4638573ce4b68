//! The data folder: made private, used by one deployment at a time.
//!
//! `weir serve` locks it exclusively; the separate processes of one host share it. The lock
//! is the operating system's and dies with its holder, so there is nothing to clean up
//! after a kill. The lock file holds the boot id of the last exclusive holder: the next one
//! learns from it whose runs it may take back at once.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use weir_domain::WorkerId;

use crate::mounts;

/// Name of the lock file in the folder.
const LOCK_FILE: &str = "lock";
/// How often a taken lock is looked at again, 10 ms apart.
const LOOKS: usize = 5;

/// Why a folder cannot be used; each is one line.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It can neither be found nor made, or not written.
    #[error("data folder {}: cannot be used: {cause}", path.display())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Someone else holds it.
    #[error("data folder {}: another weir uses it{holder}", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
        /// ` (process 123)`, where known.
        holder: String,
    },
    /// It lies where locks and shared memory cannot be relied upon.
    #[error(
        "{}: lies on a network file system ({kind}), where a SQLite file is not safe; \
         move it or use PostgreSQL",
        path.display()
    )]
    OnNetwork {
        /// The folder or file.
        path: PathBuf,
        /// The file system's type.
        kind: String,
    },
}

/// An existing, private folder.
#[derive(Debug, Clone)]
pub struct DataFolder(PathBuf);

/// Holds the folder until dropped.
#[derive(Debug)]
pub struct FolderLock {
    file: File,
    /// The boot id of the exclusive holder before us, if one left its id.
    pub predecessor: Option<WorkerId>,
}

impl DataFolder {
    /// Opens a folder, making it (readable for its owner only) where it is missing.
    ///
    /// # Errors
    /// [`FolderError::Unusable`] with the system's reason.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|cause| unusable(path, cause))?;
        Ok(Self(path.to_owned()))
    }

    /// Returns where it lies.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Takes the folder for this process alone.
    ///
    /// # Errors
    /// [`FolderError::InUse`] if any other process of ours uses it.
    pub fn lock(&self) -> Result<FolderLock, FolderError> {
        self.take(File::try_lock)
    }

    /// Takes the folder together with other processes that share it.
    ///
    /// # Errors
    /// [`FolderError::InUse`] if a process has it for itself.
    pub fn share(&self) -> Result<FolderLock, FolderError> {
        self.take(File::try_lock_shared)
    }

    /// Says whether a process has the folder at `path` for itself, without making anything.
    pub fn is_held(path: &Path) -> bool {
        let Ok(file) = File::open(path.join(LOCK_FILE)) else {
            return false;
        };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    fn take(&self, lock: fn(&File) -> Result<(), TryLockError>) -> Result<FolderLock, FolderError> {
        let unusable = |cause| unusable(&self.0, cause);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.0.join(LOCK_FILE))
            .map_err(unusable)?;
        let mut text = String::new();
        // What an interrupted write left may be no text; then there is no predecessor.
        let _ = file.read_to_string(&mut text);
        let (boot, pid) = text.trim().split_once(' ').unwrap_or_default();
        match patiently(&file, lock) {
            Ok(()) => Ok(FolderLock {
                file,
                predecessor: boot.parse().ok(),
            }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse {
                path: self.0.clone(),
                holder: match pid {
                    "" => String::new(),
                    pid => format!(" (process {pid})"),
                },
            }),
            Err(TryLockError::Error(cause)) => Err(unusable(cause)),
        }
    }
}

impl FolderLock {
    /// Writes this start's boot id over the predecessor's; to be called once the
    /// predecessor's runs are taken back.
    ///
    /// # Errors
    /// The system's.
    pub fn sign(&mut self, boot: WorkerId) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        write!(self.file, "{boot} {}", std::process::id())?;
        self.file.sync_data()
    }
}

/// Locks, with some patience for those who only look whether it is locked.
fn patiently(file: &File, lock: fn(&File) -> Result<(), TryLockError>) -> Result<(), TryLockError> {
    for _ in 0..LOOKS {
        match lock(file) {
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
            outcome => return outcome,
        }
    }
    lock(file)
}

/// Refuses a `SQLite` file on a network file system: its locks and its shared memory do
/// not work there.
///
/// # Errors
/// [`FolderError::OnNetwork`].
pub fn refuse_network(file: &Path) -> Result<(), FolderError> {
    let Ok(table) = std::fs::read_to_string("/proc/self/mountinfo") else {
        // Elsewhere than on Linux there is no table to judge by.
        return Ok(());
    };
    match mounts::network_kind(&table, file) {
        Some(kind) => Err(FolderError::OnNetwork {
            path: file.to_owned(),
            kind: kind.to_owned(),
        }),
        None => Ok(()),
    }
}

fn unusable(path: &Path, cause: io::Error) -> FolderError {
    FolderError::Unusable {
        path: path.to_owned(),
        cause,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder() -> (tempfile::TempDir, DataFolder) {
        let root = tempfile::TempDir::new().expect("temporary folder");
        let folder = DataFolder::open(&root.path().join("a/b")).expect("made");
        (root, folder)
    }

    #[test]
    fn a_new_folder_is_private() {
        let (_root, folder) = folder();
        let mode = folder
            .path()
            .metadata()
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn who_holds_it_can_be_seen_without_making_anything() {
        let (root, folder) = folder();
        assert!(!DataFolder::is_held(&root.path().join("absent")));
        assert!(!DataFolder::is_held(folder.path()), "no lock file yet");
        let held = folder.lock().expect("free");
        assert!(DataFolder::is_held(folder.path()));
        drop(held);
        assert!(!DataFolder::is_held(folder.path()));
    }

    #[test]
    fn one_process_excludes_all_others_and_says_who_it_is() {
        let (_root, folder) = folder();
        let mut held = folder.lock().expect("free");
        held.sign(WorkerId::new()).expect("written");
        let refusals = [folder.lock(), folder.share()].map(|other| {
            let line = other.expect_err("taken").to_string();
            line.ends_with(&format!(
                "another weir uses it (process {})",
                std::process::id()
            ))
        });
        assert_eq!(refusals, [true, true]);
        drop(held);
        assert!(folder.lock().is_ok());
    }

    #[test]
    fn processes_that_share_exclude_only_the_one_that_does_not() {
        let (_root, folder) = folder();
        let _api = folder.share().expect("free");
        let _worker = folder.share().expect("shared");
        assert!(matches!(folder.lock(), Err(FolderError::InUse { .. })));
    }

    #[test]
    fn the_next_holder_learns_its_predecessor() {
        let (_root, folder) = folder();
        let boot = WorkerId::new();
        let mut first = folder.lock().expect("free");
        assert_eq!(first.predecessor, None);
        first.sign(boot).expect("written");
        drop(first);
        assert_eq!(folder.lock().expect("free").predecessor, Some(boot));
    }

    #[test]
    fn a_path_through_a_file_is_refused_in_one_line() {
        let root = tempfile::TempDir::new().expect("temporary folder");
        let file = root.path().join("file");
        std::fs::write(&file, "").expect("written");
        let line = DataFolder::open(&file.join("data"))
            .expect_err("refused")
            .to_string();
        assert!(
            line.contains("cannot be used") && !line.contains('\n'),
            "{line}"
        );
    }
}
