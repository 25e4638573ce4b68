//! Ending runs, and the fence: whoever lost the lease changes nothing.

use std::time::Duration;

use weir_domain::{
    WorkerId,
    task::{ErrorCode, Report, TaskState},
};
use weir_store::{
    Signal, StoreError, task_runs,
    task_runs::Fence,
    tasks::{self, Outcome},
};
use weir_testkit::TestDatabase;

use crate::support::{LEASE, Scene, chunk_at, write};

weir_testkit::on_both_engines!(
    finishing_writes_the_outcome_once,
    a_failure_is_kept_with_its_code,
    warnings_given_while_it_ran_stay,
    a_retry_keeps_its_attempt_or_gives_it_back,
    a_release_gives_the_attempt_back_and_the_task_to_the_next,
    generations_rise_whatever_is_given_back,
    a_fence_of_a_lapsed_run_changes_nothing,
    a_fence_of_another_owner_changes_nothing,
    a_fence_of_an_ended_run_changes_nothing,
    a_finished_task_keeps_its_counters,
    folding_changes_no_count,
);

async fn finishing_writes_the_outcome_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let claimed = scene.must_claim().await;
    scene.heard.take();
    let outcome = Outcome {
        failure: None,
        warnings: vec!["one".to_owned()],
        report: Some(Report {
            versions_added: 7,
            ..Report::default()
        }),
    };
    let done_at = scene.later(Duration::from_secs(3));
    scene.finish_as(claimed.fence, outcome).await.unwrap();
    assert!(scene.heard.take().contains(&Signal::TaskChanged(task)));
    let again = Outcome::failed(ErrorCode::Internal, "a second time");
    assert!(matches!(
        scene.finish_as(claimed.fence, again).await,
        Err(StoreError::LeaseLost)
    ));
    let task = scene.task(task).await;
    assert_eq!(task.state, TaskState::Success);
    assert_eq!(task.finished_at, Some(done_at));
    assert_eq!(task.warnings, ["one"]);
    assert_eq!(task.report.unwrap().versions_added, 7);
    assert_eq!((task.error, task.error_code), (None, None));
}

async fn a_failure_is_kept_with_its_code(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let claimed = scene.must_claim().await;
    let outcome = Outcome::failed(ErrorCode::NotFound, "there is no such package");
    scene.finish_as(claimed.fence, outcome).await.unwrap();
    let task = scene.task(task).await;
    assert_eq!(task.state, TaskState::Error);
    assert_eq!(task.error_code, Some(ErrorCode::NotFound));
    assert_eq!(task.error.as_deref(), Some("there is no such package"));
}

async fn warnings_given_while_it_ran_stay(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let claimed = scene.must_claim().await;
    for _ in 0..2 {
        write!(scene, |tx| tasks::add_warning(
            tx,
            task,
            "the tree is too large"
        )
        .await)
        .unwrap();
    }
    let outcome = Outcome {
        warnings: vec!["a version was skipped".to_owned()],
        ..Outcome::default()
    };
    scene.finish_as(claimed.fence, outcome).await.unwrap();
    let warnings = scene.task(task).await.warnings;
    assert_eq!(warnings, ["the tree is too large", "a version was skipped"]);
}

async fn a_retry_keeps_its_attempt_or_gives_it_back(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let first = scene.must_claim().await;
    let pause = Duration::from_secs(10);
    scene.retry(first.fence, pause, true).await.unwrap();
    let waiting = scene.task(task).await;
    assert_eq!((waiting.state, waiting.attempts), (TaskState::Waiting, 1));
    assert_eq!(waiting.run_after, scene.now().plus(pause));
    assert_eq!(waiting.error.as_deref(), Some("upstream is away"));
    assert!(scene.claim().await.is_none(), "not before its time");
    scene.later(pause);
    let second = scene.must_claim().await;
    assert_eq!(second.task.attempts, 2);
    scene.retry(second.fence, pause, false).await.unwrap();
    assert_eq!(scene.task(task).await.attempts, 1, "given back");
}

async fn a_release_gives_the_attempt_back_and_the_task_to_the_next(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let first = scene.must_claim().await;
    scene.heard.take();
    scene.release(first.fence).await.unwrap();
    assert!(scene.heard.take().contains(&Signal::TaskReady));
    let second = scene.must_claim().await;
    assert_eq!(second.task.id, first.task.id);
    assert_eq!((second.task.attempts, second.task.crashes), (1, 0));
}

