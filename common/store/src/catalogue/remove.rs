//! Taking away what a source no longer has, and everything of a source that is none any more.
//!
//! Whether something is gone is not decided here. The package's row, by which everybody writes
//! about it in turn, goes with its last version.

use weir_domain::{PackageId, RegistryId, Timestamp, catalogue::Reference};

use super::{put::refresh, sources};
use crate::{StoreError, Tx, sql::sql};

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
/// If the database refuses.
pub async fn miss(
    tx: &Tx,
    package: PackageId,
    missing: &[Reference],
    now: Timestamp,
) -> Result<(), StoreError> {
    note(tx, package, missing, Some(now)).await
}

/// Notes that these versions are listed again.
///
/// # Errors
/// If the database refuses.
pub async fn unmiss(tx: &Tx, package: PackageId, listed: &[Reference]) -> Result<(), StoreError> {
    note(tx, package, listed, None).await
}

async fn note(
    tx: &Tx,
    package: PackageId,
    references: &[Reference],
    since: Option<Timestamp>,
) -> Result<(), StoreError> {
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

/// Removes all packages of a registry.
pub(super) async fn everything_of(tx: &Tx, registry: RegistryId) -> Result<(), StoreError> {
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
