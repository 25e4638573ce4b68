//! A log as it is written, until its task ends.
//!
//! A follower is handed the newest lines by the tailer of its task; what is older than those it
//! reads for itself. A process that stops breaks the answer off instead of ending it: the
//! reader shall know that there is more to come.

use std::{collections::VecDeque, io};

use bytes::Bytes;
use futures::{Stream, stream};
use tokio::sync::watch;
use weir_domain::TaskId;

use super::{
    answer::broken,
    tailer::{Found, Lines, Recent},
};
use crate::{
    app::Running,
    error::{ApiError, ApiResult},
};

/// Chunks read at a time; each is at most 64 KiB.
const CHUNKS: i64 = 16;

/// What comes next of a log.
#[derive(Debug)]
pub(super) enum Next {
    /// These lines.
    Lines(Lines),
    /// Nothing: the task has ended.
    End,
    /// Nothing from this process: it stops.
    Cut,
}

/// Somebody who wants every line from some line on.
#[derive(Debug)]
pub(super) struct Follower {
    running: Running,
    task: TaskId,
    next_line: i64,
    recent: watch::Receiver<Recent>,
    ready: VecDeque<Lines>,
}

/// Yields a log from line `first` on, as it grows.
pub(super) fn text(follower: Follower) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold(follower, |mut follower| async move {
        match follower.next().await.map_err(broken)? {
            Next::Lines(lines) => Ok(Some((lines.text, follower))),
            Next::End => Ok(None),
            Next::Cut => Err(io::Error::other("the process stops")),
        }
    })
}

impl Follower {
    /// Follows a task from line `first` on.
    pub(super) fn new(running: &Running, task: TaskId, first: i64) -> Self {
        Self {
            recent: running.tailers.follow(running, task),
            running: running.clone(),
            task,
            next_line: first,
            ready: VecDeque::new(),
        }
    }

    /// Waits for lines, the end of the task, or the end of the process.
    ///
    /// # Errors
    /// If older lines cannot be read.
    pub(super) async fn next(&mut self) -> ApiResult<Next> {
        loop {
            if let Some(lines) = self.ready.pop_front() {
                return Ok(Next::Lines(lines));
            }
            let found = self.recent.borrow_and_update().at_line(self.next_line);
            match found {
                Found::Lines(lines) => self.take(lines),
                Found::Older => self.read().await?,
                Found::End => return Ok(Next::End),
                Found::Nothing => {
                    let shutdown = self.running.shutdown.clone();
                    tokio::select! {
                        () = shutdown.cancelled() => return Ok(Next::Cut),
                        changed = self.recent.changed() => if changed.is_err() {
                            return Ok(Next::Cut);
                        }
                    }
                }
            }
        }
    }

    /// Reads lines that the tailer does not keep.
    async fn read(&mut self) -> ApiResult<()> {
        let content = &self.running.app.content;
        let chunks = content.log_from_line(self.task, self.next_line, CHUNKS);
        let lines = chunks.await?.into_iter().map(Lines::from);
        let wanted: Vec<_> = lines
            .filter_map(|some| some.since(self.next_line))
            .collect();
        if wanted.is_empty() {
            let task = self.task;
            return Err(ApiError::internal(format!(
                "the log of task {task} has a gap"
            )));
        }
        self.take(wanted);
        Ok(())
    }

    fn take(&mut self, lines: Vec<Lines>) {
        self.next_line = lines.last().map_or(self.next_line, Lines::end);
        self.ready.extend(lines);
    }
}
