//! Syncs: a crowd of packages with all their tarballs, beside a plain downloader in the same
//! run; and one package with very many versions, new and unchanged.
//!
//! Upstream is a process of its own for the crowd. Times of single syncs are the server's own,
//! from acceptance to end; processor time is that of the whole server.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;
use tempfile::TempDir;
use weir_domain::Timestamp;
use weir_testkit::{
    PackageSpec, client,
    process::{WeirProcess, binary},
    until,
};
use weir_tests::{Status, System, sample::median, stored, system::SOON};

use crate::{downloader, gauge::Gauge, mirror::Mirror};

/// What to sync.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Rounds of the crowd
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Packages of the crowd
    #[arg(long, default_value_t = 300)]
    packages: usize,
    /// Versions of each
    #[arg(long, default_value_t = 20)]
    versions: usize,
    /// Bytes of each tarball
    #[arg(long, default_value_t = 20_000)]
    tarball: usize,
    /// Versions of the package that has many
    #[arg(long, default_value_t = 2_900)]
    many: usize,
    /// Bytes of each of its manifests
    #[arg(long, default_value_t = 3_000)]
    manifest: usize,
}

/// Measures and prints.
pub async fn run(options: &Options) -> anyhow::Result<()> {
    crowd(options).await?;
    many(options).await
}

/// One round of the crowd.
struct Round {
    weir_per_second: f64,
    plain_per_second: f64,
    processor_ms: f64,
}

/// What was written; removed at the end only: file systems go around what was just deleted, and
/// whoever writes next would pay for that.
type Written = Vec<TempDir>;

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
async fn crowd(options: &Options) -> anyhow::Result<()> {
    let (_upstream, origin) = stand_in(options).await;
    let names: Vec<_> = (1..=options.packages)
        .map(|n| format!("flat-{n:04}"))
        .collect();
    // The stand-in packs its tarballs at the first request.
    let mut written = Written::new();
    plain(&origin, &names, (options, &mut written)).await?;
    println!(
        "{} packages × {} versions × {} bytes, every tarball\n",
        options.packages, options.versions, options.tarball
    );
    println!(
        "| round | weir, versions/s | downloader, versions/s | ratio | CPU of weir a version |"
    );
    println!("|---|---:|---:|---:|---:|");
    let mut rounds = Vec::new();
    for number in 1..=options.rounds {
        let round = round(&origin, &names, (options, &mut written)).await?;
        print_round(&number.to_string(), &round);
        rounds.push(round);
    }
    let of = |figure: fn(&Round) -> f64| median(&rounds.iter().map(figure).collect::<Vec<_>>());
    let medians = Round {
        weir_per_second: of(|round| round.weir_per_second),
        plain_per_second: of(|round| round.plain_per_second),
        processor_ms: of(|round| round.processor_ms),
    };
    print_round("medians", &medians);
    println!();
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
fn print_round(name: &str, round: &Round) {
    let (ours, theirs) = (round.weir_per_second, round.plain_per_second);
    println!(
        "| {name} | {ours:.0} | {theirs:.0} | {:.2} | {:.2} ms |",
        ours / theirs,
        round.processor_ms
    );
}

/// Starts the upstream's process; returns its URL, too.
async fn stand_in(options: &Options) -> (WeirProcess, String) {
    let process = WeirProcess::builder(binary("weir-stand-in")).args([
        "--packages".to_owned(),
        options.packages.to_string(),
        "--versions".to_owned(),
        options.versions.to_string(),
        "--tarball-bytes".to_owned(),
        options.tarball.to_string(),
    ]);
    let process = process.spawn();
    let url = until("the stand-in's URL", SOON, async || {
        process.output().lines().next().map(str::to_owned)
    })
    .await;
    (process, url)
}

async fn round(
    origin: &str,
    names: &[String],
    (options, written): (&Options, &mut Written),
) -> anyhow::Result<Round> {
    let versions = count(options.packages * options.versions);
    let theirs = plain(origin, names, (options, written)).await?;
    let mirror = Mirror::start(origin, &[("WEIR_TARBALLS", "all")]).await?;
    let before = mirror.gauge().processor_time()?;
    let ours = mirror.sync(names).await?;
    let processor = mirror.gauge().processor_time()?.saturating_sub(before);
    let held = stored::files(&mirror.data().join("blobs")).len();
    ensure!(held >= options.packages * options.versions, "{held} files");
    written.push(mirror.end().await?);
    Ok(Round {
        weir_per_second: versions / ours.as_secs_f64(),
        plain_per_second: versions / theirs.as_secs_f64(),
        processor_ms: processor.as_secs_f64() * 1e3 / versions,
    })
}

async fn plain(
    origin: &str,
    names: &[String],
    (options, written): (&Options, &mut Written),
) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let began = Instant::now();
    let downloaded = downloader::download(origin, names, folder.path()).await?;
    let took = began.elapsed();
    ensure!(downloaded == options.packages * options.versions);
    written.push(folder);
    Ok(took)
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::NAN, f64::from)
}

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
async fn many(options: &Options) -> anyhow::Result<()> {
    let numbers = (0..options.many).map(|n| format!("{}.{}.{}", n / 100, n / 10 % 10, n % 10));
    let padding = "words of a manifest ".repeat(options.manifest / 20);
    let padding = serde_json::Value::from(padding).to_string();
    let package = PackageSpec::with_versions("many-versions", numbers, |version| {
        version.size(0).registry_field("_padding", &padding)
    });
    let mut system = System::start([package]).await;
    // The stand-in renders at the first request.
    let url = format!("{}/many-versions", system.upstream().url());
    client::get(url).send().await?;
    println!("one package of {} versions\n", options.many);
    println!("| what | time | CPU |");
    println!("|---|---:|---:|");
    for (what, force) in [
        ("first sync", false),
        ("unchanged, 304", false),
        ("unchanged, 304", false),
        ("unchanged, the whole document", true),
        ("unchanged, the whole document", true),
    ] {
        let gauge = Gauge(system.process().pid());
        let before = gauge.processor_time()?;
        let options = json!({ "force": force, "skipDependencies": true });
        let status = system.bring_with("many-versions", &options).await;
        let processor = gauge.processor_time()?.saturating_sub(before);
        let took = duration(&status).context("a task that ran")?;
        println!(
            "| {what} | {:.2} s | {:.2} s |",
            took.as_secs_f64(),
            processor.as_secs_f64()
        );
    }
    system.end().await;
    Ok(())
}

/// How long a task took, by the server's clock.
fn duration(status: &Status) -> Option<Duration> {
    let at = |field: &str| status.0[field].as_str().and_then(Timestamp::parse);
    Some(at("finishedAt")?.since(at("createdAt")?))
}
