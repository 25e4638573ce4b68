//! Reads the log of a followed task once, for everybody in this process who follows it.
//!
//! The hub says that something changed (having looked for itself if nobody told it); the
//! tailer reads what, and keeps the newest lines in a ring. It begins where the log ends when
//! its first follower comes, so whatever is older a follower reads for itself. It ends with
//! its task or with its last follower; a database that is away only makes it wait.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use weir_domain::TaskId;
use weir_queue::TaskWatch;
use weir_store::{
    StoreError,
    task_logs::{self, Chunk},
    tasks::{self, Task},
};

use super::part::after_lines;
use crate::{app::Running, error::warn_of};

/// Chunks read at a time; each is at most 64 KiB.
const PAGE: i64 = 8;
/// Most bytes of lines kept; at least one chunk is.
const RING_BYTES: usize = 2 * 1024 * 1024;
/// Longest time without a look; the hub's own looks come much sooner.
const TICK: Duration = Duration::from_secs(10);
/// Between two looks while the database is away.
const PAUSE: Duration = Duration::from_millis(500);

/// The tailers of this process; each lives as long as it works.
#[derive(Debug, Default)]
pub(crate) struct Tailers {
    senders: Mutex<Senders>,
    tracker: TaskTracker,
}

type Senders = HashMap<TaskId, Weak<watch::Sender<Recent>>>;

/// The newest of a log, and its task as it was when that was read.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// `None` before the first look.
    next_line: Option<i64>,
    task: Option<Arc<Task>>,
    has_ended: bool,
    ring: VecDeque<Lines>,
    ring_bytes: usize,
}

/// Whole lines of a log.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    /// The number of the first.
    pub(super) first: i64,
    /// How many.
    pub(super) count: i64,
    /// Their text, each with its line break.
    pub(super) text: Bytes,
}

/// What a follower who waits for a line finds.
#[derive(Debug)]
pub(super) enum Found {
    /// The line and those after it.
    Lines(Vec<Lines>),
    /// Older lines than are kept here.
    Older,
    /// No such line yet.
    Nothing,
    /// No such line, ever.
    End,
}

impl Tailers {
    /// Follows a task: tells the newest of its log, now and whenever it grows.
    ///
    /// The sender's end without [`Recent::has_ended`] means that the process stops.
    pub(super) fn follow(&self, running: &Running, task: TaskId) -> watch::Receiver<Recent> {
        let mut all = self.lock();
        if let Some(sender) = all.get(&task).and_then(Weak::upgrade) {
            return sender.subscribe();
        }
        let (sender, receiver) = watch::channel(Recent::default());
        let sender = Arc::new(sender);
        all.insert(task, Arc::downgrade(&sender));
        let tailer = Tailer {
            // Watching begins before reading, or a change between the two would be missed.
            watch: running.app.hub.watch(task),
            running: running.clone(),
            task,
            next_line: None,
            sender,
        };
        self.tracker.spawn(tailer.run());
        receiver
    }

    fn lock(&self) -> MutexGuard<'_, Senders> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Tailer {
    running: Running,
    task: TaskId,
    next_line: Option<i64>,
    watch: TaskWatch,
    sender: Arc<watch::Sender<Recent>>,
}

