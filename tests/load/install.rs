//! A cold `npm install` through an empty server that pulls what npm asks for, beside the same
//! install straight from its upstream, which answers as if it were far away.
//!
//! Each install has a home of its own, so npm's cache is as empty as the server.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::ensure;
use tokio::process::Command;
use weir_testkit::{StandIn, presets};
use weir_tests::{command, environment, sample::median};

use crate::mirror::Mirror;

/// The root of the tree.
const ROOT: &str = "app";

/// What to install, and from how far.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Packages of the tree, at least
    #[arg(long, default_value_t = 200)]
    packages: usize,
    /// Milliseconds until the upstream begins an answer
    #[arg(long, default_value_t = 30)]
    latency: u64,
    /// Rounds of both
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// Measures and prints.
#[expect(clippy::print_stdout, reason = "a program that prints a table")]
pub async fn run(options: &Options) -> anyhow::Result<()> {
    let upstream = StandIn::builder().packages(presets::tree(ROOT, options.packages));
    let latency = Duration::from_millis(options.latency);
    let upstream = upstream.latency(latency).start().await;
    // The stand-in renders and packs at the first request.
    install(upstream.url(), options).await?;
    println!(
        "npm install of {} packages, {} ms from the upstream\n",
        options.packages, options.latency
    );
    println!("| round | straight | through weir, cold | ratio | through weir, warm | ratio |");
    println!("|---|---:|---:|---:|---:|---:|");
    let mut rows = Vec::new();
    for round in 1..=options.rounds {
        let mirror = Mirror::start(upstream.url(), &[]).await?;
        let straight = install(upstream.url(), options).await?;
        let cold = install(&mirror.url(), options).await?;
        let warm = install(&mirror.url(), options).await?;
        mirror.end().await?;
        print_row(&round.to_string(), [cold, straight, warm]);
        rows.push([cold, straight, warm]);
    }
    let of = |n: usize| median(&rows.iter().map(|row| row[n]).collect::<Vec<_>>());
    print_row("medians", [of(0), of(1), of(2)]);
    upstream.stop().await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
fn print_row(name: &str, [cold, straight, warm]: [f64; 3]) {
    println!(
        "| {name} | {straight:.2} s | {cold:.2} s | {:.2} | {warm:.2} s | {:.2} |",
        cold / straight,
        warm / straight
    );
}

/// Installs the tree from `registry`; returns the seconds it took.
async fn install(registry: &str, options: &Options) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let manifest = r#"{"name":"project","version":"1.0.0","private":true}"#;
    fs::write(folder.path().join("package.json"), manifest)?;
    fs::write(
        folder.path().join(".npmrc"),
        format!("registry={registry}/\n"),
    )?;
    let home = folder.path().join(".home");
    fs::create_dir(&home)?;
    let npm =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache/clients/npm/node_modules/.bin/npm");
    let mut command = Command::new(npm);
    command
        .args(["install", "--no-audit", "--no-fund", ROOT])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", environment::variable("PATH").unwrap_or_default())
        .env("HOME", &home)
        .env("NO_UPDATE_NOTIFIER", "1")
        .env("CI", "true");
    let began = Instant::now();
    let said = command::run(&mut command).await;
    let took = began.elapsed().as_secs_f64();
    ensure!(said.code == 0, "npm: {said:?}");
    let lock = fs::read_to_string(folder.path().join("package-lock.json"))?;
    let installed = lock.matches("\"integrity\"").count();
    ensure!(installed >= options.packages, "only {installed} are locked");
    Ok(took)
}
