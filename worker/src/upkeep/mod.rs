//! What keeps the stored bytes right and few: done by the leader all the time, and as a task
//! when somebody asks for it.

pub(crate) mod collect;
pub(crate) mod orphans;
pub(crate) mod verify;

use std::time::Duration;

/// How much upkeep, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpkeepSettings {
    /// How long a blob that nothing refers to stays.
    pub blob_grace: Duration,
    /// How long proven bytes are believed; zero is for ever.
    pub verify_interval: Duration,
    /// How fast the leader reads to prove them, in bytes a second.
    pub verify_rate: u64,
    /// How long tasks stay that succeeded; zero is for ever.
    pub task_retention: Duration,
}

impl UpkeepSettings {
    /// Returns how long tasks stay that failed: somebody may still want to know why.
    pub(crate) fn error_retention(&self) -> Duration {
        self.task_retention * 3
    }
}

impl Default for UpkeepSettings {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        Self {
            blob_grace: DAY,
            verify_interval: DAY * 30,
            verify_rate: 8 << 20,
            task_retention: DAY * 30,
        }
    }
}
