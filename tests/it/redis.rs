//! Processes that tell each other through Redis, and everything that can happen to it.

use std::time::Duration;

use http_body_util::BodyExt;
use tokio::time::{Instant, timeout};
use weir_domain::Timestamp;
use weir_testkit::{Fault, PackageSpec, RedisServer, presets, until};
use weir_tests::{Deployment, System, Task, journal, system::SOON};

/// Starts an API and workers that share a Redis.
async fn over(redis: &RedisServer, packages: Vec<PackageSpec>, workers: usize) -> Deployment {
    let mut deployment = Deployment::start(packages, (0, 0)).await;
    deployment.set("WEIR_REDIS_URL", &redis.url());
    deployment.set("WEIR_REDIS_PREFIX", redis.prefix());
    deployment.set("WEIR_WORKER_CONCURRENCY", "1");
    deployment.start_api().await;
    for _ in 0..workers {
        deployment.start_worker().await;
    }
    let known = format!("ZCARD {}bells:workers", redis.prefix());
    until("the workers to know Redis", SOON, async || {
        redis.count(&known).await == workers
    })
    .await;
    deployment
}

/// Asks for a package; the answer does not wait for Redis.
async fn ask(deployment: &Deployment, number: usize) -> Task {
    let began = Instant::now();
    let task = deployment.ask(0, &format!("flat-{number:04}")).await;
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    task
}

#[tokio::test]
async fn a_log_is_followed_through_a_process_that_does_not_write_it() {
    let redis = RedisServer::start().await;
    let deployment = over(&redis, presets::flat(1, 2, 1_000), 2).await;
    let hold = deployment.upstream().tarball("flat-0001", "1.0.1").hold();
    let task = ask(&deployment, 1).await;
    let path = format!("/syncs/{}/log", task.id);
    let followed = deployment
        .call(0, &format!("{path}?follow=true"))
        .open()
        .await;
    let mut body = followed.expect("a log can be followed").into_body();
    hold.wait_for_arrivals(1).await;
    let first = timeout(SOON, body.frame())
        .await
        .expect("a line while it runs");
    let first = first
        .expect("more")
        .expect("readable")
        .into_data()
        .expect("lines");
    assert!(first.ends_with(b"\n"));
    hold.release();
    let rest = timeout(SOON, body.collect())
        .await
        .expect("the log ends with its task");
    let rest = rest.expect("readable").to_bytes();
    deployment.succeeded(0, &task).await;
    let text = String::from_utf8([first, rest].concat()).expect("text");
    assert_eq!(
        text,
        deployment.get(0, &path).await.text(),
        "neither gap nor repeat"
    );
    journal::assert_in_order(&journal::read(&text));
    deployment.end().await;
}

/// Returns how long an idle worker takes, in the middle of many times, to take up a wish: from
/// accepted to processing, by the rows.
async fn median_pick_up(deployment: &Deployment) -> Duration {
    let mut waits = Vec::new();
    for number in 1..=20 {
        let task = ask(deployment, number).await;
        let status = deployment.succeeded(0, &task).await;
        let at = |field: &str| Timestamp::parse(status.0[field].as_str().expect("a time"));
        let started = at("startedAt").expect("a time");
        waits.push(started.since(at("createdAt").expect("a time")));
    }
    waits.sort();
    waits[waits.len() / 2]
}

#[tokio::test]
async fn a_wish_is_taken_up_at_once_with_redis_and_soon_without() {
    let redis = RedisServer::start().await;
    let packages = || presets::flat(20, 1, 100);
    let told = over(&redis, packages(), 1).await;
    let untold = Deployment::start(packages(), (1, 1)).await;
    for (deployment, longest) in [(told, 45), (untold, 300)] {
        let median = median_pick_up(&deployment).await;
        assert!(median < Duration::from_millis(longest), "{median:?}");
        deployment.end().await;
    }
}

