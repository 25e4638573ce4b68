//! Load programs of the whole system; `tests/load/run` builds and starts them.
//!
//! They print Markdown tables and judge nothing: numbers are for people, on one machine, in
//! one run, side by side with a yardstick.

mod backlog;
mod bullmq;
mod engine;
mod footprint;
mod latency;
mod nginx;
mod reads;
mod wrk;

use clap::{Parser, Subcommand};
use weir_tests::sample;

#[derive(Debug, Parser)]
#[command(about = "Load programs of the whole system")]
struct Arguments {
    #[command(subcommand)]
    program: Program,
}

#[derive(Debug, Subcommand)]
enum Program {
    /// Packument and tarball hits, beside nginx
    Reads(reads::Options),
    /// How long a claim takes while very many tasks wait
    Backlog(backlog::Options),
    /// Wishes, tasks, lines and followers a second
    Engine(engine::Options),
    /// Start time and memory
    Footprint(footprint::Options),
    /// From an accepted wish to the running task, idle
    Latency(latency::Options),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().program {
        Program::Reads(options) => reads::run(&options).await,
        Program::Backlog(options) => backlog::run(&options).await,
        Program::Engine(options) => engine::run(&options).await,
        Program::Footprint(options) => footprint::run(&options).await,
        Program::Latency(options) => latency::run(&options).await,
    }
}
