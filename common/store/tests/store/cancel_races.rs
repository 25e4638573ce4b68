//! Cancelling while somebody claims, finishes, joins, or cancels too.

use futures::{FutureExt, future::BoxFuture};
use weir_domain::{
    TaskId, Timestamp, UserId, WorkerId,
    task::{ErrorCode, TaskState},
};
use weir_store::{
    StoreError, Tx, task_logs, task_requests,
    tasks::{self, Cancelled, Outcome},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, ended, limits, new_task, spawn, wish_of, wish_under};

weir_testkit::on_both_engines!(
    two_cancellations_end_a_task_once,
    two_cancellations_tell_a_run_once,
    the_two_last_withdrawals_at_once_end_the_task,
    a_claim_that_meets_a_cancellation_leaves_the_task,
    a_cancellation_that_meets_a_finish_comes_too_late,
    a_finish_that_meets_a_cancellation_stands,
    a_wish_that_meets_a_cancellation_gets_a_new_task,
    a_withdrawal_that_meets_a_wish_spares_the_task,
    a_tree_and_a_part_of_it_are_cancelled_at_once,
);

type Work<T> = Box<dyn for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send>;

fn cancelling(task: TaskId, by: &'static str, now: Timestamp) -> Work<Cancelled> {
    Box::new(move |tx| async move { tasks::cancel(tx, task, by, now).await }.boxed())
}

/// The task's log without its times.
async fn said(scene: &Scene, task: TaskId) -> Vec<String> {
    let chunks = task_logs::chunks_from_line(scene.db.read(), task, 1, 100).await;
    let chunks = chunks.unwrap().into_iter();
    let text: String = chunks.map(|c| String::from_utf8(c.body).unwrap()).collect();
    let lines = text.lines().map(|line| line[25..].to_owned());
    lines.collect()
}

async fn two_cancellations_end_a_task_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let first = scene
        .hold_open(cancelling(task, "alice", scene.now()))
        .await;
    let other = scene.clone();
    let second = spawn(async move { other.cancel(task).await });
    scene.settle(&second).await;
    assert_eq!(first.commit().await.unwrap(), Cancelled::Ended);
    assert_eq!(ended(second).await.unwrap(), Cancelled::AlreadyFinal);
    assert_eq!(said(&scene, task).await, ["WARN Cancelled by alice"]);
    let counts = tasks::counts(scene.db.read(), None).await.unwrap();
    assert_eq!((counts["waiting"], counts["error"]), (0, 1));
}

async fn two_cancellations_tell_a_run_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let running = scene.must_claim().await;
    let first = scene
        .hold_open(cancelling(task, "alice", scene.now()))
        .await;
    let other = scene.clone();
    let second = spawn(async move { other.cancel(task).await });
    scene.settle(&second).await;
    assert_eq!(first.commit().await.unwrap(), Cancelled::Told);
    assert_eq!(ended(second).await.unwrap(), Cancelled::Told);
    let learnt = scene.beat(running.fence, None).await.unwrap();
    assert_eq!(learnt.order().as_deref(), Some("Cancelled by alice"));
    scene.release(running.fence).await.unwrap();
    assert_eq!(said(&scene, task).await, ["WARN Cancelled by alice"]);
}

async fn the_two_last_withdrawals_at_once_end_the_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (one, two) = (UserId::new(), UserId::new());
    let task = scene.submit_with(new_task("a"), wish_of(one)).await.task;
    scene.submit_with(new_task("a"), wish_of(two)).await;
    let now = scene.now();
    let first = scene
        .hold_open(move |tx| {
            async move { tasks::withdraw(tx, task, (one, "one"), now).await }.boxed()
        })
        .await;
    let other = scene.clone();
    let second = spawn(async move { other.withdraw(task, two).await });
    scene.settle(&second).await;
    assert_eq!(first.commit().await.unwrap(), Cancelled::Withdrawn);
    assert_eq!(ended(second).await, Cancelled::Ended);
    assert!(scene.claim().await.is_none());
}

