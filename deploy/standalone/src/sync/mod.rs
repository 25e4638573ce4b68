//! `weir sync NAME…`: asks for packages and, with `--follow`, shows them come.
//!
//! All are asked for before the first is followed, so the server works on all of them at
//! once; their logs are shown one after the other.

mod follow;
mod progress;
mod summary;

use std::{
    io::{Stderr, Stdout},
    process::ExitCode,
};

use weir_client::types;
use weir_domain::{PackageName, TaskId};

use crate::{
    cli::SyncArguments,
    client::Server,
    console::Console,
    failure::{Failure, UNSUCCESSFUL},
};

/// Exit code of what SIGINT ended, as shells count it.
const INTERRUPTED: u8 = 130;

/// A package that was asked for, and the task that brings it.
#[derive(Debug)]
struct Root {
    name: PackageName,
    id: TaskId,
}

/// Runs the command; success means that every tree succeeded or, without `--follow`, that
/// every wish was accepted.
pub async fn run(arguments: SyncArguments) -> Result<ExitCode, Failure> {
    if !arguments.versions.is_empty() && arguments.names.len() > 1 {
        let line = "--version goes with one package; ask for the others separately";
        return Err(Failure::Misused(line.to_owned()));
    }
    let wish = types::NewPackageSync::from(&arguments);
    let server = Server::find(arguments.server)?;
    let mut console = Console::of_process();
    let mut roots = Vec::new();
    let mut is_success = true;
    for name in arguments.names {
        match server.ask(&name, &wish).await {
            Ok(accepted) => {
                let id = accepted.id;
                console.line(&format!("{name}: task {id} is {}", accepted.state))?;
                roots.push(Root { name, id });
            }
            Err(Failure::Unsuccessful(reason)) => {
                is_success = false;
                console.line(&format!("{name}: {reason}"))?;
            }
            Err(failure) => return Err(failure),
        }
    }
    for root in &roots {
        if arguments.follow {
            let followed = tokio::select! {
                followed = follow::to_the_end(&server, &mut console, root) => followed?,
                _ = tokio::signal::ctrl_c() => return interrupted(&mut console, &roots),
            };
            is_success &= followed;
        } else {
            console.line(&format!("{}: weir log {} --follow", root.name, root.id))?;
        }
    }
    Ok(if is_success {
        ExitCode::SUCCESS
    } else {
        UNSUCCESSFUL.into()
    })
}

/// Leaves the terminal tidy and says that only the watching ends.
fn interrupted(console: &mut Console<Stdout, Stderr>, roots: &[Root]) -> Result<ExitCode, Failure> {
    console.end_progress()?;
    for root in roots {
        console.line(&format!(
            "{} goes on: weir log {} --follow",
            root.name, root.id
        ))?;
    }
    Ok(INTERRUPTED.into())
}
