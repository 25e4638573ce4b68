//! A disk so small that a test can fill it: a file system in memory, mounted on a folder.
//!
//! Only who may mount has one (root, on Linux); it is unmounted when dropped, also by a test
//! that fails.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A mounted file system of a bounded size.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts a disk of `size` (as `512k`, `96m`) on a folder; none if nobody may mount here.
    #[must_use]
    pub fn on(folder: &Path, size: &str) -> Option<Self> {
        mount(&format!("size={size}"), folder).then(|| Self(folder.to_owned()))
    }

    /// Makes the disk larger or smaller.
    pub fn resize(&self, size: &str) {
        assert!(mount(&format!("remount,size={size}"), &self.0), "resized");
    }

    /// Returns the folder it is mounted on.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SmallDisk {
    /// Lazily: what is still open there goes on until it is closed.
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

fn mount(options: &str, folder: &Path) -> bool {
    let said = Command::new("mount")
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(folder)
        .output();
    said.is_ok_and(|said| said.status.success())
}
