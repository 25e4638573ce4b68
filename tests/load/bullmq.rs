//! The yardstick of the engine: a `BullMQ` queue whose jobs do nothing.

use std::path::Path;

use anyhow::{Context, ensure};
use serde::Deserialize;
use tokio::process::Command;
use weir_testkit::RedisServer;
use weir_tests::command;

/// What `bullmq.mjs` prints.
#[derive(Debug, Deserialize)]
pub struct Yardstick {
    /// Jobs added a second.
    pub adds: f64,
    /// Jobs run a second by one worker.
    pub jobs: f64,
    /// Milliseconds from adding a job to its start while idle: half of them …
    pub p50: f64,
    /// … and all but one in a hundred.
    pub p99: f64,
}

/// Runs it on `redis` with so many jobs.
///
/// # Errors
/// If it is not installed (see `tests/needs.sh`) or fails.
pub async fn measure(redis: &RedisServer, jobs: usize) -> anyhow::Result<Yardstick> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let url = redis.url();
    let port = url.rsplit(':').next().context("a port")?;
    let port = port.trim_end_matches(|c: char| !c.is_ascii_digit());
    let mut node = Command::new("node");
    node.arg(here.join("load/bullmq.mjs"))
        .args([port.to_owned(), jobs.to_string()])
        .env("BULLMQ", here.join(".cache/bullmq"));
    let said = command::run(&mut node).await;
    ensure!(said.code == 0, "BullMQ: {said:?}");
    let line = said.out.lines().last().context("a line")?;
    Ok(serde_json::from_str(line)?)
}
