//! Logs of finished tasks are sealed by the worker that leads, and read on as before.

use std::time::Duration;

use weir_domain::TaskId;
use weir_store::{sealed_logs, task_logs::Chunk};
use weir_testkit::{presets, until};

use crate::setup::{DEADLINE, Mirror, alone};

async fn text(mirror: &Mirror, task: TaskId) -> String {
    let (content, mut next) = (&mirror.environment.content, Chunk::default());
    let mut text = String::new();
    loop {
        let chunks = content.log_from_line(task, next.first_line, 100).await;
        let chunks = chunks.expect("a log");
        let Some(last) = chunks.last() else {
            return text;
        };
        next = last.following();
        for chunk in chunks {
            text += &String::from_utf8(chunk.body).expect("text");
        }
    }
}

#[tokio::test]
async fn a_finished_log_is_sealed_by_whoever_leads() {
    let mirror = Mirror::with([presets::history("a", 30, 500)], |options| {
        options.engine.seal_after = Duration::from_millis(50);
        options.tarballs = weir_domain::TarballPolicy::All;
    })
    .await;
    let hold = mirror.upstream.tarball("a", "1.0.7").hold();
    let id = mirror.submit("a", alone()).await;
    // Lines of several flushes: one chunk would stay as it is.
    hold.wait_for_arrivals(1).await;
    until("a first chunk", DEADLINE, async || {
        !text(&mirror, id).await.is_empty()
    })
    .await;
    hold.release();
    mirror.end_of(id).await;
    let before = text(&mirror, id).await;
    let db = mirror.environment.db.read();
    let sealed = until("the log to be sealed", DEADLINE, async || {
        sealed_logs::find(db, id).await.expect("asked")
    })
    .await;
    assert!(sealed.body.is_some(), "it is small");
    mirror
        .environment
        .db
        .write(|tx| {
            Box::pin(async move {
                let later = weir_domain::Timestamp(i64::MAX);
                sealed_logs::strip(tx, later, 10).await
            })
        })
        .await
        .expect("stripped");
    assert_eq!(text(&mirror, id).await, before);
    let lines = mirror.task(id).await.log_lines;
    assert_eq!(before.lines().count() as u64, lines);
    mirror.close().await;
}
