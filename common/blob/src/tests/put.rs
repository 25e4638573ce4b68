//! Writing, publishing, listing and removing.

use std::{fs, io::Write, path::Path};

use bytes::Bytes;
use futures::TryStreamExt;
use weir_domain::Digest;

use super::{files_below, open, put, stage};
use crate::Blobs;

#[tokio::test]
async fn what_is_written_in_pieces_is_one_blob_under_its_digest() {
    let (folder, blobs) = open();
    let bytes: Vec<u8> = (0..700_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let mut writer = blobs.create().await.expect("created");
    for piece in bytes.chunks(10_007) {
        writer.write(piece).await.expect("written");
    }
    let staged = writer.finish().await.expect("finished");
    assert_eq!(staged.digest(), Digest::of(&bytes));
    assert_eq!(staged.size(), bytes.len() as u64);
    assert_eq!(blobs.read(staged.digest()).await.expect("read"), None);
    let digest = staged.digest();
    blobs.publish(vec![staged]).await.expect("published");
    assert_eq!(blobs.read(digest).await.expect("read"), Some(bytes.into()));
    let hex = digest.to_string();
    let place = format!("blobs/{}/{}/{hex}", &hex[..2], &hex[2..4]);
    assert_eq!(files_below(folder.path()), [folder.path().join(place)]);
}

#[tokio::test]
async fn a_follower_reads_what_the_writer_says_is_readable() {
    let (_folder, blobs) = open();
    let mut writer = blobs.create().await.expect("created");
    writer.write(b"small").await.expect("written");
    assert!(writer.is_empty());
    writer.flush().await.expect("flushed");
    assert_eq!(writer.len(), 5);
    assert_eq!(fs::read(writer.path()).expect("readable"), b"small");
    writer.write(vec![b'x'; 300_000]).await.expect("written");
    assert_eq!(writer.len(), 300_005);
    assert_eq!(fs::read(writer.path()).expect("readable").len(), 300_005);
}

#[tokio::test]
async fn a_blob_not_published_leaves_nothing() {
    let (folder, blobs) = open();
    let mut writer = blobs.create().await.expect("created");
    writer.write(vec![0; 300_000]).await.expect("written");
    let staged = stage(&blobs, "staged").await;
    assert_eq!(files_below(folder.path()).len(), 2);
    drop((writer, staged));
    assert_eq!(files_below(folder.path()), [] as [&Path; 0]);
}

#[tokio::test]
async fn a_thread_that_may_block_writes_the_same_blob() {
    let (_folder, blobs) = open();
    let mut writer = blobs.create_blocking().expect("created");
    writer.write_all(b"by a ").expect("written");
    writer.write_all(b"thread").expect("written");
    assert_eq!(writer.len(), 11);
    assert_eq!(writer.finish().digest(), Digest::of(b"by a thread"));
}

#[tokio::test]
async fn putting_bytes_twice_or_twice_in_a_group_is_harmless() {
    let (folder, blobs) = open();
    let digest = put(&blobs, "same").await;
    assert_eq!(put(&blobs, "same").await, digest);
    let group = vec![
        stage(&blobs, "same").await,
        stage(&blobs, "new").await,
        stage(&blobs, "new").await,
    ];
    blobs.publish(group).await.expect("published");
    assert_eq!(files_below(folder.path()).len(), 2);
    assert_eq!(read(&blobs, digest).await, "same");
}

#[tokio::test]
async fn many_at_once_put_the_same_bytes() {
    let (folder, blobs) = open();
    futures::future::join_all((0..20).map(|_| put(&blobs, "same"))).await;
    assert_eq!(files_below(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_file_that_does_not_hold_its_bytes_any_more_is_replaced() {
    for wreck in ["wh", "WHOLE", ""] {
        let (folder, blobs) = open();
        let digest = put(&blobs, "whole").await;
        let place = files_below(folder.path()).remove(0);
        fs::write(place, wreck).expect("written");
        put(&blobs, "whole").await;
        assert_eq!(read(&blobs, digest).await, "whole");
    }
}

#[tokio::test]
async fn an_empty_group_and_an_empty_blob_are_fine() {
    let (_folder, blobs) = open();
    blobs.publish(Vec::new()).await.expect("nothing to do");
    let digest = put(&blobs, "").await;
    assert_eq!(blobs.size(digest).await.expect("size"), Some(0));
    assert_eq!(read(&blobs, digest).await, "");
}

#[tokio::test]
async fn blobs_are_listed_sized_and_removed() {
    let (folder, blobs) = open();
    let mut expected = vec![(put(&blobs, "a").await, 1), (put(&blobs, "bb").await, 2)];
    expected.sort();
    fs::write(folder.path().join("blobs/notes.txt"), "not a blob").expect("written");
    let kept = stage(&blobs, "staged, not listed").await;
    let mut listed: Vec<_> = blobs.list().try_collect().await.expect("listed");
    listed.sort();
    assert_eq!(listed, expected);
    drop(kept);
    let (digest, size) = expected[0];
    assert_eq!(blobs.size(digest).await.expect("size"), Some(size));
    assert!(blobs.remove(digest).await.expect("removed"));
    assert!(!blobs.remove(digest).await.expect("gone already"));
    assert_eq!(blobs.size(digest).await.expect("size"), None);
    let left: Vec<_> = blobs.list().try_collect().await.expect("listed");
    assert_eq!(left, expected[1..]);
}

async fn read(blobs: &Blobs, digest: Digest) -> Bytes {
    let bytes = blobs.read(digest).await.expect("readable");
    bytes.expect("there")
}
