//! The memory of a server that does nothing, and at the largest things it may meet.
//!
//! It is the system's own account of the process ([`crate::gauge`]), each row a server of its
//! own; peaks are of what the row says alone.

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use weir_testkit::{PackageSpec, client, presets, until};
use weir_tests::{
    System,
    system::{ABBREVIATED, SOON},
};

use crate::gauge::Gauge;

/// Versions of the large packument; with [`MANIFEST_BYTES`] it has about 109 MB.
const VERSIONS: usize = 27_000;
const MANIFEST_BYTES: usize = 3_300;

/// How large.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Bytes of the large tarball; a tenth of it is shown beside
    #[arg(long, default_value_t = 1_000_000_000)]
    tarball: usize,
}

/// Measures and prints.
#[expect(clippy::print_stdout, reason = "a program that prints a table")]
pub async fn run(options: &Options) -> anyhow::Result<()> {
    println!("| what | |");
    println!("|---|---:|");
    println!("| idle, nothing read yet | {:.0} MB |", idle().await?);
    large_packument().await?;
    for bytes in [options.tarball / 10, options.tarball] {
        large_tarball(bytes).await?;
    }
    Ok(())
}

/// Starts a server on its data, and returns its megabytes at rest.
async fn idle() -> anyhow::Result<f64> {
    let mut system = System::start(presets::flat(1, 1, 500)).await;
    system.bring("flat-0001").await;
    system.stop_server().await;
    system.start_server().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = Gauge(system.process().pid()).memory()?;
    system.end().await;
    Ok(idle)
}

/// Syncs one huge packument and serves it in every way.
#[expect(clippy::print_stdout, reason = "a program that prints a table")]
async fn large_packument() -> anyhow::Result<()> {
    let numbers = (0..VERSIONS).map(|n| format!("{}.{}.{}", n / 1000, n / 10 % 100, n % 10));
    let padding = "words of a manifest ".repeat(MANIFEST_BYTES / 20);
    let padding = serde_json::Value::from(padding).to_string();
    let package = PackageSpec::with_versions("large", numbers, |version| {
        version.size(0).registry_field("_padding", &padding)
    });
    let mut system = System::start([package]).await;
    let gauge = Gauge(system.process().pid());
    let began = Instant::now();
    system.bring("large").await;
    let (took, peak) = (began.elapsed().as_secs_f64(), gauge.peak()?);
    gauge.forget_peak()?;
    let url = format!("{}/large", system.url());
    let size = read(client::get(&url)).await? / 1_000_000;
    println!(
        "| sync of a packument of {size} MB, {VERSIONS} versions, {took:.1} s: peak | {peak:.0} MB |"
    );
    for (what, accept, encoding) in [
        ("as it is", "*/*", "identity"),
        ("in gzip", "*/*", "gzip"),
        ("abbreviated, in gzip", ABBREVIATED, "gzip"),
    ] {
        gauge.forget_peak()?;
        let call = client::get(&url).header("accept", accept);
        read(call.header("accept-encoding", encoding)).await?;
        println!("| … read {what}: peak | {:.0} MB |", gauge.peak()?);
    }
    for encoding in ["br", "zstd"] {
        gauge.forget_peak()?;
        let both = format!("{encoding}, gzip");
        until("the encoding", SOON, async || {
            let call = client::get(&url).header("accept-encoding", &both);
            let reply = call.send().await.expect("an answer");
            reply.header("content-encoding") == encoding
        })
        .await;
        println!(
            "| … made in {encoding} meanwhile: peak | {:.0} MB |",
            gauge.peak()?
        );
    }
    system.end().await;
    Ok(())
}

/// Reads one huge tarball twice, lazily first; then has another server sync it.
#[expect(clippy::print_stdout, reason = "a program that prints a table")]
async fn large_tarball(bytes: usize) -> anyhow::Result<()> {
    let size = bytes / 1_000_000;
    let package = || presets::history("large", 1, bytes);
    let lazily = System::builder().packages([package()]);
    let mut system = lazily.setting("WEIR_TARBALLS", "requested").start().await;
    system.bring("large").await;
    let gauge = Gauge(system.process().pid());
    let url = format!("{}/large/-/large-1.0.0.tgz", system.url());
    for what in ["lazy, fetched for its first reader", "held, read again"] {
        gauge.forget_peak()?;
        read(client::get(&url)).await?;
        println!(
            "| tarball of {size} MB, {what}: peak | {:.0} MB |",
            gauge.peak()?
        );
    }
    system.end().await;
    let at_once = System::builder().packages([package()]);
    let mut system = at_once.setting("WEIR_TARBALLS", "all").start().await;
    let gauge = Gauge(system.process().pid());
    gauge.forget_peak()?;
    system.bring("large").await;
    println!(
        "| tarball of {size} MB, synced: peak | {:.0} MB |",
        gauge.peak()?
    );
    system.end().await;
    Ok(())
}

/// Reads an answer to its end; returns its bytes.
async fn read(call: client::Call) -> anyhow::Result<usize> {
    let mut body = call.open().await?.into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame?.data_ref().map_or(0, bytes::Bytes::len);
    }
    Ok(bytes)
}
