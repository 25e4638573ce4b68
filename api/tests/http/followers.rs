//! Many who follow one log: each gets all of it, however early, late or slow.

use std::time::Duration;

use futures::future::join_all;
use http_body_util::BodyExt;
use weir_domain::TaskId;
use weir_store::{task_logs::Chunk, task_runs::Fence, tasks::Outcome};

use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(20);
const CROWD: usize = 60;

/// Lines long enough that a chunk has some 40 KB.
fn text(n: usize) -> String {
    format!("line {n} {}", "x".repeat(400))
}

fn whole(lines: impl Iterator<Item = usize>) -> String {
    lines.fold(String::new(), |whole, n| {
        whole + "1970-01-01T00:00:00.000Z INFO " + &text(n) + "\n"
    })
}

/// Writes lines in chunks of a hundred.
async fn write(
    server: &Server,
    fence: Fence,
    mut after: Chunk,
    lines: std::ops::Range<usize>,
) -> Chunk {
    let texts: Vec<_> = lines.map(text).collect();
    for piece in texts.chunks(100) {
        let piece: Vec<_> = piece.iter().map(String::as_str).collect();
        after = server.log(fence, &after, &piece).await;
    }
    after
}

async fn followed(server: &Server, task: TaskId, skipped: usize) -> String {
    let path = format!("/syncs/{task}/log?follow=true&offset={skipped}");
    let response = server.get(&path).open().await.expect("answered");
    let body = tokio::time::timeout(PATIENCE, response.into_body().collect());
    let body = body.await.expect("ends with its task").expect("readable");
    String::from_utf8(body.to_bytes().into()).expect("text")
}

#[tokio::test]
async fn a_crowd_that_begins_anywhere_gets_every_line() {
    let server = Server::start().await;
    let task = server.submit("a").await;
    let fence = server.claim().await;
    let chunk = write(&server, fence, Chunk::default(), 0..1_000).await;
    let crowd = join_all((0..CROWD).map(|n| followed(&server, task, n * 25)));
    let writing = async {
        write(&server, fence, chunk, 1_000..2_000).await;
        server.finish(fence, Outcome::default()).await;
    };
    let (texts, ()) = tokio::join!(crowd, writing);
    for (n, text) in texts.iter().enumerate() {
        assert!(
            *text == whole(n * 25..2_000),
            "follower {n} misses something"
        );
    }
}

#[tokio::test]
async fn who_reads_slower_than_lines_are_kept_gets_them_all_the_same() {
    let server = Server::start().await;
    let task = server.submit("a").await;
    let fence = server.claim().await;
    let path = format!("/syncs/{task}/log?follow=true");
    let slow = server.get(&path).open().await.expect("answered");
    // More than the sockets between the two hold and the ring keeps: 8 MB.
    write(&server, fence, Chunk::default(), 0..18_000).await;
    server.finish(fence, Outcome::default()).await;
    let body = tokio::time::timeout(PATIENCE, slow.into_body().collect());
    let body = body.await.expect("ends").expect("readable").to_bytes();
    assert!(body == whole(0..18_000).as_bytes(), "{} bytes", body.len());
}
