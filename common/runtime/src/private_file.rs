//! Small files for their owner's eyes only: a token, a server's address.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Writes a file whole: readers see the old text or the new, and nobody but the owner may
/// read either.
///
/// # Errors
/// The system's; the old file is then untouched.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    // The folder is held by a lock, so no other process writes this name.
    let draft = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Reads a file; `None` if there is none.
///
/// # Errors
/// The system's, other than that it is missing.
pub fn read(path: &Path) -> io::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_replaced_and_stays_private() {
        let folder = tempfile::TempDir::new().expect("temporary folder");
        let path = folder.path().join("admin-token");
        assert_eq!(read(&path).expect("readable"), None);
        for text in ["one", "two"] {
            write(&path, text).expect("written");
            assert_eq!(read(&path).expect("readable").as_deref(), Some(text));
            let mode = path.metadata().expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 1);
    }
}
