//! Being asked to stop in the middle of work: nothing lost, nobody charged an attempt.

use std::time::{Duration, Instant};

use weir_testkit::{Fault, presets};
use weir_tests::{System, Task};

/// What the server is given to stop, and what it may take beyond it.
const GRACE: Duration = Duration::from_secs(5);
const MARGIN: Duration = Duration::from_secs(4);

async fn ask_all(system: &System, count: usize) -> Vec<Task> {
    let mut tasks = Vec::new();
    for index in 1..=count {
        tasks.push(system.ask(&format!("flat-{index:04}")).await);
    }
    tasks
}

async fn all_end_with_one_attempt(system: &System, tasks: &[Task]) {
    for task in tasks {
        let status = system.succeeded(task).await;
        assert_eq!(status.attempts(), 1, "{}: {status:?}", task.name);
        system.log(task).await;
        let latest = system.packument(&task.name).await["dist-tags"]["latest"].clone();
        let latest = latest.as_str().expect("a version").to_owned();
        system.assert_tarball(&task.name, &latest).await;
    }
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_sync_costs_no_attempt() {
    let builder = System::builder().packages(presets::flat(40, 3, 30_000));
    let mut system = builder
        .setting("WEIR_GRACE_SECS", &GRACE.as_secs().to_string())
        .setting("WEIR_WORKER_CONCURRENCY", "4")
        .start()
        .await;
    // Runs that cannot end within the grace, and some that have.
    let hold = system.upstream().tarball("flat-0006", "1.0.2").hold();
    system
        .upstream()
        .tarball("flat-0007", "1.0.2")
        .always(Fault::Slow(1_000));
    let tasks = ask_all(&system, 40).await;
    hold.wait_for_arrivals(1).await;
    let began = Instant::now();
    system.stop_server().await;
    let took = began.elapsed();
    assert!(took < GRACE + MARGIN, "it took {took:?} to stop");

    hold.release();
    system.upstream().tarball("flat-0007", "1.0.2").clear();
    system.start_server().await;
    all_end_with_one_attempt(&system, &tasks).await;
    system.end().await;
}

#[tokio::test]
async fn an_idle_server_stops_at_once() {
    let mut system = System::start(presets::flat(1, 1, 100)).await;
    system.bring("flat-0001").await;
    let began = Instant::now();
    system.stop_server().await;
    let took = began.elapsed();
    assert!(
        took < Duration::from_secs(3),
        "an idle server took {took:?} to stop"
    );
    system.start_server().await;
    assert_eq!(system.get("/flat-0001").await.status, 200);
    system.end().await;
}

#[tokio::test]
async fn a_follower_is_let_go_and_can_tell_that_the_log_goes_on() {
    let builder = System::builder().packages(presets::flat(1, 1, 100));
    let mut system = builder.setting("WEIR_GRACE_SECS", "5").start().await;
    let hold = system.upstream().packument("flat-0001").hold();
    let task = system.ask("flat-0001").await;
    hold.wait_for_arrivals(1).await;
    let path = format!("/syncs/{}/log?follow=true", task.id);
    let follower = system
        .call(&path)
        .bearer(weir_tests::system::ADMIN_TOKEN)
        .open()
        .await;
    let follower = follower.expect("a log can be followed");
    assert_eq!(follower.status(), 200);
    let reading = http_body_util::BodyExt::collect(follower.into_body());
    let (read, ()) = tokio::join!(reading, system.stop_server());
    assert!(
        read.is_err(),
        "a log that is not at its end was cut, and its reader can tell: {read:?}"
    );

    hold.release();
    system.start_server().await;
    assert_eq!(system.succeeded(&task).await.attempts(), 1);
    system.end().await;
}
