//! Two processes on one database: what a third one changes, both see within a second.

use std::time::{Duration, Instant};

use weir_store::{
    ConnectionTrait, clock,
    task_logs::Chunk,
    tokens::{self, NewToken},
};
use weir_testkit::until;

use crate::{
    packages::package,
    server::{ALICE, Server},
};

/// The promise between processes.
const BOUND: Duration = Duration::from_secs(1);

/// Two processes that serve, and one that writes.
async fn three() -> ([Server; 2], Server) {
    let first = Server::start().await;
    let (second, writer) = (first.another().await, first.another().await);
    // Caches are used only once a process knows what others did.
    for server in [&first, &second] {
        assert_eq!(server.fetch("/-/ping").await.status, 200);
    }
    ([first, second], writer)
}

/// Waits until every server answers so, and fails if that took too long.
async fn seen_by_all(servers: &[Server], is_seen: impl AsyncFn(&Server) -> bool) {
    let began = Instant::now();
    for server in servers {
        until("the change to be seen", BOUND, async || {
            is_seen(server).await
        })
        .await;
    }
    assert!(began.elapsed() <= BOUND, "{:?}", began.elapsed());
}

async fn whoami(server: &Server, token: &str) -> u16 {
    let call = server.get("/-/whoami").bearer(token);
    call.send().await.expect("answered").status
}

/// Changes rows behind everybody's back.
async fn meddle(server: &Server, statement: &'static str) {
    let done = server.content.db.write(move |tx| {
        Box::pin(async move {
            tx.execute_unprepared(statement).await?;
            Ok(())
        })
    });
    done.await.expect("the statement runs");
}

#[tokio::test]
async fn a_revoked_token_is_refused_everywhere_within_a_second() {
    let (servers, writer) = three().await;
    let token = writer
        .token("bob", "npm_of-bob-for-a-while", NewToken::default())
        .await;
    for server in &servers {
        until("the new token to work", BOUND, async || {
            whoami(server, "npm_of-bob-for-a-while").await == 200
        })
        .await;
    }
    let revoked = writer.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            tokens::revoke(tx, token, now).await
        })
    });
    assert!(revoked.await.expect("revoked"));
    seen_by_all(&servers, async |server| {
        whoami(server, "npm_of-bob-for-a-while").await == 401
    })
    .await;
    assert_eq!(whoami(&servers[0], ALICE).await, 200, "and no other");
}

#[tokio::test]
async fn a_changed_document_is_shown_everywhere_within_a_second() {
    let (servers, writer) = three().await;
    package("a").version("1.0.0", "x").publish(&writer).await;
    for server in &servers {
        until("the package to be there", BOUND, async || {
            server.fetch("/a").await.status == 200
        })
        .await;
        // Once more, from memory.
        assert_eq!(
            server.fetch("/a").await.json()["dist-tags"]["latest"],
            "1.0.0"
        );
    }
    package("a").version("2.0.0", "y").publish(&writer).await;
    seen_by_all(&servers, async |server| {
        server.fetch("/a").await.json()["dist-tags"]["latest"] == "2.0.0"
    })
    .await;
}

#[tokio::test]
async fn a_log_is_followed_in_another_process() {
    let (servers, writer) = three().await;
    let task = servers[0].submit("a").await;
    let fence = writer.claim().await;
    let path = format!("/syncs/{task}/log?follow=true");
    let following = async { servers[1].fetch(&path).await };
    let writing = async {
        let mut chunk = writer.log(fence, &Chunk::default(), &["one"]).await;
        for text in ["two", "three"] {
            chunk = writer.log(fence, &chunk, &[text]).await;
        }
        writer.log_and_finish(fence, &chunk, "four").await;
        Instant::now()
    };
    let (followed, ended_at) = tokio::join!(following, writing);
    assert!(ended_at.elapsed() <= BOUND, "{:?}", ended_at.elapsed());
    let said: Vec<_> = followed
        .text()
        .lines()
        .map(|line| line.split(' ').next_back())
        .collect();
    assert_eq!(
        said,
        [Some("one"), Some("two"), Some("three"), Some("four")]
    );
}

#[tokio::test]
async fn whoever_cannot_read_what_changed_asks_the_rows() {
    let (servers, writer) = three().await;
    let server = &servers[0];
    package("a").version("1.0.0", "x").publish(&writer).await;
    until("both to lie in memory", BOUND, async || {
        server.fetch("/a").await.status == 200 && whoami(server, ALICE).await == 200
    })
    .await;
    meddle(&writer, "ALTER TABLE invalidations RENAME TO out_of_reach").await;
    let announced_nowhere = [
        "DELETE FROM tokens WHERE NOT from_config",
        "UPDATE packages SET revision = 0",
    ];
    for statement in announced_nowhere {
        meddle(&writer, statement).await;
    }
    until("memory not to be trusted any more", BOUND * 4, async || {
        let token = whoami(server, ALICE).await;
        (
            token,
            server.fetch("/a").await.status,
            server.fetch("/a/-/a-1.0.0.tgz").await.status,
        ) == (401, 404, 404)
    })
    .await;
    meddle(&writer, "UPDATE packages SET revision = 1").await;
    assert_eq!(
        server.fetch("/a").await.status,
        200,
        "it is asked each time"
    );
    meddle(&writer, "ALTER TABLE out_of_reach RENAME TO invalidations").await;
    package("b").version("1.0.0", "x").publish(&writer).await;
    until("the table to be read again", BOUND * 4, async || {
        server.fetch("/b").await.status == 200
    })
    .await;
}
