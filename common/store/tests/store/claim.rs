//! Claiming: what comes first, what is left alone, and what the claimant learns.

use std::time::Duration;

use weir_domain::{
    RegistryId, TaskId, WorkerId,
    task::{Priority, SyncPackage, TaskSpec, TaskState},
};
use weir_store::{
    Signal,
    tasks::{self, ClaimLimits, Claimed, NewRequest, NewTask},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, limits, new_task, package, write};

weir_testkit::on_both_engines!(
    the_best_is_claimed_first_by_priority_then_place_then_age,
    several_are_claimed_at_once_in_the_same_order,
    one_of_several_suspects_is_claimed_at_once,
    of_several_those_that_are_not_for_us_are_left,
    the_best_of_all_lanes_is_claimed,
    a_paused_lane_is_left_alone,
    a_closed_lane_is_left_alone,
    a_slot_for_urgent_work_takes_nothing_else,
    a_task_that_is_not_due_waits,
    a_claim_counts_an_attempt_and_raises_the_generation,
    a_claimed_task_is_nobody_elses,
    a_task_of_a_newer_build_is_left_for_it,
    many_tasks_of_a_newer_build_do_not_stop_the_others,
    a_ready_task_whose_key_has_begun_is_held,
    two_hundred_due_tasks_a_look_are_made_ready,
    the_next_due_task_is_known,
    a_place_in_the_queue_is_counted_to_a_thousand,
    a_paused_lane_goes_before_nobody,
);

async fn submit_at(scene: &Scene, name: &str, priority: Priority, fair_key: i64) -> TaskId {
    let new = NewTask {
        priority,
        fair_key,
        ..new_task(name)
    };
    scene.submit_with(new, NewRequest::default()).await.task
}

async fn submit_from(scene: &Scene, name: &str, registry: RegistryId) -> TaskId {
    let new = NewTask {
        spec: TaskSpec::SyncPackage(SyncPackage {
            package: package(name),
            registry,
        }),
        ..new_task(name)
    };
    scene.submit_with(new, NewRequest::default()).await.task
}

async fn the_best_is_claimed_first_by_priority_then_place_then_age(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for (name, priority, fair_key) in [
        ("fourth", Priority::USER, 20),
        ("third", Priority::USER, 10),
        ("fifth", Priority::USER, 20),
        ("sixth", Priority::BULK, 0),
        ("first", Priority::FORCED, 99),
        ("second", Priority::INTERACTIVE, 50),
    ] {
        submit_at(&scene, name, priority, fair_key).await;
    }
    let mut order = Vec::new();
    while let Some(claimed) = scene.claim().await {
        order.push(claimed.task.target);
    }
    let expected = ["first", "second", "third", "fourth", "fifth", "sixth"];
    assert_eq!(order, expected);
}

async fn claim_some(scene: &Scene, count: usize) -> Vec<Claimed> {
    let (now, limits) = (scene.now(), limits());
    let some = write!(scene, |tx| {
        tasks::claim_some(tx, WorkerId::new(), &limits, (count, now)).await
    });
    some.unwrap()
}

fn names(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|one| one.task.target.as_str()).collect()
}

async fn several_are_claimed_at_once_in_the_same_order(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for n in 0..7 {
        let name = format!("p{n}");
        let task = submit_at(&scene, &name, Priority::USER, 100 - n).await;
        // A second wish for some: each claim has its own wishes.
        for _ in 0..n % 3 {
            assert_eq!(
                submit_at(&scene, &name, Priority::USER, 100 - n).await,
                task
            );
        }
    }
    submit_from(&scene, "other", RegistryId::new()).await;
    let all = claim_some(&scene, 5).await;
    assert_eq!(names(&all), ["other", "p6", "p5", "p4", "p3"]);
    let wishes: Vec<_> = all.iter().map(|one| one.requests.len()).collect();
    assert_eq!(wishes, [1, 1, 3, 2, 1]);
    for one in &all {
        assert_eq!(one.fence.task, one.task.id);
        assert_eq!((one.task.generation, one.task.attempts), (1, 1));
        assert_eq!(one.task.state, TaskState::Processing);
        scene.finish(one.fence).await.unwrap();
    }
    assert_eq!(names(&claim_some(&scene, 5).await), ["p2", "p1", "p0"]);
    assert!(claim_some(&scene, 5).await.is_empty());
    let counts = tasks::counts(scene.db.read(), None).await.unwrap();
    let of = |state| counts[state];
    assert_eq!((of("success"), of("processing"), of("waiting")), (5, 3, 0));
}

async fn one_of_several_suspects_is_claimed_at_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for n in 0..4 {
        submit_at(&scene, &format!("p{n}"), Priority::USER, n).await;
    }
    scene
        .meddle("UPDATE tasks SET crashes = 2 WHERE target IN ('p0', 'p2', 'p3')")
        .await;
    let all = claim_some(&scene, 4).await;
    assert_eq!(names(&all), ["p0", "p1"]);
    let suspects: Vec<_> = all.iter().map(|one| one.is_suspect).collect();
    assert_eq!(suspects, [true, false]);
}

