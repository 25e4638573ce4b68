//! What is done for what is stored, and how much of it.

use std::time::Duration;

use crate::{
    ConfigError,
    effective::Effective,
    kind::Kind,
    setting::{Fallback::Text, Group, row},
};

/// A year, in seconds.
const YEAR: u64 = 365 * 86_400;

/// Its rows in the table of settings.
pub(crate) const GROUP: Group = Group {
    title: "Upkeep",
    settings: &[
        row(
            "resync_interval_secs",
            Kind::Seconds(0, YEAR),
            Text("86400"),
            "How often each mirrored package is compared with its upstream, each at its own moment; 0 is never.",
        ),
        row(
            "task_retention_secs",
            Kind::Seconds(0, 10 * YEAR),
            Text("2592000"),
            "How long tasks and their logs stay once all of their tree is over, failed ones three times as long; 0 is for ever.",
        ),
        row(
            "verify_interval_secs",
            Kind::Seconds(0, 10 * YEAR),
            Text("2592000"),
            "How often each stored blob is read again, to see whether it still is what it was; 0 is never.",
        ),
        row(
            "verify_mib_per_sec",
            Kind::Number(1, 10_000),
            Text("8"),
            "How fast that is done, in mebibytes a second.",
        ),
        row(
            "blob_grace_secs",
            Kind::Seconds(1, YEAR),
            Text("86400"),
            "How long blobs stay that nothing refers to, and files that have no row.",
        ),
        row(
            "min_free_mib",
            Kind::Number(0, 1024 * 1024 * 1024),
            Text("512"),
            "Mebibytes of the disks of the data folder and of the blobs below which syncs wait; 0 never looks.",
        ),
    ],
};

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
