//! Task logs: parts of them, and following one that grows.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use weir_domain::TaskId;
use weir_store::{task_logs::Chunk, task_runs::Fence, tasks::Outcome};
use weir_testkit::client::{Call, Reply};

use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(10);

async fn sent(call: Call) -> Reply {
    call.send().await.expect("answered")
}

fn line(text: &str) -> String {
    format!("1970-01-01T00:00:00.000Z INFO {text}\n")
}

fn lines(range: std::ops::RangeInclusive<usize>) -> String {
    range.map(|n| line(&format!("line {n}"))).collect()
}

/// A running task whose log has `count` lines, in chunks of seven.
async fn with_log(server: &Server, count: usize) -> (TaskId, Fence, Chunk) {
    let id = server.submit("a").await;
    let fence = server.claim().await;
    let mut chunk = Chunk::default();
    let texts: Vec<_> = (1..=count).map(|n| format!("line {n}")).collect();
    for piece in texts.chunks(7) {
        let piece: Vec<_> = piece.iter().map(String::as_str).collect();
        chunk = server.log(fence, &chunk, &piece).await;
    }
    (id, fence, chunk)
}

#[tokio::test]
async fn a_log_is_plain_text_and_empty_while_waiting() {
    let server = Server::start().await;
    let id = server.submit("a").await;
    for path in [
        format!("/-/package/a/syncs/{id}/log"),
        format!("/syncs/{id}/log"),
    ] {
        let reply = server.fetch(&path).await;
        assert_eq!((reply.status, reply.text()), (200, ""));
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("content-length"), "0");
    }
}

#[tokio::test]
async fn a_part_is_asked_for_by_lines_or_by_bytes() {
    let server = Server::start().await;
    let (id, _, _) = with_log(&server, 30).await;
    let path = format!("/-/package/a/syncs/{id}/log");
    let whole = lines(1..=30);
    let all = server.fetch(&path).await;
    assert_eq!(all.text(), whole);
    assert_eq!(all.header("content-length"), whole.len().to_string());
    for (query, expected) in [
        ("offset=0", lines(1..=30)),
        ("offset=1", lines(2..=30)),
        ("offset=7", lines(8..=30)),
        ("offset=29", lines(30..=30)),
        ("offset=30", String::new()),
        ("offset=18446744073709551615", String::new()),
        ("tail=1", lines(30..=30)),
        ("tail=8", lines(23..=30)),
        ("tail=5000", lines(1..=30)),
        ("tail=0", String::new()),
        ("follow=false", lines(1..=30)),
    ] {
        let reply = server.fetch(&format!("{path}?{query}")).await;
        assert_eq!(
            (reply.status, reply.text()),
            (200, expected.as_str()),
            "{query}"
        );
    }
    let size = whole.len();
    for (range, expected) in [
        ("bytes=0-9".to_owned(), 0..10),
        ("bytes=500-600".to_owned(), 500..601),
        (format!("bytes={}-", size - 5), size - 5..size),
        ("bytes=-40".to_owned(), size - 40..size),
    ] {
        let reply = sent(server.get(&path).header("range", &range)).await;
        assert_eq!(
            (reply.status, reply.text()),
            (206, &whole[expected.clone()]),
            "{range}"
        );
        let place = format!("bytes {}-{}/{size}", expected.start, expected.end - 1);
        assert_eq!(reply.header("content-range"), place);
    }
    let outside = sent(server.get(&path).header("range", &format!("bytes={size}-"))).await;
    assert_eq!(
        (outside.status, outside.header("content-range")),
        (416, format!("bytes */{size}").as_str())
    );
}

#[tokio::test]
async fn two_ways_to_ask_for_a_part_are_one_too_many() {
    let server = Server::start().await;
    let (id, _, _) = with_log(&server, 3).await;
    let path = format!("/syncs/{id}/log");
    let mixed = [
        server.get(&format!("{path}?offset=1&tail=1")),
        server
            .get(&format!("{path}?offset=1"))
            .header("range", "bytes=0-1"),
        server
            .get(&format!("{path}?tail=1"))
            .header("range", "bytes=0-1"),
        server
            .get(&format!("{path}?follow=true"))
            .header("range", "bytes=0-1"),
        server.get(&format!("{path}?tail=5001")),
        server.get(&format!("{path}?offset=-1")),
        server.get(&format!("{path}?follow=maybe")),
    ];
    for call in mixed {
        let reply = sent(call).await;
        assert_eq!(reply.status, 422, "{}", reply.text());
    }
    let both = server
        .fetch(&format!("{path}?offset=x&tail=5001&follow=maybe"))
        .await
        .json();
    let reason = both["reason"].as_str().expect("a text");
    for field in ["offset:", "tail:", "follow:"] {
        assert!(reason.contains(field), "every violation is named: {reason}");
    }
}

