//! Writing, publishing, listing and removing.

use std::{fs, io::Write, path::Path};

use bytes::Bytes;
use futures::TryStreamExt;
use weir_domain::Digest;

use super::{Bench, on_both_backends, put, stage};
use crate::Blobs;

on_both_backends!(
    what_is_written_in_pieces_is_one_blob_under_its_digest,
    a_follower_reads_what_the_writer_says_is_readable,
    a_blob_not_published_leaves_nothing,
    a_thread_that_may_block_writes_the_same_blob,
    putting_bytes_twice_or_twice_in_a_group_is_harmless,
    many_at_once_put_the_same_bytes,
    what_does_not_hold_its_bytes_any_more_is_replaced,
    an_empty_group_and_an_empty_blob_are_fine,
    blobs_are_listed_sized_and_removed,
);

async fn what_is_written_in_pieces_is_one_blob_under_its_digest(bench: Bench) {
    let blobs = &bench.blobs;
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
    let place = format!("blobs/{}/{hex}", &hex[..2]);
    let [stored] = &bench.stored()[..] else {
        panic!("one is stored")
    };
    assert!(stored.ends_with(&place), "{}", stored.display());
    assert_eq!(bench.temporaries(), [] as [&Path; 0]);
}

async fn a_follower_reads_what_the_writer_says_is_readable(bench: Bench) {
    let blobs = &bench.blobs;
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

async fn a_blob_not_published_leaves_nothing(bench: Bench) {
    let blobs = &bench.blobs;
    let mut writer = blobs.create().await.expect("created");
    writer.write(vec![0; 300_000]).await.expect("written");
    let staged = stage(blobs, "staged").await;
    assert_eq!(bench.temporaries().len(), 2);
    drop((writer, staged));
    assert_eq!(bench.temporaries(), [] as [&Path; 0]);
    assert_eq!(bench.stored(), [] as [&Path; 0]);
}

async fn a_thread_that_may_block_writes_the_same_blob(bench: Bench) {
    let blobs = &bench.blobs;
    let mut writer = blobs.create_blocking().expect("created");
    writer.write_all(b"by a ").expect("written");
    writer.write_all(b"thread").expect("written");
    assert_eq!(writer.len(), 11);
    assert_eq!(writer.finish().digest(), Digest::of(b"by a thread"));
}

async fn putting_bytes_twice_or_twice_in_a_group_is_harmless(bench: Bench) {
    let blobs = &bench.blobs;
    let digest = put(blobs, "same").await;
    assert_eq!(put(blobs, "same").await, digest);
    let group = vec![
        stage(blobs, "same").await,
        stage(blobs, "new").await,
        stage(blobs, "new").await,
    ];
    blobs.publish(group).await.expect("published");
    assert_eq!(bench.stored().len(), 2);
    assert_eq!(read(blobs, digest).await, "same");
}

async fn many_at_once_put_the_same_bytes(bench: Bench) {
    let blobs = &bench.blobs;
    futures::future::join_all((0..20).map(|_| put(blobs, "same"))).await;
    assert_eq!(bench.stored().len(), 1);
}

async fn what_does_not_hold_its_bytes_any_more_is_replaced(bench: Bench) {
    let blobs = &bench.blobs;
    for wreck in ["wh", "WHOLE", ""] {
        let digest = put(blobs, "whole").await;
        fs::write(&bench.stored()[0], wreck).expect("written");
        put(blobs, "whole").await;
        assert_eq!(fs::read(&bench.stored()[0]).expect("readable"), b"whole");
        bench.cool();
        assert_eq!(read(blobs, digest).await, "whole");
    }
}

async fn an_empty_group_and_an_empty_blob_are_fine(bench: Bench) {
    let blobs = &bench.blobs;
    blobs.publish(Vec::new()).await.expect("nothing to do");
    let digest = put(blobs, "").await;
    assert_eq!(blobs.size(digest).await.expect("size"), Some(0));
    assert_eq!(read(blobs, digest).await, "");
}

async fn blobs_are_listed_sized_and_removed(bench: Bench) {
    let blobs = &bench.blobs;
    let mut expected = vec![(put(blobs, "a").await, 1), (put(blobs, "bb").await, 2)];
    expected.sort();
    let folder = bench.stored()[0]
        .ancestors()
        .nth(3)
        .expect("blobs")
        .to_owned();
    fs::write(folder.join("notes.txt"), "not a blob").expect("written");
    let kept = stage(blobs, "staged, not listed").await;
    assert_eq!(listed(blobs).await, expected);
    drop(kept);
    let (digest, size) = expected[0];
    assert_eq!(blobs.size(digest).await.expect("size"), Some(size));
    assert!(blobs.remove(digest).await.expect("removed"));
    assert!(!blobs.remove(digest).await.expect("gone already"));
    assert_eq!(blobs.read(digest).await.expect("looked"), None);
    assert_eq!(blobs.size(digest).await.expect("size"), None);
    assert_eq!(listed(blobs).await, expected[1..]);
}

async fn listed(blobs: &Blobs) -> Vec<(Digest, u64)> {
    let listed: Vec<_> = blobs.list().try_collect().await.expect("listed");
    let mut listed: Vec<_> = listed.iter().map(|blob| (blob.digest, blob.size)).collect();
    listed.sort();
    listed
}

async fn read(blobs: &Blobs, digest: Digest) -> Bytes {
    let bytes = blobs.read(digest).await.expect("readable");
    bytes.expect("there")
}
