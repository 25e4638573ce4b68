//! `weir retry ID…` and `weir retry --failed`: asks again for what failed, as new tasks.

use std::process::ExitCode;

use weir_domain::TaskId;

use crate::{
    cli::RetryArguments,
    client::{FailedFilter, Server},
    console::Console,
    failure::{Failure, UNSUCCESSFUL},
};

/// Repeats what is named or what fits; success means that all of it was accepted.
pub async fn run(arguments: RetryArguments) -> Result<ExitCode, Failure> {
    let filter = FailedFilter::from(&arguments);
    let server = Server::find(arguments.server)?;
    if arguments.failed {
        failed(&server, &filter).await
    } else {
        named(&server, &arguments.ids).await
    }
}

async fn named(server: &Server, ids: &[TaskId]) -> Result<ExitCode, Failure> {
    let mut console = Console::of_process();
    let mut is_success = true;
    for id in ids {
        match server.retry(*id).await {
            Ok(again) => {
                console.line(&format!("{id}: task {} is {}", again.id, again.state))?;
            }
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

/// Repeats page by page until nothing is left that fits.
async fn failed(server: &Server, filter: &FailedFilter) -> Result<ExitCode, Failure> {
    let mut console = Console::of_process();
    let (mut count, mut cursor) = (0, None);
    loop {
        let page = server.retry_failed(filter, cursor.as_deref()).await?;
        count += page.count;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
        console.progress(&format!("{count} tasks repeated so far"))?;
    }
    console.end_progress()?;
    console.line(&match count {
        0 => "nothing to repeat".to_owned(),
        1 => "1 task repeated".to_owned(),
        count => format!("{count} tasks repeated"),
    })?;
    Ok(ExitCode::SUCCESS)
}
