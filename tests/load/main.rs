//! Load programs of the whole system; `tests/load/run` builds and starts them.
//!
//! They print Markdown tables and judge nothing (but for `soak`): numbers are for people, on one
//! machine, in one run, side by side with a yardstick.

mod backlog;
mod bullmq;
mod catalogue;
mod downloader;
mod engine;
mod gauge;
mod install;
mod latency;
mod logins;
mod memory;
mod mirror;
mod nginx;
mod reads;
mod search;
mod soak;
mod sync;
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
    /// A source of very many references
    Catalogue(catalogue::Options),
    /// Wishes, tasks, lines and followers a second
    Engine(engine::Options),
    /// A cold npm install through an empty server, beside one straight from upstream
    Install(install::Options),
    /// From an accepted wish to the running task, idle; from start to the first answer
    Latency(latency::Options),
    /// What a flood of wrong passwords costs everybody else
    Logins(logins::Options),
    /// Memory, idle and at the largest things
    Memory(memory::Options),
    /// Searches over many packages, on both engines
    Search(search::Options),
    /// Days of work in minutes: memory, files and rows must stay flat
    Soak(soak::Options),
    /// Syncs beside a plain downloader; one package of very many versions
    Sync(sync::Options),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().program {
        Program::Reads(options) => reads::run(&options).await,
        Program::Backlog(options) => backlog::run(&options).await,
        Program::Catalogue(options) => catalogue::run(&options).await,
        Program::Engine(options) => engine::run(&options).await,
        Program::Install(options) => install::run(&options).await,
        Program::Latency(options) => latency::run(&options).await,
        Program::Logins(options) => logins::run(&options).await,
        Program::Memory(options) => memory::run(&options).await,
        Program::Search(options) => search::run(&options).await,
        Program::Soak(options) => soak::run(&options).await,
        Program::Sync(options) => sync::run(&options).await,
    }
}
