//! How one source is read; set with its registry.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::Reference;

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
