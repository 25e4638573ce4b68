//! What tells a watcher that there is something new to read.

use std::time::Duration;

use weir_domain::{
    TaskId,
    task::{Priority, Progress},
};
use weir_store::{
    task_runs,
    tasks::{self, Mark, NewRequest, NewTask},
};
use weir_testkit::TestDatabase;

use crate::support::{LEASE, Scene, chunk_at, new_task, write};

weir_testkit::on_both_engines!(a_mark_moves_with_what_a_watcher_reads_and_with_nothing_else);

async fn mark(scene: &Scene, task: TaskId) -> Mark {
    let unknown = TaskId::new();
    let marks = tasks::marks(scene.db.read(), &[unknown, task])
        .await
        .unwrap();
    let [(id, mark)] = &marks[..] else {
        panic!("one of the two is there: {marks:?}");
    };
    assert_eq!(*id, task);
    mark.clone()
}

async fn a_mark_moves_with_what_a_watcher_reads_and_with_nothing_else(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let other = scene.submit("b").await.task;
    let task = scene.submit("a").await.task;
    let mut marks = vec![mark(&scene, task).await];
    let moved = async |marks: &mut Vec<Mark>, what: &str| {
        let now = mark(&scene, task).await;
        assert!(!marks.contains(&now), "{what}");
        marks.push(now);
    };

    let urgent = NewTask {
        priority: Priority::INTERACTIVE,
        ..new_task("a")
    };
    scene.submit_with(urgent, NewRequest::default()).await;
    moved(&mut marks, "a more urgent wish").await;
    let fence = scene.must_claim().await.fence;
    assert_eq!(fence.task, task);
    moved(&mut marks, "a claim").await;
    scene.beat(fence, None).await.unwrap();
    scene
        .submit_with(new_task("b"), NewRequest::default())
        .await;
    assert_eq!(
        mark(&scene, task).await,
        marks[2],
        "a heartbeat, another's wish"
    );
    scene
        .beat(fence, Some(chunk_at((0, 0), &["x"])))
        .await
        .unwrap();
    moved(&mut marks, "a line").await;
    let (progress, now) = (
        Some(Progress {
            bytes: 1,
            ..Progress::default()
        }),
        scene.now(),
    );
    write!(scene, |tx| {
        task_runs::heartbeat(tx, &fence, None, progress, (now, LEASE)).await
    })
    .unwrap();
    moved(&mut marks, "progress").await;
    scene
        .retry(fence, Duration::from_secs(60), true)
        .await
        .unwrap();
    moved(&mut marks, "the end of an attempt").await;
    scene.cancel(task).await.unwrap();
    moved(&mut marks, "a cancellation").await;
    assert_eq!(tasks::marks(scene.db.read(), &[]).await.unwrap(), []);
    assert_ne!(task, other);
}
