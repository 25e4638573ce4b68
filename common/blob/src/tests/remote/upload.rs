//! Publishing into a bucket.

use std::time::Duration;

use futures::poll;
use weir_domain::{Decision, Retryable};
use weir_testkit::{ObjectFault, until};

use crate::{
    BlobError,
    tests::{Bench, bytes, put, stage},
};

const MIB: usize = 1024 * 1024;
const SOON: Duration = Duration::from_secs(20);

/// Reads a blob back from the bucket itself.
async fn assert_stored(bench: &Bench, digest: weir_domain::Digest, expected: &[u8]) {
    bench.cool();
    let read = bench.blobs.read((digest, expected.len() as u64)).await;
    assert!(read.expect("readable").expect("there") == expected);
}

#[tokio::test]
async fn what_is_small_is_created_by_one_request_that_refuses_to_overwrite() {
    let bench = Bench::remote().await;
    let digest = put(&bench.blobs, "small").await;
    let key = format!("weir/eu/blobs/{}", &digest.to_string()[..2]);
    let asked = bench.server().asked("PUT", &key);
    assert_eq!(asked.len(), 1, "{asked:#?}");
    assert!(asked[0].creates && !asked[0].target.contains('?'));
    assert_stored(&bench, digest, b"small").await;
    put(&bench.blobs, "small").await;
    assert_eq!(bench.server().asked("PUT", &key).len(), 2);
    assert_eq!(bench.stored().len(), 1);
}

#[tokio::test]
async fn what_is_large_is_uploaded_in_parts_and_only_once() {
    let bench = Bench::remote().await;
    let large = bytes(20 * MIB + 7);
    let digest = put(&bench.blobs, large.clone()).await;
    let parts = |bench: &Bench| bench.server().asked("PUT", "partNumber=").len();
    assert_eq!((parts(&bench), bench.server().unfinished()), (3, 0));
    assert_stored(&bench, digest, &large).await;
    put(&bench.blobs, large).await;
    assert_eq!(parts(&bench), 3);
}

#[tokio::test]
async fn a_burst_of_failures_is_waited_out() {
    let bench = Bench::remote().await;
    let server = bench.server();
    server.times(2, "PUT", "/blobs/", ObjectFault::Status(503, "SlowDown"));
    server.times(
        2,
        "PUT",
        "/blobs/",
        ObjectFault::Status(500, "InternalError"),
    );
    let digest = put(&bench.blobs, "small").await;
    assert_stored(&bench, digest, b"small").await;
    server.times(
        3,
        "PUT",
        "partNumber=2",
        ObjectFault::Status(503, "SlowDown"),
    );
    server.once(
        "POST",
        "?uploads",
        ObjectFault::Status(500, "InternalError"),
    );
    let large = bytes(9 * MIB);
    let digest = put(&bench.blobs, large.clone()).await;
    assert_stored(&bench, digest, &large).await;
}

#[tokio::test]
async fn a_store_that_stays_away_is_an_error_to_be_tried_again() {
    let bench = Bench::remote().await;
    let server = bench.server();
    server.always("PUT", "/blobs/", ObjectFault::Status(503, "SlowDown"));
    let group = vec![
        stage(&bench.blobs, "a").await,
        bench.blobs.stage(bytes(9 * MIB)).await.expect("staged"),
    ];
    let error = bench.blobs.publish(group).await.expect_err("away");
    assert!(matches!(error, BlobError::Unavailable { .. }), "{error:?}");
    assert_eq!(error.decision(), Decision::Retry(None));
    let cause = std::error::Error::source(&error)
        .expect("a cause")
        .to_string();
    assert_eq!(
        cause,
        "503 Service Unavailable, SlowDown: as the test's script says"
    );
    assert_eq!((bench.stored().len(), server.unfinished()), (0, 0));
    assert!(bench.kept().is_empty());
    // A large file is removed in the background.
    until("the files to go", SOON, async || {
        bench.temporaries().is_empty()
    })
    .await;
    server.heal();
    put(&bench.blobs, "a").await;
    assert_eq!(bench.stored().len(), 1);
}

#[tokio::test]
async fn an_upload_that_is_cut_in_the_middle_is_sent_again() {
    let bench = Bench::remote().await;
    let server = bench.server();
    let small = bytes(MIB);
    server.once("PUT", "/blobs/", ObjectFault::CutRequest(MIB / 2));
    let digest = put(&bench.blobs, small.clone()).await;
    assert_stored(&bench, digest, &small).await;
    let large = bytes(9 * MIB);
    server.once("PUT", "partNumber=1", ObjectFault::CutRequest(4 * MIB));
    let digest = put(&bench.blobs, large.clone()).await;
    assert_stored(&bench, digest, &large).await;
    assert_eq!(server.unfinished(), 0);
}

