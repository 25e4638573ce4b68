//! `weir`: the server in one process, and the command line that talks to it.
//!
//! Each command is a module of its name that returns its exit code or a [`Failure`]. This
//! file only chooses between them and says, in one line on standard error, what failed.

mod audit;
mod block;
mod cancel;
mod cli;
mod client;
mod config;
mod console;
mod failure;
mod log;
mod login;
mod logout;
mod migrate;
mod outcome;
mod registry;
mod retry;
mod scope;
mod secrets;
mod serve;
mod sync;
mod tasks;
mod token;
mod upkeep;

use std::{io::Write, process::ExitCode};

use clap::Parser;

use cli::{Cli, Command, SecretsCommand};
use failure::Failure;

fn main() -> ExitCode {
    let outcome = Cli::try_parse().map_err(Failure::from).and_then(run);
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            // Nobody is left to tell when standard error is gone.
            let _ = failure.report(&mut std::io::stdout(), &mut std::io::stderr());
            let _ = std::io::stdout().flush();
            failure.exit_code()
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    weir_runtime::install_crypto();
    match cli.command {
        Command::Config { flags, markdown } => config::run(flags, markdown),
        Command::Migrate(flags) => on_one_thread(migrate::run(flags)),
        Command::Secrets {
            command: SecretsCommand::Rotate(flags),
        } => on_one_thread(secrets::rotate(flags)),
        Command::Serve(flags) => on_all_cores(serve::run(flags)),
        Command::Login(arguments) => on_one_thread(login::run(arguments)),
        Command::Logout(arguments) => on_one_thread(logout::run(arguments)),
        Command::Sync(arguments) => on_one_thread(sync::run(arguments)),
        Command::Tasks(arguments) => on_one_thread(tasks::run(arguments)),
        Command::Log(arguments) => on_one_thread(log::run(arguments)),
        Command::Cancel(arguments) => on_one_thread(cancel::run(arguments)),
        Command::Retry(arguments) => on_one_thread(retry::run(arguments)),
        Command::Block(arguments) => on_one_thread(block::block(arguments)),
        Command::Unblock(arguments) => on_one_thread(block::unblock(arguments)),
        Command::Audit(arguments) => on_one_thread(audit::run(arguments)),
        Command::Verify(arguments) => on_one_thread(upkeep::verify(arguments)),
        Command::Gc(arguments) => on_one_thread(upkeep::collect(arguments)),
        Command::Registry { command } => on_one_thread(registry::run(command)),
        Command::Scope { command } => on_one_thread(scope::run(command)),
        Command::Token { command } => on_one_thread(token::run(command)),
    }
}

fn on_one_thread(
    command: impl Future<Output = Result<ExitCode, Failure>>,
) -> Result<ExitCode, Failure> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().map_err(Failure::system)?;
    runtime.block_on(command)
}

fn on_all_cores(
    command: impl Future<Output = Result<ExitCode, Failure>>,
) -> Result<ExitCode, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().build().map_err(Failure::system)?;
    let outcome = runtime.block_on(command);
    // What outlived the grace is not waited for again.
    runtime.shutdown_background();
    outcome
}
