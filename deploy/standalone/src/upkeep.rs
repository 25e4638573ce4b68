//! `weir verify` and `weir gc`: have a server look after what it stores, and watch it.
//!
//! Both are tasks of the server, so they go on if the command is interrupted, and whoever looks
//! at the server's tasks sees them.

use std::process::ExitCode;

use serde::Serialize;
use weir_domain::{PackageName, task::TaskState};

use crate::{
    cli::{CollectArguments, VerifyArguments},
    client::Server,
    console::Console,
    failure::{Failure, UNSUCCESSFUL},
    log,
};

/// What is to be read again.
#[derive(Debug, Serialize)]
struct Verification {
    packages: Vec<PackageName>,
    repair: bool,
}

/// How blobs are to be collected.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Collection {
    dry_run: bool,
}

/// Runs `weir verify`; success means that nothing was damaged.
pub async fn verify(arguments: VerifyArguments) -> Result<ExitCode, Failure> {
    let wanted = Verification {
        packages: arguments.names,
        repair: arguments.repair,
    };
    let server = Server::find(arguments.server)?;
    watch(&server, "/-/admin/verify", &wanted).await
}

/// Runs `weir gc`.
pub async fn collect(arguments: CollectArguments) -> Result<ExitCode, Failure> {
    let wanted = Collection {
        dry_run: arguments.dry_run,
    };
    let server = Server::find(arguments.server)?;
    watch(&server, "/-/admin/collect", &wanted).await
}

/// Submits a task and shows its log to the end.
async fn watch<B: Serialize + Sync>(
    server: &Server,
    path: &str,
    wanted: &B,
) -> Result<ExitCode, Failure> {
    let id = server.submit(path, wanted).await?.id;
    let mut console = Console::of_process();
    console.line(&format!("task {id}"))?;
    log::print(server, &mut console, id, true).await?;
    let status = server.task(id).await?.status;
    let is_fine = status.state == TaskState::Success && status.warning_count() == 0;
    Ok(if is_fine {
        ExitCode::SUCCESS
    } else {
        UNSUCCESSFUL.into()
    })
}
