//! Hits: what weir serves from what it holds, beside nginx with the very same bytes.
//!
//! Rounds alternate between the two, so that whatever else the machine does meets both.

use std::{fs, path::Path, time::Duration};

use weir_testkit::{PackageSpec, presets};
use weir_tests::{
    System,
    system::{ABBREVIATED, decoded},
};

use crate::{nginx::Nginx, sample::median, wrk::answers_per_second};

/// Packages by about the size of their full packument, found by trying.
const PACKUMENTS: [(&str, usize); 3] =
    [("kb-12", 12_000), ("kb-70", 70_000), ("mb-2.5", 2_500_000)];
/// Tarballs by their size.
const TARBALLS: [(&str, usize); 3] = [
    ("tar-20k", 20_000),
    ("tar-200k", 200_000),
    ("tar-5m", 5_000_000),
];

/// A version takes about so much of a made packument; the rest is the readme.
const VERSION_BYTES: usize = 700;

/// How long and how often to measure.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Rounds of both servers for each row
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of one measurement
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Only rows whose name contains this
    #[arg(long, default_value = "")]
    only: String,
}

/// One thing to ask for.
struct Row {
    what: String,
    path: String,
    headers: Vec<(&'static str, &'static str)>,
    /// The file that nginx serves instead.
    file: String,
    wire_bytes: usize,
    ours: Vec<f64>,
    yardstick: Vec<f64>,
}

/// Measures and prints.
pub async fn run(options: &Options) -> anyhow::Result<()> {
    let (packuments, tarballs) = (
        PACKUMENTS.map(|(name, size)| sized(name, size)),
        TARBALLS.map(|(name, size)| presets::history(name, 1, size)),
    );
    let system = System::start(packuments.into_iter().chain(tarballs)).await;
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("root");
    fs::create_dir(&root)?;
    let mut rows = Vec::new();
    for (name, _) in PACKUMENTS {
        system.bring(name).await;
        for (form, accept) in [("full", "application/json"), ("abbreviated", ABBREVIATED)] {
            rows.push(packument_row(&system, &root, name, (form, accept)).await?);
        }
    }
    for (name, _) in TARBALLS {
        system.bring(name).await;
        rows.push(tarball_row(&system, &root, name).await?);
    }
    rows.retain(|row| row.what.contains(&options.only));
    let nginx = Nginx::start(folder.path(), &root).await?;
    let lasts = Duration::from_secs(options.seconds);
    for row in &mut rows {
        let ours = format!("{}{}", system.url(), row.path);
        let theirs = format!("{}/{}", nginx.url(), row.file);
        for url in [&ours, &theirs] {
            answers_per_second(url, &row.headers, Duration::from_secs(1)).await?;
        }
        for _ in 0..options.rounds {
            row.ours
                .push(answers_per_second(&ours, &row.headers, lasts).await?);
            row.yardstick
                .push(answers_per_second(&theirs, &row.headers, lasts).await?);
        }
    }
    print(&rows, options);
    system.end().await;
    Ok(())
}

/// Makes a package whose full packument has about `bytes` bytes.
fn sized(name: &str, bytes: usize) -> PackageSpec {
    let versions = (bytes / VERSION_BYTES).max(1);
    let readme = bytes.saturating_sub(versions * VERSION_BYTES);
    let text = "A line of a readme, as people write them, more or less.\n";
    presets::history(name, versions, 0).readme(&text.repeat(readme / text.len() + 1))
}

async fn packument_row(
    system: &System,
    root: &Path,
    name: &str,
    (form, accept): (&str, &'static str),
) -> anyhow::Result<Row> {
    let headers = vec![("accept", accept), ("accept-encoding", "gzip")];
    let mut call = system.call(&format!("/{name}"));
    for (header, value) in &headers {
        call = call.header(header, value);
    }
    let reply = call.send().await?;
    let (plain, file) = (decoded(&reply), format!("{name}-{form}.json"));
    fs::write(root.join(&file), &plain)?;
    fs::write(root.join(format!("{file}.gz")), &reply.body)?;
    Ok(Row {
        what: format!("packument, {form}, {}", size(plain.len())),
        path: format!("/{name}"),
        headers,
        file,
        wire_bytes: reply.body.len(),
        ours: Vec::new(),
        yardstick: Vec::new(),
    })
}

async fn tarball_row(system: &System, root: &Path, name: &str) -> anyhow::Result<Row> {
    let reply = system.tarball(name, "1.0.0").await;
    let file = format!("{name}-1.0.0.tgz");
    fs::write(root.join(&file), &reply.body)?;
    Ok(Row {
        what: format!("tarball, {}", size(reply.body.len())),
        path: format!("/{name}/-/{file}"),
        headers: Vec::new(),
        file,
        wire_bytes: reply.body.len(),
        ours: Vec::new(),
        yardstick: Vec::new(),
    })
}

/// Returns a size in the unit a person would choose.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000_000 => format!("{} KB", (bytes + 500) / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
fn print(rows: &[Row], options: &Options) {
    println!(
        "wrk -t1 -c64, {} alternating rounds of {} s, medians; nginx: 2 workers, sendfile, gzip_static\n",
        options.rounds, options.seconds
    );
    println!("| what | on the wire | weir /s | nginx /s | ratio | lowest, highest ratio |");
    println!("|---|---:|---:|---:|---:|---:|");
    for row in rows {
        let (ours, theirs) = (median(&row.ours), median(&row.yardstick));
        let ratios: Vec<_> = row
            .ours
            .iter()
            .zip(&row.yardstick)
            .map(|(a, b)| a / b)
            .collect();
        let (low, high) = (
            ratios.iter().copied().fold(f64::INFINITY, f64::min),
            ratios.iter().copied().fold(0.0, f64::max),
        );
        println!(
            "| {} | {} | {ours:.0} | {theirs:.0} | {:.2} | {low:.2}, {high:.2} |",
            row.what,
            size(row.wire_bytes),
            ours / theirs
        );
    }
}
