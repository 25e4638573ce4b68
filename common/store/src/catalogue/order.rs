//! The order of versions, until that of the domain is here.

use std::cmp::Ordering;

pub(super) fn compare_versions(one: &str, other: &str) -> Ordering {
    let parts = |text: &str| -> Vec<u64> {
        let parts = text.split(['.', '-', '+']);
        parts.map(|part| part.parse().unwrap_or(0)).collect()
    };
    parts(one).cmp(&parts(other)).then_with(|| one.cmp(other))
}

pub(super) fn is_prerelease(version: &str) -> bool {
    version.contains('-')
}
