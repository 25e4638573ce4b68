//! Bytes that were changed under us, and disks without room.

use std::{fs, io, os::unix::fs::FileExt, path::Path, sync::Arc};

use futures::TryStreamExt;
use weir_domain::{Decision, Digest, Retryable, TaskId};
use weir_testkit::SmallDisk;

use super::{Bench, bytes, files_below, on_both_backends, open, put, recording::Recording, stage};
use crate::{BlobError, Blobs, disk::Disk};

on_both_backends!(
    other_bytes_of_the_same_size_are_never_read,
    bytes_are_read_where_they_lie_for_good_whatever_they_are,
    a_log_is_listed_and_removed,
    what_is_put_and_read_again_is_still_itself,
);

const LARGE: usize = 1_400_000;

/// Changes one byte of a file, whose size stays.
fn flip(file: &Path, at: u64) {
    let file = fs::File::options().read(true).write(true).open(file);
    let file = file.expect("there");
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).expect("within");
    file.write_all_at(&[byte[0] ^ 1], at).expect("written");
}

fn is_damage<T: std::fmt::Debug>(read: Result<T, BlobError>) -> bool {
    matches!(read, Err(error) if error.is_damage())
}

async fn other_bytes_of_the_same_size_are_never_read(bench: Bench) {
    let blobs = &bench.blobs;
    for (len, at) in [(300, 7), (LARGE, 1_399_000)] {
        let digest = put(blobs, bytes(len)).await;
        assert!(blobs.read(digest).await.expect("read").is_some());
        let stored = bench.stored().into_iter();
        let mine = stored.filter(|file| file.ends_with(digest.to_string()));
        for file in mine {
            flip(&file, at);
        }
        bench.cool();
        let size = len as u64;
        for _ in 0..2 {
            assert!(is_damage(read_all(blobs, (digest, size)).await), "{len}");
        }
        put(blobs, bytes(len)).await;
        bench.cool();
        assert!(blobs.read(digest).await.expect("mended").is_some());
    }
}

/// Reads a blob to its end; an error of the stream is what caused it.
async fn read_all(blobs: &Blobs, wanted: (Digest, u64)) -> Result<Vec<u8>, BlobError> {
    let opened = blobs.open_range(wanted, None).await?.expect("there");
    let pieces: Result<Vec<_>, io::Error> = opened.stream.try_collect().await;
    match pieces {
        Ok(pieces) => Ok(pieces.concat()),
        Err(error) => {
            let cause = error.into_inner().expect("a cause");
            Err(*cause.downcast::<BlobError>().expect("of ours"))
        }
    }
}

async fn bytes_are_read_where_they_lie_for_good_whatever_they_are(bench: Bench) {
    let blobs = &bench.blobs;
    let digest = put(blobs, "whole").await;
    fs::write(&bench.stored()[0], "other").expect("written");
    let opened = blobs.open_unproven(digest).await.expect("opened");
    let opened = opened.expect("there");
    assert_eq!(opened.size, 5);
    let pieces: Vec<_> = opened.stream.try_collect().await.expect("read");
    assert_eq!(pieces.concat(), b"other");
    blobs.remove(digest).await.expect("removed");
    assert!(blobs.open_unproven(digest).await.expect("looked").is_none());
}

async fn a_log_is_listed_and_removed(bench: Bench) {
    let (blobs, task) = (&bench.blobs, TaskId::new());
    let mut writer = blobs.create_log(task, 3).await.expect("begun");
    writer.write(b"lines").await.expect("written");
    writer.finish().await.expect("sealed");
    let listed: Vec<_> = blobs.list_logs().try_collect().await.expect("listed");
    let listed: Vec<_> = listed
        .iter()
        .map(|log| (log.task, log.generation))
        .collect();
    assert_eq!(listed, [(task, 3)]);
    for _ in 0..2 {
        blobs.remove_log(task, 3).await.expect("gone");
    }
    assert_eq!(blobs.read_log(task, 3, 0..5).await.expect("looked"), None);
}

