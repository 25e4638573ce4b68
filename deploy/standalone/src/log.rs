//! `weir log ID`: the log of a task as it stands or, with `--follow`, until it ends.
//!
//! A followed log whose connection breaks goes on behind the last line printed.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use weir_domain::TaskId;
use weir_upstream::LocalError;

use crate::{
    cli::LogArguments,
    client::{PATIENCE, Server, is_passing},
    console::Console,
    failure::Failure,
};

/// Between two tries to reach a server that went away.
const PAUSE: Duration = Duration::from_millis(500);

/// Prints the log.
pub async fn run(arguments: LogArguments) -> Result<ExitCode, Failure> {
    let server = Server::find(arguments.server)?;
    let mut console = Console::of_process();
    print(&server, &mut console, arguments.id, arguments.follow).await?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the log of a task, if followed to its end.
pub async fn print(
    server: &Server,
    console: &mut Console<std::io::Stdout, std::io::Stderr>,
    id: TaskId,
    is_followed: bool,
) -> Result<(), Failure> {
    let mut printed = 0;
    let mut away_since: Option<Instant> = None;
    loop {
        let before = printed;
        let lines = Lines {
            server,
            id,
            is_followed,
        };
        match lines.print(console, &mut printed).await? {
            Ok(()) => return Ok(()),
            Err(error) => {
                // Lines are a sign of life: patience begins anew.
                let since = away_since.take().filter(|_| printed == before);
                let since = *away_since.insert(since.unwrap_or_else(Instant::now));
                let may_wait = is_followed && printed > 0 && since.elapsed() < PATIENCE;
                if !may_wait || !is_passing(&error) {
                    return Err(server.failure(&error));
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

struct Lines<'a> {
    server: &'a Server,
    id: TaskId,
    is_followed: bool,
}

impl Lines<'_> {
    /// Prints what lies behind the first `printed` lines, and counts on.
    async fn print(
        &self,
        console: &mut Console<std::io::Stdout, std::io::Stderr>,
        printed: &mut u64,
    ) -> Result<Result<(), LocalError>, Failure> {
        let log = self.server.log(self.id, *printed, self.is_followed).await;
        let mut log = match log {
            Ok(log) => log,
            Err(error) => return Ok(Err(error)),
        };
        loop {
            match log.next().await {
                Ok(Some(line)) => {
                    console.line(&line)?;
                    *printed += 1;
                }
                Ok(None) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            }
        }
    }
}
