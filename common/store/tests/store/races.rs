//! One test a race: each transaction is held open where it hurts while the other runs.

use std::time::Duration;

use futures::FutureExt;
use weir_domain::{
    WorkerId,
    task::{ErrorCode, TaskState},
};
use weir_store::{
    Tx, settings, task_runs,
    tasks::{self, Cancelled, NewRequest, Outcome, SweepLimits},
};
use weir_testkit::{
    TestDatabase,
    database::{self, Engine},
    until,
};

use crate::support::{
    LEASE, Scene, chunk_at, ended, forced, limits, new_task, spawn, wish_under, write,
};

weir_testkit::on_both_engines!(
    a_wish_that_meets_a_claim_becomes_a_follow_up,
    a_claim_that_meets_a_wish_serves_it_or_leaves_the_task,
    of_two_claimers_each_gets_another_task,
    a_wish_made_while_a_run_finishes_is_served_by_a_new_run,
    a_finish_that_meets_a_wish_lets_the_follow_up_go,
    a_forced_wish_that_meets_a_retry_ends_the_pause,
    a_cancellation_that_meets_a_claim_tells_the_run,
    a_cancellation_that_meets_a_retry_ends_the_task,
    a_cancellation_that_meets_a_wish_spares_it,
    two_sweeps_return_a_run_once,
    a_slow_sweep_spares_what_was_returned_and_claimed_again,
    a_sweep_spares_the_run_that_is_just_renewed,
    an_expiry_spares_the_task_that_is_just_claimed,
    a_write_that_has_begun_keeps_the_run_from_being_taken,
    two_tasks_that_want_each_other_both_end,
    a_count_that_is_being_written_survives_the_folding,
    workers_and_callers_in_a_crowd_lose_nothing,
);

async fn a_wish_that_meets_a_claim_becomes_a_follow_up(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let first = scene.submit("a").await.task;
    let (owner, now) = (WorkerId::new(), scene.now());
    let claim = scene
        .hold_open(move |tx| async move { tasks::claim(tx, owner, &limits(), now).await }.boxed())
        .await;
    let other = scene.clone();
    let wish = spawn(async move { other.submit("a").await });
    scene.settle(&wish).await;
    let claimed = claim.commit().await.unwrap().unwrap();
    let submitted = ended(wish).await;
    assert_eq!(claimed.task.id, first);
    assert_eq!(claimed.requests.len(), 1);
    assert_ne!(
        submitted.task, first,
        "the run may have read upstream already"
    );
    assert!(scene.task(submitted.task).await.is_held);
}

async fn a_claim_that_meets_a_wish_serves_it_or_leaves_the_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let now = scene.now();
    let wish = scene
        .hold_open(move |tx| {
            async move { tasks::submit(tx, &new_task("a"), &NewRequest::default(), now).await }
                .boxed()
        })
        .await;
    let other = scene.clone();
    let claim = spawn(async move { other.claim().await });
    scene.settle(&claim).await;
    assert_eq!(wish.commit().await.unwrap().task, task);
    let claimed = match ended(claim).await {
        Some(claimed) => claimed,
        None => scene.must_claim().await,
    };
    assert_eq!(claimed.requests.len(), 2);
}

async fn of_two_claimers_each_gets_another_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for name in ["a", "b"] {
        scene.submit(name).await;
    }
    let (owner, now) = (WorkerId::new(), scene.now());
    let claim = scene
        .hold_open(move |tx| async move { tasks::claim(tx, owner, &limits(), now).await }.boxed())
        .await;
    let other = scene.clone();
    let second = spawn(async move { other.claim().await });
    scene.settle(&second).await;
    let first = claim.commit().await.unwrap().unwrap();
    let second = match ended(second).await {
        Some(second) => second,
        None => scene.must_claim().await,
    };
    assert_ne!(first.task.id, second.task.id);
    assert!(scene.claim().await.is_none());
}

fn finishing(
    fence: task_runs::Fence,
    now: weir_domain::Timestamp,
) -> impl for<'t> FnOnce(&'t Tx) -> futures::future::BoxFuture<'t, Result<(), weir_store::StoreError>>
+ Send {
    move |tx| {
        async move {
            let task = tasks::lock_task(tx, fence.task).await?;
            tasks::finish(tx, (&task, &fence), &Outcome::default(), now).await
        }
        .boxed()
    }
}

async fn a_wish_made_while_a_run_finishes_is_served_by_a_new_run(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let running = scene.must_claim().await;
    let finish = scene.hold_open(finishing(running.fence, scene.now())).await;
    let other = scene.clone();
    let wish = spawn(async move { other.submit("a").await });
    scene.settle(&wish).await;
    finish.commit().await.unwrap();
    let submitted = ended(wish).await;
    assert_ne!(submitted.task, running.task.id);
    assert_eq!(scene.must_claim().await.task.id, submitted.task);
}

