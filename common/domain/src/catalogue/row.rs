//! A package of the catalogue and its versions, as they are stored and shown.

use serde::{Deserialize, Serialize};

use super::{Facts, PackageKey};
use crate::{RegistryId, Timestamp};

/// A package, described by the facts of its latest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CataloguePackage {
    /// Which.
    pub key: PackageKey,
    /// Its source.
    pub registry: RegistryId,
    /// The highest version by Conan's order.
    pub latest_version: Option<String>,
    /// The highest that is no pre-release.
    pub latest_stable_version: Option<String>,
    /// Those of the latest version.
    pub facts: Facts,
    /// The first is the primary one; never empty.
    pub categories: Vec<String>,
    /// How often its files were fetched, as far as its source says.
    pub downloads: u64,
    /// How many versions there are.
    pub versions_count: u64,
    /// When its first version came to its source, as far as that is known.
    pub created_at: Timestamp,
    /// When its latest change came to its source.
    pub updated_at: Timestamp,
    /// When a run last found it to be so.
    pub synced_at: Timestamp,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueVersion {
    /// As its source writes it.
    pub version: String,
    /// Conan's channel; [`super::NO_NAMESPACE`] nearly always.
    pub channel: String,
    /// The latest revision.
    pub revision: String,
    /// Read out of that revision.
    pub facts: Facts,
    /// Whether it should not be used any more.
    pub is_yanked: bool,
    /// When it came to its source.
    pub created_at: Timestamp,
    /// When its latest revision did.
    pub updated_at: Timestamp,
}

impl CatalogueVersion {
    /// Returns its bytes, as far as they were counted.
    pub fn size_bytes(&self) -> Option<u64> {
        self.facts.size_bytes
    }
}

/// How much there is, for a page of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CategoryCount {
    /// The category.
    pub category: String,
    /// Packages that have it.
    pub count: u64,
}
