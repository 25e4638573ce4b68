//! One run of wrk: one thread, 64 connections.

use std::{path::Path, time::Duration};

use anyhow::{Context, ensure};
use tokio::process::Command;
use weir_tests::command;

/// Asks for `url` over and over and returns the answers per second.
///
/// # Errors
/// If wrk is missing, or an answer was none of the 200s, or a connection broke.
pub async fn answers_per_second(
    url: &str,
    headers: &[(&str, &str)],
    lasts: Duration,
) -> anyhow::Result<f64> {
    scripted(url, headers, lasts, None).await
}

/// As [`answers_per_second`], with a script that makes the requests.
pub async fn scripted(
    url: &str,
    headers: &[(&str, &str)],
    lasts: Duration,
    script: Option<&str>,
) -> anyhow::Result<f64> {
    let mut wrk = Command::new("wrk");
    if let Some(script) = script {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
        wrk.arg("-s").arg(script);
    }
    wrk.args(["-t1", "-c64", &format!("-d{}s", lasts.as_secs().max(1))]);
    for (name, value) in headers {
        wrk.args(["-H", &format!("{name}: {value}")]);
    }
    let said = command::run(wrk.arg(url)).await;
    ensure!(said.code == 0, "wrk failed: {said:?}");
    let is_clean = !said.out.contains("Non-2xx") && !said.out.contains("Socket errors");
    ensure!(is_clean, "{url} was not answered rightly:\n{}", said.out);
    let line = said
        .out
        .lines()
        .find_map(|line| line.strip_prefix("Requests/sec:"));
    let rate = line.context("wrk names its rate")?;
    Ok(rate.trim().parse()?)
}
