//! Days of a mirror's work in minutes, and whether anything grows that should not.
//!
//! Upstream's packages change all the time, each is compared again and again, readers read; what
//! is old is removed and collected at intervals that are as much shorter. After a warm-up
//! ([`sample`]) memory, open files, rows, temporary files must stay what they are, else it fails.

mod sample;
mod work;

use std::time::Duration;

use anyhow::ensure;
use weir_testkit::{StandIn, presets};

use crate::mirror::Mirror;

/// Comparisons of each package with its upstream in the whole time.
const ROUNDS: u64 = 10;
/// The shortest time between two, in seconds: the server looks for what is due each five.
const SHORTEST_ROUND: u64 = 10;

/// How long, and of how much.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Minutes of work
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Packages
    #[arg(long, default_value_t = 2_000)]
    packages: usize,
    /// Changes upstream a second
    #[arg(long, default_value_t = 10)]
    changes: u32,
    /// Readers
    #[arg(long, default_value_t = 8)]
    readers: usize,
}

/// Works, watches, prints and judges.
#[expect(clippy::print_stdout, reason = "a program that prints a table")]
pub async fn run(options: &Options) -> anyhow::Result<()> {
    let lasts = Duration::from_secs_f64(options.minutes * 60.0);
    let round = (lasts.as_secs() / ROUNDS).max(SHORTEST_ROUND);
    let upstream = StandIn::start(presets::flat(options.packages, 3, 2_000)).await;
    let names: Vec<_> = (1..=options.packages)
        .map(|n| format!("flat-{n:04}"))
        .collect();
    let settings = [
        ("WEIR_RESYNC_INTERVAL_SECS", round),
        ("WEIR_PACKUMENT_MAX_AGE_SECS", round),
        ("WEIR_TASK_RETENTION_SECS", (round / 4).max(3)),
        ("WEIR_BLOB_GRACE_SECS", (round / 4).max(3)),
        ("WEIR_VERIFY_INTERVAL_SECS", round * 2),
        // All readers are one caller here.
        ("WEIR_LIMIT_SEARCH", 0),
    ];
    let texts = settings.map(|(name, value)| (name, value.to_string()));
    let settings = texts
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let mirror = Mirror::start(upstream.url(), &settings).await?;
    let took = mirror.sync(&names).await?;
    println!(
        "{} packages, brought in {:.0} s; each compared with upstream every {round} s; {} changes \
         a second; {} readers; {} minutes\n",
        options.packages,
        took.as_secs_f64(),
        options.changes,
        options.readers,
        options.minutes
    );
    let work = work::Work::new(&upstream, &names, &mirror.url());
    let samples = tokio::select! {
        samples = sample::take_all(&mirror, lasts) => samples?,
        stopped = work.go_on(options) => anyhow::bail!("the work stopped: {stopped:?}"),
    };
    println!("{}\n", work.said(&upstream));
    let grown = sample::print(&samples);
    mirror.end().await?;
    ensure!(grown.is_empty(), "not flat: {}", grown.join(", "));
    Ok(())
}
