//! The server, on a free port of loopback.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use super::{program, script};
use crate::person::Waiting;

/// Somebody who may write.
pub const USER: &str = "demo";
/// Their password.
pub const PASSWORD: &str = "the-password-of-the-demo";

/// A running server; dropping it kills it.
#[derive(Debug)]
pub struct Server {
    url: String,
    _process: Waiting,
    folder: tempfile::TempDir,
}

impl Server {
    /// Starts an empty server which everybody may read.
    pub async fn start() -> Self {
        Self::readable_by("*").await
    }

    /// Starts an empty server which these users may read.
    pub async fn readable_by(users: &str) -> Self {
        let folder = tempfile::tempdir().expect("the temporary folder takes another one");
        write_settings(folder.path(), users);
        let mut command = Command::new(program("python"));
        command.arg(script("server.py")).arg(folder.path());
        let mut process = Waiting::start(command.env_clear());
        let url = process.word("http://").await;
        Self {
            url,
            _process: process,
            folder,
        }
    }

    /// Returns where it keeps the binary packages of `name/version/user/channel`, of every revision:
    /// a folder each, named `…/id/revision`.
    pub fn packages(&self, place: &str) -> Vec<PathBuf> {
        let mut folders = vec![self.folder.path().join("data").join(place)];
        // Below a recipe's revision, `package`, the id and its revision.
        for only in [None, Some("package"), None, None] {
            let below = folders.iter().flat_map(|folder| {
                let entries = fs::read_dir(folder).expect("a folder of the server");
                entries.map(|entry| entry.expect("an entry").path())
            });
            let is_one =
                |path: &PathBuf| path.is_dir() && only.is_none_or(|name| path.ends_with(name));
            folders = below.filter(is_one).collect();
        }
        folders
    }

    /// Returns its URL, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Writes what the server would else make up, with a port that everybody knows.
fn write_settings(folder: &Path, readers: &str) {
    let secret = "a-secret-of-the-test-that-is-long-enough";
    let text = format!(
        "[server]\njwt_secret: {secret}\njwt_expire_minutes: 120\nssl_enabled: False\nport: 9300\n\
         public_port:\nhost_name: localhost\nauthorize_timeout: 1800\ndisk_storage_path: ./data\n\
         disk_authorize_timeout: 1800\nupdown_secret: {secret}\n\n\
         [write_permissions]\n*/*@*/*: {USER}\n\n[read_permissions]\n*/*@*/*: {readers}\n\n\
         [users]\n{USER}: {PASSWORD}\n"
    );
    fs::write(folder.join("server.conf"), text).expect("a fresh folder takes a file");
}
