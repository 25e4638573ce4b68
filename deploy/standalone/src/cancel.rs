//! `weir cancel ID…`: withdraws the caller's wishes or, for an administrator, ends the tasks.

use std::process::ExitCode;

use weir_domain::task::TaskState;

use crate::{
    cli::CancelArguments,
    client::Server,
    console::Console,
    failure::{Failure, UNSUCCESSFUL},
};

/// Cancels each; success means that all were accepted.
pub async fn run(arguments: CancelArguments) -> Result<ExitCode, Failure> {
    let server = Server::find(arguments.server)?;
    let mut console = Console::of_process();
    let mut is_success = true;
    for id in arguments.ids {
        match server.cancel(id).await {
            Ok(state) => console.line(&format!("{id}: {}", meaning(state)))?,
            Err(Failure::Unsuccessful(reason)) => {
                is_success = false;
                console.line(&format!("{id}: {reason}"))?;
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(if is_success {
        ExitCode::SUCCESS
    } else {
        UNSUCCESSFUL.into()
    })
}

/// Says what it means that an accepted cancellation left the task in this state.
fn meaning(state: TaskState) -> &'static str {
    match state {
        TaskState::Error => "cancelled",
        TaskState::Waiting => "withdrawn; others still want it",
        TaskState::Processing => "withdrawn; it stops within moments, unless others want it",
        TaskState::Success => "was done; what it led to is cancelled, unless others want it",
    }
}
