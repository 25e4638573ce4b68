//! How far a synchronisation is, as it is shown.

use poem_openapi::Object;
use serde::Serialize;
use weir_domain::{
    catalogue::{CatalogueProgress, Tally},
    task::{TaskKind, TaskState},
};
use weir_store::tasks::Task;

use crate::tasks::Children;

/// How many of something, by what became of it.
#[derive(Debug, Clone, Copy, Default, Serialize, Object)]
#[oai(rename = "SyncTally")]
pub(crate) struct TallyBody {
    /// Known of so far.
    discovered: u64,
    /// Dealt with.
    processed: u64,
    /// New.
    created: u64,
    /// Different from before.
    updated: u64,
    /// As before.
    unchanged: u64,
    /// Taken away.
    deleted: u64,
    /// Not read.
    failed: u64,
    /// Passed over on purpose.
    skipped: u64,
}

impl From<Tally> for TallyBody {
    fn from(tally: Tally) -> Self {
        Self {
            discovered: tally.discovered,
            processed: tally.processed,
            created: tally.created,
            updated: tally.updated,
            unchanged: tally.unchanged,
            deleted: tally.deleted,
            failed: tally.failed,
            skipped: tally.skipped,
        }
    }
}

/// How many sources there are, and how many are over.
#[derive(Debug, Clone, Copy, Default, Serialize, Object)]
pub(crate) struct SyncRepositories {
    /// All.
    total: u64,
    /// Those that are over.
    done: u64,
}

/// How far a synchronisation is; counters never go back.
#[derive(Debug, Clone, Copy, Default, Serialize, Object)]
#[oai(rename = "SyncProgress")]
pub(crate) struct SyncProgress {
    /// How much is done; null while it is not known how much there is, 100 at the end only.
    #[oai(nullable)]
    percent: Option<u8>,
    /// Sources.
    repositories: SyncRepositories,
    /// Packages.
    packages: TallyBody,
    /// Versions.
    versions: TallyBody,
    /// Requests sent to the source.
    requests: u64,
    /// Those that were sent again.
    retries: u64,
    /// Bytes received.
    bytes: u64,
}

impl SyncProgress {
    /// Returns what a task tells, with the tasks of single sources that it led to.
    pub(super) fn new(
        task: &Task,
        progress: Option<CatalogueProgress>,
        children: &Children,
    ) -> Self {
        let is_over = task.state.is_final();
        let repositories = if task.kind == TaskKind::SyncCatalogues {
            let done = children.success + children.error;
            SyncRepositories {
                total: done + children.waiting + children.processing,
                done,
            }
        } else {
            SyncRepositories {
                total: 1,
                done: u64::from(is_over),
            }
        };
        let percent = match task.state {
            TaskState::Success => Some(100),
            _ => progress
                .and_then(|progress| progress.percent())
                .filter(|percent| *percent < 100),
        };
        let progress = progress.unwrap_or_default();
        Self {
            percent,
            repositories,
            packages: progress.packages.into(),
            versions: progress.versions.into(),
            requests: progress.requests,
            retries: progress.retries,
            bytes: progress.bytes,
        }
    }

    /// One in the middle of its work.
    pub(super) fn example() -> Self {
        let versions = TallyBody {
            discovered: 310,
            processed: 101,
            created: 5,
            updated: 1,
            unchanged: 95,
            ..TallyBody::default()
        };
        Self {
            percent: Some(32),
            repositories: SyncRepositories { total: 1, done: 0 },
            versions,
            requests: 512,
            retries: 2,
            bytes: 88_123,
            ..Self::default()
        }
    }
}
