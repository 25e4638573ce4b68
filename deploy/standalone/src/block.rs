//! `weir block` and `weir unblock`: what a server is to serve no more, and what it is to serve
//! again.

use std::process::ExitCode;

use crate::{
    cli::{BlockArguments, UnblockArguments},
    client::Server,
    failure::Failure,
    outcome::Outcome,
};

/// Blocks each; success means that all are.
pub async fn block(arguments: BlockArguments) -> Result<ExitCode, Failure> {
    let server = Server::find(arguments.server)?;
    let mut outcome = Outcome::default();
    for target in &arguments.targets {
        let blocked = server.block(target, &arguments.reason).await;
        outcome.tell(target, blocked.map(|_| "blocked"))?;
    }
    Ok(outcome.exit_code())
}

/// Lifts the block of each; that there was none is no failure.
pub async fn unblock(arguments: UnblockArguments) -> Result<ExitCode, Failure> {
    let server = Server::find(arguments.server)?;
    let mut outcome = Outcome::default();
    for target in &arguments.targets {
        let lifted = server.unblock(target).await;
        outcome.tell(target, lifted.map(|_| "not blocked"))?;
    }
    Ok(outcome.exit_code())
}
