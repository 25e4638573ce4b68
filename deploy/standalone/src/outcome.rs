//! What becomes of several things that a command is told to do, each by itself: a line for each,
//! and an exit code for all.

use std::process::ExitCode;

use crate::{
    console::Console,
    failure::{Failure, UNSUCCESSFUL},
};

/// Whether all went well so far.
#[derive(Debug, Default)]
pub struct Outcome {
    has_failed: bool,
}

impl Outcome {
    /// Says what became of a target; what concerns them all ends the command.
    pub fn tell(
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

    /// Returns success if all went well.
    pub fn exit_code(&self) -> ExitCode {
        if self.has_failed {
            UNSUCCESSFUL.into()
        } else {
            ExitCode::SUCCESS
        }
    }
}
