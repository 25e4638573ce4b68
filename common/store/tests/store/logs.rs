//! Logs and heartbeats: lines in order without gap or repeat, whatever answer was lost.

use std::time::Duration;

use weir_domain::{
    TaskId, Timestamp,
    task::{Level, LogLine, Progress},
};
use weir_store::{
    Signal, StoreError,
    task_logs::{self, Chunk, Extent},
    task_runs,
};
use weir_testkit::TestDatabase;

use crate::support::{LEASE, Scene, chunk_at, write};

weir_testkit::on_both_engines!(
    a_heartbeat_appends_and_renews,
    a_heartbeat_whose_answer_was_lost_may_be_repeated,
    a_chunk_that_grew_after_a_lost_answer_is_completed,
    a_chunk_that_grew_after_two_lost_answers_is_completed,
    a_chunk_that_does_not_follow_is_refused,
    a_heartbeat_learns_of_a_cancellation,
    progress_is_kept_until_it_changes,
    lines_are_contiguous_over_runs_and_sweeps,
    chunks_are_found_by_line,
    chunks_are_found_by_byte,
    a_task_that_never_ran_has_no_log,
);

/// A little less than a lease.
const ALMOST: Duration = LEASE.checked_sub(Duration::from_secs(1)).unwrap();

async fn whole_log(scene: &Scene, task: TaskId) -> Vec<Chunk> {
    task_logs::chunks_from_line(scene.db.read(), task, 1, i64::MAX)
        .await
        .unwrap()
}

/// Asserts that the log has no gap and no repeat, and returns its lines.
async fn lines(scene: &Scene, task: TaskId) -> Vec<String> {
    let (mut next_line, mut next_byte) = (1, 0);
    let mut text = String::new();
    for chunk in whole_log(scene, task).await {
        assert_eq!(
            (chunk.first_line, chunk.byte_offset),
            (next_line, next_byte)
        );
        let body = String::from_utf8(chunk.body.clone()).unwrap();
        assert!(body.ends_with('\n'));
        assert_eq!(
            chunk.line_count(),
            i64::try_from(body.lines().count()).unwrap()
        );
        next_line += chunk.line_count();
        next_byte += chunk.byte_count();
        text.push_str(&body);
    }
    let extent = task_logs::extent(scene.db.read(), task).await.unwrap();
    assert_eq!(
        extent,
        Extent {
            log_lines: next_line - 1,
            log_bytes: next_byte
        }
    );
    let text_of = |line: &str| line.splitn(3, ' ').nth(2).unwrap_or_default().to_owned();
    text.lines().map(text_of).collect()
}

async fn a_heartbeat_appends_and_renews(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let fence = scene.must_claim().await.fence;
    scene.heard.take();
    for n in 0..5 {
        scene.later(ALMOST);
        let end = task_logs::extent(scene.db.read(), task).await.unwrap();
        let text = format!("line {n}");
        let chunk = chunk_at((end.log_lines, end.log_bytes), &[&text]);
        scene.beat(fence, Some(chunk)).await.unwrap();
        assert_eq!(scene.heard.take(), [Signal::LogGrew(task)]);
        assert_eq!(scene.sweep().await.lapsed, 0);
    }
    let said = lines(&scene, task).await;
    assert_eq!(said, ["line 0", "line 1", "line 2", "line 3", "line 4"]);
    scene.later(ALMOST);
    scene.beat(fence, None).await.unwrap();
    scene.later(ALMOST);
    assert_eq!(scene.sweep().await.lapsed, 0, "a silent beat renews too");
}

async fn a_heartbeat_whose_answer_was_lost_may_be_repeated(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let fence = scene.must_claim().await.fence;
    let chunk = chunk_at((0, 0), &["one", "two"]);
    scene.beat(fence, Some(chunk.clone())).await.unwrap();
    scene.later(ALMOST);
    scene.beat(fence, Some(chunk.clone())).await.unwrap();
    assert_eq!(lines(&scene, task).await, ["one", "two"]);
    scene.later(ALMOST);
    assert_eq!(scene.sweep().await.lapsed, 0, "the repetition renewed");
    let next = chunk.following();
    let next = chunk_at((next.first_line - 1, next.byte_offset), &["three"]);
    scene.beat(fence, Some(next)).await.unwrap();
    assert_eq!(lines(&scene, task).await, ["one", "two", "three"]);
}

async fn a_chunk_that_grew_after_a_lost_answer_is_completed(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let fence = scene.must_claim().await.fence;
    let sent = chunk_at((0, 0), &["one", "two"]);
    scene.beat(fence, Some(sent)).await.unwrap();
    let grown = chunk_at((0, 0), &["one", "two", "three"]);
    scene.beat(fence, Some(grown.clone())).await.unwrap();
    assert_eq!(lines(&scene, task).await, ["one", "two", "three"]);
    let next = grown.following();
    let next = chunk_at((next.first_line - 1, next.byte_offset), &["four"]);
    scene.beat(fence, Some(next)).await.unwrap();
    assert_eq!(lines(&scene, task).await, ["one", "two", "three", "four"]);
}

async fn a_chunk_that_grew_after_two_lost_answers_is_completed(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let fence = scene.must_claim().await.fence;
    for texts in [
        &["one"][..],
        &["one", "two"],
        &["one", "two", "three", "four"],
        &["one", "two", "three", "four"],
    ] {
        let chunk = chunk_at((0, 0), texts);
        scene.beat(fence, Some(chunk)).await.unwrap();
    }
    assert_eq!(lines(&scene, task).await, ["one", "two", "three", "four"]);
}

