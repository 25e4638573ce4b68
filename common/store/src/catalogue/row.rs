//! How packages and versions of the catalogue are read from their rows.

use sea_orm::FromQueryResult;
use uuid::Uuid;
use weir_domain::{
    PackageId, RegistryId, Timestamp,
    catalogue::{CataloguePackage, CatalogueVersion, Facts, PackageKey, categories::UNCATEGORIZED},
};

use crate::StoreError;

/// What a row of a package `p` is read from; `$1` must be [`SEPARATOR`].
pub(super) const COLUMNS: &str = "p.id, p.registry_id, p.namespace, p.name, p.latest_version, \
     p.latest_stable_version, p.facts, p.downloads, p.versions_count, p.created_at, \
     p.updated_at, p.synced_at, \
     (SELECT string_agg(l.label, $1 ORDER BY l.place) FROM catalogue_labels l \
     WHERE l.package_id = p.id AND l.kind = 'category') AS categories";

/// What stands between categories; none has it in it.
pub(super) const SEPARATOR: &str = ",";

/// What a row of a version is read from.
pub(super) const VERSION_COLUMNS: &str =
    "version, channel, revision, facts, is_yanked, created_at, updated_at";

#[derive(Debug, FromQueryResult)]
pub(super) struct PackageRow {
    pub(super) id: Uuid,
    registry_id: Uuid,
    pub(super) namespace: String,
    name: String,
    latest_version: Option<String>,
    latest_stable_version: Option<String>,
    facts: String,
    downloads: i64,
    versions_count: i64,
    created_at: i64,
    updated_at: i64,
    synced_at: i64,
    categories: Option<String>,
}

impl TryFrom<PackageRow> for CataloguePackage {
    type Error = StoreError;

    fn try_from(row: PackageRow) -> Result<Self, StoreError> {
        let categories = row.categories.as_deref().unwrap_or(UNCATEGORIZED);
        let count = |n: i64| u64::try_from(n).unwrap_or_default();
        Ok(Self {
            facts: read_facts(&row.facts, "catalogue_packages", PackageId(row.id))?,
            categories: categories.split(SEPARATOR).map(str::to_owned).collect(),
            key: PackageKey {
                namespace: row.namespace,
                name: row.name,
            },
            registry: RegistryId(row.registry_id),
            latest_version: row.latest_version,
            latest_stable_version: row.latest_stable_version,
            downloads: count(row.downloads),
            versions_count: count(row.versions_count),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            synced_at: Timestamp(row.synced_at),
        })
    }
}

/// Reads facts of a row of `table`, about `package`.
pub(super) fn read_facts(
    text: &str,
    table: &'static str,
    package: PackageId,
) -> Result<Facts, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt {
        table,
        column: "facts",
        id: package.to_string(),
    })
}

#[derive(Debug, FromQueryResult)]
pub(super) struct VersionRow {
    version: String,
    channel: String,
    revision: String,
    facts: String,
    is_yanked: bool,
    created_at: i64,
    updated_at: i64,
}

impl VersionRow {
    pub(super) fn read(self, package: PackageId) -> Result<CatalogueVersion, StoreError> {
        Ok(CatalogueVersion {
            facts: read_facts(&self.facts, "catalogue_versions", package)?,
            version: self.version,
            channel: self.channel,
            revision: self.revision,
            is_yanked: self.is_yanked,
            created_at: Timestamp(self.created_at),
            updated_at: Timestamp(self.updated_at),
        })
    }
}