async fn a_finish_that_meets_a_wish_lets_the_follow_up_go(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let running = scene.must_claim().await;
    let now = scene.now();
    let wish = scene
        .hold_open(move |tx| {
            async move { tasks::submit(tx, &new_task("a"), &NewRequest::default(), now).await }
                .boxed()
        })
        .await;
    let (other, fence) = (scene.clone(), running.fence);
    let finish = spawn(async move { other.finish(fence).await });
    scene.settle(&finish).await;
    let submitted = wish.commit().await.unwrap();
    ended(finish).await.unwrap();
    assert_eq!(scene.must_claim().await.task.id, submitted.task);
}

async fn a_forced_wish_that_meets_a_retry_ends_the_pause(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let running = scene.must_claim().await;
    let (fence, now) = (running.fence, scene.now());
    let retry = scene
        .hold_open(move |tx| {
            async move {
                let again = tasks::Again {
                    run_after: now.plus(Duration::from_secs(3600)),
                    counts: true,
                    why: "upstream is away".to_owned(),
                };
                let task = tasks::lock_task(tx, fence.task).await?;
                tasks::retry(tx, (&task, &fence), &again, now).await
            }
            .boxed()
        })
        .await;
    let other = scene.clone();
    let wish = spawn(async move { other.submit_with(new_task("a"), forced()).await });
    scene.settle(&wish).await;
    retry.commit().await.unwrap();
    ended(wish).await;
    assert_eq!(scene.must_claim().await.task.id, running.task.id);
}

async fn a_cancellation_that_meets_a_claim_tells_the_run(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let (owner, now) = (WorkerId::new(), scene.now());
    let claim = scene
        .hold_open(move |tx| async move { tasks::claim(tx, owner, &limits(), now).await }.boxed())
        .await;
    let other = scene.clone();
    let cancel = spawn(async move { other.cancel(task).await });
    scene.settle(&cancel).await;
    let claimed = claim.commit().await.unwrap().unwrap();
    assert_eq!(ended(cancel).await.unwrap(), Cancelled::Told);
    assert_eq!(scene.task(task).await.state, TaskState::Processing);
    let learnt = scene.beat(claimed.fence, None).await.unwrap();
    assert!(learnt.is_cancelled);
}

async fn a_cancellation_that_meets_a_retry_ends_the_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let running = scene.must_claim().await;
    let now = scene.now();
    let cancel = scene
        .hold_open(move |tx| async move { tasks::cancel(tx, task, "somebody", now).await }.boxed())
        .await;
    let (other, fence) = (scene.clone(), running.fence);
    let retry = spawn(async move { other.retry(fence, Duration::ZERO, true).await });
    scene.settle(&retry).await;
    cancel.commit().await.unwrap();
    ended(retry).await.unwrap();
    assert_eq!(
        scene.task(task).await.error_code,
        Some(ErrorCode::Cancelled)
    );
}

async fn a_cancellation_that_meets_a_wish_spares_it(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let root = scene.submit("root").await.task;
    let leaf = scene.submit_with(new_task("leaf"), wish_under(root)).await;
    let now = scene.now();
    // A user wants the leaf for itself, while its tree is cancelled.
    let wish = scene
        .hold_open(move |tx| {
            async move { tasks::submit(tx, &new_task("leaf"), &NewRequest::default(), now).await }
                .boxed()
        })
        .await;
    let other = scene.clone();
    let cancel = spawn(async move { other.cancel(root).await });
    scene.settle(&cancel).await;
    let submitted = wish.commit().await.unwrap();
    ended(cancel).await.unwrap();
    assert_eq!(submitted.task, leaf.task);
    let claimed = scene.must_claim().await;
    assert_eq!(claimed.task.id, leaf.task);
    assert_eq!(claimed.requests.len(), 1);
}

fn sweeping(
    now: weir_domain::Timestamp,
) -> impl for<'t> FnOnce(
    &'t Tx,
) -> futures::future::BoxFuture<'t, Result<tasks::Swept, weir_store::StoreError>>
+ Send {
    let limits = SweepLimits {
        queue_age: Duration::from_secs(24 * 3600),
    };
    move |tx| async move { tasks::sweep(tx, limits, now).await }.boxed()
}

async fn two_sweeps_return_a_run_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    scene.must_claim().await;
    let now = scene.later(LEASE + Duration::from_secs(1));
    let first = scene.hold_open(sweeping(now)).await;
    let other = scene.clone();
    let second = spawn(async move { other.sweep().await });
    scene.settle(&second).await;
    assert_eq!(first.commit().await.unwrap().lapsed, 1);
    assert_eq!(ended(second).await.lapsed, 0);
    let task = scene.task(task).await;
    assert_eq!((task.crashes, task.log_lines), (1, 1));
    let counts = tasks::counts(scene.db.read(), None).await.unwrap();
    assert_eq!((counts["waiting"], counts["processing"]), (1, 0));
}

