//! How the commands of this machine learn where it listens.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

use weir_runtime::private_file;

use crate::client::{SERVER_FILE, ServerFile};

/// The file that names a running server; taken away again when dropped.
#[derive(Debug)]
pub(super) struct Announcement(PathBuf);

impl Announcement {
    /// Writes the file into the data folder.
    pub(super) fn write(folder: &Path, bound: SocketAddr) -> io::Result<Self> {
        let file = ServerFile {
            url: local_url(bound),
            pid: std::process::id(),
        };
        let path = folder.join(SERVER_FILE);
        private_file::write(&path, &serde_json::to_string(&file)?)?;
        Ok(Self(path))
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // A stale file is harmless: the commands say that nobody answers there.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Returns the URL under which this machine reaches a listener.
pub(super) fn local_url(bound: SocketAddr) -> String {
    let ip = match bound {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other.ip(),
    };
    format!("http://{}", SocketAddr::new(ip, bound.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unspecified_address_is_reached_by_loopback() {
        for (bound, url) in [
            ("127.0.0.1:7373", "http://127.0.0.1:7373"),
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:7373", "http://[::1]:7373"),
            ("10.1.2.3:7373", "http://10.1.2.3:7373"),
        ] {
            assert_eq!(local_url(bound.parse().expect("address")), url);
        }
    }

    #[test]
    fn the_announcement_goes_with_the_server() {
        let folder = tempfile::TempDir::new().expect("temporary folder");
        let bound = "127.0.0.1:7373".parse().expect("address");
        let announcement = Announcement::write(folder.path(), bound).expect("written");
        assert!(folder.path().join(SERVER_FILE).exists());
        drop(announcement);
        assert!(!folder.path().join(SERVER_FILE).exists());
    }
}
