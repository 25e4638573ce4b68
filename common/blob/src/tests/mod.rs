//! Tests of the whole crate, on real folders and a real object store; the order of system
//! calls through a recording layer.
//!
//! What a caller may rely upon runs on both backends; a [`Bench`] is one of them.

mod bench;
mod damage;
mod logs;
mod order;
mod put;
mod read;
mod recording;
mod remote;
mod temporaries;

use std::{
    fs,
    path::{Path, PathBuf},
};

use bench::{Bench, on_both_backends};
use bytes::Bytes;
use tempfile::TempDir;
use weir_domain::Digest;

use crate::{Blobs, StagedBlob};

/// A fresh folder and blobs in it.
fn open() -> (TempDir, Blobs) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let blobs = Blobs::open(folder.path()).expect("writable");
    (folder, blobs)
}

async fn stage(blobs: &Blobs, text: &str) -> StagedBlob {
    let bytes = Bytes::from(text.to_owned());
    blobs.stage(bytes).await.expect("staged")
}

async fn put(blobs: &Blobs, bytes: impl Into<Bytes>) -> Digest {
    let staged = blobs.stage(bytes.into()).await.expect("staged");
    let digest = staged.digest();
    blobs.publish(vec![staged]).await.expect("published");
    digest
}

/// Bytes that are nowhere the same for long.
fn bytes(len: usize) -> Bytes {
    (0..len)
        .map(|n| (n % 251).to_le_bytes()[0] ^ (n >> 16).to_le_bytes()[0])
        .collect()
}

/// Every file below `folder`.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}
