//! Injects faults into a whole deployment and shows that nothing is lost or done twice.
//!
//! Real processes (two `weir-api`, four `weir-worker`, PostgreSQL, Redis) serve a crowd that
//! asks for packages of a stand-in upstream, while a seeded scenario kills, stops and starves
//! them. Three ledgers are kept apart from weir: what the API acknowledged ([`crowd`]), what the
//! database saw of every run ([`witness`]), what the upstream was asked. When all is quiet the
//! [`oracle`] compares them with what is there; each scenario is a row of a Markdown table.

mod crowd;
mod ground;
mod look;
mod oracle;
mod pace;
mod report;
mod scenarios;
mod seat;
mod stage;
mod witness;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use weir_testkit::database::PostgresServer;

use crate::{
    ground::{Ground, Plan},
    scenarios::Scenario,
};

#[derive(Debug, Parser)]
#[command(about = "Injects faults into a whole deployment and shows what is lost: nothing")]
struct Arguments {
    /// Which scenarios; all of them if none is named
    scenarios: Vec<Scenario>,
    /// The sizes that docs/reliability.md is about, instead of a few minutes' worth
    #[arg(long)]
    long: bool,
    /// Seed of every random choice; a new one if not given
    #[arg(long)]
    seed: Option<u64>,
    /// So many tasks instead of the form's, where a scenario has a number of them
    #[arg(long)]
    tasks: Option<usize>,
    /// So many faults instead of the form's, where a scenario has a number of them
    #[arg(long)]
    faults: Option<usize>,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the table is for people")]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let plan = Plan {
        is_long: arguments.long,
        seed: arguments
            .seed
            .unwrap_or_else(|| rand::random_range(0..1_000_000)),
        tasks: arguments.tasks,
        faults: arguments.faults,
    };
    let scenarios = match arguments.scenarios.as_slice() {
        [] => Scenario::value_variants(),
        named => named,
    };
    let mut ground = Ground {
        postgres: PostgresServer::start().await?,
        plan,
    };
    println!("seed {}\n", plan.seed);
    report::print_head();
    let mut are_all_well = true;
    for scenario in scenarios {
        let row = scenario.play(&mut ground).await;
        are_all_well &= row.broken.is_empty();
        row.print();
    }
    Ok(if are_all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