impl Tailer {
    /// Reads until the task ends, nobody follows any more, or the process stops.
    async fn run(mut self) {
        let shutdown = self.running.shutdown.clone();
        let mut is_failing = false;
        loop {
            let pause = match self.look().await {
                Ok(true) => return,
                Ok(false) => {
                    is_failing = false;
                    TICK
                }
                Err(error) => {
                    if !mem::replace(&mut is_failing, true) {
                        let task = self.task;
                        warn_of(
                            &error,
                            &format!("the log of task {task} cannot be followed now"),
                        );
                    }
                    PAUSE
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.sender.closed() => if self.is_forgotten() { return },
                () = self.watch.changed(), if pause == TICK => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Reads what is new and tells it; says whether the task has ended.
    ///
    /// The task is read before its log: what ends a task writes its last lines with it, so a
    /// log read after that is whole.
    async fn look(&mut self) -> Result<bool, StoreError> {
        let reader = self.running.reader();
        let task = tasks::find(reader, self.task).await?.map(Arc::new);
        let has_ended = task.as_ref().is_none_or(|task| task.state.is_final());
        let mut next = match self.next_line {
            Some(line) => line,
            None => task_logs::extent(reader, self.task).await?.log_lines + 1,
        };
        loop {
            let chunks = task_logs::chunks_from_line(reader, self.task, next, PAGE).await?;
            let is_all = i64::try_from(chunks.len()).unwrap_or(PAGE) < PAGE;
            if let Some(last) = chunks.last() {
                next = last.first_line + last.line_count();
            }
            self.next_line = Some(next);
            self.sender.send_modify(|recent| {
                recent.extend(chunks.into_iter().map(Lines::from), next);
                recent.task.clone_from(&task);
                recent.has_ended = has_ended && is_all;
            });
            if is_all {
                return Ok(has_ended);
            }
        }
    }

    /// Says whether nobody follows; if so, nobody will.
    fn is_forgotten(&self) -> bool {
        let mut all = self.running.tailers.lock();
        let is_forgotten = self.sender.receiver_count() == 0;
        if is_forgotten {
            all.remove(&self.task);
        }
        is_forgotten
    }
}

impl Drop for Tailer {
    fn drop(&mut self) {
        let mut all = self.running.tailers.lock();
        let is_mine = |sender: &Weak<_>| sender.as_ptr() == Arc::as_ptr(&self.sender);
        if all.get(&self.task).is_some_and(is_mine) {
            all.remove(&self.task);
        }
    }
}

impl Recent {
    /// Looks for a line and those after it.
    pub(super) fn at_line(&self, line: i64) -> Found {
        let Some(next_line) = self.next_line else {
            return Found::Nothing;
        };
        if line >= next_line {
            return if self.has_ended {
                Found::End
            } else {
                Found::Nothing
            };
        }
        if self.ring.front().is_none_or(|oldest| line < oldest.first) {
            return Found::Older;
        }
        let wanted = self.ring.iter().filter(|lines| lines.end() > line);
        Found::Lines(wanted.filter_map(|lines| lines.since(line)).collect())
    }

    /// Returns the task; `None` before the first look, and if it is no more.
    pub(super) fn task(&self) -> Option<Arc<Task>> {
        self.task.clone()
    }

    /// Adds lines, lets the oldest go.
    fn extend(&mut self, lines: impl Iterator<Item = Lines>, next_line: i64) {
        self.next_line = Some(next_line);
        for lines in lines {
            self.ring_bytes += lines.text.len();
            self.ring.push_back(lines);
            while self.ring_bytes > RING_BYTES && self.ring.len() > 1 {
                self.ring_bytes -= self.ring.pop_front().map_or(0, |oldest| oldest.text.len());
            }
        }
    }
}

impl Lines {
    /// The number of the line after the last.
    pub(super) fn end(&self) -> i64 {
        self.first + self.count
    }

    /// Returns them without those before `line`; `None` if there are no others.
    pub(super) fn since(&self, line: i64) -> Option<Self> {
        let skipped = (line - self.first).clamp(0, self.count);
        let from = after_lines(&self.text, usize::try_from(skipped).unwrap_or(0));
        (skipped < self.count).then(|| Self {
            first: self.first + skipped,
            count: self.count - skipped,
            text: self.text.slice(from..),
        })
    }
}

impl From<Chunk> for Lines {
    fn from(chunk: Chunk) -> Self {
        Self {
            first: chunk.first_line,
            count: chunk.line_count(),
            text: chunk.body.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(first: i64, text: &'static str) -> Lines {
        Lines {
            first,
            count: text.lines().count().try_into().unwrap(),
            text: Bytes::from_static(text.as_bytes()),
        }
    }

    fn text(found: Found) -> String {
        let Found::Lines(lines) = found else {
            return format!("{found:?}");
        };
        lines
            .iter()
            .map(|lines| String::from_utf8_lossy(&lines.text))
            .collect()
    }

    #[test]
    fn a_follower_finds_its_line_or_where_to_look_for_it() {
        let mut recent = Recent::default();
        assert_eq!(text(recent.at_line(1)), "Nothing", "nothing is known yet");
        recent.extend(std::iter::empty(), 11);
        assert_eq!(text(recent.at_line(3)), "Older");
        assert_eq!(text(recent.at_line(11)), "Nothing");
        recent.extend([lines(11, "a\nb\nc\n"), lines(14, "d\n")].into_iter(), 15);
        for (line, found) in [
            (10, "Older"),
            (11, "a\nb\nc\nd\n"),
            (13, "c\nd\n"),
            (14, "d\n"),
            (15, "Nothing"),
            (99, "Nothing"),
        ] {
            assert_eq!(text(recent.at_line(line)), found, "line {line}");
        }
        recent.has_ended = true;
        assert_eq!(text(recent.at_line(14)), "d\n");
        assert_eq!(text(recent.at_line(15)), "End");
    }

    #[test]
    fn the_ring_keeps_the_newest_within_its_bytes() {
        let mut recent = Recent::default();
        let large = Bytes::from(vec![b'\n'; RING_BYTES / 2]);
        let half = i64::try_from(RING_BYTES / 2).unwrap();
        for turn in 0..5 {
            let lines = Lines {
                first: 1 + turn * half,
                count: half,
                text: large.clone(),
            };
            recent.extend(std::iter::once(lines), 1 + (turn + 1) * half);
        }
        assert_eq!((recent.ring.len(), recent.ring_bytes), (2, RING_BYTES));
        assert!(matches!(recent.at_line(1), Found::Older));
        assert!(matches!(recent.at_line(1 + 3 * half), Found::Lines(_)));
    }
}
