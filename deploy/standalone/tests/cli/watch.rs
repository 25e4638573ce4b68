//! `weir tasks --watch` as a script meets it: a line a change, and an end that is no failure.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{
    program::{Bench, DEADLINE, signal},
    stand_in::{Answer, StandIn},
};

const IDS: [&str; 2] = [
    "018f0000-0000-7000-8000-000000000001",
    "018f0000-0000-7000-8000-000000000002",
];

/// A page, newest first.
fn page(states: &[&str]) -> Value {
    let tasks: Vec<_> = states
        .iter()
        .zip(IDS)
        .rev()
        .map(|(state, id)| {
            json!({"id": id, "kind": "sync_package", "target": "a", "state": state, "warnings": [],
                "createdAt": "2026-01-01T00:00:00.000Z"})
        })
        .collect();
    json!({"data": tasks, "pagination": {"nextCursor": null}, "counts": {}})
}

async fn bench() -> (Bench, StandIn) {
    let (bench, server) = (Bench::new(), StandIn::start().await);
    bench.announce(&server.url, "npm_0123456789012345678901234567890123456789");
    (bench, server)
}

#[tokio::test]
async fn each_change_is_a_line_until_ctrl_c() {
    let (bench, server) = bench().await;
    let away = Answer::Json(503, json!({"error": "[X] later", "reason": "later"}));
    let pages = [
        &["waiting"][..],
        &["processing", "waiting"],
        &["success", "processing"],
    ];
    let mut answers: Vec<_> = pages.map(|states| Answer::Json(200, page(states))).into();
    answers.insert(2, away);
    server.on("GET /syncs?limit=5", answers);
    let mut command = bench.command(&["tasks", "--watch", "--limit", "5"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    for (id, state) in [
        (0, "waiting"),
        (0, "processing"),
        (1, "waiting"),
        (0, "success"),
        (1, "processing"),
    ] {
        let line = tokio::time::timeout(DEADLINE, lines.next_line()).await;
        let line = line.expect("in time").expect("readable").expect("a line");
        let expected = format!("{}  {state}  sync_package  a", IDS[id]);
        assert!(line.starts_with(&expected), "{line:?} is not {expected:?}");
    }
    signal("INT", child.id().expect("it runs")).await;
    let ended = tokio::time::timeout(DEADLINE, child.wait_with_output()).await;
    let ended = ended.expect("in time").expect("waited for");
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.stderr.is_empty(), "{ended:?}");
    let rest = lines.next_line().await.expect("readable");
    assert_eq!(rest, None, "nothing is said at the end");
}

#[tokio::test]
async fn what_cannot_be_watched_at_all_is_a_failure() {
    let (bench, server) = bench().await;
    bench
        .run(&["tasks", "--watch"])
        .await
        .fails(1, "no such thing");
    server.json("GET /syncs?limit=20", json!(["something", "else"]));
    bench
        .run(&["tasks", "--watch"])
        .await
        .fails(2, "does not answer like weir");
}
