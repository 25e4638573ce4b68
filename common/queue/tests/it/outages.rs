//! Redis flushed, restarted, stopped, full: hints are missed, and nothing else happens.

use std::time::{Duration, Instant};

use weir_domain::TaskId;
use weir_store::{CommitListener, Signal, Topic};
use weir_testkit::{RedisServer, until};

use crate::setup::{Process, SOON, hear_each_other, rings};

/// Everything a commit can say, many times over; fails the test if that takes long.
fn commit_a_lot(process: &Process) {
    let began = Instant::now();
    for _ in 0..20_000 {
        process.hub.committed(&[
            Signal::TaskReady,
            Signal::TaskChanged(TaskId::new()),
            Signal::LogGrew(TaskId::new()),
            Signal::Invalidated(Topic::Package, "a".to_owned()),
        ]);
    }
    let took = began.elapsed();
    assert!(
        took < Duration::from_secs(2),
        "20,000 commits were held up for {took:?}"
    );
}

/// Waits until bells and changes arrive again.
async fn works_again(submits: &Process, works: &Process) {
    hear_each_other(submits, works).await;
    submits.commits(Signal::TaskReady);
    rings(works.hub.bell()).await;
}

#[tokio::test]
async fn a_flush_at_any_moment_costs_a_moment() {
    let server = RedisServer::start().await;
    let (submits, works) = (Process::start(&server), Process::worker(&server));
    works_again(&submits, &works).await;
    let mut slowest = Duration::ZERO;
    for _ in 0..10 {
        submits.commits(Signal::TaskReady);
        server.flush_all().await;
        let began = Instant::now();
        until("a bell to ring again", SOON, async || {
            submits.commits(Signal::TaskReady);
            let second = Duration::from_millis(100);
            tokio::time::timeout(second, works.hub.bell().rung())
                .await
                .is_ok()
        })
        .await;
        works_again(&submits, &works).await;
        slowest = slowest.max(began.elapsed());
    }
    assert!(slowest < Duration::from_secs(10), "{slowest:?}");
}

#[tokio::test]
async fn restarts_are_survived() {
    for options in [["--appendonly", "no"], ["--appendonly", "yes"]] {
        let mut server = RedisServer::start_with(&options).await;
        let (submits, works) = (Process::start(&server), Process::worker(&server));
        works_again(&submits, &works).await;
        for _ in 0..3 {
            server.kill().await;
            commit_a_lot(&submits);
            server.begin().await;
            works_again(&submits, &works).await;
        }
    }
}

#[tokio::test]
async fn a_black_hole_holds_nobody_up() {
    let server = RedisServer::start().await;
    let (submits, works) = (Process::start(&server), Process::worker(&server));
    works_again(&submits, &works).await;
    server.black_hole().await;
    commit_a_lot(&submits);
    commit_a_lot(&works);
    // The process's own bell and watchers need no Redis.
    rings(works.hub.bell()).await;
    let task = TaskId::new();
    let mut watch = works.hub.watch(task);
    works.commits(Signal::TaskChanged(task));
    tokio::time::timeout(SOON, watch.changed())
        .await
        .expect("told at once");
    server.answer_again().await;
    works_again(&submits, &works).await;
}

#[tokio::test]
async fn a_redis_out_of_memory_still_tells_who_watches() {
    let server = RedisServer::start().await;
    let (submits, mut works) = (Process::start(&server), Process::worker(&server));
    works_again(&submits, &works).await;
    server.limit_memory(1).await;
    commit_a_lot(&submits);
    hear_each_other(&submits, &works).await;
    server.limit_memory(0).await;
    works_again(&submits, &works).await;
    works.becomes_idle();
    until("bells to be heard and deleted", SOON, async || {
        let data = format!("HLEN {}bells:data", server.prefix());
        match server.count(&data).await {
            0 => Ok(()),
            left => Err(left),
        }
    })
    .await;
}

#[tokio::test]
async fn a_redis_that_is_not_there_at_the_start_is_found_later() {
    let mut server = RedisServer::start().await;
    server.kill().await;
    let (submits, works) = (Process::start(&server), Process::worker(&server));
    commit_a_lot(&submits);
    server.begin().await;
    works_again(&submits, &works).await;
}

#[tokio::test]
async fn a_backlog_of_ten_thousand_is_at_most_a_thousand_bells() {
    let server = RedisServer::start().await;
    let submits = Process::start(&server);
    let prefix = server.prefix();
    let lying = format!(
        "EVAL \"return redis.call('ZCARD',KEYS[1])+redis.call('LLEN',KEYS[2])\" 2 \
         {prefix}bells:scheduled {prefix}bells:active"
    );
    for commit in 0..10_000 {
        submits.commits(Signal::TaskReady);
        // Each look gives the announcer a moment.
        if commit % 10 == 0 {
            let bells = server.count(&lying).await;
            assert!(bells <= 1_000, "{bells} after {commit} commits");
        }
    }
    assert_eq!(
        server.count(&lying).await,
        1_000,
        "as many as there is room for"
    );
    let mut works = Process::worker(&server);
    works.becomes_idle();
    until(
        "all of them to be heard and deleted",
        SOON,
        async || match server.count(&format!("HLEN {prefix}bells:data")).await {
            0 => Ok(()),
            left => Err(left),
        },
    )
    .await;
}