async fn generations_rise_whatever_is_given_back(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let mut last = 0;
    for round in 0..6 {
        let claimed = scene.must_claim().await;
        assert!(claimed.task.generation > last);
        last = claimed.task.generation;
        match round % 3 {
            0 => scene.release(claimed.fence).await.unwrap(),
            1 => scene
                .retry(claimed.fence, Duration::ZERO, false)
                .await
                .unwrap(),
            _ => scene
                .retry(claimed.fence, Duration::ZERO, true)
                .await
                .unwrap(),
        }
    }
    assert_eq!(scene.must_claim().await.task.generation, 7);
}

/// Tries everything a worker could do with a fence.
async fn assert_powerless(scene: &Scene, fence: Fence) {
    let before = scene.task(fence.task).await;
    let log = chunk_at(
        (
            before.log_lines.cast_signed(),
            before.log_bytes.cast_signed(),
        ),
        &["of a zombie"],
    );
    let mut tried = vec![
        scene.beat(fence, None).await.map(|_| ()),
        scene.beat(fence, Some(log)).await.map(|_| ()),
        scene.finish(fence).await,
        scene.retry(fence, Duration::ZERO, false).await,
        scene.release(fence).await,
    ];
    tried.push(write!(scene, |tx| {
        task_runs::check(tx, &fence).await?;
        tx_set_setting(tx).await
    }));
    for result in tried {
        assert!(matches!(result, Err(StoreError::LeaseLost)), "{result:?}");
    }
    assert_eq!(scene.task(fence.task).await, before);
    let setting = weir_store::settings::find(scene.db.read(), "zombie").await;
    assert_eq!(setting.unwrap(), None);
}

async fn tx_set_setting(tx: &weir_store::Tx) -> Result<(), StoreError> {
    let now = weir_domain::Timestamp(0);
    weir_store::settings::put(tx, "zombie", "was here", now).await?;
    Ok(())
}

async fn a_fence_of_a_lapsed_run_changes_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let zombie = scene.must_claim().await;
    scene.later(LEASE + Duration::from_secs(1));
    assert_eq!(scene.sweep().await.lapsed, 1);
    assert_powerless(&scene, zombie.fence).await;
    let next = scene.must_claim().await;
    assert_powerless(&scene, zombie.fence).await;
    scene.finish(next.fence).await.unwrap();
    assert_powerless(&scene, zombie.fence).await;
}

async fn a_fence_of_another_owner_changes_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let claimed = scene.must_claim().await;
    let other = Fence {
        owner: WorkerId::new(),
        ..claimed.fence
    };
    assert_powerless(&scene, other).await;
    scene.finish(claimed.fence).await.unwrap();
}

async fn a_fence_of_an_ended_run_changes_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let claimed = scene.must_claim().await;
    scene.release(claimed.fence).await.unwrap();
    assert_powerless(&scene, claimed.fence).await;
    let next = scene.must_claim().await;
    scene.finish(next.fence).await.unwrap();
    assert_powerless(&scene, next.fence).await;
}

async fn a_finished_task_keeps_its_counters(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for n in 0..5 {
        scene.submit(&format!("p{n}")).await;
    }
    let first = scene.must_claim().await;
    scene.finish(first.fence).await.unwrap();
    let second = scene.must_claim().await;
    let failed = Outcome::failed(ErrorCode::Internal, "a fault");
    scene.finish_as(second.fence, failed).await.unwrap();
    scene.must_claim().await;
    let third = scene.must_claim().await;
    scene
        .retry(third.fence, Duration::from_secs(60), true)
        .await
        .unwrap();
    let counts = tasks::counts(scene.db.read(), None).await.unwrap();
    let expected = [
        ("error", 1),
        ("processing", 1),
        ("success", 1),
        ("waiting", 2),
    ];
    assert_eq!(counts, expected.into());
    let kind = Some(weir_domain::task::TaskKind::SyncPackage);
    let of_kind = tasks::counts(scene.db.read(), kind).await.unwrap();
    assert_eq!(of_kind, expected.into());
}

async fn folding_changes_no_count(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for n in 0..120 {
        scene.submit(&format!("p{n}")).await;
    }
    for _ in 0..60 {
        let claimed = scene.must_claim().await;
        scene.finish(claimed.fence).await.unwrap();
    }
    let before = tasks::counts(scene.db.read(), None).await.unwrap();
    let rows = "SELECT COUNT(*) AS n FROM task_count_deltas";
    assert!(scene.number(rows).await > 200);
    for _ in 0..2 {
        write!(scene, |tx| tasks::fold_counts(tx).await).unwrap();
        assert_eq!(scene.number(rows).await, 3, "one a state");
        assert_eq!(tasks::counts(scene.db.read(), None).await.unwrap(), before);
    }
    assert_eq!((before["waiting"], before["success"]), (60, 60));
}
