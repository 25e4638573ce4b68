//! Runs that are joined, cancelled, robbed of their lease, stopped, or too quiet.

use std::time::Duration;

use weir_domain::task::{ErrorCode, SyncOptions, TaskState};
use weir_store::{clock, tasks};
use weir_testkit::{Fault, until};

use crate::setup::{DEADLINE, Mirror, alone, package};

#[tokio::test]
async fn a_wish_during_a_run_becomes_a_follow_up_that_sees_what_came_meanwhile() {
    let mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    let hold = mirror.upstream.tarball("a", "1.0.0").hold();
    let first = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    mirror.upstream.publish("a", "1.1.0", |v| v);
    let second = mirror.submit("a", alone()).await;
    let third = mirror.submit("a", alone()).await;
    assert_ne!(
        second, first,
        "it has begun, and may have read upstream before"
    );
    assert_eq!(third, second, "it has not begun");
    assert!(mirror.task(second).await.is_held);
    hold.release();
    mirror.end_of(first).await;
    let task = mirror.end_of(second).await;
    assert_eq!(task.report.expect("a report").versions_added, 1);
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.1.0"));
    assert_eq!(mirror.upstream.packument("a").requests(), 2);
    mirror.close().await;
}

#[tokio::test]
async fn joined_wishes_are_served_together() {
    let mirror = Mirror::of([
        package("other", &["1.0.0"]),
        package("a", &["1.0.0", "1.1.0"]),
    ])
    .await;
    // The package's first task waits behind its own first run.
    let hold = mirror.upstream.packument("a").hold();
    let running = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    let plain = mirror.submit("a", alone()).await;
    let options = SyncOptions {
        specific_versions: [crate::setup::version("1.0.0")].into(),
        ..alone()
    };
    assert_eq!(mirror.submit("a", options).await, plain);
    hold.release();
    mirror.end_of(running).await;
    mirror.end_of(plain).await;
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_cancelled_run_ends_soon_and_a_later_one_goes_on() {
    let mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    let hold = mirror.upstream.tarball("a", "1.0.0").hold();
    let id = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    let cancelled = mirror.environment.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            tasks::cancel(tx, id, "alice", now).await
        })
    });
    cancelled.await.expect("cancelled");
    let task = mirror.end_of(id).await;
    assert_eq!(task.error_code, Some(ErrorCode::Cancelled));
    mirror.log_says(id, &["WARN Cancelled by alice"]).await;
    assert_eq!(mirror.versions("a").await, ["1.0.0"], "shown before");
    assert!(mirror.held("a").await.is_empty());
    hold.release();
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success);
    assert_eq!(mirror.held("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_run_whose_lease_is_gone_writes_nothing_more_and_the_next_one_finishes() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0"])]).await;
    let hold = mirror.upstream.packument("a").hold();
    let id = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    let first = mirror.task(id).await;
    mirror.rob(id).await;
    // The first run's answer comes now; whatever it does with it must not be seen.
    hold.release();
    let task = mirror.end_of(id).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert!(first.generation < task.generation);
    assert_eq!((task.attempts, task.crashes), (1, 1));
    let log = mirror.log(id).await;
    let added = log
        .iter()
        .filter(|line| line.contains("Version 1.0.0 added"));
    assert_eq!(added.count(), 1, "{log:#?}");
    mirror
        .log_says(id, &["was lost", "begins", "Done in"])
        .await;
    assert_eq!(mirror.row("a").await.revision, 1);
    mirror.close().await;
}

impl Mirror {
    /// Takes every lease away, as a process does that starts after the other died. What is locked
    /// at that moment (the run may be writing a line) is left to the next try.
    pub async fn rob(&self, id: weir_domain::TaskId) {
        let worker = self.environment.worker;
        until(format!("{id} to be robbed"), DEADLINE, async || {
            let robbed = self.environment.db.write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    tasks::return_abandoned(tx, worker, now).await
                })
            });
            robbed.await.expect("returned").lapsed >= 1
        })
        .await;
    }
}