async fn a_chunk_that_does_not_follow_is_refused(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let fence = scene.must_claim().await.fence;
    let gap = scene.beat(fence, Some(chunk_at((5, 500), &["six"]))).await;
    assert!(matches!(gap, Err(StoreError::LeaseLost)));
    assert!(lines(&scene, task).await.is_empty());
    // Another run's chunk at the same place is not ours, whatever it says.
    scene
        .beat(fence, Some(chunk_at((0, 0), &["of the first run"])))
        .await
        .unwrap();
    scene.release(fence).await.unwrap();
    let second = scene.must_claim().await.fence;
    let repeat = scene
        .beat(second, Some(chunk_at((0, 0), &["of the first run"])))
        .await;
    assert!(matches!(repeat, Err(StoreError::LeaseLost)));
    assert_eq!(lines(&scene, task).await, ["of the first run"]);
}

async fn a_heartbeat_learns_of_a_cancellation(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let fence = scene.must_claim().await.fence;
    let chunk = chunk_at((0, 0), &["one"]);
    let learnt = scene.beat(fence, Some(chunk.clone())).await.unwrap();
    assert!(!learnt.is_cancelled);
    scene.cancel(task).await.unwrap();
    let repeated = scene.beat(fence, Some(chunk)).await.unwrap();
    assert!(repeated.is_cancelled);
    assert!(scene.beat(fence, None).await.unwrap().is_cancelled);
}

async fn progress_is_kept_until_it_changes(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let fence = scene.must_claim().await.fence;
    let now = scene.now();
    let progress = Progress {
        versions_done: 3,
        ..Progress::default()
    };
    write!(scene, |tx| {
        task_runs::heartbeat(tx, &fence, None, Some(progress), (now, LEASE)).await
    })
    .unwrap();
    scene.beat(fence, None).await.unwrap();
    assert_eq!(scene.task(task).await.progress, Some(progress));
}

async fn lines_are_contiguous_over_runs_and_sweeps(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    for run in 0..3 {
        let claimed = scene.must_claim().await;
        let at = (
            claimed.task.log_lines.cast_signed(),
            claimed.task.log_bytes.cast_signed(),
        );
        let text = format!("run {run}");
        scene
            .beat(claimed.fence, Some(chunk_at(at, &[&text, "é and 日本"])))
            .await
            .unwrap();
        scene.later(LEASE + Duration::from_secs(1));
        assert_eq!(scene.sweep().await.lapsed, 1);
    }
    let said = lines(&scene, task).await;
    assert_eq!(said.len(), 9);
    assert_eq!(said[3], "run 1");
    assert!(said[5].contains("was lost"), "{said:?}");
}

/// A log of three chunks: lines 1–2, 3, 4–6.
async fn three_chunks(scene: &Scene) -> (TaskId, Vec<Chunk>) {
    let task = scene.submit("a").await.task;
    let fence = scene.must_claim().await.fence;
    let mut at = (0, 0);
    for texts in [&["a", "b"][..], &["c"], &["d", "e", "f"]] {
        let chunk = chunk_at(at, texts);
        let next = chunk.following();
        at = (next.first_line - 1, next.byte_offset);
        scene.beat(fence, Some(chunk)).await.unwrap();
    }
    (task, whole_log(scene, task).await)
}

async fn chunks_are_found_by_line(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (task, all) = three_chunks(&scene).await;
    for (line, first) in [(0, 0), (1, 0), (2, 0), (3, 1), (4, 2), (6, 2), (7, 3)] {
        let found = task_logs::chunks_from_line(scene.db.read(), task, line, 10)
            .await
            .unwrap();
        assert_eq!(found, all[first..], "from line {line}");
    }
    let one = task_logs::chunks_from_line(scene.db.read(), task, 1, 1).await;
    assert_eq!(one.unwrap(), all[..1]);
}

async fn chunks_are_found_by_byte(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (task, all) = three_chunks(&scene).await;
    let (second, third) = (all[1].byte_offset, all[2].byte_offset);
    let end = third + all[2].byte_count();
    for (byte, first) in [
        (0, 0),
        (second - 1, 0),
        (second, 1),
        (third - 1, 1),
        (third, 2),
        (end - 1, 2),
        (end, 3),
        (end + 100, 3),
    ] {
        let found = task_logs::chunks_from_byte(scene.db.read(), task, byte, 10)
            .await
            .unwrap();
        assert_eq!(found, all[first..], "from byte {byte}");
    }
}

async fn a_task_that_never_ran_has_no_log(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    assert!(lines(&scene, task).await.is_empty());
    let by_byte = task_logs::chunks_from_byte(scene.db.read(), task, 0, 10).await;
    assert!(by_byte.unwrap().is_empty());
}

#[test]
fn a_chunk_knows_what_goes_beyond_an_earlier_state_of_itself() {
    let stamp = |text: &str| LogLine::new(Timestamp(0), Level::Info, text);
    let mut chunk = Chunk::new(11, 100);
    chunk.push(&stamp("one"));
    let before = chunk.clone();
    chunk.push(&stamp("two"));
    let rest = chunk.after(&before);
    assert_eq!((rest.first_line, rest.line_count()), (12, 1));
    assert_eq!(rest.byte_offset, 100 + before.byte_count());
    assert_eq!(rest.following(), chunk.following());
    let nothing = chunk.after(&chunk);
    assert_eq!(nothing, chunk.following());
}
