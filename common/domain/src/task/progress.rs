//! How far a running task is, and what a finished one did.

use serde::{Deserialize, Serialize};

use crate::catalogue::{CatalogueProgress, Note};

/// How far a task is, in the units a person counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Progress {
    /// Versions dealt with.
    pub versions_done: u64,
    /// Versions to deal with, as far as known.
    pub versions_total: u64,
    /// Tarballs fetched and verified.
    pub tarballs_done: u64,
    /// Tarballs to fetch, as far as known.
    pub tarballs_total: u64,
    /// Bytes received from upstream.
    pub bytes: u64,
    /// How far a catalogue's synchronisation is; nothing for other kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<CatalogueProgress>,
}

/// What a package sync did; zeros are meaningful.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Report {
    /// Whether upstream confirmed that nothing changed.
    pub unchanged: bool,
    /// Versions new to us.
    pub versions_added: u64,
    /// Versions whose manifest changed (deprecations, mostly).
    pub versions_changed: u64,
    /// Versions hidden or deleted because upstream no longer has them.
    pub versions_removed: u64,
    /// Versions skipped, each with a warning.
    pub versions_skipped: u64,
    /// Dist-tags added, moved or removed.
    pub tags_changed: u64,
    /// Tarballs fetched and verified.
    pub tarballs_stored: u64,
    /// Bytes of those tarballs.
    pub tarball_bytes: u64,
    /// Packages this one asked for under a tree.
    pub dependencies_requested: u64,
    /// What a catalogue's synchronisation did; nothing for other kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<CatalogueProgress>,
    /// What each of such a run's warnings is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}
