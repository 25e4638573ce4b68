//! Versions of packages, each visible within a span of its package's revisions.
//!
//! A row is visible at revision R if `added_in <= R` and it is not yet removed. A sync
//! stages rows for R+1, which no reader sees until `packages::flip`; the rows that R+1
//! replaces stay for as long as it is the newest, so that whoever read R just before
//! still finds them. Whether a tarball is held is a fact about bytes, not about the
//! document: it is set in place, on every row of the version alike.

mod hold;
mod manifest;
mod outline;
mod stage;

pub use hold::hold;
pub use manifest::{find_manifest, manifests};
pub use outline::{Listed, VersionOutline, find_outline, listed, outlines, outlines_of};
pub(crate) use stage::purge_removed;
pub use stage::{
    NewVersion, discard_stage, purge_all_removed, stage, stage_quarantine, stage_removals,
};

use crate::StoreError;

/// Most rows in one statement.
const BATCH: usize = 500;

/// The rows of package `$1` that are visible at revision `$2`.
const VISIBLE: &str =
    "package_id = $1 AND added_in <= $2 AND (removed_in IS NULL OR removed_in > $2)";

fn corrupt(column: &'static str, id: &str) -> StoreError {
    StoreError::Corrupt {
        table: "package_versions",
        column,
        id: id.to_owned(),
    }
}
