//! `?wait=`: a status that is answered when there is something new to say.

use std::time::{Duration, Instant};

use weir_domain::TaskId;
use weir_store::{task_logs::Chunk, tasks::Outcome};
use weir_testkit::{client::Reply, until};

use crate::server::Server;

/// Longer than anything that is told takes to arrive.
const SOON: Duration = Duration::from_secs(10);

/// Both routes to a status.
fn paths(id: TaskId, query: &str) -> [String; 2] {
    [
        format!("/syncs/{id}{query}"),
        format!("/-/package/a/syncs/{id}{query}"),
    ]
}

/// Asks with a long wait, makes a change once the wait has begun, and returns the answer, which
/// must come soon.
async fn while_waiting(server: &Server, path: &str, change: impl Future<Output = ()>) -> Reply {
    let began = Instant::now();
    let change = async {
        until("the wait to begin", SOON, async || {
            !server.hub.watched().is_empty()
        })
        .await;
        change.await;
    };
    let (reply, ()) = tokio::join!(server.fetch(path), change);
    let took = began.elapsed();
    assert!(took < SOON, "{took:?}");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    reply
}

#[tokio::test]
async fn a_change_of_state_ends_the_wait() {
    for route in 0..2 {
        let server = Server::start().await;
        let path = &paths(server.submit("a").await, "?wait=60")[route];
        let claimed = async {
            server.claim().await;
        };
        let reply = while_waiting(&server, path, claimed).await;
        assert_eq!(reply.json()["state"], "processing");
        let gone = async || server.hub.watched().is_empty();
        until("nobody to watch any more", SOON, gone).await;
    }
}

#[tokio::test]
async fn the_end_ends_the_wait_and_a_longer_log_does_not() {
    let server = Server::start().await;
    let id = server.submit("a").await;
    let fence = server.claim().await;
    let reply = while_waiting(&server, &paths(id, "?wait=60")[0], async {
        let mut chunk = Chunk::default();
        for _ in 0..20 {
            chunk = server.log(fence, &chunk, &["still at it"]).await;
        }
        server.beat(fence).await;
        server.finish(fence, Outcome::default()).await;
    })
    .await;
    assert_eq!(reply.json()["state"], "success");
}

#[tokio::test]
async fn what_is_over_is_answered_at_once_and_what_is_not_at_the_deadline() {
    let server = Server::start().await;
    let id = server.submit("a").await;
    for path in paths(id, "?wait=1") {
        let began = Instant::now();
        let reply = server.fetch(&path).await;
        assert_eq!(reply.json()["state"], "waiting", "{}", reply.text());
        let took = began.elapsed();
        assert!(took >= Duration::from_secs(1) && took < SOON, "{took:?}");
    }
    let fence = server.claim().await;
    server.finish(fence, Outcome::default()).await;
    let began = Instant::now();
    for path in paths(id, "?wait=60")
        .into_iter()
        .chain(paths(id, "?wait=0"))
    {
        assert_eq!(server.fetch(&path).await.json()["state"], "success");
    }
    assert!(began.elapsed() < SOON);
}

#[tokio::test]
async fn the_end_of_the_process_ends_the_wait() {
    let server = Server::start().await;
    let id = server.submit("a").await;
    let stopped = async { server.stop() };
    let reply = while_waiting(&server, &paths(id, "?wait=60")[1], stopped).await;
    assert_eq!(reply.json()["state"], "waiting");
}

#[tokio::test]
async fn what_another_process_does_ends_the_wait_too() {
    let server = Server::start().await;
    let other = server.another().await;
    let id = server.submit("a").await;
    let claimed = async {
        server.claim().await;
    };
    let reply = while_waiting(&other, &paths(id, "?wait=60")[0], claimed).await;
    assert_eq!(reply.json()["state"], "processing");
}

#[tokio::test]
async fn a_wait_is_a_number_of_seconds_up_to_sixty() {
    let server = Server::start().await;
    let id = server.submit("a").await;
    for query in ["?wait=61", "?wait=-1", "?wait=soon", "?wait=1.5", "?wait="] {
        for path in paths(id, query) {
            let reply = server.fetch(&path).await;
            assert_eq!(reply.status, 422, "{path}: {}", reply.text());
            assert!(reply.text().contains("wait: must be"), "{}", reply.text());
        }
    }
    let unknown = format!("/syncs/{}?wait=60", TaskId::new());
    assert_eq!(server.fetch(&unknown).await.status, 404, "at once");
}
