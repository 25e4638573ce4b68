//! What the catalogue has of a source: the side that a listing is compared with.
//!
//! All of it at once, without what was read of each: some two hundred bytes a version.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    PackageId, RegistryId, TaskId, Timestamp,
    catalogue::{PackageKey, Reference},
};

use crate::{StoreError, sql::sql};

/// A version as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Which.
    pub reference: Reference,
    /// Its package's row.
    pub package: PackageId,
    /// The revision that was read.
    pub revision: String,
    /// Whether it was never seen at another one.
    pub is_first_revision: bool,
    /// Since when complete listings lack it.
    pub missing_since: Option<Timestamp>,
    /// The task that wrote it last.
    pub looked_at_by: Option<TaskId>,
}

/// Returns every version of a source, in the order of their references.
///
/// # Errors
/// If the database cannot be asked.
pub async fn known(
    connection: &impl ConnectionTrait,
    registry: RegistryId,
) -> Result<Vec<Known>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        namespace: String,
        name: String,
        version: String,
        channel: String,
        revision: String,
        revisions: i64,
        missing_since: Option<i64>,
        looked_at_by: Option<Uuid>,
    }
    let rows: Vec<Row> = sql("SELECT p.id, p.namespace, p.name, v.version, v.channel, \
         v.revision, v.missing_since, v.looked_at_by, (SELECT COUNT(*) FROM catalogue_revisions r \
         WHERE r.package_id = v.package_id AND r.version = v.version AND r.channel = v.channel) \
         AS revisions FROM catalogue_packages p \
         JOIN catalogue_versions v ON v.package_id = p.id WHERE p.registry_id = $1")
    .bind(registry.0)
    .all(connection)
    .await?;
    let read = |row: Row| Known {
        reference: Reference {
            key: PackageKey {
                namespace: row.namespace,
                name: row.name,
            },
            version: row.version,
            channel: row.channel,
        },
        package: PackageId(row.id),
        revision: row.revision,
        is_first_revision: row.revisions < 2,
        missing_since: row.missing_since.map(Timestamp),
        looked_at_by: row.looked_at_by.map(TaskId),
    };
    let mut known: Vec<_> = rows.into_iter().map(read).collect();
    // Not by the database: its order of texts depends on where it was made.
    known.sort_unstable_by(|one, other| one.reference.cmp(&other.reference));
    Ok(known)
}

/// Returns the packages that other sources have.
///
/// # Errors
/// If the database cannot be asked.
pub async fn foreign(
    connection: &impl ConnectionTrait,
    registry: RegistryId,
) -> Result<BTreeSet<PackageKey>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        namespace: String,
        name: String,
    }
    let rows: Vec<Row> =
        sql("SELECT namespace, name FROM catalogue_packages WHERE registry_id <> $1")
            .bind(registry.0)
            .all(connection)
            .await?;
    let key = |row: Row| PackageKey {
        namespace: row.namespace,
        name: row.name,
    };
    Ok(rows.into_iter().map(key).collect())
}
