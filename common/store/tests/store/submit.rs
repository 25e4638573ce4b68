//! Submitting and joining: who gets a task of their own, and what it does to the others.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;
use weir_domain::{
    Timestamp, UserId,
    task::{Priority, TaskState},
};
use weir_store::{
    Signal,
    tasks::{self, FairQueue, NewRequest, NewTask},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, ended, forced, new_task, spawn, wish_of, wish_under, write};

weir_testkit::on_both_engines!(
    a_second_wish_joins_the_fresh_task,
    a_wish_made_while_a_task_runs_becomes_a_held_follow_up,
    a_wish_made_between_attempts_joins_the_begun_task,
    a_wish_joins_the_held_follow_up_though_the_begun_task_pauses,
    a_follow_up_is_let_go_when_the_run_ends_and_only_then,
    a_thousand_wishes_at_once_make_one_fresh_and_one_begun_task,
    the_more_urgent_wish_counts,
    who_waits_behind_a_begun_task_hurries_it,
    force_ends_the_pause_of_the_task_it_joins,
    force_ends_the_pause_of_the_task_it_waits_behind,
    an_ordinary_wish_respects_the_pause_after_a_failure,
    a_wish_for_now_brings_a_planned_task_forward,
    a_wish_for_later_does_not_put_a_task_off,
    joining_takes_the_earlier_place,
    a_tree_asks_the_same_of_a_task_once,
    a_submission_that_fails_leaves_nothing,
);

async fn a_second_wish_joins_the_fresh_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let first = scene.submit("a").await;
    let second = scene.submit("a").await;
    let other = scene.submit("b").await;
    assert!(!first.is_joined && second.is_joined && !other.is_joined);
    assert_eq!(first.task, second.task);
    assert_ne!(first.task, other.task);
    assert_eq!(scene.must_claim().await.requests.len(), 2);
}

async fn a_wish_made_while_a_task_runs_becomes_a_held_follow_up(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let running = scene.must_claim().await;
    let follow_up = scene.submit("a").await;
    assert!(!follow_up.is_joined);
    assert_ne!(follow_up.task, running.task.id);
    assert!(scene.task(follow_up.task).await.is_held);
    assert!(scene.claim().await.is_none(), "one writer a package");
    assert_eq!(scene.submit("a").await.task, follow_up.task);
}

async fn a_wish_made_between_attempts_joins_the_begun_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let begun = scene.must_claim().await;
    scene
        .retry(begun.fence, Duration::from_secs(60), true)
        .await
        .unwrap();
    let joined = scene.submit("a").await;
    assert!(joined.is_joined);
    assert_eq!(joined.task, begun.task.id);
    scene.later(Duration::from_secs(61));
    assert_eq!(scene.must_claim().await.requests.len(), 2);
}

async fn a_wish_joins_the_held_follow_up_though_the_begun_task_pauses(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let begun = scene.must_claim().await;
    let follow_up = scene.submit("a").await;
    scene
        .retry(begun.fence, Duration::from_secs(60), true)
        .await
        .unwrap();
    let third = scene.submit("a").await;
    assert_eq!(third.task, follow_up.task);
    assert!(scene.claim().await.is_none(), "held behind a pausing task");
}

async fn a_follow_up_is_let_go_when_the_run_ends_and_only_then(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let running = scene.must_claim().await;
    let follow_up = scene.submit("a").await;
    assert!(scene.claim().await.is_none());
    scene.heard.take();
    scene.finish(running.fence).await.unwrap();
    assert!(scene.heard.take().contains(&Signal::TaskReady));
    let next = scene.must_claim().await;
    assert_eq!(next.task.id, follow_up.task);
    assert!(scene.claim().await.is_none());
}

async fn a_thousand_wishes_at_once_make_one_fresh_and_one_begun_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    // The pool has fewer connections than this, and gives up on those who wait for too long.
    let turns = Arc::new(Semaphore::new(100));
    let before: Vec<_> = (0..500).map(|_| submitting(&scene, &turns)).collect();
    // A claim somewhere among them.
    let claimed = loop {
        if let Some(claimed) = scene.claim().await {
            break claimed;
        }
        tokio::task::yield_now().await;
    };
    let after: Vec<_> = (0..500).map(|_| submitting(&scene, &turns)).collect();
    let mut wishes = 0;
    for submitted in before.into_iter().chain(after) {
        ended(submitted).await;
        wishes += 1;
    }
    let all = scene.all_tasks().await;
    assert_eq!(all.len(), 2, "{all:#?}");
    assert_eq!(all[0].id, claimed.task.id);
    assert_eq!(all[0].state, TaskState::Processing);
    assert_eq!((all[1].state, all[1].is_held), (TaskState::Waiting, true));
    scene.finish(claimed.fence).await.unwrap();
    let next = scene.must_claim().await;
    assert_eq!(claimed.requests.len() + next.requests.len(), wishes);
}

fn submitting(scene: &Scene, turns: &Arc<Semaphore>) -> tokio::task::JoinHandle<tasks::Submitted> {
    let (scene, turns) = (scene.clone(), Arc::clone(turns));
    spawn(async move {
        let _turn = turns.acquire().await.unwrap();
        scene.submit("a").await
    })
}

async fn the_more_urgent_wish_counts(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let with = |priority| NewTask {
        priority,
        ..new_task("a")
    };
    let task = scene
        .submit_with(with(Priority::USER), NewRequest::default())
        .await
        .task;
    scene
        .submit_with(with(Priority::BULK), NewRequest::default())
        .await;
    assert_eq!(scene.task(task).await.priority, Priority::USER);
    scene
        .submit_with(with(Priority::INTERACTIVE), NewRequest::default())
        .await;
    assert_eq!(scene.task(task).await.priority, Priority::INTERACTIVE);
}

