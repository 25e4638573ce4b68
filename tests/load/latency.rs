//! How long an accepted wish waits for its task to run while nothing else happens, and a
//! process until it answers.
//!
//! Two clocks: the server's own (`createdAt` to `startedAt`, whole milliseconds), and the
//! caller's (from the 201 in hand until the upstream is asked).

use std::time::{Duration, Instant};

use serde_json::json;
use weir_domain::Timestamp;
use weir_testkit::presets;
use weir_tests::{Status, System};

use crate::sample::{median, percentile};

/// The pause between two tasks: idle means that nobody is awake.
const PAUSE: Duration = Duration::from_millis(30);

/// How often to measure.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Tasks, one at a time
    #[arg(long, default_value_t = 400)]
    tasks: usize,
    /// Starts of which the median is shown
    #[arg(long, default_value_t = 9)]
    starts: usize,
}

/// Measures and prints.
pub async fn run(options: &Options) -> anyhow::Result<()> {
    // The first task warms up.
    let system = System::start(presets::flat(options.tasks + 1, 1, 500)).await;
    let (mut on_server, mut for_caller) = (Vec::new(), Vec::new());
    for index in 1..=options.tasks + 1 {
        let name = format!("flat-{index:04}");
        let hold = system.upstream().packument(&name).hold();
        let task = system
            .ask_with(&name, &json!({ "skipDependencies": true }))
            .await;
        let accepted = Instant::now();
        hold.wait_for_arrivals(1).await;
        let waited = accepted.elapsed();
        hold.release();
        let status = system.succeeded(&task).await;
        if index > 1 {
            on_server.push(between(&status));
            for_caller.push(waited.as_secs_f64() * 1e3);
        }
        tokio::time::sleep(PAUSE).await;
    }
    print(&on_server, &for_caller);
    system.end().await;
    print_start(options.starts, median(&starts(options.starts).await));
    Ok(())
}

/// Starts a server again and again on its data; milliseconds until it answers.
async fn starts(count: usize) -> Vec<f64> {
    let mut system = System::start([]).await;
    let mut times = Vec::new();
    for _ in 0..count {
        system.stop_server().await;
        let begun = Instant::now();
        system.spawn_server();
        let ping = || system.call("/-/ping").send();
        while ping().await.is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    system.end().await;
    times
}

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
fn print_start(count: usize, milliseconds: f64) {
    println!("\nprocess started → first answer, median of {count}: {milliseconds:.0} ms");
}

/// Returns the milliseconds between acceptance and start, by the server's clock.
fn between(status: &Status) -> f64 {
    let at = |field: &str| status.0[field].as_str().and_then(Timestamp::parse);
    let (created, started) = at("createdAt")
        .zip(at("startedAt"))
        .expect("a task that ran");
    started.since(created).as_secs_f64() * 1e3
}

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
fn print(on_server: &[f64], for_caller: &[f64]) {
    println!(
        "{} tasks, one at a time, {} ms apart\n",
        on_server.len(),
        PAUSE.as_millis()
    );
    println!("| from, to | p50 | p90 | p99 | longest |");
    println!("|---|---:|---:|---:|---:|");
    for (what, values) in [
        ("accepted, processing (server's clock, whole ms)", on_server),
        ("201 received, upstream asked (caller's clock)", for_caller),
    ] {
        let [p50, p90, p99, longest] = [50.0, 90.0, 99.0, 100.0].map(|p| percentile(values, p));
        println!("| {what} | {p50:.1} ms | {p90:.1} ms | {p99:.1} ms | {longest:.1} ms |");
    }
}
