//! Paused queues and changed priorities: what a claim takes next, and what it leaves.

use std::time::Duration;

use weir_domain::task::{Priority, TaskKind, TaskState};
use weir_store::{
    Signal, StoreError, queues,
    tasks::{self, Swept},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, limits, write};

weir_testkit::on_both_engines!(
    nobody_claims_from_a_paused_queue,
    a_queue_is_paused_though_its_first_task_comes_later,
    pausing_twice_is_pausing_once,
    time_in_a_paused_queue_is_no_time_in_the_queue,
    a_waiting_task_goes_where_it_is_put,
    only_a_waiting_task_can_be_put_elsewhere,
    whoever_waits_behind_a_task_hurries_it,
    the_queue_tells_its_depth_and_its_age,
);

const KIND: TaskKind = TaskKind::SyncPackage;
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn set_paused(scene: &Scene, is_paused: bool) -> bool {
    let now = scene.now();
    write!(scene, |tx| queues::set_paused(
        tx, KIND, is_paused, "ann", now
    )
    .await)
    .unwrap()
}

async fn prioritise(
    scene: &Scene,
    id: weir_domain::TaskId,
    priority: i16,
) -> Result<i16, StoreError> {
    let before = write!(scene, |tx| tasks::prioritise(tx, id, Priority(priority))
        .await);
    before.map(|task| task.priority.0)
}

async fn the_queue_tells_its_depth_and_its_age(database: TestDatabase) {
    let scene = Scene::of(database).await;
    assert_eq!(tasks::oldest_ready(scene.db.read()).await.unwrap(), []);
    let first = scene.now();
    scene.submit("a").await;
    scene.later(Duration::from_secs(60));
    let second = scene.now();
    scene.submit("b").await;
    scene.submit("c").await;
    let oldest = async || {
        let oldest = tasks::oldest_ready(scene.db.read()).await.unwrap();
        let oldest = oldest.into_iter().map(|one| (one.kind, one.ready_at));
        oldest.collect::<Vec<_>>()
    };
    assert_eq!(oldest().await, [("sync_package".to_owned(), first.0)]);
    let running = scene.must_claim().await;
    assert_eq!(oldest().await, [("sync_package".to_owned(), second.0)]);
    scene.finish(running.fence).await.unwrap();
    let counts = tasks::counts_by_kind(scene.db.read()).await.unwrap();
    let counts: Vec<_> = counts
        .iter()
        .map(|one| (one.kind.as_str(), one.state.as_str(), one.n))
        .collect();
    let expected = [
        ("sync_package", "processing", 0),
        ("sync_package", "success", 1),
        ("sync_package", "waiting", 2),
    ];
    assert_eq!(counts, expected);
}

async fn nobody_claims_from_a_paused_queue(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let first = scene.submit("a").await.task;
    let running = scene.must_claim().await;
    let second = scene.submit("b").await.task;
    assert!(set_paused(&scene, true).await);
    assert!(scene.claim().await.is_none());
    assert_eq!(scene.submit("c").await.state, TaskState::Waiting);
    let place = scene.place(second).await;
    assert_eq!(place, Some(0), "those in paused queues go before nobody");
    // What runs already runs on.
    scene.finish(running.fence).await.unwrap();
    assert_eq!(scene.task(first).await.state, TaskState::Success);
    scene.heard.take();
    assert!(set_paused(&scene, false).await);
    assert!(scene.heard.take().contains(&Signal::TaskReady));
    assert_eq!(scene.must_claim().await.task.id, second);
}

async fn a_queue_is_paused_though_its_first_task_comes_later(database: TestDatabase) {
    let scene = Scene::of(database).await;
    set_paused(&scene, true).await;
    scene.submit("a").await;
    assert!(scene.claim().await.is_none());
}

async fn pausing_twice_is_pausing_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let never = queues::get(scene.db.read(), KIND).await.unwrap();
    assert_eq!((never.is_paused, never.changed_at), (false, None));
    assert!(!set_paused(&scene, false).await, "it was not paused");
    assert!(set_paused(&scene, true).await);
    let since = scene.now();
    scene.later(DAY);
    assert!(!set_paused(&scene, true).await);
    let paused = queues::get(scene.db.read(), KIND).await.unwrap();
    assert_eq!((paused.is_paused, paused.changed_at), (true, Some(since)));
    assert_eq!(paused.changed_by.as_deref(), Some("ann"));
    let other = queues::get(scene.db.read(), TaskKind::Drill).await.unwrap();
    assert!(!other.is_paused, "the others go on");
}

async fn time_in_a_paused_queue_is_no_time_in_the_queue(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    set_paused(&scene, true).await;
    scene.later(DAY * 7);
    assert_eq!(scene.sweep().await, Swept::default());
    set_paused(&scene, false).await;
    scene.later(DAY);
    assert_eq!(scene.sweep().await, Swept::default(), "it had no day yet");
    scene.later(Duration::from_secs(1));
    assert_eq!(scene.sweep().await.expired, 1);
    assert_eq!(scene.task(task).await.state, TaskState::Error);
}

async fn a_waiting_task_goes_where_it_is_put(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (first, second, third) = (
        scene.submit("a").await.task,
        scene.submit("b").await.task,
        scene.submit("c").await.task,
    );
    assert_eq!(
        prioritise(&scene, third, 40).await.unwrap(),
        Priority::USER.0
    );
    assert_eq!(
        prioritise(&scene, first, 0).await.unwrap(),
        Priority::USER.0
    );
    let mut urgent = limits();
    urgent.min_priority = Some(Priority::INTERACTIVE);
    let claimed = scene
        .claim_within(urgent)
        .await
        .map(|claimed| claimed.task.id);
    assert_eq!(claimed, Some(third), "even where only urgent tasks may run");
    assert_eq!(scene.must_claim().await.task.id, second);
    assert_eq!(scene.must_claim().await.task.id, first);
}

async fn only_a_waiting_task_can_be_put_elsewhere(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let claimed = scene.must_claim().await;
    let refused = prioritise(&scene, task, 40).await;
    assert!(
        matches!(refused, Err(StoreError::Changed(_))),
        "{refused:?}"
    );
    scene.finish(claimed.fence).await.unwrap();
    assert!(prioritise(&scene, task, 40).await.is_err());
    assert_eq!(scene.task(task).await.priority, Priority::USER);
    let unknown = prioritise(&scene, weir_domain::TaskId::new(), 40).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
}

async fn whoever_waits_behind_a_task_hurries_it(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let begun = scene.submit("a").await.task;
    let claimed = scene.must_claim().await;
    let held = scene.submit("a").await.task;
    assert!(scene.task(held).await.is_held);
    prioritise(&scene, held, 45).await.unwrap();
    scene.release(claimed.fence).await.unwrap();
    assert_eq!(scene.task(begun).await.priority.0, 45);
    prioritise(&scene, held, 5).await.unwrap();
    assert_eq!(
        scene.task(begun).await.priority.0,
        45,
        "nobody is slowed down by others"
    );
}
