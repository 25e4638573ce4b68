//! Sealed logs: by task and run, outside the content, read like everything else.

use futures::TryStreamExt;
use weir_domain::{Digest, TaskId};

use super::{Bench, bytes, on_both_backends, stage};
use crate::{BlobError, Wanted};

on_both_backends!(
    a_log_is_kept_by_its_run_and_read_in_parts,
    a_log_sealed_again_replaces_the_earlier_one,
    a_log_is_removed_alone,
);

async fn a_log_is_kept_by_its_run_and_read_in_parts(bench: Bench) {
    let blobs = &bench.blobs;
    let run = (TaskId::new(), 3);
    let log = bytes(9 * 1024 * 1024);
    let staged = blobs.stage(log.clone()).await.expect("staged");
    let wanted = Wanted::log(run, staged.digest(), staged.size());
    blobs
        .publish_log(run.0, run.1, staged)
        .await
        .expect("sealed");
    bench.cool();
    for part in [0..10, 1_000_000..2_000_000, 0..log.len() as u64] {
        let opened = blobs.open_range(wanted, Some(part.clone())).await;
        let stream = opened.expect("opened").expect("there").stream;
        let pieces: Vec<_> = stream.try_collect().await.expect("readable");
        let part =
            usize::try_from(part.start).expect("small")..usize::try_from(part.end).expect("small");
        assert!(pieces.concat() == log[part]);
    }
    let listed: Vec<_> = blobs.list().try_collect().await.expect("listed");
    assert!(listed.is_empty(), "a log is no content");
    let wrong = Wanted::log(run, Digest::of(b"other"), 7);
    bench.cool();
    let error = blobs
        .open_range(wrong, None)
        .await
        .expect_err("another size");
    assert!(matches!(error, BlobError::Size { .. }), "{error:?}");
}

async fn a_log_sealed_again_replaces_the_earlier_one(bench: Bench) {
    let blobs = &bench.blobs;
    let run = (TaskId::new(), 1);
    for text in ["first", "second"] {
        let staged = stage(blobs, text).await;
        let wanted = Wanted::log(run, staged.digest(), staged.size());
        blobs
            .publish_log(run.0, run.1, staged)
            .await
            .expect("sealed");
        bench.cool();
        let read = blobs.read(wanted).await.expect("readable");
        assert_eq!(read.expect("there"), text);
    }
}

async fn a_log_is_removed_alone(bench: Bench) {
    let blobs = &bench.blobs;
    let task = TaskId::new();
    let mut wanted = Vec::new();
    for generation in 1..=2 {
        let staged = stage(blobs, "the same lines").await;
        wanted.push(Wanted::log(
            (task, generation),
            staged.digest(),
            staged.size(),
        ));
        blobs
            .publish_log(task, generation, staged)
            .await
            .expect("sealed");
    }
    assert!(blobs.remove_log(task, 1).await.expect("removed"));
    assert!(!blobs.remove_log(task, 1).await.expect("gone already"));
    bench.cool();
    assert_eq!(blobs.read(wanted[0]).await.expect("looked"), None);
    assert!(blobs.read(wanted[1]).await.expect("looked").is_some());
}
