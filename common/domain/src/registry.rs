//! Upstream registries: what we copy from, and how much of it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{RegistryId, RemovalPolicy};

/// A configured upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    /// Its identifier.
    pub id: RegistryId,
    /// Its short name in URLs (`default`).
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Which protocol it speaks.
    pub kind: RegistryKind,
    /// Where it answers; the path ends in a slash.
    pub url: Url,
    /// Which tarballs a sync fetches at once.
    pub tarballs: TarballPolicy,
    /// Whether it may lie on a private address (its own origin only).
    pub is_internal: bool,
    /// Whether versions without any digest are mirrored all the same.
    pub allows_undigested: bool,
    /// What becomes of what it no longer has.
    pub removals: RemovalPolicy,
    /// Where it counts downloads, if anywhere; the path ends in a slash.
    pub downloads: Option<Url>,
    /// What its users' names begin with where they are shown beside ours (`npm:`).
    pub user_prefix: Option<String>,
    /// Where it tells what changes, if anywhere.
    pub change_stream: Option<Url>,
}

/// What kind of server an upstream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistryKind {
    /// An npm registry.
    #[default]
    Npm,
    /// A mirror by cnpmcore.
    Cnpmcore,
    /// A mirror by its predecessor.
    Cnpmjsorg,
    /// Artifactory: a source of the catalogue.
    Artifactory,
    /// A Conan server: a source of the catalogue.
    Conan,
}

impl RegistryKind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::Npm,
        Self::Cnpmcore,
        Self::Cnpmjsorg,
        Self::Artifactory,
        Self::Conan,
    ];

    /// Returns the word used in requests and databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Cnpmcore => "cnpmcore",
            Self::Cnpmjsorg => "cnpmjsorg",
            Self::Artifactory => "artifactory",
            Self::Conan => "conan",
        }
    }

    /// Says whether it is a source of the catalogue, and not of npm packages.
    pub fn is_catalogue(self) -> bool {
        matches!(self, Self::Artifactory | Self::Conan)
    }
}

impl fmt::Display for RegistryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not a kind of registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a registry's type is `npm`, `cnpmcore`, `cnpmjsorg`, `artifactory` or `conan`")]
pub struct InvalidRegistryKind;

impl FromStr for RegistryKind {
    type Err = InvalidRegistryKind;

    /// Takes `cnpm` as well: the mirror document's word for `cnpmcore`.
    fn from_str(text: &str) -> Result<Self, InvalidRegistryKind> {
        let word = if text == "cnpm" { "cnpmcore" } else { text };
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.as_str() == word)
            .ok_or(InvalidRegistryKind)
    }
}

/// Which tarballs are *held* (fetched and verified by the sync); all others are *lazy*
/// (fetched and verified when first asked for).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TarballPolicy {
    /// Every version's.
    All,
    /// What dist-tags name, what was asked for by version, and what dependents' ranges choose.
    #[default]
    Tagged,
    /// Only what was asked for by version.
    Requested,
}

impl TarballPolicy {
    /// Returns the word used in configuration and databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Tagged => "tagged",
            Self::Requested => "requested",
        }
    }
}

impl fmt::Display for TarballPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not a tarball policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tarball policy is `all`, `tagged` or `requested`")]
pub struct InvalidTarballPolicy;

impl FromStr for TarballPolicy {
    type Err = InvalidTarballPolicy;

    fn from_str(text: &str) -> Result<Self, InvalidTarballPolicy> {
        match text {
            "all" => Ok(Self::All),
            "tagged" => Ok(Self::Tagged),
            "requested" => Ok(Self::Requested),
            _ => Err(InvalidTarballPolicy),
        }
    }
}
