//! The cache in front of a bucket: bounded, shared, never wrong.

use std::{
    fs::{self, File},
    time::{Duration, SystemTime},
};

use futures::TryStreamExt;
use weir_domain::Digest;

use crate::{
    Blobs,
    tests::{
        Bench,
        bench::{brief, connect},
        bytes, put,
    },
};

async fn read(blobs: &Blobs, digest: Digest) -> Vec<u8> {
    let read = blobs.read(digest).await.expect("readable");
    read.expect("there").to_vec()
}

fn bytes_kept(bench: &Bench) -> u64 {
    let sizes = bench.kept().into_iter();
    sizes
        .map(|file| fs::metadata(file).expect("there").len())
        .sum()
}

#[tokio::test]
async fn what_was_published_is_read_without_asking() {
    let bench = Bench::remote().await;
    let digest = put(&bench.blobs, "fresh").await;
    assert_eq!(read(&bench.blobs, digest).await, b"fresh");
    assert_eq!(bench.server().asked("GET", "/blobs/").len(), 0);
    assert_eq!(bench.temporaries().len(), 0);
}

#[tokio::test]
async fn a_folder_is_shared_and_survives_its_processes() {
    let bench = Bench::remote().await;
    let digest = put(&bench.blobs, "shared").await;
    let other = connect(bench.server(), &bench.folder)
        .await
        .expect("connected");
    assert_eq!(read(&other, digest).await, b"shared");
    assert_eq!(bench.server().asked("GET", "/blobs/").len(), 0);
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let other = connect(bench.server(), &elsewhere)
        .await
        .expect("connected");
    for _ in 0..2 {
        assert_eq!(read(&other, digest).await, b"shared");
    }
    assert_eq!(bench.server().asked("GET", "/blobs/").len(), 1);
}

#[tokio::test]
async fn it_never_holds_more_than_it_may() {
    let bench = Bench::remote_with(1_000_000, brief()).await;
    let mut digests = Vec::new();
    for n in 0..30_u8 {
        digests.push(put(&bench.blobs, vec![n; 100_000]).await);
        assert!(bytes_kept(&bench) <= 1_000_000);
    }
    for (n, digest) in (0..30_u8).zip(digests) {
        assert_eq!(read(&bench.blobs, digest).await, vec![n; 100_000]);
        assert!(bytes_kept(&bench) <= 1_000_000);
    }
    assert!(bytes_kept(&bench) >= 500_000, "and not much less");
    assert_eq!(bench.stored().len(), 30);
}

#[tokio::test]
async fn what_is_read_stays_longer_than_what_is_not() {
    let bench = Bench::remote_with(1_000_000, brief()).await;
    let mut digests = Vec::new();
    for n in 0..9_u8 {
        digests.push(put(&bench.blobs, vec![n; 100_000]).await);
    }
    let yesterday = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for file in bench.kept() {
        let file = File::options().write(true).open(file).expect("there");
        file.set_modified(yesterday).expect("dated");
    }
    let used = digests[4];
    read(&bench.blobs, used).await;
    put(&bench.blobs, vec![99; 400_000]).await;
    let gets = bench.server().asked("GET", "/blobs/").len();
    read(&bench.blobs, used).await;
    assert_eq!(bench.server().asked("GET", "/blobs/").len(), gets);
    assert!(bench.kept().len() <= 6, "others went");
}

#[tokio::test]
async fn a_blob_too_large_to_be_kept_is_read_all_the_same() {
    let bench = Bench::remote_with(1_000_000, brief()).await;
    let large = bytes(3_000_000);
    let digest = put(&bench.blobs, large.clone()).await;
    let opened = bench.blobs.open_range((digest, 3_000_000), None).await;
    let stream = opened.expect("opened").expect("there").stream;
    let pieces: Vec<_> = stream.try_collect().await.expect("readable");
    assert!(pieces.concat() == large);
    assert!(bench.kept().is_empty() && bench.temporaries().is_empty());
}

#[tokio::test]
async fn a_wreck_in_it_is_replaced_and_not_served() {
    let bench = Bench::remote().await;
    let digest = put(&bench.blobs, "whole").await;
    fs::write(&bench.kept()[0], "wh").expect("cut");
    let read = bench.blobs.read((digest, 5)).await.expect("readable");
    assert_eq!(read.expect("there"), "whole");
    assert_eq!(fs::read(&bench.kept()[0]).expect("there"), b"whole");
}

#[tokio::test]
async fn what_a_dead_process_was_filling_goes_at_the_next_start() {
    let bench = Bench::remote().await;
    let dead = bench.folder.path().join("tmp/0190-dead");
    fs::create_dir(&dead).expect("created");
    fs::write(dead.join("0"), "half").expect("written");
    let other = connect(bench.server(), &bench.folder).await;
    let other = other.expect("connected");
    other.clear_temporaries().await.expect("cleared");
    assert!(!dead.exists());
}
