//! How one source is read; set with its registry.

use std::{cmp::Ordering, fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::Reference;
use crate::{Version, conan};

/// By which protocol a source is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Conan's own REST interface, version 2: works for anonymous readers.
    #[default]
    Conan,
    /// Artifactory's query language over a Conan repository: knows what changed; wants a token.
    Aql,
    /// An npm repository of Artifactory, through the client of package syncs.
    Npm,
}

impl Strategy {
    /// Every strategy.
    pub const ALL: &[Self] = &[Self::Conan, Self::Aql, Self::Npm];

    /// Returns the word used in requests and databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conan => "conan",
            Self::Aql => "aql",
            Self::Npm => "npm",
        }
    }

    /// Compares two versions by the rules of those who number them: npm's, or Conan's.
    pub fn compare_versions(self, one: &str, other: &str) -> Ordering {
        let by_conan = conan::compare_versions(one, other);
        match self {
            Self::Conan | Self::Aql => by_conan,
            Self::Npm => {
                let read = |text| Version::parse(text).ok();
                read(one).cmp(&read(other)).then(by_conan)
            }
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not a strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a strategy is `conan`, `aql` or `npm`")]
pub struct InvalidStrategy;

impl FromStr for Strategy {
    type Err = InvalidStrategy;

    fn from_str(text: &str) -> Result<Self, InvalidStrategy> {
        let mut all = Self::ALL.iter().copied();
        all.find(|one| one.as_str() == text).ok_or(InvalidStrategy)
    }
}

/// How a source is read, and how far it is believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CatalogueSettings {
    /// By which protocol.
    pub strategy: Strategy,
    /// Artifactory's repository key (`conan-local`); a plain Conan server has none.
    pub repository: Option<String>,
    /// A reference that is always there: whoever cannot see it sees nothing, and is not believed.
    pub canary: Option<Reference>,
    /// Namespaces that a bare name means first, the most official one first.
    pub official_namespaces: Vec<String>,
    /// Most packages of a hundred that one run may take away …
    pub max_removed_percent: u8,
    /// … unless they are no more than this many.
    pub max_removed_count: u32,
    /// Seconds from one full run to the next; none by itself if zero.
    pub full_every_secs: u64,
    /// Seconds from one incremental run to the next; none by itself if zero.
    pub incremental_every_secs: u64,
    /// Whether recipe files are passed on to who asks for them, verified.
    pub proxies_files: bool,
}

impl Default for CatalogueSettings {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            repository: None,
            canary: None,
            official_namespaces: Vec::new(),
            max_removed_percent: 30,
            max_removed_count: 5,
            full_every_secs: 6 * 3600,
            incremental_every_secs: 300,
            proxies_files: false,
        }
    }
}

impl CatalogueSettings {
    /// Returns the time from one full run to the next, if they come by themselves.
    pub fn full_every(&self) -> Option<Duration> {
        (self.full_every_secs > 0).then(|| Duration::from_secs(self.full_every_secs))
    }

    /// Returns the time from one incremental run to the next, if they come by themselves.
    pub fn incremental_every(&self) -> Option<Duration> {
        (self.incremental_every_secs > 0).then(|| Duration::from_secs(self.incremental_every_secs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_rise_as_those_who_number_them_say() {
        let by_npm = [
            "0.9.0",
            "1.0.0-2",
            "1.0.0-10a",
            "1.0.0-1a",
            "1.0.0-9a",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc",
            "1.0.0-rc.0",
            "1.0.0-rc.1",
            "1.0.0",
            "1.9.0",
            "1.10.0",
        ];
        for (place, low) in by_npm.iter().enumerate() {
            for high in &by_npm[place + 1..] {
                let order = Strategy::Npm.compare_versions(low, high);
                assert_eq!(order, Ordering::Less, "{low} {high}");
                let order = Strategy::Npm.compare_versions(high, low);
                assert_eq!(order, Ordering::Greater, "{low} {high}");
            }
        }
        // Conan counts by the digits that an item begins with.
        let order = Strategy::Aql.compare_versions("1.0-9a", "1.0-10a");
        assert_eq!(order, Ordering::Less);
    }
}
