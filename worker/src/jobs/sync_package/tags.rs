//! Dist-tags, so that every one of them points at a version that is shown. Pure.

use std::collections::{BTreeMap, BTreeSet};

use weir_domain::{Version, version::highest};

/// Tags to show, and what had to be done to upstream's.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tags {
    pub(super) shown: BTreeMap<String, Version>,
    pub(super) warnings: Vec<String>,
}

/// Returns the tags to show.
///
/// A tag whose target is not shown keeps its former target, else it is left out; `latest`
/// then becomes the highest stable version (or the highest of all).
pub(super) fn shown(
    upstream: &BTreeMap<String, String>,
    former: &BTreeMap<String, Version>,
    versions: &BTreeSet<Version>,
) -> Tags {
    let mut tags = Tags::default();
    for (tag, target) in upstream {
        let wanted = Version::parse(target)
            .ok()
            .filter(|version| versions.contains(version));
        let fallback = || {
            former
                .get(tag)
                .filter(|version| versions.contains(version))
                .cloned()
        };
        if wanted.is_none() {
            let kept = fallback().map_or_else(|| "left out".to_owned(), |v| format!("kept at {v}"));
            tags.warnings.push(format!(
                "Tag {tag} points to {target}, which is not here; it is {kept}"
            ));
        }
        if let Some(version) = wanted.or_else(fallback) {
            tags.shown.insert(tag.clone(), version);
        }
    }
    if !tags.shown.contains_key("latest")
        && let Some(highest) = highest(versions)
    {
        tags.shown.insert("latest".to_owned(), highest.clone());
    }
    tags
}
