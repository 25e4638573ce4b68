//! Follows one tree of tasks: the root's log line by line, the whole tree by its counts.
//!
//! A server that goes away (a restart, a broken connection) is asked again for a while; the
//! log then goes on behind the last line shown, so no line is missed or repeated.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use tokio::time::MissedTickBehavior;
use weir_upstream::{LineStream, LocalError};

use super::{Root, progress, summary};
use crate::{
    client::{PATIENCE, Server, Status, is_passing},
    console::Console,
    failure::Failure,
};

/// Between two looks at the counts; a person notices no difference below.
const LOOK: Duration = Duration::from_millis(400);

/// Shows a tree until it is over; says whether all of it succeeded.
pub(super) async fn to_the_end<O: Write, P: Write>(
    server: &Server,
    console: &mut Console<O, P>,
    root: &Root,
) -> Result<bool, Failure> {
    let began = Instant::now();
    let mut following = Following {
        server,
        root,
        shown: 0,
        log: None,
        away_since: None,
    };
    let status = following.watch(console).await?;
    following.show_rest(console).await?;
    console.end_progress()?;
    let failed = match status.children.error {
        0 => Vec::new(),
        count => server.failed_children(root.id, count).await?,
    };
    for line in summary::lines(root, &status, &failed, began.elapsed()) {
        console.line(&line)?;
    }
    Ok(status.is_tree_successful())
}

struct Following<'a> {
    server: &'a Server,
    root: &'a Root,
    /// Lines of the log shown so far.
    shown: u64,
    /// The open log; none while it must be opened (again).
    log: Option<LineStream>,
    away_since: Option<Instant>,
}

impl Following<'_> {
    /// Shows lines and counts until the tree is over; returns its last status.
    async fn watch<O: Write, P: Write>(
        &mut self,
        console: &mut Console<O, P>,
    ) -> Result<Status, Failure> {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_root_over = false;
        loop {
            tokio::select! {
                line = next(&mut self.log) => match line {
                    Ok(Some(line)) => {
                        self.shown += 1;
                        console.line(&line)?;
                    }
                    // Whether the task or only the connection ended, the next look tells.
                    Ok(None) | Err(_) => self.log = None,
                },
                _ = looks.tick() => {
                    let Some(status) = self.look(console).await? else { continue };
                    if status.is_tree_done() {
                        return Ok(status);
                    }
                    // A final root's log is complete: it is read once more and left alone.
                    if status.state.is_final() && !is_root_over {
                        is_root_over = true;
                        self.show_rest(console).await?;
                    }
                    if !is_root_over && self.log.is_none() {
                        self.log = self.server.log(self.root.id, self.shown, true).await.ok();
                    }
                }
            }
        }
    }

    /// Asks for the status once; `None` while the server is away and patience lasts.
    async fn look<O: Write, P: Write>(
        &mut self,
        console: &mut Console<O, P>,
    ) -> Result<Option<Status>, Failure> {
        let error = match self.server.status(&self.root.name, self.root.id).await {
            Ok(status) => {
                self.away_since = None;
                console.progress(&progress::line(&self.root.name, &status))?;
                return Ok(Some(status));
            }
            Err(error) => error,
        };
        let away = self.away_since.get_or_insert_with(Instant::now).elapsed();
        if !is_passing(&error) || away >= PATIENCE {
            console.end_progress()?;
            return Err(self.server.failure(&error));
        }
        console.progress(&format!("{}: {error}; trying again", self.root.name))?;
        Ok(None)
    }

    /// Shows what the log has behind the last line shown.
    async fn show_rest<O: Write, P: Write>(
        &mut self,
        console: &mut Console<O, P>,
    ) -> Result<(), Failure> {
        self.log = None;
        let failure = |error: LocalError| self.server.failure(&error);
        let rest = self.server.log(self.root.id, self.shown, false).await;
        let mut rest = rest.map_err(failure)?;
        while let Some(line) = rest.next().await.map_err(failure)? {
            self.shown += 1;
            console.line(&line)?;
        }
        Ok(())
    }
}

/// Returns the next line of an open log; of a closed one, nothing ever comes.
async fn next(log: &mut Option<LineStream>) -> Result<Option<String>, LocalError> {
    match log {
        Some(log) => log.next().await,
        None => std::future::pending().await,
    }
}
