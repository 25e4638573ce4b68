//! What a flood of wrong passwords costs those who do not log in: one reader on one connection,
//! asking all the time at a calm pace, before and during floods, in turns.
//!
//! The limits on tries are off: what is measured is what stands behind them.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::{Duration, Instant},
};

use anyhow::ensure;
use futures::future::join_all;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use weir_tests::System;

use crate::{
    gauge::Gauge,
    sample::{median, percentile},
};

/// From one answer to the next question.
const PAUSE: Duration = Duration::from_millis(1);
/// Questions of a calm round; a flood has as many as it lasts.
const QUESTIONS: usize = 2000;

/// How much to measure.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Wrong passwords at once
    #[arg(long, default_value_t = 500)]
    tries: usize,
    /// Rounds of which the medians are shown
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// Measures and prints.
pub async fn run(options: &Options) -> anyhow::Result<()> {
    let mut system = System::builder()
        .setting("WEIR_LIMIT_LOGINS", "0")
        .setting("WEIR_LIMIT_LOGIN_FAILURES", "0")
        .setting("WEIR_LIMIT_ACCOUNT_LOGINS", "0")
        .setting("WEIR_LIMIT_ALL_LOGINS", "0")
        .start()
        .await;
    let gauge = Gauge(system.process().pid());
    let (mut calm, mut flooded) = (Vec::new(), Vec::new());
    let mut reader = TcpStream::connect(system.address()).await?;
    reader.set_nodelay(true)?;
    for _ in 0..options.rounds {
        calm.push(read(&mut reader, |count| count < QUESTIONS).await?);
        let is_over = AtomicBool::new(false);
        let flood = async {
            let statuses = flood(&system, options.tries).await;
            is_over.store(true, Relaxed);
            statuses
        };
        let (statuses, times) = tokio::join!(flood, read(&mut reader, |_| !is_over.load(Relaxed)));
        ensure!(statuses?.iter().all(|status| [401, 429].contains(status)));
        flooded.push(times?);
    }
    print(options, &calm, &flooded, gauge.peak()?);
    system.end().await;
    Ok(())
}

async fn flood(system: &System, tries: usize) -> anyhow::Result<Vec<u16>> {
    let tries = (0..tries).map(|n| {
        let body = json!({ "name": "admin", "password": format!("wrong password {n}") });
        let call = system.put("/-/user/org.couchdb.user:admin").json(&body);
        async move { anyhow::Ok(call.send().await?.status) }
    });
    join_all(tries).await.into_iter().collect()
}

/// Asks again and again; returns the milliseconds of each.
async fn read(reader: &mut TcpStream, goes_on: impl Fn(usize) -> bool) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::new();
    let mut answer = [0; 4096];
    while goes_on(times.len()) {
        let begun = Instant::now();
        reader
            .write_all(b"GET /-/ping HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await?;
        let length = reader.read(&mut answer).await?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        ensure!(answer[..length].starts_with(b"HTTP/1.1 200"));
        tokio::time::sleep(PAUSE).await;
    }
    Ok(times)
}

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
fn print(options: &Options, calm: &[Vec<f64>], flooded: &[Vec<f64>], peak: f64) {
    println!(
        "{} wrong passwords at once, {} rounds; medians of the rounds; memory at most {peak:.0} MB\n",
        options.tries, options.rounds
    );
    println!("| `GET /-/ping` | p50 | p90 | p99 |");
    println!("|---|---:|---:|---:|");
    for (what, rounds) in [("calm", calm), ("in the flood", flooded)] {
        let [p50, p90, p99] = [50.0, 90.0, 99.0].map(|p| {
            let of_rounds: Vec<_> = rounds.iter().map(|times| percentile(times, p)).collect();
            median(&of_rounds)
        });
        println!("| {what} | {p50:.2} ms | {p90:.2} ms | {p99:.2} ms |");
    }
}