async fn a_slow_sweep_spares_what_was_returned_and_claimed_again(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let first = scene.submit("first").await.task;
    scene.submit("second").await;
    scene.must_claim().await;
    scene.later(Duration::from_secs(1));
    let zombie = scene.must_claim().await;
    scene.later(LEASE + Duration::from_secs(1));
    // Somebody changes the row of the first, so the sweep stops there, knowing of both.
    let changing = scene
        .hold_open(move |tx| {
            async move { tasks::add_warning(tx, first, "something odd").await }.boxed()
        })
        .await;
    let other = scene.clone();
    let slow = spawn(async move { other.sweep().await });
    scene.settle(&slow).await;
    if scene.engine == Engine::Postgres {
        assert_eq!(
            scene.sweep().await.lapsed,
            1,
            "another sweep returns the second"
        );
        let again = scene.must_claim().await;
        assert_eq!(again.task.id, zombie.task.id);
        changing.commit().await.unwrap();
        assert_eq!(ended(slow).await.lapsed, 1, "only the first");
        scene.finish(again.fence).await.unwrap();
    } else {
        changing.commit().await.unwrap();
        assert_eq!(ended(slow).await.lapsed, 2);
    }
}

async fn a_sweep_spares_the_run_that_is_just_renewed(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let fence = scene.must_claim().await.fence;
    let now = scene.later(LEASE + Duration::from_secs(1));
    let beat = scene
        .hold_open(move |tx| {
            async move {
                let chunk = chunk_at((0, 0), &["late, but alive"]);
                task_runs::heartbeat(tx, &fence, Some(&chunk), None, (now, LEASE)).await
            }
            .boxed()
        })
        .await;
    let other = scene.clone();
    let sweep = spawn(async move { other.sweep().await });
    scene.settle(&sweep).await;
    beat.commit().await.unwrap();
    assert_eq!(ended(sweep).await.lapsed, 0);
    scene.finish(fence).await.unwrap();
}

async fn an_expiry_spares_the_task_that_is_just_claimed(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = scene.submit("a").await.task;
    let (owner, now) = (WorkerId::new(), scene.later(Duration::from_secs(48 * 3600)));
    let claim = scene
        .hold_open(move |tx| async move { tasks::claim(tx, owner, &limits(), now).await }.boxed())
        .await;
    let other = scene.clone();
    let sweep = spawn(async move { other.sweep().await });
    scene.settle(&sweep).await;
    let claimed = claim.commit().await.unwrap().unwrap();
    assert_eq!(ended(sweep).await.expired, 0);
    assert_eq!(scene.task(task).await.state, TaskState::Processing);
    scene.finish(claimed.fence).await.unwrap();
}

async fn a_write_that_has_begun_keeps_the_run_from_being_taken(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let fence = scene.must_claim().await.fence;
    let now = scene.later(LEASE + Duration::from_secs(1));
    let write = scene
        .hold_open(move |tx| {
            async move {
                task_runs::check(tx, &fence).await?;
                settings::put(tx, "written by", "the first run", now).await
            }
            .boxed()
        })
        .await;
    // A heartbeat of the same run passes meanwhile.
    let other = scene.clone();
    let sweep = spawn(async move { other.sweep().await });
    scene.settle(&sweep).await;
    if scene.engine == Engine::Postgres {
        assert_eq!(ended(sweep).await.lapsed, 0, "its write is under way");
        scene.beat(fence, None).await.unwrap();
    } else {
        drop(sweep);
    }
    assert!(write.commit().await.unwrap());
    scene.later(LEASE + Duration::from_secs(1));
    scene.sweep().await;
    let next = scene.must_claim().await;
    assert!(next.fence.generation > fence.generation);
    // What the next run sees of the first is complete: nothing can be added now.
    let late = write!(scene, |tx| {
        task_runs::check(tx, &fence).await?;
        settings::put(tx, "written by", "a zombie", now).await
    });
    assert!(late.is_err());
}

