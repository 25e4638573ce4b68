//! Sealed logs: by task and run, outside the content, on both backends.

use futures::TryStreamExt;
use weir_domain::TaskId;
use weir_testkit::{ObjectFault, until};

use super::{Bench, bytes, on_both_backends};
use crate::BlobError;

on_both_backends!(
    a_log_is_written_front_to_back_and_read_in_parts,
    a_log_written_again_replaces_the_earlier_one,
    an_unfinished_log_leaves_nothing,
);

const LINES: usize = 12 * 1024 * 1024;

async fn write(bench: &Bench, run: (TaskId, u64), log: &[u8]) {
    let mut writer = bench.blobs.create_log(run.0, run.1).await.expect("begun");
    for piece in log.chunks(1024 * 1024) {
        writer.write(piece).await.expect("written");
    }
    writer.finish().await.expect("sealed");
}

async fn a_log_is_written_front_to_back_and_read_in_parts(bench: Bench) {
    let (task, log) = (TaskId::new(), bytes(LINES));
    write(&bench, (task, 3), &log).await;
    for (from, to) in [(0, 10), (5_000_000, 7_000_000), (LINES - 1, LINES)] {
        let read = bench.blobs.read_log(task, 3, from as u64..to as u64).await;
        assert!(read.expect("readable").expect("there") == log[from..to]);
    }
    let other = bench.blobs.read_log(task, 4, 0..10).await;
    assert_eq!(other.expect("looked"), None);
    let listed: Vec<_> = bench.blobs.list().try_collect().await.expect("listed");
    assert!(listed.is_empty(), "a log is no content");
}

async fn a_log_written_again_replaces_the_earlier_one(bench: Bench) {
    let task = TaskId::new();
    for text in ["first", "again"] {
        write(&bench, (task, 1), text.as_bytes()).await;
        let read = bench.blobs.read_log(task, 1, 0..5).await;
        assert_eq!(read.expect("readable").expect("there"), text);
    }
}

/// Waits until nothing is left of a log.
async fn assert_gone(bench: &Bench, task: TaskId) {
    until(
        "parts to go",
        std::time::Duration::from_secs(20),
        async || {
            let parts = bench
                .server
                .as_ref()
                .map_or(0, weir_testkit::ObjectServer::unfinished);
            let files = super::files_below(bench.folder.path());
            let logs = files
                .iter()
                .filter(|file| file.components().any(|part| part.as_os_str() == "logs"));
            (parts + logs.count() == 0).then_some(())
        },
    )
    .await;
    let read = bench.blobs.read_log(task, 1, 0..1).await;
    assert_eq!(read.expect("looked"), None);
}

async fn an_unfinished_log_leaves_nothing(bench: Bench) {
    let task = TaskId::new();
    let mut writer = bench.blobs.create_log(task, 1).await.expect("begun");
    writer.write(&bytes(LINES)).await.expect("written");
    drop(writer);
    assert_gone(&bench, task).await;
}

#[tokio::test]
async fn a_log_that_cannot_be_written_leaves_no_parts() {
    let bench = Bench::remote().await;
    let task = TaskId::new();
    let denied = ObjectFault::Status(403, "AccessDenied");
    bench.server().once("PUT", "partNumber=2", denied);
    let mut writer = bench.blobs.create_log(task, 1).await.expect("begun");
    let mut outcome = Ok(());
    for piece in bytes(LINES).chunks(1024 * 1024) {
        outcome = writer.write(piece).await;
        if outcome.is_err() {
            break;
        }
    }
    if outcome.is_ok() {
        outcome = writer.finish().await;
    } else {
        let after = writer.finish().await;
        assert!(matches!(after, Err(BlobError::Abandoned)), "{after:?}");
    }
    assert!(
        matches!(outcome, Err(BlobError::Denied { .. })),
        "{outcome:?}"
    );
    assert_gone(&bench, task).await;
}