#[tokio::test]
async fn tasks_run_and_wishes_are_taken_whatever_happens_to_redis() {
    let mut redis = RedisServer::start().await;
    let deployment = over(&redis, presets::flat(12, 2, 1_000), 3).await;
    let hold = deployment.upstream().tarball("flat-0001", "1.0.1").hold();
    let running = ask(&deployment, 1).await;
    hold.wait_for_arrivals(1).await;
    let mut served = Vec::new();
    let mut serve = async |number| {
        let task = ask(&deployment, number).await;
        served.push(deployment.succeeded(0, &task).await);
    };
    for number in 2..5 {
        redis.flush_all().await;
        serve(number).await;
    }
    for number in 5..8 {
        redis.kill().await;
        serve(number).await;
        redis.begin().await;
    }
    redis.black_hole().await;
    serve(8).await;
    serve(9).await;
    redis.answer_again().await;
    redis.limit_memory(1).await;
    serve(10).await;
    serve(11).await;
    redis.limit_memory(0).await;
    serve(12).await;
    hold.release();
    served.push(deployment.succeeded(0, &running).await);
    assert!(
        served.iter().all(|status| status.attempts() == 1),
        "{served:#?}"
    );
    deployment.end().await;
}

#[tokio::test]
async fn a_host_that_asks_one_worker_for_peace_is_left_alone_by_all() {
    const PEACE: Duration = Duration::from_secs(4);
    let redis = RedisServer::start().await;
    let deployment = over(&redis, presets::flat(7, 1, 100), 3).await;
    let upstream = deployment.upstream();
    upstream
        .packument("flat-0001")
        .once(Fault::too_many_requests(PEACE.as_secs()));
    let mut tasks = vec![ask(&deployment, 1).await];
    let closed = format!(
        "HEXISTS {}host:{} closed_until",
        redis.prefix(),
        upstream.url()
    );
    until("the host to be closed", SOON, async || {
        redis.count(&closed).await == 1
    })
    .await;
    for number in 2..=7 {
        tasks.push(ask(&deployment, number).await);
    }
    for task in &tasks {
        let status = deployment.succeeded(0, task).await;
        assert_eq!(status.attempts(), 1, "no attempt was charged");
    }
    let entries = upstream.ledger().entries();
    let asked = entries
        .iter()
        .position(|entry| entry.status == 429)
        .expect("it asked");
    let next = entries.get(asked + 1).expect("the others came");
    let left_alone = next.at.saturating_sub(entries[asked].at);
    // What is rounded down on the way is less than this.
    assert!(
        left_alone + Duration::from_millis(50) >= PEACE,
        "{left_alone:?}"
    );
    deployment.end().await;
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_one_line_in_each_process() {
    let mut deployment = Deployment::start(presets::flat(1, 1, 100), (0, 0)).await;
    deployment.set("WEIR_REDIS_URL", "redis://:open-sesame@127.0.0.1:1");
    deployment.start_api().await;
    let worker = deployment.start_worker().await;
    let task = ask(&deployment, 1).await;
    deployment.succeeded(0, &task).await;
    let said = [
        deployment.api(0).output(),
        deployment.worker(worker).output(),
    ];
    for output in said {
        let lines: Vec<_> = output
            .lines()
            .filter(|line| line.contains("Redis"))
            .collect();
        assert_eq!(lines.len(), 1, "{output}");
        assert!(lines[0].contains("WARN"), "{output}");
        assert!(
            !output.contains("sesame") && !output.contains("apalis"),
            "{output}"
        );
    }
    deployment.end().await;
}

#[tokio::test]
async fn one_process_that_does_everything_may_have_redis_too() {
    let mut redis = RedisServer::start().await;
    let builder = System::builder().packages(presets::flat(2, 2, 1_000));
    let builder = builder.setting("WEIR_REDIS_URL", &redis.url());
    let system = builder
        .setting("WEIR_REDIS_PREFIX", redis.prefix())
        .start()
        .await;
    system.bring("flat-0001").await;
    redis.restart().await;
    system.bring("flat-0002").await;
    system.end().await;
}
