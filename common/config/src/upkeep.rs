//! What is done for what is stored, and how much of it.

use std::time::Duration;

use crate::{ConfigError, effective::Effective};

/// Times and amounts of what weir does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upkeep {
    /// How often each package of the registry `default` is looked at again; zero is never.
    pub resync_interval: Duration,
    /// How long successful tasks stay; zero is for ever.
    pub task_retention: Duration,
    /// How long proven blobs are believed; zero is for ever.
    pub verify_interval: Duration,
    /// How fast they are read again, in bytes a second.
    pub verify_rate: u64,
    /// How long a blob stays that nothing refers to.
    pub blob_grace: Duration,
    /// Bytes of each disk that syncs leave free; zero is none.
    pub min_free: u64,
}

impl Upkeep {
    pub(crate) fn read(from: &Effective) -> Result<Self, ConfigError> {
        Ok(Self {
            resync_interval: from.seconds("resync_interval_secs")?,
            task_retention: from.seconds("task_retention_secs")?,
            verify_interval: from.seconds("verify_interval_secs")?,
            verify_rate: from.number("verify_mib_per_sec")? << 20,
            blob_grace: from.seconds("blob_grace_secs")?,
            min_free: from.number("min_free_mib")? << 20,
        })
    }
}
