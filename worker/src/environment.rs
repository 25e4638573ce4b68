//! The handles a job may use, and the engine's measures of time.

use std::{sync::Arc, time::Duration};

use weir_content::Content;
use weir_domain::{Clock, Timestamp, WorkerId, task::Backoff};
use weir_queue::Hub;
use weir_runtime::{Room, Sealer};
use weir_store::{
    Db,
    tasks::{FairQueue, Task},
};
use weir_upstream::Upstreams;

use crate::{Measures, UpkeepSettings};

/// Everything a worker works with; cheap to clone.
#[derive(Debug, Clone)]
pub struct Environment {
    /// This start of this process.
    pub worker: WorkerId,
    /// The database.
    pub db: Db,
    /// Clients of upstreams.
    pub upstreams: Upstreams,
    /// Verified bytes: tarballs and rendered documents.
    pub content: Content,
    /// Hints, within the process and from others.
    pub hub: Hub,
    /// Stamps of log lines.
    pub clock: Arc<dyn Clock>,
    /// Places of dependencies among tasks of the same priority.
    pub fair: Arc<FairQueue>,
    /// What is counted of the runs.
    pub measures: Arc<Measures>,
    /// Opens the credentials of registries.
    pub sealer: Arc<Sealer>,
    /// The disks that are written to.
    pub room: Room,
    /// How long is too long.
    pub settings: EngineSettings,
}

/// The engine's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineSettings {
    /// Tasks run at once.
    pub concurrency: usize,
    /// Further slots that only interactive tasks may use.
    pub interactive_slots: usize,
    /// How long a claim lasts unless renewed; renewed at a third of it.
    pub lease: Duration,
    /// How often to look for what nobody looks after.
    pub sweep: Duration,
    /// How often to look for ready tasks although no bell rang.
    pub tick: Duration,
    /// Attempts that count before a task fails for good.
    pub max_attempts: u32,
    /// Longest run.
    pub run_limit: Duration,
    /// Longest time without a line, a byte or progress.
    pub silence: Duration,
    /// Longest time ready without being claimed.
    pub queue_age: Duration,
    /// How long running tasks may go on after the order to stop.
    pub grace: Duration,
    /// How long after a task's end its log is sealed.
    pub seal_after: Duration,
    /// Whether an upstream may be asked at all.
    pub asks_upstream: bool,
    /// How long upstream must lack something before that is believed.
    pub removal_span: Duration,
    /// Pauses between attempts.
    pub backoff: Backoff,
    /// What is done for what is stored.
    pub upkeep: UpkeepSettings,
}

impl EngineSettings {
    /// Says whether a task has tried for so long that nothing should be tried again.
    pub(crate) fn is_old(&self, task: &Task, now: Timestamp) -> bool {
        // From its first run on: what it waited before (held, or in the queue) is not its fault.
        now.since(task.started_at.unwrap_or(now)) > self.queue_age
    }

    /// Says whether no further attempt follows if the present one fails.
    pub(crate) fn is_last(&self, task: &Task, now: Timestamp) -> bool {
        task.attempts >= self.max_attempts || self.is_old(task, now)
    }
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            concurrency: 8,
            interactive_slots: 2,
            lease: Duration::from_secs(30),
            sweep: Duration::from_secs(5),
            tick: Duration::from_secs(1),
            max_attempts: 5,
            run_limit: Duration::from_secs(3600),
            silence: Duration::from_secs(300),
            queue_age: Duration::from_secs(24 * 3600),
            grace: Duration::from_secs(25),
            seal_after: Duration::from_secs(60),
            asks_upstream: true,
            removal_span: Duration::from_secs(24 * 3600),
            backoff: Backoff::default(),
            upkeep: UpkeepSettings::default(),
        }
    }
}
