//! Reading from a bucket what is not in the cache.

use futures::{StreamExt, TryStreamExt};
use weir_domain::{Decision, Digest, Retryable};
use weir_testkit::ObjectFault;

use crate::{
    BlobError,
    tests::{Bench, bytes, put},
};

const LARGE: usize = 3 * 1024 * 1024;

/// A bucket with one blob of so many bytes that nobody has read yet.
async fn cold(len: usize) -> (Bench, Digest, bytes::Bytes) {
    cold_on(Bench::remote().await, len).await
}

async fn cold_on(bench: Bench, len: usize) -> (Bench, Digest, bytes::Bytes) {
    let bytes = bytes(len);
    let digest = put(&bench.blobs, bytes.clone()).await;
    bench.cool();
    (bench, digest, bytes)
}

/// Reads the whole, or says why not, and how much came before.
async fn read(bench: &Bench, digest: Digest) -> Result<Vec<u8>, (usize, String)> {
    let opened = bench.blobs.open_range(digest, None).await;
    let opened = opened.map_err(|error| (0, error.to_string()))?;
    let mut stream = opened.expect("there").stream;
    let mut read = Vec::new();
    while let Some(piece) = stream.next().await {
        match piece {
            Ok(piece) => read.extend_from_slice(&piece),
            Err(error) => return Err((read.len(), error.to_string())),
        }
    }
    Ok(read)
}

/// How often the blob was asked for.
fn gets(bench: &Bench) -> usize {
    bench.server().asked("GET", "/blobs/").len()
}

#[tokio::test]
async fn many_readers_of_a_cold_blob_cause_one_download() {
    let (bench, digest, bytes) = cold(LARGE).await;
    bench
        .server()
        .once("GET", "/blobs/", ObjectFault::Slow(6_000_000));
    let readers = (0..20).map(|_| read(&bench, digest));
    for read in futures::future::join_all(readers).await {
        assert!(read.expect("readable") == bytes);
    }
    assert_eq!(gets(&bench), 1);
    assert!(read(&bench, digest).await.expect("readable") == bytes);
    assert_eq!(gets(&bench), 1, "it is in the cache");
}

#[tokio::test]
async fn a_large_blob_is_read_while_it_comes() {
    let (bench, digest, bytes) = cold(LARGE).await;
    bench
        .server()
        .once("GET", "/blobs/", ObjectFault::Slow(3_000_000));
    let opened = bench.blobs.open_range((digest, LARGE as u64), None).await;
    let mut stream = opened.expect("opened").expect("there").stream;
    let mut read = Vec::new();
    while let Some(piece) = stream.next().await {
        if read.is_empty() {
            assert!(bench.kept().is_empty(), "it begins before the end is here");
        }
        read.extend_from_slice(&piece.expect("readable"));
        let is_proven = !bench.kept().is_empty();
        assert!(is_proven || read.len() <= LARGE - 64 * 1024);
    }
    assert!(read == bytes);
    assert_eq!(bench.kept().len(), 1);
}

#[tokio::test]
async fn a_download_goes_on_without_its_reader() {
    let (bench, digest, bytes) = cold(LARGE).await;
    bench
        .server()
        .once("GET", "/blobs/", ObjectFault::Slow(6_000_000));
    let opened = bench.blobs.open_range(digest, None).await.expect("opened");
    drop(opened.expect("there"));
    assert!(read(&bench, digest).await.expect("readable") == bytes);
    assert_eq!(gets(&bench), 1);
}

#[tokio::test]
async fn a_line_that_is_cut_again_and_again_is_resumed_where_it_was() {
    let (bench, digest, bytes) = cold(LARGE).await;
    bench
        .server()
        .times(6, "GET", "/blobs/", ObjectFault::CutAnswer(400_000));
    assert!(read(&bench, digest).await.expect("readable") == bytes);
    let asked = bench.server().asked("GET", "/blobs/");
    assert_eq!(asked.len(), 7);
    assert_eq!(asked[0].range, "");
    assert!(
        asked[1..]
            .iter()
            .all(|asked| !asked.range.starts_with("bytes=0-"))
    );
}

#[tokio::test]
async fn a_line_that_goes_dead_is_left_and_another_taken_for_longer_than_retries_last() {
    let (bench, digest, bytes) = cold_on(Bench::remote_impatient().await, LARGE).await;
    bench
        .server()
        .times(4, "GET", "/blobs/", ObjectFault::HangAfter(600_000));
    assert!(read(&bench, digest).await.expect("readable") == bytes);
}

#[tokio::test]
async fn a_store_that_never_gets_further_is_an_error() {
    let (bench, digest, _) = cold(LARGE).await;
    bench
        .server()
        .always("GET", "/blobs/", ObjectFault::CutAnswer(0));
    let (came, error) = read(&bench, digest).await.expect_err("no bytes");
    assert_eq!(came, 0, "{error}");
    assert!(bench.kept().is_empty() && bench.temporaries().is_empty());
}

