//! What a sync knows of an upstream packument before it decides anything.
//!
//! The document itself (up to hundreds of megabytes) stays in a file; this is its
//! outline, a few hundred bytes a version.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::{Timestamp, manifest::ManifestFacts};

/// The outline of an upstream packument.
#[derive(Debug, Default)]
pub struct PackumentOutline {
    /// The `name` it carries; to be compared with what was asked for.
    pub name: Option<String>,
    /// Upstream's `_rev`.
    pub revision: Option<String>,
    /// `time.modified` (or the abbreviated form's `modified`).
    pub modified: Option<Timestamp>,
    /// Tag to version, as written.
    pub dist_tags: BTreeMap<String, String>,
    /// `time` as written: version (or `created`, `modified`) to instant.
    pub time: BTreeMap<String, String>,
    /// When the whole package was unpublished (`time.unpublished`), if it was.
    pub is_unpublished: bool,
    /// Every readable version, in document order.
    pub versions: Vec<ManifestFacts>,
    /// Versions that cannot be mirrored, with the reason.
    pub unreadable: Vec<(String, String)>,
    /// All other root fields, as written, in document order.
    pub root: Vec<(String, Box<RawValue>)>,
}

impl PackumentOutline {
    /// Root fields that are ours to write and never copied.
    pub const OWN_FIELDS: [&str; 7] = [
        "_id",
        "_rev",
        "name",
        "dist-tags",
        "time",
        "versions",
        "_attachments",
    ];
}
