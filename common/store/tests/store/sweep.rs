//! The sweep: what nobody looks after is put right, once, and nothing else is touched.

use std::time::Duration;

use weir_domain::{
    TaskId, WorkerId,
    task::{ErrorCode, TaskState},
};
use weir_store::{
    Signal,
    tasks::{self, ClaimLimits, Swept},
};
use weir_testkit::TestDatabase;

use crate::support::{LEASE, Scene, limits, write};

weir_testkit::on_both_engines!(
    a_lapsed_lease_lets_another_worker_claim,
    a_lease_that_has_not_lapsed_is_left_alone,
    a_second_sweep_finds_nothing_to_do,
    a_task_that_takes_two_workers_down_is_a_suspect,
    the_third_lost_worker_poisons_the_task,
    failures_do_not_make_a_suspect,
    a_cancelled_run_that_lapses_ends_cancelled,
    a_held_task_whose_sibling_is_gone_is_let_go,
    a_task_nobody_takes_for_a_day_fails,
    time_spent_held_or_pausing_is_not_time_in_the_queue,
    more_than_a_batch_is_swept_in_several_looks,
    a_new_process_returns_the_runs_of_the_one_before,
    runs_of_others_are_not_returned_at_a_start,
    many_abandoned_runs_are_returned_at_once,
    a_task_that_nobody_can_read_keeps_no_other_from_being_swept,
);

async fn lose(scene: &Scene) {
    scene.must_claim().await;
    scene.later(LEASE + Duration::from_secs(1));
    assert_eq!(scene.sweep().await.lapsed, 1);
}

async fn a_lapsed_lease_lets_another_worker_claim(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let lost = scene.must_claim().await;
    scene.later(LEASE + Duration::from_secs(1));
    scene.heard.take();
    assert_eq!(scene.sweep().await.lapsed, 1);
    let heard = scene.heard.take();
    assert!(heard.contains(&Signal::TaskReady) && heard.contains(&Signal::LogGrew(task)));
    let waiting = scene.task(task).await;
    assert_eq!(waiting.state, TaskState::Waiting);
    assert_eq!((waiting.attempts, waiting.crashes), (0, 1));
    let next = scene.must_claim().await;
    assert_eq!(next.task.id, task);
    assert!(next.fence.generation > lost.fence.generation);
}

async fn a_lease_that_has_not_lapsed_is_left_alone(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let claimed = scene.must_claim().await;
    scene.later(LEASE);
    assert_eq!(scene.sweep().await, Swept::default());
    scene.finish(claimed.fence).await.unwrap();
}

async fn a_second_sweep_finds_nothing_to_do(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    lose(&scene).await;
    let before = scene.task(task).await;
    assert_eq!(scene.sweep().await, Swept::default());
    assert_eq!(scene.task(task).await, before);
}

async fn a_task_that_takes_two_workers_down_is_a_suspect(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    lose(&scene).await;
    let second = scene.must_claim().await;
    assert!(!second.is_suspect);
    scene.release(second.fence).await.unwrap();
    lose(&scene).await;
    let careful = ClaimLimits {
        accepts_suspects: false,
        ..limits()
    };
    assert!(scene.claim_within(careful.clone()).await.is_none());
    let innocent = scene.submit("b").await.task;
    let claimed = scene.claim_within(careful).await.unwrap();
    assert_eq!(claimed.task.id, innocent, "suspects do not block others");
    let suspect = scene.must_claim().await;
    assert!(suspect.is_suspect);
    scene.finish(suspect.fence).await.unwrap();
}

async fn the_third_lost_worker_poisons_the_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    lose(&scene).await;
    lose(&scene).await;
    let follow_up = {
        scene.must_claim().await;
        scene.submit("a").await.task
    };
    scene.later(LEASE + Duration::from_secs(1));
    let swept = scene.sweep().await;
    assert_eq!((swept.lapsed, swept.poisoned), (1, 1));
    let task = scene.task(task).await;
    assert_eq!(task.state, TaskState::Error);
    assert_eq!(task.error_code, Some(ErrorCode::Poisoned));
    assert_eq!((task.crashes, task.log_lines), (3, 3));
    assert_eq!(scene.must_claim().await.task.id, follow_up);
}

async fn failures_do_not_make_a_suspect(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    for _ in 0..4 {
        let claimed = scene.must_claim().await;
        assert!(!claimed.is_suspect);
        scene
            .retry(claimed.fence, Duration::ZERO, true)
            .await
            .unwrap();
    }
}

async fn a_cancelled_run_that_lapses_ends_cancelled(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    scene.must_claim().await;
    scene.cancel(task).await.unwrap();
    scene.later(LEASE + Duration::from_secs(1));
    let swept = scene.sweep().await;
    assert_eq!((swept.lapsed, swept.poisoned), (1, 0));
    let task = scene.task(task).await;
    assert_eq!(task.error_code, Some(ErrorCode::Cancelled));
}