#[tokio::test]
async fn a_burst_of_failures_is_waited_out_and_a_lasting_one_told() {
    let (bench, digest, bytes) = cold(1000).await;
    let server = bench.server();
    server.times(2, "GET", "/blobs/", ObjectFault::Status(503, "SlowDown"));
    server.times(
        2,
        "GET",
        "/blobs/",
        ObjectFault::Status(500, "InternalError"),
    );
    assert!(read(&bench, digest).await.expect("readable") == bytes);
    bench.cool();
    server.always("GET", "/blobs/", ObjectFault::Status(503, "SlowDown"));
    let error = bench.blobs.read(digest).await.expect_err("away");
    assert!(error.is_unavailable(), "{error:?}");
    assert_eq!(error.decision(), Decision::Retry(None));
    server.heal();
    assert!(read(&bench, digest).await.expect("readable") == bytes);
}

#[tokio::test]
async fn what_is_not_allowed_is_told_apart() {
    let (bench, digest, _) = cold(1000).await;
    bench
        .server()
        .once("GET", "/blobs/", ObjectFault::Status(403, "AccessDenied"));
    let error = bench.blobs.read(digest).await.expect_err("refused");
    assert!(!error.is_unavailable());
    assert_eq!(error.decision(), Decision::GiveUp);
    assert!(
        error.to_string().starts_with("not allowed to read "),
        "{error}"
    );
}

#[tokio::test]
async fn other_bytes_than_the_digests_are_never_served_whole_nor_kept() {
    for len in [1000, LARGE] {
        let (bench, digest, bytes) = cold(len).await;
        bench
            .server()
            .times(2, "GET", "/blobs/", ObjectFault::Corrupt);
        let (came, error) = read(&bench, digest).await.expect_err("corrupt");
        assert!(error.contains("are those of"), "{error}");
        assert!(came == 0 || came <= len - 64 * 1024, "{came} of {len} came");
        let error = bench
            .blobs
            .read((digest, len as u64))
            .await
            .expect_err("corrupt");
        assert_eq!(error.decision(), Decision::Retry(None));
        assert!(bench.kept().is_empty() && bench.temporaries().is_empty());
        assert!(read(&bench, digest).await.expect("right again") == bytes);
    }
}

#[tokio::test]
async fn an_object_that_was_replaced_in_the_bucket_is_not_served() {
    let (bench, digest, bytes) = cold(1000).await;
    let file = bench.stored().remove(0);
    std::fs::write(&file, vec![0; 1000]).expect("spoilt");
    let error = bench
        .blobs
        .read((digest, 1000))
        .await
        .expect_err("other bytes");
    let BlobError::Shared(error) = error else {
        panic!("{error:?}")
    };
    assert!(
        matches!(*error, BlobError::Corrupt { actual, .. } if actual == Digest::of(&[0; 1000]))
    );
    std::fs::write(file, &bytes).expect("mended");
    assert!(read(&bench, digest).await.expect("readable") == bytes);
}

#[tokio::test]
async fn a_part_of_a_large_cold_blob_is_read_without_the_rest() {
    let (bench, digest, bytes) = cold(9 * 1024 * 1024).await;
    let size = bytes.len() as u64;
    bench
        .server()
        .once("GET", "/blobs/", ObjectFault::CutAnswer(200_000));
    for wanted in [crate::Wanted::from((digest, size)), digest.into()] {
        let opened = bench.blobs.open_range(wanted, Some(5..1_000_000)).await;
        let opened = opened.expect("opened").expect("there");
        assert_eq!((opened.size, opened.range), (size, 5..1_000_000));
        let pieces: Vec<_> = opened.stream.try_collect().await.expect("readable");
        assert!(pieces.concat() == bytes[5..1_000_000]);
    }
    let mut asked = bench.server().asked("GET", "/blobs/");
    asked.retain(|asked| !asked.range.is_empty());
    assert_eq!((asked.len(), &*asked[0].range), (3, "bytes=5-999999"));
    assert!(bench.kept().is_empty());
    // Of a small one the whole comes, since more of it is likely to be asked for.
    let small = put(&bench.blobs, "0123456789").await;
    bench.cool();
    let opened = bench
        .blobs
        .open_range(small, Some(2..5))
        .await
        .expect("opened");
    let pieces: Vec<_> = opened
        .expect("there")
        .stream
        .try_collect()
        .await
        .expect("readable");
    assert_eq!(pieces.concat(), b"234");
    assert_eq!(bench.kept().len(), 1);
}

#[tokio::test]
async fn what_is_not_there_is_nothing() {
    let bench = Bench::remote().await;
    let digest = Digest::of(b"nowhere");
    assert_eq!(bench.blobs.read(digest).await.expect("looked"), None);
    for wanted in [(digest, 7).into(), crate::Wanted::from(digest)] {
        for range in [None, Some(0..3)] {
            let opened = bench.blobs.open_range(wanted, range).await;
            assert!(opened.expect("looked").is_none());
        }
    }
    assert_eq!(bench.blobs.size(digest).await.expect("looked"), None);
}
