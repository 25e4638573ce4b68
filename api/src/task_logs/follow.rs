//! A log as it is written, until its task ends.
//!
//! The hub only says that something changed (having looked for itself if nobody told it);
//! what changed is read from the database, and now and then in any case. A task seen as ended is followed by one more look at its
//! log: lines written before the end are never missed. A process that stops breaks the
//! answer off instead of ending it: the reader shall know that there is more to come.

use std::{collections::VecDeque, io, time::Duration};

use bytes::Bytes;
use futures::{Stream, stream};
use weir_domain::TaskId;
use weir_queue::TaskWatch;
use weir_store::{task_logs::Chunk, tasks};

use super::{answer::broken, part::after_lines};
use crate::{app::Running, error::ApiError};

/// Chunks read at a time; each is at most 64 KiB.
const CHUNKS: i64 = 16;
/// Longest time without a look; the hub's own looks come much sooner.
const TICK: Duration = Duration::from_secs(10);

/// What comes next of a log.
enum Next {
    /// These lines.
    Lines(Bytes),
    /// Nothing: the task has ended.
    End,
    /// Nothing from this process: it stops.
    Cut,
}

struct Follower {
    running: Running,
    task: TaskId,
    next_line: i64,
    watch: TaskWatch,
    ready: VecDeque<Bytes>,
}

/// Yields a log from line `first` on, as it grows.
pub(super) fn follow(
    running: Running,
    task: TaskId,
    first: i64,
    watch: TaskWatch,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let follower = Follower {
        running,
        task,
        next_line: first,
        watch,
        ready: VecDeque::new(),
    };
    stream::try_unfold(follower, |mut follower| async move {
        match follower.next().await.map_err(broken)? {
            Next::Lines(lines) => Ok(Some((lines, follower))),
            Next::End => Ok(None),
            Next::Cut => Err(io::Error::other("the process stops")),
        }
    })
}

impl Follower {
    /// Waits for lines, the end of the task, or the end of the process.
    async fn next(&mut self) -> Result<Next, ApiError> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Next::Lines(piece));
            }
            if self.look().await? {
                continue;
            }
            if self.has_ended().await? {
                if self.look().await? {
                    continue;
                }
                return Ok(Next::End);
            }
            let shutdown = self.running.shutdown.clone();
            tokio::select! {
                () = shutdown.cancelled() => return Ok(Next::Cut),
                () = self.watch.changed() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Reads new lines; says whether there were any.
    async fn look(&mut self) -> Result<bool, ApiError> {
        let content = &self.running.app.content;
        let chunks = content
            .log_from_line(self.task, self.next_line, CHUNKS)
            .await?;
        for chunk in chunks {
            self.take(chunk);
        }
        Ok(!self.ready.is_empty())
    }

    fn take(&mut self, chunk: Chunk) {
        let skipped = usize::try_from(self.next_line - chunk.first_line).unwrap_or(0);
        self.next_line = chunk.first_line + chunk.line_count();
        let body = Bytes::from(chunk.body);
        let from = after_lines(&body, skipped);
        if from < body.len() {
            self.ready.push_back(body.slice(from..));
        }
    }

    async fn has_ended(&self) -> Result<bool, ApiError> {
        let task = tasks::find(self.running.reader(), self.task).await?;
        Ok(task.is_none_or(|task| task.state.is_final()))
    }
}
