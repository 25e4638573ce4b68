//! What a task is asked to do.
//!
//! The row's [`TaskSpec`] names the thing; the *options* belong to each request, because
//! several callers may want the same task done differently. A run works on the union.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::TaskKind;
use crate::{PackageName, RegistryId, Version, catalogue::CatalogueOptions};

/// Highest version of a spec that this build reads; a worker leaves newer ones alone.
pub const SPEC_VERSION: u16 = 2;

/// What a task works on, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TaskSpec {
    /// See [`SyncPackage`].
    SyncPackage(SyncPackage),
    /// See [`Drill`].
    Drill(Drill),
    /// See [`VerifyBlobs`].
    VerifyBlobs(VerifyBlobs),
    /// See [`CollectBlobs`].
    CollectBlobs(CollectBlobs),
    /// See [`SyncCatalogue`].
    SyncCatalogue(SyncCatalogue),
    /// See [`SyncCatalogues`].
    SyncCatalogues(SyncCatalogues),
}

/// Bring one package to the state of its upstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncPackage {
    /// The package.
    pub package: PackageName,
    /// Where from.
    pub registry: RegistryId,
}

/// Write lines and end: shows that a deployment works from end to end, and how fast its
/// engine is when the work itself costs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    /// What it is called; drills of the same name join.
    pub name: String,
    /// Lines to write.
    pub lines: u32,
    /// Milliseconds from one line to the next.
    #[serde(default)]
    pub every_ms: u32,
}

/// Read stored blobs again; what is damaged is taken out of use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyBlobs {
    /// Those of these packages; of all, if empty.
    pub packages: BTreeSet<PackageName>,
    /// Whether what is damaged is fetched again at once, and not when it is next asked for.
    pub repairs: bool,
}

/// Delete blobs that nothing has referred to for a while, and files without a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectBlobs {
    /// Only say what would be deleted.
    pub is_dry: bool,
}

/// Bring the catalogue to the state of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncCatalogue {
    /// The source.
    pub registry: RegistryId,
    /// Its slug, for people.
    pub slug: String,
}

/// Bring the catalogue to the state of all sources: a task for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SyncCatalogues {}

impl TaskSpec {
    /// Returns the version of specs with which this kind came.
    pub fn version(&self) -> u16 {
        match self {
            Self::SyncPackage(_)
            | Self::Drill(_)
            | Self::VerifyBlobs(_)
            | Self::CollectBlobs(_) => 1,
            Self::SyncCatalogue(_) | Self::SyncCatalogues(_) => 2,
        }
    }

    /// Returns the kind of work.
    pub fn kind(&self) -> TaskKind {
        match self {
            Self::SyncPackage(_) => TaskKind::SyncPackage,
            Self::Drill(_) => TaskKind::Drill,
            Self::VerifyBlobs(_) => TaskKind::VerifyBlobs,
            Self::CollectBlobs(_) => TaskKind::CollectBlobs,
            Self::SyncCatalogue(_) => TaskKind::SyncCatalogue,
            Self::SyncCatalogues(_) => TaskKind::SyncCatalogues,
        }
    }

    /// Returns what users see the task is about: a name.
    pub fn target(&self) -> &str {
        match self {
            Self::SyncPackage(sync) => sync.package.as_str(),
            Self::Drill(drill) => &drill.name,
            Self::VerifyBlobs(verify) => match verify.packages.first() {
                Some(package) if verify.packages.len() == 1 => package.as_str(),
                Some(_) => "packages",
                None => "blobs",
            },
            Self::CollectBlobs(_) => "blobs",
            Self::SyncCatalogue(sync) => &sync.slug,
            Self::SyncCatalogues(_) => "catalogue",
        }
    }

    /// Returns the name of the local thing written; one writer at a time.
    pub fn dedupe_key(&self) -> String {
        match self {
            Self::SyncPackage(sync) => format!("package:{}", sync.package),
            Self::Drill(drill) => format!("drill:{}", drill.name),
            Self::VerifyBlobs(verify) => {
                let repair = if verify.repairs { "repair" } else { "look" };
                let names: Vec<_> = verify.packages.iter().map(PackageName::as_str).collect();
                format!("verify:{repair}:{}", names.join(" "))
            }
            Self::CollectBlobs(CollectBlobs { is_dry: true }) => "collect:dry".to_owned(),
            Self::CollectBlobs(CollectBlobs { is_dry: false }) => "collect".to_owned(),
            Self::SyncCatalogue(sync) => format!("catalogue:{}", sync.registry),
            Self::SyncCatalogues(_) => "catalogues".to_owned(),
        }
    }

    /// Returns the upstream it reads.
    pub fn registry(&self) -> Option<RegistryId> {
        match self {
            Self::SyncPackage(sync) => Some(sync.registry),
            Self::SyncCatalogue(sync) => Some(sync.registry),
            Self::Drill(_)
            | Self::VerifyBlobs(_)
            | Self::CollectBlobs(_)
            | Self::SyncCatalogues(_) => None,
        }
    }
}

/// How one request wants a package synced.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches: four of the mirror document, one of readers"
)]
pub struct SyncOptions {
    /// Do not go on to the dependencies.
    pub skip_dependencies: bool,
    /// Ignore validators and compare every manifest.
    pub force: bool,
    /// Fetch and re-verify every tarball.
    pub force_sync_history: bool,
    /// Also copy download counts.
    pub sync_download_data: bool,
    /// Leave new tarballs to their first readers, whatever the policy says.
    pub leave_tarballs: bool,
    /// Versions whose tarballs are wanted whatever the policy says.
    pub specific_versions: BTreeSet<Version>,
    /// How a catalogue is wanted; nothing for packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<CatalogueOptions>,
}

impl SyncOptions {
    /// Returns what a run must do to satisfy both.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        self.skip_dependencies &= other.skip_dependencies;
        self.leave_tarballs &= other.leave_tarballs;
        self.force |= other.force;
        self.force_sync_history |= other.force_sync_history;
        self.sync_download_data |= other.sync_download_data;
        self.specific_versions
            .extend(other.specific_versions.iter().cloned());
        self.catalogue = match (self.catalogue, &other.catalogue) {
            (Some(one), Some(other)) => Some(one.union(other)),
            (one, other) => one.or_else(|| other.clone()),
        };
        self
    }
}
