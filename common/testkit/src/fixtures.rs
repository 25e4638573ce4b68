//! Real packuments with their host names replaced, and some written by hand for shapes that
//! could not be fetched. tests/fixtures/README.md says which is which and how they were made.

use std::path::{Path, PathBuf};

/// Returns the folder of the real packuments.
pub fn folder() -> PathBuf {
    root().join("registry.example")
}

/// Returns the folder of the documents that were written by hand.
pub fn handwritten() -> PathBuf {
    root().join("handwritten")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

/// Returns one fixture's text by its package's name.
pub fn packument(name: &str) -> String {
    let file = format!("{}.json", name.replace('/', "%2f"));
    let places = [folder().join(&file), handwritten().join(&file)];
    let found = places
        .iter()
        .find_map(|place| std::fs::read_to_string(place).ok());
    found.unwrap_or_else(|| panic!("there is no fixture {file} in {}", root().display()))
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