async fn of_several_those_that_are_not_for_us_are_left(database: TestDatabase) {
    let scene = Scene::of(database).await;
    // Of "begun" one runs and another is fresh, though not held: a crash may leave that.
    submit_at(&scene, "begun", Priority::USER, 0).await;
    scene.must_claim().await;
    let held = submit_at(&scene, "begun", Priority::USER, 0).await;
    let newer = submit_at(&scene, "newer", Priority::USER, 1).await;
    let ours = submit_at(&scene, "ours", Priority::USER, 2).await;
    scene
        .meddle("UPDATE tasks SET is_held = false, is_ready = true WHERE target = 'begun' AND generation = 0")
        .await;
    scene
        .meddle("UPDATE tasks SET spec_version = 999 WHERE target = 'newer'")
        .await;
    let all = claim_some(&scene, 3).await;
    assert_eq!(
        all.iter().map(|one| one.task.id).collect::<Vec<_>>(),
        [ours]
    );
    assert!(scene.task(held).await.is_held);
    assert_eq!(scene.task(newer).await.state, TaskState::Waiting);
}

async fn the_best_of_all_lanes_is_claimed(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (one, two) = (RegistryId::new(), RegistryId::new());
    let first = submit_from(&scene, "a", one).await;
    let second = submit_from(&scene, "b", two).await;
    let third = submit_from(&scene, "c", one).await;
    for expected in [first, second, third] {
        assert_eq!(scene.must_claim().await.task.id, expected);
    }
}

async fn a_paused_lane_is_left_alone(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (one, two) = (RegistryId::new(), RegistryId::new());
    let paused = submit_from(&scene, "a", one).await;
    let open = submit_from(&scene, "b", two).await;
    let lane = format!("sync_package:{one}");
    scene
        .meddle(format!(
            "UPDATE lanes SET is_paused = true WHERE lane = '{lane}'"
        ))
        .await;
    assert_eq!(scene.must_claim().await.task.id, open);
    assert!(scene.claim().await.is_none());
    scene.meddle("UPDATE lanes SET is_paused = false").await;
    assert_eq!(scene.must_claim().await.task.id, paused);
}

async fn a_closed_lane_is_left_alone(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = RegistryId::new();
    let task = submit_from(&scene, "a", registry).await;
    let closed = ClaimLimits {
        closed_lanes: vec![format!("sync_package:{registry}")],
        ..limits()
    };
    assert!(scene.claim_within(closed).await.is_none());
    assert_eq!(scene.must_claim().await.task.id, task);
}

async fn a_slot_for_urgent_work_takes_nothing_else(database: TestDatabase) {
    let scene = Scene::of(database).await;
    submit_at(&scene, "a", Priority::USER, 0).await;
    let urgent = || ClaimLimits {
        min_priority: Some(Priority::INTERACTIVE),
        ..limits()
    };
    assert!(scene.claim_within(urgent()).await.is_none());
    let wanted = submit_at(&scene, "b", Priority::INTERACTIVE, 0).await;
    let claimed = scene.claim_within(urgent()).await.unwrap();
    assert_eq!(claimed.task.id, wanted);
}

async fn a_task_that_is_not_due_waits(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let new = NewTask {
        run_after: scene.now().plus(Duration::from_millis(1)),
        ..new_task("a")
    };
    scene.submit_with(new, NewRequest::default()).await;
    assert!(scene.claim().await.is_none());
    scene.later(Duration::from_millis(1));
    scene.must_claim().await;
}

async fn a_claim_counts_an_attempt_and_raises_the_generation(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    scene.heard.take();
    let claimed = scene.must_claim().await;
    assert_eq!(scene.heard.take(), [Signal::TaskChanged(task)]);
    assert_eq!((claimed.task.generation, claimed.task.attempts), (1, 1));
    assert_eq!(claimed.fence.generation, 1);
    assert_eq!(claimed.task.state, TaskState::Processing);
    assert_eq!(claimed.task.started_at, Some(scene.now()));
    let begun_at = scene.now();
    scene
        .retry(claimed.fence, Duration::ZERO, true)
        .await
        .unwrap();
    scene.later(Duration::from_secs(5));
    let again = scene.must_claim().await;
    assert_eq!((again.task.generation, again.task.attempts), (2, 2));
    assert_eq!(again.task.started_at, Some(begun_at), "of the first claim");
    assert_eq!(again.task.error, None, "no failure of an earlier attempt");
}

async fn a_claimed_task_is_nobody_elses(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    scene.must_claim().await;
    assert!(scene.claim().await.is_none());
}

