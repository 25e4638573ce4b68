//! Whether the process lives, can work, and what it counted.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use weir_api::Settings;
use weir_store::ConnectionTrait;
use weir_testkit::until;

use crate::{
    packages::package,
    server::{ADMIN, ALICE, Server},
};

async fn page(server: &Server) -> String {
    let reply = server.get("/-/metrics").bearer(ADMIN).send().await;
    let reply = reply.expect("answered");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        reply.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    reply.text().to_owned()
}

/// Returns the value of the sample that begins so.
fn value(page: &str, sample: &str) -> Option<f64> {
    let line = page.lines().find(|line| {
        line.strip_prefix(sample)
            .is_some_and(|rest| rest.starts_with(' '))
    })?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Returns how many looks for an answer kept ready missed, and how many hit.
fn lookups(page: &str, what: &str) -> (f64, f64) {
    let of = |outcome: &str| {
        let sample = format!("weir_shelf_lookups_total{{what=\"{what}\",outcome=\"{outcome}\"}}");
        value(page, &sample).expect("counted")
    };
    (of("miss"), of("hit"))
}

#[tokio::test]
async fn figures_are_for_administrators_unless_shown_to_everybody() {
    let server = Server::start().await;
    let asked =
        async |call: weir_testkit::client::Call| call.send().await.expect("answered").status;
    assert_eq!(asked(server.get("/-/metrics")).await, 401);
    assert_eq!(asked(server.get("/-/metrics").bearer(ALICE)).await, 403);
    assert_eq!(asked(server.get("/-/metrics").bearer(ADMIN)).await, 200);
    let shows_metrics = Settings {
        shows_metrics: true,
        ..Settings::default()
    };
    let server = Server::with(shows_metrics).await;
    assert_eq!(asked(server.get("/-/metrics")).await, 200);
    assert_eq!(asked(server.get("/-/metrics").bearer("bad")).await, 401);
}

#[tokio::test]
async fn requests_are_counted_by_template_and_never_by_path() {
    let server = Server::start().await;
    package("known-name")
        .version("1.0.0", "bytes")
        .publish(&server)
        .await;
    for path in [
        "/known-name",
        "/known-name",
        "/known-name",
        "/known-name/1.0.0",
        "/known-name/-/known-name-1.0.0.tgz",
        "/known-name/-/known-name-1.0.0.tgz",
        "/unknown-one",
        "/unknown-two",
        "/-/odd/secret-path",
        "/-/ping",
    ] {
        server.fetch(path).await;
    }
    server
        .put("/-/package/known-name/syncs")
        .send()
        .await
        .expect("answered");
    let page = page(&server).await;
    let requests = |route: &str, method: &str, status: &str| {
        let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
        value(&page, &format!("weir_http_requests_total{{{labels}}}"))
    };
    assert_eq!(requests("/{fullname}", "GET", "200"), Some(3.0));
    assert_eq!(requests("/{fullname}", "GET", "404"), Some(2.0));
    assert_eq!(requests("/{fullname}/{version}", "GET", "200"), Some(1.0));
    assert_eq!(requests("/{fullname}/-/{file}", "GET", "200"), Some(2.0));
    assert_eq!(requests("/-/ping", "GET", "200"), Some(1.0));
    assert_eq!(requests("other", "any", "404"), Some(1.0));
    assert_eq!(
        requests("/-/package/{fullname}/syncs", "PUT", "401"),
        Some(1.0)
    );
    let of_ping = "weir_http_request_duration_seconds_count{route=\"/-/ping\",method=\"GET\"}";
    assert_eq!(value(&page, of_ping), Some(1.0));
    for name in ["known-name", "unknown", "secret-path"] {
        assert!(!page.contains(name), "{page}");
    }
}

#[tokio::test]
async fn hits_bytes_and_connections_are_counted() {
    let server = Server::start().await;
    package("a")
        .version("1.0.0", "bytes")
        .publish(&server)
        .await;
    for (what, path) in [("packument", "/a"), ("tarball", "/a/-/a-1.0.0.tgz")] {
        // Until the news of the package's own coming is heard, what is kept is not believed.
        let mut asked = 0.0;
        let (misses, hits) = until("three hits", Duration::from_secs(10), async || {
            assert_eq!(server.fetch(path).await.status, 200);
            asked += 1.0;
            let (misses, hits) = lookups(&page(&server).await, what);
            (hits >= 3.0).then_some((misses, hits))
        })
        .await;
        assert!(misses >= 1.0, "the first look found the {what}");
        assert!((misses + hits - asked).abs() < 0.5, "every look is counted");
    }
    let idle = TcpStream::connect(server.address).await.expect("listening");
    let counted = until(
        "the connection to be counted",
        Duration::from_secs(10),
        async || {
            let page = page(&server).await;
            let open = value(&page, "weir_http_connections");
            (open >= Some(2.0)).then_some(page)
        },
    )
    .await;
    drop(idle);
    assert!(value(&counted, "weir_http_received_bytes_total") > Some(200.0));
    assert!(value(&counted, "weir_http_sent_bytes_total") > Some(1000.0));
    assert_eq!(value(&counted, "weir_database_answers"), Some(1.0));
}

#[tokio::test]
async fn the_queue_and_what_is_stored_are_counted() {
    let server = Server::start().await;
    package("a")
        .version("1.0.0", "bytes")
        .publish(&server)
        .await;
    server.submit("a").await;
    server.submit("b").await;
    let fence = server.claim().await;
    let counted = page(&server).await;
    let tasks = |state: &str| {
        let labels = format!("kind=\"sync_package\",state=\"{state}\"");
        value(&counted, &format!("weir_tasks{{{labels}}}"))
    };
    assert_eq!(
        (tasks("waiting"), tasks("processing")),
        (Some(1.0), Some(1.0))
    );
    let oldest = value(
        &counted,
        "weir_queue_oldest_ready_seconds{kind=\"sync_package\"}",
    );
    assert!(
        oldest.is_some_and(|age| (0.0..60.0).contains(&age)),
        "{counted}"
    );
    assert!(
        value(&counted, "weir_blob_bytes{state=\"stored\"}") > Some(0.0),
        "{counted}"
    );
    server
        .finish(fence, weir_store::tasks::Outcome::default())
        .await;
}

#[tokio::test]
async fn followers_are_counted_while_they_follow() {
    let server = Server::start().await;
    let task = server.submit("a").await;
    let followers = async || value(&page(&server).await, "weir_log_followers");
    assert_eq!(followers().await, Some(0.0));
    let follower = server.get(&format!("/syncs/{task}/log?follow=true")).open();
    let follower = follower.await.expect("followed");
    assert_eq!(followers().await, Some(1.0));
    drop(follower);
    until(
        "the follower to be gone",
        Duration::from_secs(20),
        async || followers().await == Some(0.0),
    )
    .await;
}

#[tokio::test]
async fn a_process_that_can_work_is_ready_and_says_what_it_is() {
    let server = Server::start().await;
    let health = server.fetch("/-/health").await;
    assert_eq!(
        (health.status, health.header("cache-control")),
        (200, "no-store")
    );
    assert_eq!(health.json()["version"], env!("CARGO_PKG_VERSION"));
    let ready = server.fetch("/-/ready").await;
    assert_eq!(ready.status, 200, "{}", ready.text());
    assert_eq!(ready.json()["checks"]["redis"], "none");
}

/// Asks until the answer is this status, and returns the sentence.
async fn ready_with(server: &Server, status: u16) -> String {
    let reply = until(
        "the state to be noticed",
        Duration::from_secs(20),
        async || {
            let reply = server.fetch("/-/ready").await;
            if reply.status == status {
                Ok(reply)
            } else {
                Err(reply.text().to_owned())
            }
        },
    );
    reply.await.text().to_owned()
}

#[tokio::test]
async fn a_schema_of_another_build_is_not_ready_and_the_process_still_lives() {
    let server = Server::start().await;
    let meddle = |statement: &'static str| {
        server.content.db.write(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(statement).await?;
                Ok(())
            })
        })
    };
    meddle("UPDATE schema_version SET version = version - 1000")
        .await
        .expect("written");
    let text = ready_with(&server, 503).await;
    assert!(
        text.contains("weir migrate") && text.contains("Not ready: "),
        "{text}"
    );
    assert_eq!(server.fetch("/-/health").await.status, 200);
    meddle("UPDATE schema_version SET version = version + 1000")
        .await
        .expect("written");
    ready_with(&server, 200).await;
}

