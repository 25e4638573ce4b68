//! Which kinds of work there are.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A kind of task; each has one job in `worker/src/jobs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Bring one package to the state of its upstream.
    SyncPackage,
    /// Write lines and end.
    Drill,
    /// Read stored blobs again, to see whether they still are what they were.
    VerifyBlobs,
    /// Delete blobs that nothing refers to.
    CollectBlobs,
    /// Bring the catalogue to the state of one source.
    SyncCatalogue,
    /// Have that done for every source.
    SyncCatalogues,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::SyncPackage,
        Self::Drill,
        Self::VerifyBlobs,
        Self::CollectBlobs,
        Self::SyncCatalogue,
        Self::SyncCatalogues,
    ];

    /// Returns the word in databases, filters and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SyncPackage => "sync_package",
            Self::Drill => "drill",
            Self::VerifyBlobs => "verify_blobs",
            Self::CollectBlobs => "collect_blobs",
            Self::SyncCatalogue => "sync_catalogue",
            Self::SyncCatalogues => "sync_catalogues",
        }
    }

    /// Returns the word of the `type` field in the mirror document's answers.
    pub fn wire_type(self) -> &'static str {
        match self {
            Self::SyncPackage => "package",
            Self::Drill => "drill",
            Self::VerifyBlobs | Self::CollectBlobs => "storage",
            Self::SyncCatalogue | Self::SyncCatalogues => "catalogue",
        }
    }
}

impl fmt::Display for TaskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not a task kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a task kind")]
pub struct UnknownKind;

impl FromStr for TaskKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or(UnknownKind)
    }
}
