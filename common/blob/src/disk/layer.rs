//! The system calls whose order decides what survives a power cut.
//!
//! Killing a process cannot show a wrong order (the page cache survives it), so tests put
//! a recording layer here and assert the order itself (DECISIONS 20).

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// File operations; the defaults are the real ones.
pub(crate) trait FileLayer: Send + Sync + fmt::Debug {
    /// Makes a new file, open for writing.
    fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(path)
    }

    /// Appends to an open file.
    fn write(&self, mut file: &File, _path: &Path, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    /// Makes a file's bytes and size durable.
    fn sync_file(&self, file: &File, _path: &Path) -> io::Result<()> {
        file.sync_all()
    }

    /// Makes a folder and its parents, if they are missing.
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    /// Moves a file, replacing what is there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Makes a folder's entries durable.
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

/// The operating system.
#[derive(Debug)]
pub(crate) struct RealFiles;

impl FileLayer for RealFiles {}
