//! A file being written, that disappears unless it is moved into place.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
};

use super::Disk;
use crate::BlobError;

/// Files up to this size are removed on the spot, in bytes; removing larger ones takes
/// milliseconds and is left to the blocking pool.
const SMALL_BYTES: u64 = 8 * 1024 * 1024;

/// A temporary file, open for writing.
#[derive(Debug)]
pub(crate) struct TempFile {
    disk: Arc<Disk>,
    path: PathBuf,
    file: File,
    size: u64,
    is_moved: bool,
}

impl TempFile {
    pub(crate) fn create(disk: &Arc<Disk>) -> Result<Self, BlobError> {
        let number = disk.next_temp.fetch_add(1, Ordering::Relaxed);
        let path = disk.boot.path().join(number.to_string());
        let file = disk
            .files
            .create(&path)
            .map_err(BlobError::io("create", &path))?;
        Ok(Self {
            disk: Arc::clone(disk),
            path,
            file,
            size: 0,
            is_moved: false,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.size += bytes.len() as u64;
        self.disk
            .files
            .write(&self.file, &self.path, bytes)
            .map_err(BlobError::io("write", &self.path))
    }

    /// Makes the bytes durable.
    pub(crate) fn sync(&self) -> Result<(), BlobError> {
        self.disk
            .files
            .sync_file(&self.file, &self.path)
            .map_err(BlobError::io("sync", &self.path))
    }

    /// Moves the file into place; it then stays. Returns it, still open.
    pub(crate) fn move_to(mut self, place: &Path) -> Result<File, BlobError> {
        self.disk
            .files
            .rename(&self.path, place)
            .map_err(BlobError::io("move into place", place))?;
        self.is_moved = true;
        self.file
            .try_clone()
            .map_err(BlobError::io("keep open", place))
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        if self.is_moved {
            return;
        }
        let path = std::mem::take(&mut self.path);
        // Best effort: what stays is cleared by the next start.
        let remove = move || drop(fs::remove_file(path));
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if self.size > SMALL_BYTES => drop(runtime.spawn_blocking(remove)),
            _ => remove(),
        }
    }
}
