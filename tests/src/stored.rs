//! What lies in the data folder: blobs, temporary files, logs.
//!
//! Written without the product's own code for blobs: a fault there must not hide itself.

use std::{
    collections::BTreeSet,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use weir_domain::TaskId;
use weir_store::{Db, task_logs};

/// Returns every file below `folder`, if there is such a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("a readable folder lists its files").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Returns the files below `folder` that hold `text`.
pub fn files_with(folder: &Path, text: &str) -> Vec<PathBuf> {
    let holds = |file: &PathBuf| {
        // What goes away meanwhile holds nothing.
        let bytes = std::fs::read(file).unwrap_or_default();
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    files(folder).into_iter().filter(holds).collect()
}

/// Reads every blob again and returns their digests; fails the test if one is not what its
/// name says. One that is deleted meanwhile is none.
pub fn blobs(data: &Path) -> BTreeSet<String> {
    let mut digests = BTreeSet::new();
    for file in files(&data.join("blobs")) {
        let name = file.file_name().and_then(|name| name.to_str());
        let name = name.expect("blobs are named by their digest").to_owned();
        let bytes = match std::fs::read(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            read => read.expect("a blob can be read"),
        };
        let digest = hex::encode(Sha256::digest(&bytes));
        assert_eq!(digest, name, "{} holds other bytes", file.display());
        digests.insert(digest);
    }
    digests
}

/// Returns the files that somebody has begun and not finished.
pub fn temporaries(data: &Path) -> Vec<PathBuf> {
    let mut found = files(&data.join("tmp"));
    found.extend(files(&data.join("spool")));
    found
}

/// Fails the test unless the chunks of a task's log follow each other without gap or overlap
/// and make up `text`.
pub async fn assert_log_contiguous(db: &Db, task: &str, text: &str) {
    let id: TaskId = task.parse().expect("a task has an id");
    let chunks = task_logs::chunks_from_line(db.read(), id, 1, i64::MAX).await;
    let chunks = chunks.expect("chunks can be read");
    let (mut line, mut byte, mut whole) = (1, 0, Vec::new());
    for chunk in chunks {
        let place = (chunk.first_line, chunk.byte_offset);
        assert_eq!(
            place,
            (line, byte),
            "a gap or an overlap in the log of {task}"
        );
        let breaks = String::from_utf8_lossy(&chunk.body).matches('\n').count();
        assert_eq!(
            i64::try_from(breaks).ok(),
            Some(chunk.line_count()),
            "{task}"
        );
        line += chunk.line_count();
        byte += chunk.byte_count();
        whole.extend_from_slice(&chunk.body);
    }
    let extent = task_logs::extent(db.read(), id).await.expect("an extent");
    assert_eq!(
        (extent.log_lines, extent.log_bytes),
        (line - 1, byte),
        "{task}"
    );
    assert_eq!(String::from_utf8_lossy(&whole), text, "{task}");
}
