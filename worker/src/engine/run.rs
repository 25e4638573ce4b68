//! A run's shared state: what it wants to log, how far it is, whether it must stop.
//!
//! The job writes into it; the scribe takes from it. Neither waits for the other except
//! when a job logs faster than the database takes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;
use weir_domain::{
    Clock, Timestamp,
    task::{Level, LogLine, Progress},
};
use weir_store::{
    task_logs::Chunk,
    task_runs::{Fence, Heartbeat},
};

/// A chunk is closed at this many bytes …
const CHUNK_BYTES: i64 = 64 * 1024;
/// … or at this many lines.
const CHUNK_LINES: i64 = 200;
/// Bytes that may wait before the job is made to wait.
const BACKLOG_BYTES: usize = 1 << 20;
/// Progress alone is not worth a commit at every tick. Half a second, because the pulse looks
/// that often: so whoever watches sees it move every second.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);
/// How long a job waits for the scribe before lines are dropped (and counted).
const PATIENCE: Duration = Duration::from_secs(2);

/// One run of one task.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) fence: Fence,
    /// Set when the lease is gone: stop, write nothing.
    pub(crate) lost: CancellationToken,
    /// Set when nobody wants the task any more.
    pub(crate) cancelled: CancellationToken,
    /// The order to stop, as the log says it.
    order: OnceLock<String>,
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    wake: Arc<Notify>,
    written: Notify,
}

#[derive(Debug)]
struct State {
    /// Lines not yet stored; the last chunk is still growing.
    chunks: VecDeque<Chunk>,
    backlog: usize,
    dropped: u64,
    progress: Progress,
    has_new_progress: bool,
    last_sign: Instant,
    last_beat: Instant,
}

/// What the scribe writes for a run in one go.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) chunk: Option<Chunk>,
    pub(super) progress: Option<Progress>,
}

impl Run {
    pub(super) fn new(fence: Fence, next: Chunk, clock: Arc<dyn Clock>, wake: Arc<Notify>) -> Self {
        let state = State {
            chunks: VecDeque::from([next]),
            backlog: 0,
            dropped: 0,
            progress: Progress::default(),
            has_new_progress: false,
            last_sign: Instant::now(),
            last_beat: Instant::now(),
        };
        Self {
            fence,
            lost: CancellationToken::new(),
            cancelled: CancellationToken::new(),
            order: OnceLock::new(),
            state: Mutex::new(state),
            clock,
            wake,
            written: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the job stop if it was told to; the first order is the one that is told.
    pub(crate) fn hear(&self, heard: &Heartbeat) {
        if let Some(order) = heard.order() {
            let _ = self.order.set(order);
            self.cancelled.cancel();
        }
    }

    /// Returns why the run is cancelled; one that was never told is in nobody's interest.
    pub(super) fn order(&self) -> &str {
        let order = self.order.get().map(String::as_str);
        order.unwrap_or("Cancelled: nobody wants it any more")
    }

    /// Adds a line; waits while the scribe is far behind.
    pub(crate) async fn log(&self, level: Level, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.state().backlog > BACKLOG_BYTES {
            if tokio::time::timeout_at(deadline, self.written.notified())
                .await
                .is_err()
            {
                break;
            }
        }
        self.log_now(level, text);
    }

    /// Adds a line without waiting; an informal one is dropped if the scribe is far behind.
    pub(super) fn log_now(&self, level: Level, text: &str) {
        let line = LogLine::new(self.clock.now(), level, text);
        let mut state = self.state();
        state.last_sign = Instant::now();
        if state.backlog > BACKLOG_BYTES && level == Level::Info {
            state.dropped += 1;
            return;
        }
        if state.backlog <= BACKLOG_BYTES {
            state.own_up(line.at);
        }
        state.push(&line);
        drop(state);
        self.wake.notify_one();
    }

    pub(crate) fn change_progress(&self, change: impl FnOnce(&mut Progress)) {
        let mut state = self.state();
        state.last_sign = Instant::now();
        change(&mut state.progress);
        state.has_new_progress = true;
    }

    /// Returns when the run last showed a sign of life.
    pub(super) fn last_sign(&self) -> Instant {
        self.state().last_sign
    }

    /// Returns what should be written now, if anything: lines, or a beat that is due.
    pub(super) fn due(&self, beat_every: Duration) -> Option<Due> {
        let state = self.state();
        let chunk = state
            .chunks
            .front()
            .filter(|chunk| chunk.line_count() > 0)
            .cloned();
        let is_beat_due = state.last_beat.elapsed() >= beat_every;
        let progress = state.has_new_progress.then_some(state.progress);
        let is_progress_due = progress.is_some() && state.last_beat.elapsed() >= PROGRESS_EVERY;
        (chunk.is_some() || is_beat_due || is_progress_due).then_some(Due { chunk, progress })
    }

    /// Forgets what was written; says whether a whole chunk waits to be next.
    pub(super) fn wrote(&self, due: &Due) -> bool {
        let mut state = self.state();
        state.last_beat = Instant::now();
        state.has_new_progress &= due.progress != Some(state.progress);
        if let Some(chunk) = &due.chunk {
            state.forget(chunk);
            self.written.notify_waiters();
            if state
                .chunks
                .front()
                .is_some_and(|next| next.line_count() > 0)
            {
                self.wake.notify_one();
            }
        }
        state.chunks.len() > 1
    }

    /// Takes everything not yet written, for the transaction that ends the run.
    pub(super) fn take_rest(&self) -> Vec<Due> {
        let mut state = self.state();
        state.own_up(self.clock.now());
        let chunks = state
            .chunks
            .drain(..)
            .filter(|chunk| chunk.line_count() > 0);
        let mut rest: Vec<_> = chunks
            .map(|chunk| Due {
                chunk: Some(chunk),
                progress: None,
            })
            .collect();
        match rest.last_mut() {
            Some(last) => last.progress = Some(state.progress),
            None => rest.push(Due {
                chunk: None,
                progress: Some(state.progress),
            }),
        }
        rest
    }
}

impl State {
    /// Says in the log how many lines were dropped, if any were.
    fn own_up(&mut self, at: Timestamp) {
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            let said = format!("… {dropped} lines dropped: the log could not keep up …");
            self.push(&LogLine::new(at, Level::Warn, &said));
        }
    }

    fn push(&mut self, line: &LogLine) {
        let is_full = |chunk: &Chunk| {
            chunk.line_count() >= CHUNK_LINES || chunk.byte_count() >= CHUNK_BYTES - 16 * 1024
        };
        if self.chunks.back().is_none_or(is_full) {
            let next = self.chunks.back().map(Chunk::following).unwrap_or_default();
            self.chunks.push_back(next);
        }
        if let Some(chunk) = self.chunks.back_mut() {
            let before = chunk.body.len();
            chunk.push(line);
            self.backlog += chunk.body.len() - before;
        }
    }

    /// Drops the stored part of the front chunk; lines added meanwhile stay.
    fn forget(&mut self, stored: &Chunk) {
        let Some(front) = self.chunks.pop_front() else {
            return;
        };
        self.backlog = self.backlog.saturating_sub(stored.body.len());
        let rest = front.after(stored);
        if rest.line_count() > 0 || self.chunks.is_empty() {
            self.chunks.push_front(rest);
        }
    }
}