#[tokio::test]
async fn an_upload_whose_answer_is_lost_is_found_done() {
    let bench = Bench::remote().await;
    let server = bench.server();
    server.once("PUT", "/blobs/", ObjectFault::NoAnswer);
    let digest = put(&bench.blobs, "small").await;
    assert_eq!(server.asked("PUT", "/blobs/").len(), 2);
    assert_stored(&bench, digest, b"small").await;
    // Two answers at the same end: the part's, and that of the whole.
    let large = bytes(9 * MIB);
    server.once("PUT", "partNumber=2", ObjectFault::NoAnswer);
    server.once("POST", "?uploadId", ObjectFault::NoAnswer);
    let digest = put(&bench.blobs, large.clone()).await;
    assert_stored(&bench, digest, &large).await;
}

#[tokio::test]
async fn an_upload_that_is_never_answered_is_given_up_in_time() {
    let bench = Bench::remote_impatient().await;
    bench.server().always("PUT", "/blobs/", ObjectFault::Hang);
    let group = vec![stage(&bench.blobs, "small").await];
    let error = bench.blobs.publish(group).await.expect_err("no answer");
    assert_eq!(error.decision(), Decision::Retry(None), "{error:?}");
}

#[tokio::test]
async fn two_uploads_that_meet_do_not_both_believe_the_other() {
    let bench = Bench::remote().await;
    // Nothing is there afterwards: the other one failed.
    bench.server().once("PUT", "/blobs/", ObjectFault::Conflict);
    let digest = put(&bench.blobs, "met").await;
    assert_stored(&bench, digest, b"met").await;
}

#[tokio::test]
async fn what_is_not_allowed_is_not_tried_again_and_leaves_no_parts() {
    let bench = Bench::remote().await;
    let server = bench.server();
    server.once("PUT", "/blobs/", ObjectFault::Status(403, "AccessDenied"));
    let group = vec![stage(&bench.blobs, "small").await];
    let error = bench.blobs.publish(group).await.expect_err("refused");
    assert!(matches!(error, BlobError::Denied { .. }), "{error:?}");
    assert_eq!(error.decision(), Decision::GiveUp);
    assert!(
        error
            .to_string()
            .starts_with("not allowed to upload s3://packages/weir/eu/blobs/")
    );
    server.once(
        "PUT",
        "partNumber=3",
        ObjectFault::Status(403, "AccessDenied"),
    );
    let group = vec![bench.blobs.stage(bytes(20 * MIB)).await.expect("staged")];
    let error = bench.blobs.publish(group).await.expect_err("refused");
    assert!(matches!(error, BlobError::Denied { .. }), "{error:?}");
    assert_eq!((bench.stored().len(), server.unfinished()), (0, 0));
}

#[tokio::test]
async fn a_group_goes_side_by_side() {
    let bench = Bench::remote().await;
    let mut group = Vec::new();
    for n in 0..60 {
        group.push(stage(&bench.blobs, &format!("blob {n}")).await);
        group.push(stage(&bench.blobs, "the same in between").await);
    }
    bench.blobs.publish(group).await.expect("published");
    assert_eq!(bench.stored().len(), 61);
    assert_eq!(bench.server().asked("PUT", "/blobs/").len(), 61);
    let most = bench.server().most_at_once();
    assert!((2..=32).contains(&most), "{most} at once");
}

#[tokio::test]
async fn bytes_in_memory_are_bounded_over_a_group() {
    let bench = Bench::remote().await;
    let mut group = Vec::new();
    for n in 0..7_u8 {
        let mut bytes = vec![n; 8 * MIB];
        bytes[0] = b'x';
        group.push(bench.blobs.stage(bytes.into()).await.expect("staged"));
    }
    bench.blobs.publish(group).await.expect("published");
    assert_eq!(bench.stored().len(), 7);
    // 32 MiB in memory are four of these.
    let most = bench.server().most_at_once();
    assert!((2..=4).contains(&most), "{most} at once");
}

#[tokio::test]
async fn a_group_whose_caller_went_away_is_published_all_the_same() {
    let bench = Bench::remote().await;
    let group = vec![
        stage(&bench.blobs, "small").await,
        bench.blobs.stage(bytes(9 * MIB)).await.expect("staged"),
    ];
    {
        let mut publishing = Box::pin(bench.blobs.publish(group));
        assert!(poll!(&mut publishing).is_pending());
    }
    until("both to be stored", SOON, async || {
        match bench.stored().len() {
            2 => Ok(()),
            stored => Err(format!("{stored} are")),
        }
    })
    .await;
}
