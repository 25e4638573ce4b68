//! Opening a folder, and what dead and living processes keep in it.

use std::{error::Error, fs, path::Path, sync::Arc};

use super::{files_below, open, put, stage};
use crate::{
    BlobError, Blobs,
    disk::{Disk, RealFiles},
};

#[tokio::test]
async fn temporary_files_of_the_dead_go_and_those_of_the_living_stay() {
    let (folder, blobs) = open();
    let other = Blobs::open(folder.path()).expect("shared");
    let digest = put(&blobs, "published").await;
    let (own, others) = (stage(&blobs, "own").await, stage(&other, "other").await);
    // A dead process is one that holds no lock.
    let dead = folder.path().join("tmp/0190-dead");
    fs::create_dir(&dead).expect("created");
    fs::write(dead.join("3"), "half").expect("written");
    fs::write(folder.path().join("tmp/stray"), "file").expect("written");
    fs::write(folder.path().join("blobs/.proof-0190-dead"), "").expect("written");
    blobs.clear_temporaries().await.expect("cleared");
    assert!(!dead.exists());
    let mut left = files_below(folder.path());
    left.retain(|path| path != own.path() && path != others.path());
    assert_eq!(left.len(), 1, "{left:?}");
    let group = vec![own, others];
    blobs.publish(group).await.expect("both can go on");
    assert!(blobs.read(digest).await.expect("read").is_some());
}

#[tokio::test]
async fn a_process_that_ends_takes_its_folder_along() {
    let (folder, blobs) = open();
    let staged = stage(&blobs, "late").await;
    drop(blobs);
    let boots = || {
        fs::read_dir(folder.path().join("tmp"))
            .expect("there")
            .count()
    };
    assert_eq!(boots(), 1, "still in use by the staged blob");
    drop(staged);
    assert_eq!(boots(), 0);
}

#[test]
fn a_folder_that_cannot_be_written_to_is_one_clear_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    for root in [file.join("below"), file.clone()] {
        let error = Blobs::open(&root).expect_err("a file is no folder");
        assert!(matches!(&error, BlobError::Folder { path, .. } if path.starts_with(&file)));
        let line = format!("{error}: {}", error.source().expect("a cause"));
        assert!(line.contains(&*root.to_string_lossy()), "{line}");
        assert!(!line.contains('\n'), "{line}");
    }
}

#[test]
fn opening_proves_that_files_can_be_moved_into_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let blobs = Blobs::open(folder.path()).expect("writable");
    assert_eq!(files_below(folder.path()), [] as [&Path; 0]);
    drop(blobs);
    // Where permissions do not bind (root), a folder that cannot be entered serves as well.
    fs::remove_dir(folder.path().join("blobs")).expect("empty");
    std::os::unix::fs::symlink("/proc/self", folder.path().join("blobs")).expect("linked");
    let error = Blobs::open(folder.path()).expect_err("nothing can be moved there");
    assert!(matches!(error, BlobError::Folder { path, .. } if path.ends_with("blobs")));
}

#[test]
fn processes_that_start_and_clear_at_the_same_time_spare_each_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..250 {
                    let disk = Disk::open(folder.path(), Arc::new(RealFiles)).expect("opened");
                    disk.clear_temporaries().expect("cleared");
                }
            });
        }
    });
}
