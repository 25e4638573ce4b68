//! Real packuments with their host names replaced; tests/fixtures/README.md says how made.

use std::path::{Path, PathBuf};

/// Returns the folder of the repository's fixtures.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/registry.example")
}

/// Returns one fixture's text by its package's name.
pub fn packument(name: &str) -> String {
    let file = folder().join(format!("{}.json", name.replace('/', "%2f")));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Reads every packument of a folder, with the name of its package.
pub fn read(folder: &Path) -> Vec<(String, String)> {
    let listing = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("fixtures in {}: {error}", folder.display()));
    let mut packuments = Vec::new();
    for entry in listing {
        let file = entry.expect("a readable folder lists its files").path();
        let stem = file
            .file_name()
            .and_then(|name| name.to_str()?.strip_suffix(".json"));
        if let Some(stem) = stem {
            let text = std::fs::read_to_string(&file)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            packuments.push((stem.replace("%2f", "/"), text));
        }
    }
    packuments.sort();
    packuments
}