#[tokio::test]
async fn a_run_robbed_between_its_tarballs_keeps_what_it_recorded() {
    let mirror = Mirror::with([weir_testkit::presets::history("a", 100, 500)], |options| {
        options.tarballs = weir_domain::TarballPolicy::All;
    })
    .await;
    let hold = mirror.upstream.tarball("a", "1.9.9").hold();
    let id = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    until("a recorded group", DEADLINE, async || {
        mirror.held("a").await.len() >= 64
    })
    .await;
    mirror.rob(id).await;
    hold.release();
    let task = mirror.end_of(id).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(mirror.held("a").await.len(), 100);
    let requests = mirror.upstream.ledger().tarballs();
    assert!(requests <= 100 + 36, "{requests} requests for 100 tarballs");
    mirror.close().await;
}

#[tokio::test]
async fn a_stopping_worker_gives_its_task_back_without_using_up_the_attempt() {
    let mut mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    let hold = mirror.upstream.tarball("a", "1.0.0").hold();
    let id = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    mirror.stop_working().await;
    let task = mirror.task(id).await;
    assert_eq!(task.state, TaskState::Waiting);
    assert_eq!((task.attempts, task.crashes), (0, 0));
    mirror
        .log_says(id, &["The worker stops; another one will go on"])
        .await;
    hold.release();
    mirror.work();
    let task = mirror.end_of(id).await;
    assert_eq!(task.state, TaskState::Success);
    assert_eq!(task.attempts, 1);
    assert_eq!(mirror.held("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_stopping_worker_lets_short_work_end() {
    let mut mirror = Mirror::with([package("a", &["1.0.0"])], |options| {
        options.engine.grace = Duration::from_secs(10);
    })
    .await;
    let hold = mirror.upstream.tarball("a", "1.0.0").hold();
    let id = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    let releasing = async { hold.release() };
    tokio::join!(mirror.stop_working(), releasing);
    assert_eq!(mirror.task(id).await.state, TaskState::Success);
    mirror.close().await;
}

#[tokio::test]
async fn a_run_that_shows_no_sign_of_life_is_stopped() {
    let mirror = Mirror::with([package("a", &["1.0.0"])], |options| {
        options.engine.silence = Duration::from_millis(300);
        options.engine.max_attempts = 2;
        options.timeouts.headers = Duration::from_secs(60);
    })
    .await;
    mirror.upstream.packument("a").always(Fault::Hang);
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Error);
    assert_eq!(task.error_code, Some(ErrorCode::Timeout));
    assert_eq!(task.attempts, 2);
    mirror
        .log_says(task.id, &["It showed no sign of life for 0 s"])
        .await;
    mirror.close().await;
}

#[tokio::test]
async fn bytes_that_keep_coming_are_a_sign_of_life() {
    let spec = package("a", &[]).version("1.0.0", |v| v.size(20_000));
    let mirror = Mirror::with([spec], |options| {
        options.engine.silence = Duration::from_millis(500);
        options.engine.max_attempts = 1;
    })
    .await;
    // A second and a half in all, a piece each 50 ms.
    mirror
        .upstream
        .tarball("a", "1.0.0")
        .always(Fault::Slow(14_000));
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    mirror.close().await;
}

#[tokio::test]
async fn packages_are_synced_side_by_side() {
    let packages = (0..5).map(|n| package(&format!("p{n}"), &["1.0.0"]));
    let mirror = Mirror::of(packages).await;
    let hold = mirror.upstream.any_packument().hold();
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(mirror.submit(&format!("p{n}"), alone()).await);
    }
    hold.wait_for_arrivals(5).await;
    hold.release();
    for id in ids {
        assert_eq!(mirror.end_of(id).await.state, TaskState::Success);
    }
    mirror.close().await;
}
