//! Cancelling and withdrawing, alone and over trees.

use std::time::Duration;

use weir_domain::{
    TaskId, UserId,
    task::{ErrorCode, TaskState},
};
use weir_store::{StoreError, task_requests, task_trees, tasks::Cancelled};
use weir_testkit::TestDatabase;

use crate::support::{LEASE, Scene, chunk_at, new_task, wish_of, wish_under};

weir_testkit::on_both_engines!(
    a_waiting_task_ends_at_once,
    a_running_task_is_told,
    a_finished_task_stays_as_it_is,
    an_unknown_task_cannot_be_cancelled,
    a_told_run_that_retries_ends_cancelled,
    a_told_run_that_is_released_ends_cancelled,
    a_told_run_that_succeeds_all_the_same_succeeds,
    a_new_wish_after_a_cancellation_gets_a_new_task,
    a_cancelled_follow_up_lets_the_begun_task_be,
    cancelling_a_begun_task_lets_its_follow_up_go,
    a_wish_is_withdrawn_while_others_want_the_task,
    the_last_withdrawal_cancels,
    a_stranger_withdraws_nothing,
    who_asked_is_known_after_a_withdrawal,
    a_task_cancelled_between_its_attempts_says_so_once,
    cancelling_a_root_ends_what_only_its_tree_wants,
    withdrawing_from_a_root_that_others_want_spares_its_tree,
    a_root_that_another_tree_wants_goes_on_without_its_own_tree,
    what_is_submitted_for_a_cancelled_root_is_wanted_by_nobody,
    a_finished_root_takes_its_unfinished_tree_along,
    a_tree_knows_its_children,
);

async fn state(scene: &Scene, id: TaskId) -> (TaskState, Option<ErrorCode>) {
    let task = scene.task(id).await;
    (task.state, task.error_code)
}

const CANCELLED: (TaskState, Option<ErrorCode>) = (TaskState::Error, Some(ErrorCode::Cancelled));

async fn a_waiting_task_ends_at_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    assert_eq!(scene.cancel(task).await.unwrap(), Cancelled::Ended);
    assert_eq!(state(&scene, task).await, CANCELLED);
    assert!(scene.claim().await.is_none());
    assert_eq!(scene.task(task).await.log_lines, 1, "it says by whom");
}

async fn a_running_task_is_told(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let claimed = scene.must_claim().await;
    assert_eq!(scene.cancel(task).await.unwrap(), Cancelled::Told);
    assert_eq!(scene.task(task).await.state, TaskState::Processing);
    let learnt = scene.beat(claimed.fence, None).await.unwrap();
    assert_eq!(learnt.cancelled_by.as_deref(), Some("somebody"));
    scene.finish(claimed.fence).await.unwrap();
    scene.submit("a").await;
    let next = scene.must_claim().await;
    let learnt = scene.beat(next.fence, None).await.unwrap();
    assert_eq!(learnt.order(), None, "another task is told nothing");
}

async fn a_finished_task_stays_as_it_is(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let claimed = scene.must_claim().await;
    scene.finish(claimed.fence).await.unwrap();
    let before = scene.task(task).await;
    assert_eq!(scene.cancel(task).await.unwrap(), Cancelled::AlreadyFinal);
    assert_eq!(scene.task(task).await, before);
    let user = UserId::new();
    assert_eq!(scene.withdraw(task, user).await, Cancelled::AlreadyFinal);
    let wanted = task_requests::live(scene.db.read(), task).await.unwrap();
    assert_eq!(wanted.len(), 1, "who wanted it stays known");
}

async fn an_unknown_task_cannot_be_cancelled(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let answer = scene.cancel(TaskId::new()).await;
    assert!(matches!(answer, Err(StoreError::NotFound { .. })));
}

async fn a_told_run_that_retries_ends_cancelled(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let claimed = scene.must_claim().await;
    scene.cancel(task).await.unwrap();
    scene
        .retry(claimed.fence, Duration::ZERO, true)
        .await
        .unwrap();
    assert_eq!(state(&scene, task).await, CANCELLED);
    assert!(scene.claim().await.is_none());
}

