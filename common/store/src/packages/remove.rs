//! Taking a package out, with all that is only about it.
//!
//! Its blobs stay until the collector finds that nothing refers to them any more. A reader
//! that is at its rows sees a package that changed, and looks again.

use weir_domain::{PackageId, PackageName, Timestamp};

use crate::{StoreError, Topic, Tx, invalidations, search, sql::sql};

/// What is only about one package, beside its own row.
const ABOUT: [&str; 4] = [
    "package_versions",
    "documents",
    "removals",
    "download_counts",
];

/// Removes a package: afterwards it is as if it had never been mirrored.
///
/// # Errors
/// If the database refuses.
pub async fn remove(
    tx: &Tx,
    package: PackageId,
    name: &PackageName,
    now: Timestamp,
) -> Result<(), StoreError> {
    // The row first: whoever is about to record something about it waits, and finds it gone.
    sql("DELETE FROM packages WHERE id = $1")
        .bind(package.0)
        .execute(&**tx)
        .await?;
    for table in ABOUT {
        sql(format!("DELETE FROM {table} WHERE package_id = $1"))
            .bind(package.0)
            .execute(&**tx)
            .await?;
    }
    // An earlier policy may have blocked it; what an operator blocked stays so.
    sql("DELETE FROM blocks WHERE name = $1 AND source = 'removal'")
        .bind(name.as_str())
        .execute(&**tx)
        .await?;
    search::remove(tx, name).await?;
    invalidations::insert(tx, Topic::Package, name.as_str(), now).await
}