async fn a_claim_that_meets_a_cancellation_leaves_the_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let cancel = scene
        .hold_open(cancelling(task, "alice", scene.now()))
        .await;
    let (other, now) = (scene.clone(), scene.now());
    let claim = spawn(async move {
        let claimed = other.db.write(move |tx| {
            async move { tasks::claim(tx, WorkerId::new(), &limits(), now).await }.boxed()
        });
        claimed.await.unwrap().is_some()
    });
    scene.settle(&claim).await;
    assert_eq!(cancel.commit().await.unwrap(), Cancelled::Ended);
    assert!(!ended(claim).await, "it has ended");
    let task = scene.task(task).await;
    assert_eq!(
        (task.state, task.generation, task.error_code),
        (TaskState::Error, 0, Some(ErrorCode::Cancelled))
    );
}

async fn a_cancellation_that_meets_a_finish_comes_too_late(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let (fence, now) = (scene.must_claim().await.fence, scene.now());
    let finish = scene
        .hold_open(move |tx| {
            async move {
                let task = tasks::lock_task(tx, fence.task).await?;
                tasks::finish(tx, (&task, &fence), &Outcome::default(), now).await
            }
            .boxed()
        })
        .await;
    let other = scene.clone();
    let cancel = spawn(async move { other.cancel(task).await });
    scene.settle(&cancel).await;
    finish.commit().await.unwrap();
    assert_eq!(ended(cancel).await.unwrap(), Cancelled::AlreadyFinal);
    assert_eq!(scene.task(task).await.state, TaskState::Success);
    assert!(said(&scene, task).await.is_empty());
}

async fn a_finish_that_meets_a_cancellation_stands(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let fence = scene.must_claim().await.fence;
    let cancel = scene
        .hold_open(cancelling(task, "alice", scene.now()))
        .await;
    let other = scene.clone();
    let finish = spawn(async move { other.finish(fence).await });
    scene.settle(&finish).await;
    assert_eq!(cancel.commit().await.unwrap(), Cancelled::Told);
    ended(finish).await.unwrap();
    // The work is done, and what it wrote is there: nobody calls that an error.
    assert_eq!(scene.task(task).await.state, TaskState::Success);
}

async fn a_wish_that_meets_a_cancellation_gets_a_new_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let cancel = scene
        .hold_open(cancelling(task, "alice", scene.now()))
        .await;
    let other = scene.clone();
    let wish = spawn(async move { other.submit("a").await });
    scene.settle(&wish).await;
    assert_eq!(cancel.commit().await.unwrap(), Cancelled::Ended);
    let submitted = ended(wish).await;
    assert_ne!(submitted.task, task, "the wish was made afterwards");
    assert!(!submitted.is_joined);
    assert_eq!(scene.must_claim().await.task.id, submitted.task);
}

async fn a_withdrawal_that_meets_a_wish_spares_the_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (one, two) = (UserId::new(), UserId::new());
    let task = scene.submit_with(new_task("a"), wish_of(one)).await.task;
    let now = scene.now();
    let wish = scene
        .hold_open(move |tx| {
            async move { tasks::submit(tx, &new_task("a"), &wish_of(two), now).await }.boxed()
        })
        .await;
    let other = scene.clone();
    let withdrawal = spawn(async move { other.withdraw(task, one).await });
    scene.settle(&withdrawal).await;
    assert_eq!(wish.commit().await.unwrap().task, task);
    assert_eq!(ended(withdrawal).await, Cancelled::Withdrawn);
    assert_eq!(scene.must_claim().await.requests.len(), 1);
}

async fn a_tree_and_a_part_of_it_are_cancelled_at_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let root = scene.submit("root").await.task;
    let mut leaves = Vec::new();
    for n in 0..6 {
        let new = new_task(&format!("leaf-{n}"));
        leaves.push(scene.submit_with(new, wish_under(root)).await.task);
    }
    let part = scene
        .hold_open(cancelling(leaves[3], "alice", scene.now()))
        .await;
    let (whole, rest) = (scene.clone(), scene.clone());
    let whole = spawn(async move { whole.cancel(root).await });
    scene.settle(&whole).await;
    let reversed: Vec<_> = leaves.iter().copied().rev().collect();
    let rest = spawn(async move {
        for leaf in reversed {
            rest.cancel(leaf).await.unwrap();
        }
    });
    assert_eq!(part.commit().await.unwrap(), Cancelled::Ended);
    assert_eq!(ended(whole).await.unwrap(), Cancelled::Ended);
    ended(rest).await;
    for task in leaves.iter().chain([&root]) {
        assert_eq!(said(&scene, *task).await.len(), 1, "each ends once");
        let wanted = task_requests::live(scene.db.read(), *task).await.unwrap();
        assert!(wanted.is_empty());
    }
}
