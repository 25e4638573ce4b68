//! Ready-made sets of packages: a tree to install, a flat crowd for load, one long history.

mod tree;

pub use tree::tree;

use crate::PackageSpec;

/// Returns `packages` independent packages (`flat-0001`, …), each with `versions` versions
/// whose tarballs have about `tarball_bytes` bytes.
pub fn flat(packages: usize, versions: usize, tarball_bytes: usize) -> Vec<PackageSpec> {
    (1..=packages)
        .map(|index| history(&format!("flat-{index:04}"), versions, tarball_bytes))
        .collect()
}

/// Returns one package `many-versions` with `count` versions and the smallest tarballs.
pub fn versions(count: usize) -> PackageSpec {
    history("many-versions", count, 0)
}

/// Returns a package whose versions `1.0.0`, `1.0.1`, …, `1.1.0`, … follow each other.
pub fn history(name: &str, versions: usize, tarball_bytes: usize) -> PackageSpec {
    let numbers = (0..versions).map(|index| format!("1.{}.{}", index / 10, index % 10));
    PackageSpec::with_versions(name, numbers, |version| version.size(tarball_bytes))
}
