//! `weir verify` and `weir gc`: have a server look after what it stores, and watch it.
//!
//! Both are tasks of the server, so they go on if the command is interrupted, and whoever looks
//! at the server's tasks sees them.

use std::process::ExitCode;

use weir_client::types;
use weir_domain::task::TaskState;

use crate::{
    cli::{CollectArguments, VerifyArguments},
    client::{Accepted, Server},
    console::Console,
    failure::{Failure, UNSUCCESSFUL},
    log,
};

/// Runs `weir verify`; success means that nothing was damaged.
pub async fn verify(arguments: VerifyArguments) -> Result<ExitCode, Failure> {
    let names = arguments.names.iter().map(ToString::to_string);
    let wanted = types::NewVerification {
        packages: Some(names.collect()),
        repair: Some(arguments.repair),
    };
    let server = Server::find(arguments.server)?;
    watch(&server, server.verify(&wanted).await?).await
}

/// Runs `weir gc`.
pub async fn collect(arguments: CollectArguments) -> Result<ExitCode, Failure> {
    let wanted = types::NewCollection {
        dry_run: Some(arguments.dry_run),
    };
    let server = Server::find(arguments.server)?;
    watch(&server, server.collect(&wanted).await?).await
}

/// Shows the log of a task to its end.
async fn watch(server: &Server, Accepted { id, .. }: Accepted) -> Result<ExitCode, Failure> {
    let mut console = Console::of_process();
    console.line(&format!("task {id}"))?;
    log::print(server, &mut console, id, true).await?;
    let status = server.task(id).await?.status;
    let is_fine = status.state == TaskState::Success && status.warning_count == 0;
    Ok(if is_fine {
        ExitCode::SUCCESS
    } else {
        UNSUCCESSFUL.into()
    })
}