async fn who_waits_behind_a_begun_task_hurries_it(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let bulk = NewTask {
        priority: Priority::BULK,
        ..new_task("a")
    };
    scene.submit_with(bulk, NewRequest::default()).await;
    let begun = scene.must_claim().await;
    scene.submit("a").await;
    assert_eq!(scene.task(begun.task.id).await.priority, Priority::USER);
    // And again while it pauses, by joining the held follow-up.
    scene
        .retry(begun.fence, Duration::from_secs(60), true)
        .await
        .unwrap();
    let urgent = NewTask {
        priority: Priority::INTERACTIVE,
        ..new_task("a")
    };
    scene.submit_with(urgent, NewRequest::default()).await;
    let begun = scene.task(begun.task.id).await;
    assert_eq!(begun.priority, Priority::INTERACTIVE);
    assert_eq!(begun.run_after, scene.now().plus(Duration::from_secs(60)));
}

async fn force_ends_the_pause_of_the_task_it_joins(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let begun = scene.must_claim().await;
    scene
        .retry(begun.fence, Duration::from_secs(3600), true)
        .await
        .unwrap();
    scene.heard.take();
    scene.submit_with(new_task("a"), forced()).await;
    assert!(scene.heard.take().contains(&Signal::TaskReady));
    assert_eq!(scene.must_claim().await.task.id, begun.task.id);
}

async fn force_ends_the_pause_of_the_task_it_waits_behind(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let begun = scene.must_claim().await;
    let follow_up = scene.submit("a").await;
    scene
        .retry(begun.fence, Duration::from_secs(3600), true)
        .await
        .unwrap();
    let submitted = scene.submit_with(new_task("a"), forced()).await;
    assert_eq!(submitted.task, follow_up.task);
    let again = scene.must_claim().await;
    assert_eq!(again.task.id, begun.task.id);
    assert!(
        scene.claim().await.is_none(),
        "the follow-up still waits for its turn"
    );
}

async fn an_ordinary_wish_respects_the_pause_after_a_failure(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let begun = scene.must_claim().await;
    scene
        .retry(begun.fence, Duration::from_secs(3600), true)
        .await
        .unwrap();
    scene.submit("a").await;
    assert!(scene.claim().await.is_none());
}

async fn a_wish_for_now_brings_a_planned_task_forward(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let planned = NewTask {
        run_after: scene.now().plus(Duration::from_secs(3600)),
        ..new_task("a")
    };
    let task = scene.submit_with(planned, NewRequest::default()).await.task;
    assert!(scene.claim().await.is_none());
    scene.heard.take();
    assert!(scene.submit("a").await.is_joined);
    assert!(scene.heard.take().contains(&Signal::TaskReady));
    assert_eq!(scene.must_claim().await.task.id, task);
}

async fn a_wish_for_later_does_not_put_a_task_off(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let soon = scene.now().plus(Duration::from_secs(60));
    let planned = |run_after| NewTask {
        run_after,
        ..new_task("a")
    };
    let task = scene
        .submit_with(planned(soon), NewRequest::default())
        .await
        .task;
    let much_later = soon.plus(Duration::from_secs(3600));
    scene
        .submit_with(planned(much_later), NewRequest::default())
        .await;
    assert_eq!(scene.task(task).await.run_after, soon);
    assert!(scene.claim().await.is_none(), "not due yet");
    scene.later(Duration::from_secs(61));
    assert_eq!(scene.must_claim().await.task.id, task);
}

async fn joining_takes_the_earlier_place(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let at = |name: &str, fair_key| NewTask {
        fair_key,
        ..new_task(name)
    };
    let late = scene
        .submit_with(at("late", 900), NewRequest::default())
        .await;
    scene
        .submit_with(at("middle", 500), NewRequest::default())
        .await;
    scene
        .submit_with(at("late", 100), NewRequest::default())
        .await;
    assert_eq!(scene.must_claim().await.task.id, late.task);
}

async fn a_tree_asks_the_same_of_a_task_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let root = scene.submit("root").await.task;
    for _ in 0..3 {
        scene.submit_with(new_task("leaf"), wish_under(root)).await;
    }
    scene
        .submit_with(new_task("leaf"), wish_of(UserId::new()))
        .await;
    scene
        .submit_with(new_task("leaf"), wish_of(UserId::new()))
        .await;
    scene.must_claim().await;
    let leaf = scene.must_claim().await;
    assert_eq!(leaf.requests.len(), 3, "one of the tree, two of users");
}

async fn a_submission_that_fails_leaves_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (new, now) = (new_task("a"), scene.now());
    let failed = write!(scene, |tx| {
        tasks::submit(tx, &new, &NewRequest::default(), now).await?;
        Err::<(), _>(weir_store::StoreError::Changed("mind"))
    });
    assert!(failed.is_err());
    assert!(scene.all_tasks().await.is_empty());
    assert!(scene.heard.take().is_empty());
    let counts = tasks::counts(scene.db.read(), None).await.unwrap();
    assert_eq!(counts["waiting"], 0);
}

#[test]
fn who_asks_for_a_thousand_does_not_make_others_wait() {
    let queue = FairQueue::default();
    let now = Timestamp(1_000_000);
    let many: Vec<_> = (0..1000).map(|_| queue.next("many", now)).collect();
    assert!(many.is_sorted());
    let place = queue.next("one", now);
    let before = many.iter().filter(|other| **other < place).count();
    assert!(before <= 1, "{before} of the other's thousand come first");
}