async fn a_told_run_that_is_released_ends_cancelled(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let claimed = scene.must_claim().await;
    scene.cancel(task).await.unwrap();
    scene.release(claimed.fence).await.unwrap();
    assert_eq!(state(&scene, task).await, CANCELLED);
}

async fn a_told_run_that_succeeds_all_the_same_succeeds(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let claimed = scene.must_claim().await;
    scene.cancel(task).await.unwrap();
    scene.finish(claimed.fence).await.unwrap();
    assert_eq!(scene.task(task).await.state, TaskState::Success);
}

async fn a_new_wish_after_a_cancellation_gets_a_new_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    scene.must_claim().await;
    scene.cancel(task).await.unwrap();
    let again = scene.submit("a").await;
    assert_ne!(again.task, task, "a run that will stop serves nobody");
    scene.later(LEASE + Duration::from_secs(1));
    scene.sweep().await;
    assert_eq!(scene.must_claim().await.task.id, again.task);
}

async fn a_cancelled_follow_up_lets_the_begun_task_be(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let running = scene.must_claim().await;
    let follow_up = scene.submit("a").await.task;
    assert_eq!(scene.cancel(follow_up).await.unwrap(), Cancelled::Ended);
    let learnt = scene.beat(running.fence, None).await.unwrap();
    assert!(!learnt.is_cancelled);
    scene.finish(running.fence).await.unwrap();
    assert!(scene.claim().await.is_none());
}

async fn cancelling_a_begun_task_lets_its_follow_up_go(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let begun = scene.submit("a").await.task;
    let claimed = scene.must_claim().await;
    let follow_up = scene.submit("a").await.task;
    scene
        .retry(claimed.fence, Duration::from_secs(3600), true)
        .await
        .unwrap();
    assert_eq!(scene.cancel(begun).await.unwrap(), Cancelled::Ended);
    assert_eq!(scene.must_claim().await.task.id, follow_up);
}

async fn a_wish_is_withdrawn_while_others_want_the_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (one, two) = (UserId::new(), UserId::new());
    let task = scene.submit_with(new_task("a"), wish_of(one)).await.task;
    scene.submit_with(new_task("a"), wish_of(two)).await;
    assert_eq!(scene.withdraw(task, one).await, Cancelled::Withdrawn);
    assert_eq!(scene.task(task).await.state, TaskState::Waiting);
    assert_eq!(scene.must_claim().await.requests.len(), 1);
}

async fn the_last_withdrawal_cancels(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (one, two) = (UserId::new(), UserId::new());
    let task = scene.submit_with(new_task("a"), wish_of(one)).await.task;
    scene.submit_with(new_task("a"), wish_of(two)).await;
    scene.withdraw(task, one).await;
    assert_eq!(scene.withdraw(task, two).await, Cancelled::Ended);
    assert_eq!(state(&scene, task).await, CANCELLED);
}

async fn a_stranger_withdraws_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene
        .submit_with(new_task("a"), wish_of(UserId::new()))
        .await
        .task;
    let stranger = UserId::new();
    assert_eq!(scene.withdraw(task, stranger).await, Cancelled::Withdrawn);
    assert_eq!(scene.must_claim().await.requests.len(), 1);
}

async fn who_asked_is_known_after_a_withdrawal(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let user = UserId::new();
    let task = scene.submit_with(new_task("a"), wish_of(user)).await.task;
    scene.withdraw(task, user).await;
    let has_asked = async |user| {
        task_requests::has_asked(scene.db.read(), task, user)
            .await
            .unwrap()
    };
    assert!(has_asked(user).await);
    assert!(!has_asked(UserId::new()).await);
}

async fn a_task_cancelled_between_its_attempts_says_so_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let fence = scene.must_claim().await.fence;
    scene
        .beat(fence, Some(chunk_at((0, 0), &["one", "two"])))
        .await
        .unwrap();
    scene
        .retry(fence, Duration::from_secs(60), true)
        .await
        .unwrap();
    assert_eq!(scene.cancel(task).await.unwrap(), Cancelled::Ended);
    let task = scene.task(task).await;
    assert_eq!(
        (task.log_lines, task.error.as_deref()),
        (3, Some("Cancelled"))
    );
}

