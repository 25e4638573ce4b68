//! A run and the slots, without a database.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, time::Instant};
use weir_domain::{
    SystemClock, TaskId, WorkerId,
    task::{Level, Priority},
};
use weir_store::{task_logs::Chunk, task_runs::Fence};

use super::super::{
    run::Run,
    slots::{Slot, Slots},
};

const LEASE: Duration = Duration::from_secs(30);

/// A run as the job and the scribe see it.
fn run_alone() -> Run {
    let fence = Fence {
        task: TaskId::new(),
        generation: 1,
        owner: WorkerId::new(),
    };
    let wake = Arc::new(Notify::new());
    Run::new(fence, Chunk::default(), Arc::new(SystemClock), wake)
}

#[tokio::test]
async fn lines_added_during_a_flush_are_kept() {
    let run = run_alone();
    run.log_now(Level::Info, "one");
    let due = run.due(LEASE).expect("a line is due");
    run.log_now(Level::Info, "two");
    let _ = run.wrote(&due);
    let chunk = run.due(LEASE).and_then(|due| due.chunk);
    let chunk = chunk.expect("the other line is due");
    assert_eq!((chunk.first_line, chunk.line_count()), (2, 1));
    assert!(chunk.body.ends_with(b"INFO two\n"));
}

#[tokio::test]
async fn whole_chunks_that_wait_are_due_at_once() {
    let run = run_alone();
    for _ in 0..450 {
        run.log_now(Level::Info, "line");
    }
    for more in [true, false, false] {
        let due = run.due(LEASE).expect("lines are due");
        assert_eq!(run.wrote(&due), more);
    }
}

#[tokio::test]
async fn lines_beyond_the_backlog_are_counted_and_never_silently_dropped() {
    let run = run_alone();
    let long = "x".repeat(4000);
    for _ in 0..300 {
        run.log_now(Level::Info, &long);
    }
    run.log_now(Level::Error, "why it failed");
    let mut text = String::new();
    while let Some(due) = run.due(LEASE) {
        let Some(chunk) = &due.chunk else { break };
        text.push_str(std::str::from_utf8(&chunk.body).expect("text"));
        let _ = run.wrote(&due);
    }
    assert!(
        text.contains("ERROR why it failed"),
        "errors are never dropped"
    );
    let kept = text.matches(&long).count();
    assert!(kept > 200 && kept < 300, "{kept}");
    run.log_now(Level::Info, "later");
    let due = run
        .due(LEASE)
        .and_then(|due| due.chunk)
        .expect("lines are due");
    let text = String::from_utf8(due.body).expect("text");
    assert!(
        text.contains(&format!("{} lines dropped", 300 - kept)),
        "{text}"
    );
}

#[tokio::test]
async fn a_run_that_ends_while_lines_are_dropped_says_so() {
    let run = run_alone();
    let long = "x".repeat(4000);
    for _ in 0..300 {
        run.log_now(Level::Info, &long);
    }
    let rest = run.take_rest();
    let chunks = rest.iter().filter_map(|due| due.chunk.as_ref());
    let text: Vec<u8> = chunks.flat_map(|chunk| chunk.body.clone()).collect();
    let text = String::from_utf8(text).expect("text");
    let dropped = 300 - text.matches(&long).count();
    assert!(dropped > 0);
    let last = text.lines().last().expect("a line");
    assert!(last.contains(&format!("{dropped} lines dropped")), "{last}");
}

#[tokio::test]
async fn a_job_that_logs_too_fast_waits_for_the_scribe() {
    let run = run_alone();
    let long = "x".repeat(4000);
    for _ in 0..300 {
        run.log_now(Level::Warn, &long);
    }
    let before = Instant::now();
    run.log(Level::Info, "a line that waits").await;
    assert!(
        before.elapsed() >= Duration::from_secs(2),
        "but not for ever"
    );
}

#[tokio::test]
async fn slots_are_ordinary_first_then_for_urgent_work_only() {
    let slots = Slots::new(2, 1);
    let first = slots.free().await;
    let second = slots.free().await;
    assert!(first.min_priority.is_none() && second.min_priority.is_none());
    let third = slots.free().await;
    assert_eq!(third.min_priority, Some(Priority::INTERACTIVE));
    assert!(futures::FutureExt::now_or_never(slots.free()).is_none());
    drop(first);
    assert!(slots.free().await.min_priority.is_none());
    drop((second, third));
}

#[tokio::test]
async fn slots_that_are_free_together_are_taken_together() {
    let slots = Slots::new(3, 2);
    let of = |taken: &[Slot]| -> Vec<_> { taken.iter().map(|slot| slot.min_priority).collect() };
    let ordinary = slots.all_free().await;
    assert_eq!(of(&ordinary), [None; 3]);
    let urgent = slots.all_free().await;
    assert_eq!(of(&urgent), [Some(Priority::INTERACTIVE); 2]);
    assert!(futures::FutureExt::now_or_never(slots.all_free()).is_none());
    drop(ordinary);
    assert_eq!(slots.all_free().await.len(), 3);
}

#[tokio::test]
async fn a_process_runs_one_suspect_at_a_time() {
    let slots = Slots::new(8, 2);
    assert!(slots.accepts_suspects());
    let place = slots.take_suspect_place();
    assert!(!slots.accepts_suspects());
    drop(place);
    assert!(slots.accepts_suspects());
}
