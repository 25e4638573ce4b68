//! Taking away what a source no longer has, and everything of a source that is none any more.
//!
//! Whether something is gone is not decided here. The package's row, by which everybody writes
//! about it in turn, goes with its last version.
//!
//! The order that excludes deadlocks: key locks of tasks, rows of tasks and runs (see
//! `tasks::lock`), the source's row (shared, by [`sources::hold`]; whoever removes it has it alone,
//! and the hints next), rows of packages by their ids, and last what hangs on them. An operator
//! who labels packages begins with their rows.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend};
use weir_domain::{PackageId, RegistryId, Timestamp, catalogue::Reference};

use super::{Known, put::refresh, sources};
use crate::{
    StoreError, Tx,
    sql::{Count, sql},
};

/// What hangs on a package's row.
const TABLES: [&str; 3] = [
    "catalogue_labels",
    "catalogue_revisions",
    "catalogue_versions",
];

/// Takes these versions of a package away, its history of them too; says whether the package
/// went with the last of them.
///
/// # Errors
/// [`StoreError::NotFound`] if its source is gone.
pub async fn remove_versions(
    tx: &Tx,
    (registry, package): (RegistryId, PackageId),
    gone: &[Reference],
    now: Timestamp,
) -> Result<bool, StoreError> {
    sources::hold(tx, registry).await?;
    super::put::lock(tx, package).await?;
    for reference in gone {
        for table in ["catalogue_revisions", "catalogue_versions"] {
            sql(format!(
                "DELETE FROM {table} WHERE package_id = $1 AND version = $2 AND channel = $3"
            ))
            .bind(package.0)
            .bind(reference.version.as_str())
            .bind(reference.channel.as_str())
            .execute(&**tx)
            .await?;
        }
    }
    if refresh(tx, package, None, now).await? {
        return Ok(false);
    }
    for table in TABLES {
        sql(format!("DELETE FROM {table} WHERE package_id = $1"))
            .bind(package.0)
            .execute(&**tx)
            .await?;
    }
    sql("DELETE FROM catalogue_packages WHERE id = $1")
        .bind(package.0)
        .execute(&**tx)
        .await?;
    Ok(true)
}

/// Notes since when a complete listing lacks these versions, unless it is noted.
///
/// # Errors
/// [`StoreError::NotFound`] if their source is gone.
pub async fn miss(
    tx: &Tx,
    (registry, package): (RegistryId, PackageId),
    missing: &[Reference],
    now: Timestamp,
) -> Result<(), StoreError> {
    sources::hold(tx, registry).await?;
    note(tx, package, missing, Some(now)).await
}

/// Notes that these versions are listed again.
///
/// # Errors
/// [`StoreError::NotFound`] if their source is gone.
pub async fn unmiss(tx: &Tx, registry: RegistryId, listed: &[Known]) -> Result<(), StoreError> {
    sources::hold(tx, registry).await?;
    let mut packages: BTreeMap<PackageId, Vec<&Reference>> = BTreeMap::new();
    for known in listed {
        let references = packages.entry(known.package).or_default();
        references.push(&known.reference);
    }
    for (package, references) in packages {
        note(tx, package, references, None).await?;
    }
    Ok(())
}

async fn note(
    tx: &Tx,
    package: PackageId,
    references: impl IntoIterator<Item = &Reference>,
    since: Option<Timestamp>,
) -> Result<(), StoreError> {
    super::put::lock(tx, package).await?;
    let unless_noted = since.map_or("", |_| "AND missing_since IS NULL");
    for reference in references {
        sql(format!(
            "UPDATE catalogue_versions SET missing_since = $4 \
             WHERE package_id = $1 AND version = $2 AND channel = $3 {unless_noted}"
        ))
        .bind(package.0)
        .bind(reference.version.as_str())
        .bind(reference.channel.as_str())
        .bind(since.map(|since| since.0))
        .execute(&**tx)
        .await?;
    }
    Ok(())
}

/// Removes all packages of a registry, of which the caller has the source's row alone. Whoever
/// labels one of them goes before or after it: their rows are locked before what hangs on them.
pub(super) async fn everything_of(tx: &Tx, registry: RegistryId) -> Result<(), StoreError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        sql(
            "SELECT COUNT(*) AS n FROM (SELECT id FROM catalogue_packages \
             WHERE registry_id = $1 ORDER BY id FOR UPDATE) AS locked",
        )
        .bind(registry.0)
        .one::<Count>(&**tx)
        .await?;
    }
    for table in TABLES {
        sql(format!(
            "DELETE FROM {table} WHERE package_id IN \
             (SELECT id FROM catalogue_packages WHERE registry_id = $1)"
        ))
        .bind(registry.0)
        .execute(&**tx)
        .await?;
    }
    sql("DELETE FROM catalogue_packages WHERE registry_id = $1")
        .bind(registry.0)
        .execute(&**tx)
        .await?;
    Ok(())
}