/// A root with two children, one of which a user wants too.
async fn tree(scene: &Scene, user: UserId) -> [TaskId; 3] {
    let root = scene.submit_with(new_task("root"), wish_of(user)).await;
    let mut ids = [root.task; 3];
    for (id, name) in ids[1..].iter_mut().zip(["leaf", "shared"]) {
        let new = new_task(name);
        *id = scene.submit_with(new, wish_under(root.task)).await.task;
    }
    scene
        .submit_with(new_task("shared"), wish_of(UserId::new()))
        .await;
    ids
}

async fn cancelling_a_root_ends_what_only_its_tree_wants(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let [root, leaf, shared] = tree(&scene, UserId::new()).await;
    assert_eq!(scene.cancel(root).await.unwrap(), Cancelled::Ended);
    assert_eq!(state(&scene, root).await, CANCELLED);
    assert_eq!(state(&scene, leaf).await, CANCELLED);
    let claimed = scene.must_claim().await;
    assert_eq!(claimed.task.id, shared);
    assert_eq!(claimed.requests.len(), 1, "the tree's wish is gone");
}

async fn withdrawing_from_a_root_that_others_want_spares_its_tree(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let user = UserId::new();
    let [root, leaf, _] = tree(&scene, user).await;
    scene
        .submit_with(new_task("root"), wish_of(UserId::new()))
        .await;
    assert_eq!(scene.withdraw(root, user).await, Cancelled::Withdrawn);
    assert_eq!(scene.task(leaf).await.state, TaskState::Waiting);
}

async fn a_root_that_another_tree_wants_goes_on_without_its_own_tree(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let user = UserId::new();
    let [root, leaf, _] = tree(&scene, user).await;
    let other = scene.submit("other").await.task;
    scene.submit_with(new_task("root"), wish_under(other)).await;
    assert_eq!(scene.withdraw(root, user).await, Cancelled::Withdrawn);
    assert_eq!(state(&scene, leaf).await, CANCELLED);
    assert_eq!(scene.task(root).await.state, TaskState::Waiting);
    let wanted = task_requests::live(scene.db.read(), root).await.unwrap();
    assert_eq!(wanted.len(), 1);
    assert_eq!(wanted[0].root, other);
}

async fn what_is_submitted_for_a_cancelled_root_is_wanted_by_nobody(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let [root, ..] = tree(&scene, UserId::new()).await;
    scene.cancel(root).await.unwrap();
    let late = scene.submit_with(new_task("late"), wish_under(root)).await;
    let wanted = task_requests::live(scene.db.read(), late.task).await;
    assert!(wanted.unwrap().is_empty(), "its worker will end it unrun");
}

async fn a_finished_root_takes_its_unfinished_tree_along(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let [root, leaf, shared] = tree(&scene, UserId::new()).await;
    let claimed = scene.must_claim().await;
    assert_eq!(claimed.task.id, root);
    scene.finish(claimed.fence).await.unwrap();
    assert_eq!(scene.cancel(root).await.unwrap(), Cancelled::Ended);
    assert_eq!(state(&scene, leaf).await, CANCELLED);
    assert_eq!(scene.task(shared).await.state, TaskState::Waiting);
    assert_eq!(scene.task(root).await.state, TaskState::Success);
    assert_eq!(scene.cancel(root).await.unwrap(), Cancelled::AlreadyFinal);
}

async fn a_tree_knows_its_children(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let [root, leaf, _] = tree(&scene, UserId::new()).await;
    let children = async || task_trees::children(scene.db.read(), root).await.unwrap();
    assert_eq!(children().await["waiting"], 2);
    scene.cancel(leaf).await.unwrap();
    let now = children().await;
    assert_eq!((now["waiting"], now["error"]), (1, 1));
    let failed = task_trees::failed_children(scene.db.read(), root, 10)
        .await
        .unwrap();
    assert_eq!(failed, [(leaf, "leaf".to_owned())]);
    let size = task_trees::size(scene.db.read(), root).await.unwrap();
    assert_eq!(size.names, 3);
    // The newest task of a name stands for it.
    scene.submit_with(new_task("leaf"), wish_under(root)).await;
    assert_eq!(children().await["waiting"], 2);
    assert_eq!(task_trees::size(scene.db.read(), root).await.unwrap(), size);
}