/// Two packages that depend on each other finish at the same time, each submitting the other.
async fn two_tasks_that_want_each_other_both_end(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let names = ["a", "b", "c", "d"];
    for name in names {
        scene.submit(name).await;
    }
    let mut claimed = Vec::new();
    for _ in names {
        claimed.push(scene.must_claim().await);
    }
    for _ in 0..5 {
        let mut finishes = Vec::new();
        for claimed in claimed.drain(..) {
            let (other, now) = (scene.clone(), scene.now());
            finishes.push(spawn(async move {
                write!(other, |tx| {
                    let own = claimed.task.dedupe_key.clone();
                    // In an order of its own for each, as dependencies come.
                    let mut others = names;
                    others.rotate_left(names.iter().position(|n| own.ends_with(n)).unwrap());
                    let keys: Vec<_> = others.iter().map(|n| format!("package:{n}")).collect();
                    tasks::lock(tx, keys.iter().map(String::as_str)).await?;
                    for name in others {
                        let request = NewRequest::default();
                        tasks::submit(tx, &new_task(name), &request, now).await?;
                    }
                    let task = tasks::lock_again(tx, &claimed.task).await?;
                    tasks::finish(tx, (&task, &claimed.fence), &Outcome::default(), now).await
                })
            }));
        }
        for finish in finishes {
            ended(finish).await.unwrap();
        }
        for _ in names {
            claimed.push(scene.must_claim().await);
        }
    }
}

async fn a_count_that_is_being_written_survives_the_folding(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for n in 0..250 {
        scene.submit(&format!("p{n}")).await;
    }
    let now = scene.now();
    let wish = scene
        .hold_open(move |tx| {
            async move { tasks::submit(tx, &new_task("late"), &NewRequest::default(), now).await }
                .boxed()
        })
        .await;
    scene_commits_between(&scene).await;
    let other = scene.clone();
    let fold = spawn(async move { write!(other, |tx| tasks::fold_counts(tx).await) });
    scene.settle(&fold).await;
    wish.commit().await.unwrap();
    ended(fold).await.unwrap();
    let counts = tasks::counts(scene.db.read(), None).await.unwrap();
    let expected = if scene.engine == Engine::Postgres {
        252
    } else {
        251
    };
    assert_eq!(counts["waiting"], expected);
}

/// On the engine where writers overlap, another one commits with a higher number.
async fn scene_commits_between(scene: &Scene) {
    if scene.engine == Engine::Postgres {
        scene.submit("between").await;
    }
}

/// Everyone at once, for a while; afterwards the books must balance.
async fn workers_and_callers_in_a_crowd_lose_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let mut actors = Vec::new();
    for caller in 0..4 {
        let scene = scene.clone();
        actors.push(spawn(async move {
            for n in 0..40 {
                let name = format!("p{}", (n * 7 + caller) % 6);
                let root = scene.submit(&name).await.task;
                if n % 9 == 0 {
                    scene.cancel(root).await.unwrap();
                }
            }
        }));
    }
    for worker in 0..4_u32 {
        let scene = scene.clone();
        actors.push(spawn(async move {
            for n in 0..60_u32 {
                let Some(claimed) = scene.claim().await else {
                    tokio::task::yield_now().await;
                    continue;
                };
                match (n + worker) % 5 {
                    0 => drop(scene.retry(claimed.fence, Duration::ZERO, true).await),
                    1 => drop(scene.release(claimed.fence).await),
                    2 => {
                        // It dies; the sweep of whoever comes next returns the run.
                        scene.later(LEASE + Duration::from_secs(1));
                        scene.sweep().await;
                    }
                    _ => drop(scene.finish(claimed.fence).await),
                }
            }
        }));
    }
    for actor in actors {
        tokio::time::timeout(Duration::from_secs(60), actor)
            .await
            .expect("no deadlock")
            .expect("no failure");
    }
    scene.later(LEASE + Duration::from_secs(1));
    scene.sweep().await;
    while let Some(claimed) = scene.claim().await {
        scene.finish(claimed.fence).await.unwrap();
    }
    let all = scene.all_tasks().await;
    assert!(all.iter().all(|task| task.state.is_final()), "{all:#?}");
    let counts = tasks::counts(scene.db.read(), None).await.unwrap();
    let of = |state| all.iter().filter(|task| task.state == state).count() as u64;
    assert_eq!(counts["success"], of(TaskState::Success));
    assert_eq!(counts["error"], of(TaskState::Error));
    assert_eq!((counts["waiting"], counts["processing"]), (0, 0));
}

#[tokio::test]
async fn a_worker_that_freezes_in_a_transaction_keeps_its_run_no_longer_than_its_lease() {
    let Some(database) = database::postgres_unless_skipped().await else {
        return;
    };
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let fence = scene.must_claim().await.fence;
    let frozen = scene
        .hold_open(move |tx| async move { task_runs::check(tx, &fence).await }.boxed())
        .await;
    scene.later(LEASE + Duration::from_secs(1));
    until("the run to be returned", LEASE / 2, async || {
        scene.sweep().await.lapsed == 1
    })
    .await;
    assert!(frozen.commit().await.is_err(), "its session was cut");
    assert!(scene.must_claim().await.fence.generation > fence.generation);
}
