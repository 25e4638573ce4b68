//! Reading whole blobs and parts of them.

use std::{fs, ops::Range};

use futures::{StreamExt, TryStreamExt};
use weir_domain::Digest;

use super::{Bench, files_below, on_both_backends, open, put};
use crate::{BlobError, Blobs, pieces::PIECE_BYTES};

on_both_backends!(
    a_small_blob_comes_in_one_piece_and_a_large_one_in_several,
    a_range_is_exactly_what_was_asked_for,
    a_size_other_than_expected_is_found_at_open,
    a_reader_reads_on_after_removal,
);

/// Larger than two pieces and a bit.
const LARGE: usize = 1_400_000;

fn large() -> Vec<u8> {
    (0..LARGE)
        .map(|n| u8::try_from(n % 251).expect("small"))
        .collect()
}

/// Returns the bytes of a range, and how they came in pieces.
async fn read(blobs: &Blobs, digest: Digest, range: Option<Range<u64>>) -> (Vec<u8>, Vec<usize>) {
    let opened = blobs
        .open_range(digest, range.clone())
        .await
        .expect("opened");
    let opened = opened.expect("there");
    assert_eq!(opened.range, range.unwrap_or(0..opened.size));
    let pieces: Vec<_> = opened.stream.try_collect().await.expect("read");
    (
        pieces.concat(),
        pieces.iter().map(bytes::Bytes::len).collect(),
    )
}

async fn a_small_blob_comes_in_one_piece_and_a_large_one_in_several(bench: Bench) {
    let blobs = &bench.blobs;
    let small = put(blobs, vec![1; 1024 * 1024]).await;
    assert_eq!(read(blobs, small, None).await.1, [1024 * 1024]);
    let digest = put(blobs, large()).await;
    let (bytes, pieces) = read(blobs, digest, None).await;
    assert!(bytes == large());
    let mut expected = vec![PIECE_BYTES; LARGE / PIECE_BYTES];
    expected.push(LARGE % PIECE_BYTES);
    assert_eq!(pieces, expected);
}

async fn a_range_is_exactly_what_was_asked_for(bench: Bench) {
    let blobs = &bench.blobs;
    let bytes = large();
    let digest = put(blobs, bytes.clone()).await;
    let size = LARGE as u64;
    for range in [
        0..1,
        5..5,
        7..1_000_000,
        1..size,
        size - 1..size,
        size..size,
    ] {
        bench.cool();
        let from = usize::try_from(range.start).expect("small");
        let to = usize::try_from(range.end).expect("small");
        assert!(read(blobs, digest, Some(range)).await.0 == bytes[from..to]);
    }
    bench.cool();
    let outside = blobs.open_range(digest, Some(1..size + 1)).await;
    assert!(matches!(outside, Err(BlobError::Range { size, .. }) if size == LARGE as u64));
}

async fn a_size_other_than_expected_is_found_at_open(bench: Bench) {
    let blobs = &bench.blobs;
    let digest = put(blobs, "whole").await;
    assert!(
        blobs
            .read((digest, 5))
            .await
            .expect("as expected")
            .is_some()
    );
    fs::write(&bench.stored()[0], "wh").expect("written");
    bench.cool();
    let error = blobs.open_range((digest, 5), None).await.expect_err("cut");
    assert_eq!(
        error.to_string(),
        format!("blob {digest} has 2 bytes, not 5")
    );
    assert!(matches!(
        blobs.read((digest, 5)).await,
        Err(BlobError::Size {
            expected: 5,
            actual: 2,
            ..
        })
    ));
}

#[tokio::test]
async fn a_file_that_ends_early_ends_the_stream_with_an_error() {
    let (folder, blobs) = open();
    let digest = put(&blobs, vec![0; 8 * LARGE]).await;
    let opened = blobs.open_range(digest, None).await.expect("opened");
    let mut stream = opened.expect("there").stream;
    let place = files_below(folder.path()).remove(0);
    let file = fs::File::options().write(true).open(place).expect("there");
    file.set_len(1_100_000).expect("cut");
    let mut seen = 0;
    let error = loop {
        match stream.next().await.expect("an error before the end") {
            Ok(piece) => seen += piece.len(),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    assert!(seen <= 1_100_000);
    assert!(stream.next().await.is_none());
}

async fn a_reader_reads_on_after_removal(bench: Bench) {
    let blobs = &bench.blobs;
    let digest = put(blobs, large()).await;
    let opened = blobs.open_range(digest, None).await.expect("opened");
    blobs.remove(digest).await.expect("removed");
    let pieces: Vec<_> = opened
        .expect("there")
        .stream
        .try_collect()
        .await
        .expect("read");
    assert!(pieces.concat() == large());
    assert!(
        blobs
            .open_range(digest, None)
            .await
            .expect("looked")
            .is_none()
    );
    assert_eq!(blobs.read(digest).await.expect("looked"), None);
}