async fn what_is_put_and_read_again_is_still_itself(bench: Bench) {
    let blobs = &bench.blobs;
    let digest = put(blobs, bytes(LARGE)).await;
    for _ in 0..3 {
        let read = read_all(blobs, (digest, LARGE as u64)).await;
        assert!(read.expect("read") == bytes(LARGE));
        let again = blobs.open_range(digest, Some(5..10)).await;
        assert_eq!(again.expect("opened").expect("there").range, 5..10);
    }
}

/// Blobs on files that say what the recording tells them to.
fn recorded(folder: &Path) -> (Arc<Recording>, Blobs) {
    let files = Arc::new(Recording::default());
    let layer: Arc<Recording> = Arc::clone(&files);
    let disk = Disk::open(folder, layer).expect("writable");
    (files, Blobs::over(disk).expect("opened"))
}

#[tokio::test]
async fn a_full_disk_asks_for_patience_and_tears_nothing() {
    use super::recording::Kind;
    let folder = tempfile::tempdir().expect("a folder");
    let (files, blobs) = recorded(folder.path());
    let before = stage(&blobs, "written before").await;
    for kind in [Kind::Write, Kind::SyncFile, Kind::Rename] {
        files.fill(kind);
        let failed = match blobs.stage(bytes(100)).await {
            Ok(staged) => blobs.publish(vec![staged]).await,
            Err(error) => Err(error),
        };
        let error = failed.expect_err("no room");
        assert!(error.is_full(), "{error:?}");
        assert!(matches!(error.decision(), Decision::Wait(_)));
        assert_eq!(files_below(&folder.path().join("blobs")), [] as [&Path; 0]);
        files.heal();
    }
    let digest = before.digest();
    blobs.publish(vec![before]).await.expect("there is room");
    assert_eq!(
        blobs.read(digest).await.expect("read").expect("there"),
        "written before"
    );
}

/// The same on a real file system, for who may mount one.
#[tokio::test]
async fn a_disk_that_is_really_full_is_overcome() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(_disk) = SmallDisk::on(folder.path(), "2m") else {
        return; // The test above goes through the same by a seam.
    };
    let blobs = Blobs::open(folder.path()).expect("writable");
    let digest = put(&blobs, bytes(1_000_000)).await;
    let error = blobs.stage(bytes(1_200_000)).await.expect_err("no room");
    assert!(error.is_full(), "{error:?}");
    let read = blobs.read(digest).await.expect("reads go on");
    assert_eq!(read.expect("there").len(), 1_000_000);
    blobs.remove(digest).await.expect("removed");
    let digest = put(&blobs, bytes(1_200_000)).await;
    assert!(blobs.read(digest).await.expect("read").is_some());
}

#[tokio::test]
async fn a_file_is_hashed_once_and_again_when_it_was_touched() {
    let (folder, blobs) = open();
    let digest = put(&blobs, "whole").await;
    let file = files_below(&folder.path().join("blobs")).remove(0);
    let old = fs::metadata(&file)
        .expect("there")
        .modified()
        .expect("a time");
    fs::write(&file, "other").expect("written");
    // Whoever hides what they did by setting the time back is found out all the same.
    let opened = fs::File::options().write(true).open(&file).expect("there");
    opened.set_modified(old).expect("set");
    assert!(is_damage(blobs.read(digest).await));
    fs::write(&file, "whole").expect("written");
    assert!(blobs.read(digest).await.expect("itself again").is_some());
}

#[tokio::test]
async fn a_cached_copy_that_was_changed_is_fetched_again() {
    let bench = Bench::remote().await;
    let digest = put(&bench.blobs, "whole").await;
    fs::write(&bench.kept()[0], "other").expect("written");
    let read = bench.blobs.read(digest).await.expect("read");
    assert_eq!(read.expect("there"), "whole");
    assert_eq!(fs::read(&bench.kept()[0]).expect("there"), b"whole");
}