/// Reads until the text ends with `end`.
async fn read_until(body: &mut Incoming, text: &mut String, end: &str) {
    while !text.ends_with(end) {
        let frame = tokio::time::timeout(PATIENCE, body.frame()).await;
        let frame = frame.unwrap_or_else(|_| panic!("waited for {end:?}, have {text:?}"));
        let data = frame
            .expect("more")
            .expect("readable")
            .into_data()
            .expect("data");
        text.push_str(std::str::from_utf8(&data).expect("text"));
    }
}

#[tokio::test]
async fn a_followed_log_arrives_line_by_line_and_ends_with_its_task() {
    let server = Server::start().await;
    let (id, fence, mut chunk) = with_log(&server, 10).await;
    let path = format!("/-/package/a/syncs/{id}/log?follow=true&offset=8");
    let mut response = server.get(&path).open().await.expect("answered");
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    assert!(!response.headers().contains_key("content-length"));
    let mut text = String::new();
    let body = response.body_mut();
    read_until(body, &mut text, &lines(9..=10)).await;
    for n in 11..=13 {
        let new = format!("line {n}");
        chunk = server.log(fence, &chunk, &[&new]).await;
        read_until(body, &mut text, &line(&new)).await;
    }
    server.log(fence, &chunk, &["line 14"]).await;
    server.finish(fence, Outcome::default()).await;
    let rest = tokio::time::timeout(PATIENCE, response.body_mut().collect()).await;
    let rest = rest
        .expect("ends with its task")
        .expect("readable")
        .to_bytes();
    text.push_str(std::str::from_utf8(&rest).expect("text"));
    assert_eq!(text, lines(9..=14), "neither gap nor repeat");
}

#[tokio::test]
async fn lines_written_at_the_very_end_are_never_missed() {
    let server = Server::start().await;
    for round in 0..60 {
        let id = server.submit(&format!("p{round}")).await;
        let fence = server.claim().await;
        let path = format!("/syncs/{id}/log?follow=true");
        let mut response = server.get(&path).open().await.expect("answered");
        let ending = async {
            // Looked at without anything new, then both at once.
            server.beat(fence).await;
            server
                .log_and_finish(fence, &Chunk::default(), "the end")
                .await;
        };
        let (text, ()) = tokio::join!(response.body_mut().collect(), ending);
        let text = text.expect("readable").to_bytes();
        assert_eq!(text, line("the end"), "round {round}");
    }
}

#[tokio::test]
async fn a_follower_who_comes_late_gets_everything_and_the_end() {
    let server = Server::start().await;
    let (id, fence, _) = with_log(&server, 20).await;
    server.finish(fence, Outcome::default()).await;
    for (query, expected) in [
        ("follow=true", lines(1..=20)),
        ("follow=true&tail=3", lines(18..=20)),
        ("follow=true&offset=50", String::new()),
    ] {
        let reply = server.fetch(&format!("/syncs/{id}/log?{query}")).await;
        assert_eq!(
            (reply.status, reply.text()),
            (200, expected.as_str()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_follower_of_a_waiting_task_waits_with_it() {
    let server = Server::start().await;
    let id = server.submit("a").await;
    let mut response = server
        .get(&format!("/syncs/{id}/log?follow=true"))
        .open()
        .await
        .expect("answered");
    let fence = server.claim().await;
    server.log(fence, &Chunk::default(), &["first"]).await;
    let mut text = String::new();
    read_until(response.body_mut(), &mut text, &line("first")).await;
    server.finish(fence, Outcome::default()).await;
    let rest = tokio::time::timeout(PATIENCE, response.body_mut().collect()).await;
    assert!(rest.expect("ends").expect("readable").to_bytes().is_empty());
}

#[tokio::test]
async fn a_follower_sees_that_its_log_was_cut_when_the_process_stops() {
    let server = Server::start().await;
    let (id, _, _) = with_log(&server, 1).await;
    let mut response = server
        .get(&format!("/syncs/{id}/log?follow=true"))
        .open()
        .await
        .expect("answered");
    let mut text = String::new();
    read_until(response.body_mut(), &mut text, &line("line 1")).await;
    server.stop();
    let rest = tokio::time::timeout(PATIENCE, response.body_mut().collect()).await;
    let cut = rest
        .expect("let go")
        .map(http_body_util::Collected::to_bytes);
    assert!(
        cut.is_err(),
        "a whole answer would be the whole log: {cut:?}"
    );
}
