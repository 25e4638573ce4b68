//! Pulls: how many may wait, and which of those that ended are forgotten.

use std::time::Duration;

use weir_domain::{
    TaskId, UserId,
    task::{ErrorCode, Report, TaskState},
};
use weir_store::{
    packages, pulls,
    tasks::{self, NewRequest, Outcome},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, new_task, package, wish_of, write};

weir_testkit::on_both_engines!(
    only_so_many_pulls_wait,
    what_somebody_else_asked_for_is_joined_and_is_no_pull,
    pulls_that_left_nothing_are_forgotten_with_all_that_hangs_on_them,
    what_left_something_or_somebody_asked_for_stays,
    the_newest_task_of_a_package_is_found,
);

const A_WHILE: Duration = Duration::from_secs(120);

async fn pull(scene: &Scene, name: &str, most: i64) -> Option<TaskId> {
    let (new, now) = (new_task(name), scene.now());
    let wish = NewRequest::default();
    let submitted = write!(scene, |tx| pulls::submit(tx, &new, &wish, most, now).await);
    submitted.unwrap().map(|submitted| submitted.task)
}

async fn forget(scene: &Scene) -> usize {
    let before = scene.now();
    write!(scene, |tx| pulls::forget(tx, before, 100).await).unwrap()
}

/// Makes a pull, runs it to this end, and seals its log.
async fn ended(scene: &Scene, name: &str, outcome: Outcome) -> TaskId {
    let task = pull(scene, name, 100).await.expect("there is room");
    let run = scene.must_claim().await;
    scene.finish_as(run.fence, outcome).await.unwrap();
    scene
        .meddle("UPDATE tasks SET is_log_sealed = true WHERE finished_at IS NOT NULL")
        .await;
    task
}

fn missing() -> Outcome {
    Outcome::failed(ErrorCode::NotFound, "there is none")
}

fn unchanged(unchanged: bool) -> Outcome {
    Outcome {
        report: Some(Report {
            unchanged,
            ..Report::default()
        }),
        ..Outcome::default()
    }
}

async fn is_there(scene: &Scene, task: TaskId) -> bool {
    tasks::find(scene.db.read(), task).await.unwrap().is_some()
}

async fn only_so_many_pulls_wait(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("wished").await;
    for name in ["a", "b"] {
        assert!(pull(&scene, name, 2).await.is_some(), "{name}");
    }
    assert_eq!(pull(&scene, "c", 2).await, None, "two wait");
    assert_eq!(pull(&scene, "a", 2).await, None, "not even to join");
    scene.must_claim().await;
    scene.must_claim().await;
    assert!(pull(&scene, "c", 2).await.is_some(), "one runs");
}

async fn what_somebody_else_asked_for_is_joined_and_is_no_pull(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let wished = scene.submit("a").await.task;
    assert_eq!(pull(&scene, "a", 1).await, Some(wished));
    assert!(pull(&scene, "b", 1).await.is_some(), "the first is no pull");
}

async fn pulls_that_left_nothing_are_forgotten_with_all_that_hangs_on_them(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let gone = [
        ended(&scene, "a", missing()).await,
        ended(&scene, "b", unchanged(true)).await,
        ended(
            &scene,
            "c",
            Outcome::failed(ErrorCode::UpstreamInvalid, "HTML"),
        )
        .await,
    ];
    assert_eq!(forget(&scene).await, 0, "not at once");
    scene.later(A_WHILE);
    assert_eq!(forget(&scene).await, 3);
    for task in gone {
        assert!(!is_there(&scene, task).await);
    }
    for table in ["task_runs", "task_requests", "task_tree", "tasks"] {
        let query = format!("SELECT COUNT(*) AS n FROM {table}");
        assert_eq!(scene.number(query).await, 0, "{table}");
    }
    let counts = tasks::counts(scene.db.read(), None).await.unwrap();
    assert!(counts.values().all(|count| *count == 0), "{counts:?}");
    assert_eq!(forget(&scene).await, 0);
}

async fn what_left_something_or_somebody_asked_for_stays(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let brought = ended(&scene, "a", unchanged(false)).await;
    // Somebody signs for one while it waits.
    let wanted = pull(&scene, "b", 100).await.expect("there is room");
    scene
        .submit_with(new_task("b"), wish_of(UserId::new()))
        .await;
    let run = scene.must_claim().await;
    scene.finish_as(run.fence, missing()).await.unwrap();
    // One whose package is shown failed: somebody may want to know why.
    let now = scene.now();
    let registry = weir_domain::RegistryId(uuid::Uuid::nil());
    let made = write!(scene, |tx| packages::ensure(
        tx,
        &package("c"),
        registry,
        now
    )
    .await);
    made.unwrap();
    scene.meddle("UPDATE packages SET revision = 1").await;
    let failed = ended(&scene, "c", missing()).await;
    let unsealed = pull(&scene, "d", 100).await.expect("there is room");
    let run = scene.must_claim().await;
    scene.finish_as(run.fence, missing()).await.unwrap();
    scene.later(A_WHILE);
    assert_eq!(forget(&scene).await, 3, "the unsealed one is not looked at");
    for task in [brought, wanted, failed, unsealed] {
        assert!(is_there(&scene, task).await);
    }
    assert_eq!(forget(&scene).await, 0, "nothing is looked at twice");
}

async fn the_newest_task_of_a_package_is_found(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let newest = async |name: &str| {
        let task = pulls::newest(scene.db.read(), &package(name))
            .await
            .unwrap();
        task.map(|task| (task.id, task.state))
    };
    assert_eq!(newest("a").await, None);
    let first = ended(&scene, "a", missing()).await;
    assert_eq!(newest("a").await, Some((first, TaskState::Error)));
    let second = scene.submit("a").await.task;
    assert_eq!(newest("a").await, Some((second, TaskState::Waiting)));
    assert_eq!(newest("b").await, None);
}
