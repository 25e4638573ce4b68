//! `weir block` and `weir unblock`: what a server is to serve no more, and what it is to serve
//! again.

use std::process::ExitCode;

use crate::{
    cli::{BlockArguments, UnblockArguments},
    client::Server,
    console::Console,
    failure::{Failure, UNSUCCESSFUL},
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

/// Whether all went well so far.
#[derive(Default)]
struct Outcome {
    has_failed: bool,
}

impl Outcome {
    /// Says what became of a target; what concerns them all ends the command.
    fn tell(
        &mut self,
        target: &impl ToString,
        became: Result<&str, Failure>,
    ) -> Result<(), Failure> {
        let line = match became {
            Ok(word) => word.to_owned(),
            Err(Failure::Unsuccessful(reason)) => {
                self.has_failed = true;
                reason
            }
            Err(failure) => return Err(failure),
        };
        let mut console = Console::of_process();
        Ok(console.line(&format!("{}: {line}", target.to_string()))?)
    }

    fn exit_code(&self) -> ExitCode {
        if self.has_failed {
            UNSUCCESSFUL.into()
        } else {
            ExitCode::SUCCESS
        }
    }
}
