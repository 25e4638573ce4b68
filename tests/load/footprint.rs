//! What a server costs while it does nothing, and at the largest things it may meet.
//!
//! Memory is the system's own account of the process (`VmRSS`, and `VmHWM` for the highest
//! so far), so Linux only; each row starts a server of its own.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::Context;
use http_body_util::BodyExt;
use weir_testkit::{PackageSpec, client, presets};
use weir_tests::System;

use crate::sample::median;

/// Versions of the large packument; with [`MANIFEST_BYTES`] it has about 109 MB.
const VERSIONS: usize = 27_000;
const MANIFEST_BYTES: usize = 3_300;

/// How often and how large.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Starts of which the median is shown
    #[arg(long, default_value_t = 9)]
    starts: usize,
    /// Bytes of the large tarball
    #[arg(long, default_value_t = 1_000_000_000)]
    tarball: usize,
}

/// Measures and prints.
#[expect(clippy::print_stdout, reason = "a program that prints a table")]
pub async fn run(options: &Options) -> anyhow::Result<()> {
    println!("| what | |");
    println!("|---|---:|");
    let (start, idle) = starts(options.starts).await?;
    println!(
        "| process started → first answer, median of {} | {start:.0} ms |",
        options.starts
    );
    println!("| idle | {idle:.0} MB |");
    let (megabytes, seconds, peak) = large_packument().await?;
    println!(
        "| sync of a packument of {megabytes:.0} MB, {VERSIONS} versions: peak | {peak:.0} MB |"
    );
    println!("| … and its time | {seconds:.1} s |");
    let (lazy, held) = large_tarball(options.tarball).await?;
    let size = options.tarball / 1_000_000;
    println!("| lazy tarball of {size} MB, fetched for its first reader: peak | {lazy:.0} MB |");
    println!("| … and read again: peak | {held:.0} MB |");
    Ok(())
}

/// Starts a server again and again on its data; milliseconds, and megabytes at rest.
async fn starts(count: usize) -> anyhow::Result<(f64, f64)> {
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
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = memory(&mut system, "VmRSS")?;
    system.end().await;
    Ok((median(&times), idle))
}

/// Syncs one huge packument; its megabytes, seconds, and the highest memory.
async fn large_packument() -> anyhow::Result<(f64, f64, f64)> {
    let numbers = (0..VERSIONS).map(|n| format!("{}.{}.{}", n / 1000, n / 10 % 100, n % 10));
    let padding = "words of a manifest ".repeat(MANIFEST_BYTES / 20);
    let padding = serde_json::Value::from(padding).to_string();
    let package = PackageSpec::with_versions("large", numbers, |version| {
        version.size(0).registry_field("_padding", &padding)
    });
    let mut system = System::start([package]).await;
    let begun = Instant::now();
    system.bring("large").await;
    let seconds = begun.elapsed().as_secs_f64();
    let peak = memory(&mut system, "VmHWM")?;
    let bytes = system.packument("large").await.to_string().len();
    system.end().await;
    Ok((
        u32::try_from(bytes / 1000).map_or(0.0, f64::from) / 1e3,
        seconds,
        peak,
    ))
}

/// Reads one huge tarball twice; the highest memory after each.
async fn large_tarball(bytes: usize) -> anyhow::Result<(f64, f64)> {
    let package = presets::history("large", 1, bytes);
    let builder = System::builder().packages([package]);
    let mut system = builder.setting("WEIR_TARBALLS", "requested").start().await;
    system.bring("large").await;
    let url = format!("{}/large/-/large-1.0.0.tgz", system.url());
    let mut peaks = [0.0; 2];
    for peak in &mut peaks {
        let mut body = client::get(&url).open().await?.into_body();
        while let Some(frame) = body.frame().await {
            frame?;
        }
        *peak = memory(&mut system, "VmHWM")?;
    }
    system.end().await;
    Ok((peaks[0], peaks[1]))
}

/// Returns a figure of the server's process in megabytes.
fn memory(system: &mut System, figure: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", system.process().pid()))?;
    let line = status.lines().find(|line| line.starts_with(figure));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    let kilobytes: u32 = kilobytes.context("no such figure")?.parse()?;
    Ok(f64::from(kilobytes) / 1e3)
}