async fn a_task_of_a_newer_build_is_left_for_it(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let newer = scene.submit("a").await.task;
    let ours = scene.submit("b").await.task;
    let raise = format!(
        "UPDATE tasks SET spec_version = {} WHERE target = 'a'",
        i64::from(weir_domain::task::SPEC_VERSION) + 1
    );
    scene.meddle(raise).await;
    assert_eq!(scene.must_claim().await.task.id, ours);
    assert!(scene.claim().await.is_none());
    let task = scene.task(newer).await;
    assert_eq!((task.state, task.generation), (TaskState::Waiting, 0));
    // A worker that has learnt the new spec finds it at its next look.
    scene.meddle("UPDATE tasks SET spec_version = 1").await;
    scene.later(Duration::from_secs(2));
    assert_eq!(scene.must_claim().await.task.id, newer);
}

async fn many_tasks_of_a_newer_build_do_not_stop_the_others(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for n in 0..150 {
        submit_at(&scene, &format!("new{n}"), Priority::FORCED, 0).await;
    }
    scene.meddle("UPDATE tasks SET spec_version = 999").await;
    let ours = submit_at(&scene, "ours", Priority::BULK, 0).await;
    let mut looks = 0;
    let claimed = loop {
        looks += 1;
        if let Some(claimed) = scene.claim().await {
            break claimed;
        }
    };
    assert_eq!(claimed.task.id, ours);
    assert_eq!(looks, 3, "each look passes over a bounded number");
}

async fn a_ready_task_whose_key_has_begun_is_held(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let running = scene.must_claim().await;
    let follow_up = scene.submit("a").await.task;
    // As if a release had raced with the claim.
    scene
        .meddle("UPDATE tasks SET is_held = false, is_ready = true, ready_at = 0 WHERE is_held")
        .await;
    let other = scene.submit("b").await.task;
    assert_eq!(scene.must_claim().await.task.id, other, "the claim goes on");
    assert!(scene.task(follow_up).await.is_held);
    scene.finish(running.fence).await.unwrap();
    assert_eq!(scene.must_claim().await.task.id, follow_up);
}

async fn two_hundred_due_tasks_a_look_are_made_ready(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let later = scene.now().plus(Duration::from_secs(1));
    for n in 0..250 {
        let new = NewTask {
            run_after: later,
            ..new_task(&format!("p{n}"))
        };
        scene.submit_with(new, NewRequest::default()).await;
    }
    scene.later(Duration::from_secs(2));
    scene.must_claim().await;
    let ready = "SELECT COUNT(*) AS n FROM tasks WHERE is_ready";
    assert_eq!(scene.number(ready).await, 199);
    scene.must_claim().await;
    assert_eq!(scene.number(ready).await, 248);
}

async fn the_next_due_task_is_known(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let next = || async { tasks::next_due(scene.db.read()).await.unwrap() };
    assert_eq!(next().await, None);
    scene.submit("ready").await;
    assert_eq!(next().await, None, "ready is not due later");
    for seconds in [90, 30, 60] {
        let new = NewTask {
            run_after: scene.now().plus(Duration::from_secs(seconds)),
            ..new_task(&format!("p{seconds}"))
        };
        scene.submit_with(new, NewRequest::default()).await;
    }
    let soon = scene.now().plus(Duration::from_secs(30));
    assert_eq!(next().await, Some(soon));
}

async fn a_place_in_the_queue_is_counted_to_a_thousand(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let position = async |id| scene.place(id).await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(submit_at(&scene, &format!("p{n}"), Priority::USER, n).await);
    }
    for (n, id) in (0..).zip(&ids) {
        assert_eq!(position(*id).await, Some(n));
    }
    let urgent = submit_at(&scene, "urgent", Priority::INTERACTIVE, 99).await;
    assert_eq!(position(urgent).await, Some(0));
    assert_eq!(position(ids[3]).await, Some(4));
    for n in 4..1001 {
        ids.push(submit_at(&scene, &format!("p{n}"), Priority::USER, n).await);
    }
    assert_eq!(position(ids[999]).await, Some(1000));
    assert_eq!(position(ids[1000]).await, None, "past a thousand");
    let claimed = scene.must_claim().await;
    assert_eq!(position(claimed.task.id).await, None, "it waits no more");
    assert_eq!(position(ids[1000]).await, Some(1000));
}

async fn a_paused_lane_goes_before_nobody(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (one, two) = (RegistryId::new(), RegistryId::new());
    submit_from(&scene, "a", one).await;
    let mine = submit_from(&scene, "b", two).await;
    let position = async || scene.place(mine).await;
    assert_eq!(position().await, Some(1), "of another lane, but before");
    let pause = format!("UPDATE lanes SET is_paused = true WHERE lane = 'sync_package:{one}'");
    scene.meddle(pause).await;
    assert_eq!(position().await, Some(0));
}
