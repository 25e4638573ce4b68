//! The two clients that are known to exist, as they ask: the SDK's tool after an upload, and a
//! microcontroller.
//!
//! Source: `sf-pkg upload` sends `{}` with a bearer token, waits 30 seconds, and takes 200 for a
//! success and nothing else. The microcontroller has a buffer of 4 KiB, and reads no chunks.

use std::time::{Duration, Instant};

use serde_json::json;
use weir_testkit::{Artifactory, Recipe};
use weir_tests::{System, raw, system::ADMIN_TOKEN};

use super::source::{Source, artifactory, there};

/// How long the tool waits.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn the_tool_is_answered_at_once_although_the_source_hangs_and_shares_its_runs() {
    let server = Artifactory::start(Recipe::crowd(5)).await;
    let gate = server.on("*").hold();
    let system = System::start([]).await;
    let source = Source::of(&system, artifactory(&server)).await;
    let token = format!("Bearer {ADMIN_TOKEN}");
    let headers = [
        ("user-agent", "python-requests/2.34.2"),
        ("accept-encoding", "gzip, deflate"),
        ("accept", "*/*"),
        ("content-type", "application/json"),
        ("authorization", token.as_str()),
    ];
    let mut ids = Vec::new();
    for number in 0..50 {
        let begun = Instant::now();
        let reply = raw::call(system.address(), "POST /api/v1/sync", &headers, b"{}").await;
        assert_eq!(reply.status, 200, "{}", reply.head);
        assert!(begun.elapsed() < PATIENCE);
        ids.push(reply.json()["data"].clone());
        if number == 0 {
            gate.wait_for_arrivals(1).await;
        }
    }
    // What was uploaded while a run went on is there when the run that was answered is over.
    server.add(&Recipe::new("late/1.0"));
    gate.release();
    for run in [&ids[0], &ids[49]] {
        let run = source.ended(&system, run).await;
        assert_eq!(run["status"], "success", "{run:#}");
    }
    let mut different: Vec<_> = ids.iter().map(|run| run["id"].to_string()).collect();
    different.dedup();
    assert_eq!(different.len(), 2, "one run that goes on and one to come");
    assert_eq!(source.shown(&system).await, there(&server));
    system.end().await;
}

#[tokio::test]
async fn a_microcontroller_reads_one_package_in_its_small_buffer() {
    let server = Artifactory::start([]).await;
    let long = "Reads warmth and damp from a sensor. ".repeat(300);
    for number in 0..40 {
        let recipe = Recipe::new(&format!("sht30/0.0.{number}@caisong123"));
        let topics: Vec<String> = (0..60).map(|topic| format!("topic-{topic}")).collect();
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        server.add(&recipe.description(&long).topics(&topics));
    }
    let system = System::start([]).await;
    Source::of(&system, artifactory(&server))
        .await
        .sync(&system)
        .await;
    let reply = raw::get(system.address(), "/api/v1/packages/sht30").await;
    assert_eq!(reply.status, 200, "{}", reply.head);
    assert_eq!(reply.header("content-length"), reply.body.len().to_string());
    assert_eq!(reply.header("transfer-encoding"), "");
    assert!(reply.body.len() <= 4096, "{} bytes", reply.body.len());
    let text = String::from_utf8(reply.body.clone()).expect("text");
    let begins = r#"{"data":{"name":"sht30","namespace":"caisong123","latestVersion":"0.0.39","#;
    assert!(text.starts_with(begins), "{text}");
    assert_eq!(reply.json()["data"]["versionsCount"], json!(40));
    system.end().await;
}