#[tokio::test]
async fn a_blob_store_that_takes_no_bytes_is_not_ready() {
    let server = Server::start().await;
    ready_with(&server, 200).await;
    let away = server.folder().with_extension("away");
    std::fs::rename(server.folder(), &away).expect("moved away");
    let text = ready_with(&server, 503).await;
    std::fs::rename(&away, server.folder()).expect("moved back");
    assert!(text.contains("the blob store takes no bytes"), "{text}");
    ready_with(&server, 200).await;
}

#[tokio::test]
async fn a_process_that_stops_is_not_ready() {
    let server = Server::start().await;
    ready_with(&server, 200).await;
    let mut stream = TcpStream::connect(server.address).await.expect("listening");
    until(
        "the connection to be accepted",
        Duration::from_secs(10),
        async || value(&page(&server).await, "weir_http_connections") >= Some(2.0),
    )
    .await;
    server.stop();
    let head = b"GET /-/ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(head).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.contains("stopping"),
        "{answer}"
    );
}

#[tokio::test]
async fn what_stands_for_ours_leads_there_for_people_only() {
    let server = Server::start().await;
    for (path, place) in [
        ("/metrics", "/-/metrics"),
        ("/docs", "/-/docs"),
        ("/openapi.json", "/-/openapi.json"),
    ] {
        let reply = server.fetch(path).await;
        assert_eq!(
            (reply.status, reply.header("location")),
            (302, place),
            "{path}"
        );
        let npm = server
            .get(path)
            .header("npm-command", "install")
            .send()
            .await;
        assert_eq!(npm.expect("answered").status, 404, "{path}");
    }
    package("metrics")
        .version("1.0.0", "x")
        .publish(&server)
        .await;
    assert_eq!(server.fetch("/metrics").await.status, 200, "a package wins");
}
