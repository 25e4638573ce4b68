//! Writes for all runs of the worker: log lines, lease renewals, and what comes back.
//!
//! One transaction carries the chunks of every run, so the cost is a commit a tick, not a
//! commit a line. The same statement that appends renews the lease and reads the cancel
//! flag; a run whose lease is gone learns it here.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Mutex as AsyncMutex, Notify};
use weir_domain::{Clock, TaskId};
use weir_store::{
    Db, StoreError, clock,
    task_logs::Chunk,
    task_runs::{self, Fence, Heartbeat},
};

use super::run::{Due, Run};

/// Shortest time between two flushes.
pub(super) const FLUSH_EVERY: Duration = Duration::from_millis(50);

/// The writer of all logs of a worker; clones are the same scribe.
#[derive(Debug, Clone)]
pub(crate) struct Scribe(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    lease: Duration,
    /// By task and generation: a task that this worker lost and claimed again is two runs.
    runs: Mutex<HashMap<(TaskId, i64), Arc<Run>>>,
    wake: Arc<Notify>,
    /// Held while a flush is under way, so that the end of a run can wait for it.
    flushing: AsyncMutex<()>,
}

impl Scribe {
    pub(super) fn new(db: Db, lease: Duration) -> Self {
        Self(Arc::new(Inner {
            db,
            lease,
            runs: Mutex::default(),
            wake: Arc::default(),
            flushing: AsyncMutex::default(),
        }))
    }

    /// Takes on a run whose log goes on at `next`.
    pub(super) fn begin(&self, fence: Fence, next: Chunk, clock: Arc<dyn Clock>) -> Arc<Run> {
        let run = Arc::new(Run::new(fence, next, clock, Arc::clone(&self.0.wake)));
        let mut runs = self.0.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.insert((fence.task, fence.generation), Arc::clone(&run));
        run
    }

    /// Lets go of a run; what it had not yet written is the caller's to write.
    pub(super) async fn end(&self, run: &Run) -> Vec<Due> {
        let _flushed = self.0.flushing.lock().await;
        let mut runs = self.0.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.remove(&(run.fence.task, run.fence.generation));
        run.take_rest()
    }

    /// Waits until a run has something to say.
    pub(super) async fn woken(&self) {
        self.0.wake.notified().await;
    }

    /// Returns the database that the runs are in.
    pub(super) fn db(&self) -> &Db {
        &self.0.db
    }

    /// Returns how long a renewal lasts.
    pub(super) fn lease(&self) -> Duration {
        self.0.lease
    }

    /// Writes what is due of every run, through `db`: of each at most a chunk. Says whether more
    /// is due at once.
    pub(super) async fn flush(&self, db: &Db) -> bool {
        let _flushing = self.0.flushing.lock().await;
        let due = self.due();
        if due.is_empty() {
            return false;
        }
        let lease = self.0.lease;
        let batch: Vec<_> = due
            .iter()
            .map(|(run, due)| (run.fence, due.chunk.clone(), due.progress))
            .collect();
        let written = db
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    let mut beats = Vec::with_capacity(batch.len());
                    for (fence, chunk, progress) in &batch {
                        beats.push(beat_of(
                            task_runs::heartbeat(
                                tx,
                                fence,
                                chunk.as_ref(),
                                *progress,
                                (now, lease),
                            )
                            .await,
                        )?);
                    }
                    Ok(beats)
                })
            })
            .await;
        match written {
            Ok(beats) => {
                let told = due.iter().zip(beats);
                told.fold(false, |more, ((run, due), beat)| {
                    learn(run, due, beat) || more
                })
            }
            // The lines stay where they are; the lease lapses if this lasts.
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "task logs could not be written"
                );
                false
            }
        }
    }

    /// Collects what is due, in the order in which everybody locks rows.
    fn due(&self) -> Vec<(Arc<Run>, Due)> {
        let runs = self.0.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let beat_every = self.0.lease / 3;
        let mut due: Vec<_> = runs
            .values()
            .filter_map(|run| Some((Arc::clone(run), run.due(beat_every)?)))
            .collect();
        due.sort_by_key(|(run, _)| run.fence.task);
        due
    }
}

/// A lost lease is the answer for one run, not a failure of the whole flush.
fn beat_of(result: Result<Heartbeat, StoreError>) -> Result<Option<Heartbeat>, StoreError> {
    match result {
        Ok(beat) => Ok(Some(beat)),
        Err(StoreError::LeaseLost) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tells a run what came of its flush; says whether more of it is due at once.
fn learn(run: &Run, due: &Due, beat: Option<Heartbeat>) -> bool {
    let Some(beat) = beat else {
        run.lost.cancel();
        return false;
    };
    run.hear(&beat);
    run.wrote(due)
}
