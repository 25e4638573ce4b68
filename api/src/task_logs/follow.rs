//! A log as it is written, until its task ends.
//!
//! A follower is handed the newest lines by the tailer of its task; what is older than those it
//! reads for itself. A process that stops breaks the answer off instead of ending it, and so does
//! one that hears that the reader may read no more: the reader shall know that there is more to
//! come.

use std::{collections::VecDeque, io, mem, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{Stream, stream};
use tokio::sync::watch;
use weir_domain::{TaskId, task::TaskSpec};
use weir_store::tasks::Task;

use super::{
    answer::broken,
    tailer::{Found, Lines, Recent},
};
use crate::{
    app::Running,
    auth::{Caller, OpenAnswer},
    error::{ApiError, ApiResult, Code},
    limits::{Full, Seat, Who, too_many},
    visit::Visit,
};

/// Chunks read at a time; each is at most 64 KiB.
const CHUNKS: i64 = 16;

/// When to come back if all places are taken: others leave when they like.
const COME_BACK: Duration = Duration::from_secs(5);

/// What comes next of a log.
#[derive(Debug)]
pub(super) enum Next {
    /// These lines.
    Lines(Lines),
    /// No line, but the task may have changed.
    Nothing,
    /// Older lines than are kept in memory, to someone who had the newest once.
    Lagged,
    /// No line ever: the task has ended.
    End,
    /// No line here any more: the process stops, or the reader is let in no more.
    Cut,
}

/// Somebody who wants every line from some line on.
#[derive(Debug)]
pub(super) struct Follower {
    running: Running,
    task: TaskId,
    next_line: i64,
    recent: watch::Receiver<Recent>,
    /// Whether it had the newest lines last time.
    is_live: bool,
    ready: VecDeque<Lines>,
    /// Ends with the rights of whoever follows.
    answer: OpenAnswer,
    /// Its place among all who follow.
    _seat: Seat<Who>,
}

/// Yields a log from line `first` on, as it grows.
pub(super) fn text(follower: Follower) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold(follower, |mut follower| async move {
        loop {
            return match follower.next().await.map_err(broken)? {
                Next::Lines(lines) => Ok(Some((lines.text, follower))),
                Next::Nothing | Next::Lagged => continue,
                Next::End => Ok(None),
                Next::Cut => Err(io::Error::other("it was cut")),
            };
        }
    })
}

impl Follower {
    /// Follows a task from line `first` on, if there is a place.
    ///
    /// # Errors
    /// 429 for a caller who follows as many logs as one may, 503 if the process has no place, 401
    /// or 404 for one who lost the right just now.
    pub(super) async fn new(
        visit: &Visit,
        caller: &Caller,
        task: &Task,
        first: i64,
    ) -> ApiResult<Self> {
        let package = match &task.spec {
            TaskSpec::SyncPackage(sync) => Some(sync.package.clone()),
            _ => None,
        };
        let running = visit.running();
        let who = Who::of(caller, visit.found.client);
        let seat = running.followers.take((!caller.is_admin()).then_some(who));
        let seat = seat.map_err(|full| match full {
            Full::One => too_many("You follow as many logs as one caller may", COME_BACK),
            Full::All => ApiError::new(
                Code::UpstreamUnavailable,
                "This process has as many followers as it may have; come back later",
            )
            .with_header(http::header::RETRY_AFTER, COME_BACK.as_secs().to_string()),
        })?;
        Ok(Self {
            answer: running.open_answers.open(running, caller, package).await?,
            recent: running.tailers.follow(running, task.id),
            running: running.clone(),
            task: task.id,
            next_line: first,
            is_live: false,
            ready: VecDeque::new(),
            _seat: seat,
        })
    }

    /// Waits for lines, a change, the end of the task, or that of the answer.
    ///
    /// # Cancel safety
    /// Nothing is missed.
    ///
    /// # Errors
    /// If older lines cannot be read.
    pub(super) async fn next(&mut self) -> ApiResult<Next> {
        loop {
            if self.answer.is_over().await {
                return Ok(Next::Cut);
            }
            if let Some(lines) = self.ready.pop_front() {
                return Ok(Next::Lines(lines));
            }
            let found = self.recent.borrow_and_update().at_line(self.next_line);
            match found {
                Found::Lines(lines) => {
                    self.is_live = true;
                    self.take(lines);
                }
                Found::Older if mem::take(&mut self.is_live) => return Ok(Next::Lagged),
                Found::Older => self.read().await?,
                Found::End => return Ok(Next::End),
                Found::Nothing => return Ok(self.changed().await),
            }
        }
    }

    /// Returns the task as the tailer saw it last.
    pub(super) fn task(&self) -> Option<Arc<Task>> {
        self.recent.borrow().task()
    }

    async fn changed(&mut self) -> Next {
        tokio::select! {
            () = self.answer.may_be_over() => Next::Nothing,
            changed = self.recent.changed() => match changed {
                Ok(()) => Next::Nothing,
                Err(_) => Next::Cut,
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
