//! What one process commits, the others hear of.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use weir_domain::TaskId;
use weir_queue::{Cadence, Hub, RedisConfig};
use weir_store::Signal;
use weir_testkit::{RedisServer, until};

use crate::setup::{Process, SOON, changes, hear_each_other, rings, two};

#[tokio::test]
async fn a_change_here_wakes_who_watches_there_and_nobody_else() {
    let server = RedisServer::start().await;
    let (one, other) = two(&server).await;
    for signal in [Signal::TaskChanged, Signal::LogGrew] {
        let (task, another) = (TaskId::new(), TaskId::new());
        let (mut watch, mut unmoved) = (other.hub.watch(task), other.hub.watch(another));
        one.commits(signal(task));
        timeout(SOON, watch.changed()).await.expect("it is told");
        assert!(!changes(&mut unmoved).await);
    }
}

#[tokio::test]
async fn ones_own_words_do_not_come_back() {
    let server = RedisServer::start().await;
    let (one, other) = two(&server).await;
    let (task, last) = (TaskId::new(), TaskId::new());
    let mut own = one.hub.watch(task);
    one.commits(Signal::TaskChanged(task));
    own.changed().await;
    // What comes back would come before the other's answer.
    let mut reached = other.hub.watch(task);
    one.commits(Signal::TaskChanged(task));
    own.changed().await;
    timeout(SOON, reached.changed()).await.expect("it is told");
    let mut answer = one.hub.watch(last);
    other.commits(Signal::TaskChanged(last));
    timeout(SOON, answer.changed()).await.expect("it is told");
    assert!(!changes(&mut own).await);
}

#[tokio::test]
async fn a_bell_rung_in_one_process_rings_in_one_that_works() {
    let server = RedisServer::start().await;
    let submits = Process::start(&server);
    let (one, other) = (Process::worker(&server), Process::worker(&server));
    for _ in 0..10 {
        submits.commits(Signal::TaskReady);
        let rung = async {
            tokio::select! {
                () = one.hub.bell().rung() => &other,
                () = other.hub.bell().rung() => &one,
            }
        };
        let silent = timeout(SOON, rung).await.expect("one of them rings");
        let second = timeout(Duration::from_millis(50), silent.hub.bell().rung()).await;
        assert!(second.is_err(), "one bell, one worker");
    }
}

#[tokio::test]
async fn an_idle_worker_hears_a_bell_at_once() {
    let server = RedisServer::start().await;
    let (submits, works) = (Process::start(&server), Process::worker(&server));
    hear_each_other(&submits, &works).await;
    submits.commits(Signal::TaskReady);
    rings(works.hub.bell()).await;
    let mut waits = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        submits.commits(Signal::TaskReady);
        rings(works.hub.bell()).await;
        waits.push(began.elapsed());
        // Meanwhile the worker becomes idle.
        let again = timeout(Duration::from_millis(50), works.hub.bell().rung()).await;
        assert!(again.is_err(), "one bell, one ring");
    }
    waits.sort();
    // By the tick alone it would be half a second.
    assert!(waits[10] < Duration::from_millis(200), "{waits:?}");
}

#[tokio::test]
async fn a_worker_that_stops_leaves_bells_to_the_others() {
    let server = RedisServer::start().await;
    let submits = Process::start(&server);
    let (stops, stays) = (Process::worker(&server), Process::worker(&server));
    stops.stop();
    let workers = format!("ZCARD {}bells:workers", server.prefix());
    until("one worker to be left", SOON, async || {
        submits.commits(Signal::TaskReady);
        rings(stays.hub.bell()).await;
        server.count(&workers).await == 1
    })
    .await;
    for _ in 0..10 {
        submits.commits(Signal::TaskReady);
        rings(stays.hub.bell()).await;
    }
}

#[tokio::test]
async fn deployments_with_different_prefixes_do_not_hear_each_other() {
    let server = RedisServer::start().await;
    let (one, other) = two(&server).await;
    let (stranger, friend) = (
        Process::with_prefix(&server, "another:"),
        Process::with_prefix(&server, "another:"),
    );
    hear_each_other(&stranger, &friend).await;
    let task = TaskId::new();
    let (mut heard, mut unheard) = (other.hub.watch(task), stranger.hub.watch(task));
    one.commits(Signal::TaskChanged(task));
    timeout(SOON, heard.changed()).await.expect("it is told");
    assert!(!changes(&mut unheard).await);
    let keys = server
        .ask("EVAL \"return #redis.call('KEYS','another:*')\" 0")
        .await;
    assert_eq!(keys, "0", "hints are kept nowhere");
}

#[test]
fn a_process_looks_often_only_if_nobody_tells_it() {
    let config = |url: &str| RedisConfig {
        url: url.to_owned(),
        prefix: "weir:".to_owned(),
    };
    assert_eq!(Hub::new().cadence(), Cadence::TOLD);
    let untold = Hub::among_others(None).expect("nothing to fail");
    assert_eq!(untold.cadence(), Cadence::UNTOLD);
    let told = Hub::among_others(Some(&config("redis://:secret@127.0.0.1:1")));
    assert_eq!(told.expect("not connected yet").cadence(), Cadence::TOLD);
    let wrong = Hub::among_others(Some(&config("redis://:secret@host:port")));
    let said = format!(
        "{:?} {:?}",
        wrong.expect_err("no URL"),
        config("redis://:secret@h")
    );
    assert!(!said.contains("secret"), "{said}");
}
