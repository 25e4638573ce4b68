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
    /// Says whether the registry put a placeholder here in the place of a package that did harm:
    /// nothing but versions `0.0.1-security…`, and a root that calls itself so.
    ///
    /// Source: what the npm registry's security team publishes.
    pub fn is_security_holder(&self) -> bool {
        const MARKS: [(&str, &str); 2] = [
            ("repository", "npm/security-holder"),
            ("description", "security holding package"),
        ];
        let is_placeholder =
            |facts: &ManifestFacts| facts.version.as_str().starts_with("0.0.1-security");
        let is_marked = |(field, mark): (&str, &str)| {
            let mut root = self.root.iter();
            root.any(|(name, raw)| name == field && raw.get().contains(mark))
        };
        self.unreadable.is_empty()
            && !self.versions.is_empty()
            && self.versions.iter().all(is_placeholder)
            && MARKS.into_iter().any(is_marked)
    }

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
