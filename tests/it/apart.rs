//! `weir-api` and `weir-worker` as processes of their own: with Redis, without, and with a Redis
//! that everything happens to.

use std::time::Duration;

use http_body_util::BodyExt;
use tokio::time::{Instant, timeout};
use weir_domain::Timestamp;
use weir_testkit::{Fault, RedisServer, database, presets, until};
use weir_tests::{
    System, Task, journal,
    system::{ADMIN_TOKEN, Builder, SOON},
};

fn over(redis: &RedisServer, workers: usize) -> Builder {
    let builder = System::builder().workers(workers);
    builder
        .setting("WEIR_REDIS_URL", &redis.url())
        .setting("WEIR_REDIS_PREFIX", redis.prefix())
}

/// Submits in one process, runs in another, and follows the log through the first.
async fn live_log(builder: Builder) {
    let system = builder.packages(presets::flat(1, 2, 1_000)).start().await;
    let hold = system.upstream().tarball("flat-0001", "1.0.1").hold();
    let task = system.ask("flat-0001").await;
    let path = format!("/syncs/{}/log?follow=true", task.id);
    let followed = system.call(&path).bearer(ADMIN_TOKEN).open().await;
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
    assert_eq!(system.status(&task).await.state(), "processing");
    hold.release();
    let rest = timeout(SOON, body.collect())
        .await
        .expect("the log ends with its task");
    let rest = rest.expect("readable").to_bytes();
    system.succeeded(&task).await;
    let text = [first, rest].concat();
    let text = String::from_utf8(text).expect("text");
    assert_eq!(text, system.log_text(&task).await, "neither gap nor repeat");
    journal::assert_in_order(&journal::read(&text));
    system.assert_tarball("flat-0001", "1.0.1").await;
    system.end().await;
}

#[tokio::test]
async fn a_log_is_followed_through_a_process_that_does_not_write_it() {
    let redis = RedisServer::start().await;
    live_log(over(&redis, 1)).await;
}

#[tokio::test]
async fn without_redis_processes_on_one_host_find_out_by_looking() {
    live_log(System::builder().workers(1)).await;
}

#[tokio::test]
async fn a_log_is_followed_across_processes_on_postgres() {
    let Some(database) = database::postgres_unless_skipped().await else {
        return;
    };
    let redis = RedisServer::start().await;
    live_log(over(&redis, 2).setting("WEIR_DATABASE_URL", database.url())).await;
}

/// Returns how long an idle worker takes, in the middle of many times, to take up a wish: from
/// accepted to processing, by the rows.
async fn median_pick_up(system: &System) -> Duration {
    let mut waits = Vec::new();
    for index in 1..=20 {
        let task = system.ask(&format!("flat-{index:04}")).await;
        let status = system.succeeded(&task).await;
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
    for (builder, longest) in [(over(&redis, 1), 45), (System::builder().workers(1), 300)] {
        let system = builder.packages(presets::flat(20, 1, 100)).start().await;
        let median = median_pick_up(&system).await;
        assert!(median < Duration::from_millis(longest), "{median:?}");
        system.end().await;
    }
}

/// Asks for the next package; the answer does not wait for Redis.
async fn ask(system: &System, tasks: &mut Vec<Task>) -> Task {
    let began = Instant::now();
    let task = system.ask(&format!("flat-{:04}", tasks.len() + 1)).await;
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    tasks.push(task.clone());
    task
}

#[tokio::test]
async fn tasks_run_and_wishes_are_taken_whatever_happens_to_redis() {
    let mut redis = RedisServer::start().await;
    let builder = over(&redis, 2).packages(presets::flat(12, 2, 1_000));
    let system = builder.start().await;
    let hold = system.upstream().tarball("flat-0001", "1.0.1").hold();
    let mut tasks = Vec::new();
    let running = ask(&system, &mut tasks).await;
    hold.wait_for_arrivals(1).await;

    for _ in 0..3 {
        redis.flush_all().await;
        let task = ask(&system, &mut tasks).await;
        redis.flush_all().await;
        system.succeeded(&task).await;
    }
    for _ in 0..3 {
        redis.kill().await;
        let task = ask(&system, &mut tasks).await;
        system.succeeded(&task).await;
        redis.begin().await;
    }
    redis.black_hole().await;
    for _ in 0..2 {
        let task = ask(&system, &mut tasks).await;
        system.succeeded(&task).await;
    }
    redis.answer_again().await;
    redis.limit_memory(1).await;
    for _ in 0..2 {
        let task = ask(&system, &mut tasks).await;
        system.succeeded(&task).await;
    }
    redis.limit_memory(0).await;
    let last = ask(&system, &mut tasks).await;
    system.succeeded(&last).await;

    assert_eq!(system.status(&running).await.state(), "processing");
    hold.release();
    for task in &tasks {
        assert_eq!(system.succeeded(task).await.attempts(), 1, "{}", task.name);
        system.log(task).await;
    }
    system.end().await;
}

#[tokio::test]
async fn a_host_that_asks_one_worker_for_peace_is_left_alone_by_all() {
    const PEACE: Duration = Duration::from_secs(4);
    let redis = RedisServer::start().await;
    let builder = over(&redis, 3).packages(presets::flat(7, 1, 100));
    let system = builder
        .setting("WEIR_WORKER_CONCURRENCY", "1")
        .start()
        .await;
    let connected = format!("ZCARD {}bells:workers", redis.prefix());
    until("three workers to know Redis", SOON, async || {
        redis.count(&connected).await == 3
    })
    .await;
    let busy = system.upstream().packument("flat-0001");
    busy.once(Fault::too_many_requests(PEACE.as_secs()));
    let mut tasks = vec![system.ask("flat-0001").await];
    let closed = format!(
        "HEXISTS {}host:{} closed_until",
        redis.prefix(),
        system.upstream().url()
    );
    until("the host to be closed", SOON, async || {
        redis.count(&closed).await == 1
    })
    .await;
    for index in 2..=7 {
        tasks.push(system.ask(&format!("flat-{index:04}")).await);
    }
    for task in &tasks {
        assert_eq!(
            system.succeeded(task).await.attempts(),
            1,
            "no attempt was charged"
        );
    }
    let entries = system.upstream().ledger().entries();
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
    system.end().await;
}

#[tokio::test]
async fn one_process_that_does_everything_may_have_redis_too() {
    let mut redis = RedisServer::start().await;
    let builder = over(&redis, 0).packages(presets::flat(2, 2, 1_000));
    let system = builder.start().await;
    system.bring("flat-0001").await;
    redis.restart().await;
    system.bring("flat-0002").await;
    system.end().await;
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_one_line_in_each_process() {
    let builder = System::builder()
        .workers(1)
        .packages(presets::flat(1, 1, 100));
    let nowhere = builder.setting("WEIR_REDIS_URL", "redis://:open-sesame@127.0.0.1:1");
    let mut system = nowhere.start().await;
    system.bring("flat-0001").await;
    let said = [system.process().output(), system.workers()[0].output()];
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
    system.end().await;
}