async fn a_held_task_whose_sibling_is_gone_is_let_go(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let running = scene.must_claim().await;
    let follow_up = scene.submit("a").await.task;
    assert_eq!(scene.sweep().await.unheld, 0, "its sibling still runs");
    scene
        .meddle("UPDATE tasks SET state = 'success' WHERE state = 'processing'")
        .await;
    scene.meddle("UPDATE task_runs SET owner = NULL").await;
    assert!(scene.claim().await.is_none());
    assert_eq!(scene.sweep().await.unheld, 1);
    let claimed = scene.must_claim().await;
    assert_eq!(claimed.task.id, follow_up);
    assert_ne!(claimed.task.id, running.task.id);
}

async fn a_task_nobody_takes_for_a_day_fails(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    scene.later(Duration::from_secs(24 * 3600));
    assert_eq!(scene.sweep().await.expired, 0);
    scene.later(Duration::from_millis(1));
    assert_eq!(scene.sweep().await.expired, 1);
    let task = scene.task(task).await;
    assert_eq!(task.state, TaskState::Error);
    assert_eq!(task.error_code, Some(ErrorCode::Timeout));
    assert!(scene.claim().await.is_none());
}

async fn time_spent_held_or_pausing_is_not_time_in_the_queue(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let day = Duration::from_secs(25 * 3600);
    scene.submit("a").await;
    let running = scene.must_claim().await;
    let held = scene.submit("a").await.task;
    for _ in 0..2 {
        scene.later(LEASE / 2);
        scene.beat(running.fence, None).await.unwrap();
    }
    scene.retry(running.fence, day, true).await.unwrap();
    scene.later(day);
    assert_eq!(scene.sweep().await.expired, 0);
    let again = scene.must_claim().await;
    scene.finish(again.fence).await.unwrap();
    assert_eq!(scene.sweep().await.expired, 0);
    assert_eq!(scene.must_claim().await.task.id, held);
}

async fn more_than_a_batch_is_swept_in_several_looks(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for n in 0..510 {
        scene.submit(&format!("p{n}")).await;
    }
    scene.later(Duration::from_secs(25 * 3600));
    assert_eq!(scene.sweep().await.expired, 500);
    assert_eq!(scene.sweep().await.expired, 10);
    assert_eq!(scene.sweep().await, Swept::default());
    let counts = tasks::counts(scene.db.read(), None).await.unwrap();
    assert_eq!((counts["waiting"], counts["error"]), (0, 510));
}

async fn return_abandoned(scene: &Scene, of: WorkerId) -> Swept {
    let now = scene.now();
    write!(scene, |tx| tasks::return_abandoned(tx, of, now).await).unwrap()
}

async fn a_new_process_returns_the_runs_of_the_one_before(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let mut ids: Vec<TaskId> = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(scene.submit(name).await.task);
    }
    let dead = WorkerId::new();
    scene.claim_as(dead, limits()).await.unwrap();
    let zombie = scene.claim_as(dead, limits()).await.unwrap();
    assert_eq!(return_abandoned(&scene, dead).await.lapsed, 2);
    assert_eq!(return_abandoned(&scene, dead).await, Swept::default());
    assert!(scene.finish(zombie.fence).await.is_err());
    let mut claimed = Vec::new();
    while let Some(next) = scene.claim().await {
        claimed.push(next.task.id);
    }
    claimed.sort();
    assert_eq!(claimed, ids);
}

async fn runs_of_others_are_not_returned_at_a_start(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (dead, alive) = (WorkerId::new(), WorkerId::new());
    let mut runs = Vec::new();
    for (name, owner) in [("a", alive), ("b", dead), ("c", alive)] {
        scene.submit(name).await;
        runs.push(scene.claim_as(owner, limits()).await.unwrap());
    }
    assert_eq!(return_abandoned(&scene, dead).await.lapsed, 1);
    let [first, lost, third] = [0, 1, 2].map(|at: usize| runs[at].fence);
    assert!(scene.finish(lost).await.is_err());
    for run in [first, third] {
        scene.finish(run).await.unwrap();
    }
}

async fn many_abandoned_runs_are_returned_at_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let dead = WorkerId::new();
    for n in 0..510 {
        scene.submit(&format!("p{n}")).await;
        scene.claim_as(dead, limits()).await.unwrap();
    }
    assert_eq!(return_abandoned(&scene, dead).await.lapsed, 510);
    let counts = tasks::counts(scene.db.read(), None).await.unwrap();
    assert_eq!((counts["waiting"], counts["processing"]), (510, 0));
}

async fn a_task_that_nobody_can_read_keeps_no_other_from_being_swept(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    scene.must_claim().await;
    let other = scene.submit("b").await.task;
    scene.must_claim().await;
    scene
        .meddle("UPDATE tasks SET spec = '{' WHERE dedupe_key = 'package:a'")
        .await;
    scene.later(LEASE + Duration::from_secs(1));
    assert_eq!(scene.sweep().await.lapsed, 1);
    assert_eq!(scene.task(other).await.state, TaskState::Waiting);
}
