//! Finding the workspace's own binaries.

use std::path::PathBuf;

/// Returns the path of a binary of this workspace, built beside the running test.
///
/// # Panics
/// If it is not there, with the command that builds it.
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a file");
    let mut folders = test.ancestors().skip(1);
    let found = folders
        .by_ref()
        .take(2)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "{name} is not built beside {}: run `cargo build --workspace`",
            test.display()
        )
    })
}
