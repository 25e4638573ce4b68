//! Whose bytes are to be read again, to see whether they still are what they were.

use sea_orm::ConnectionTrait;
use weir_domain::{Digest, PackageName, Timestamp};

use super::{BATCH, Row};
use crate::{
    StoreError, Tx,
    sql::{by_index, sql},
};

/// The stored blobs that were proven before `$1`, longest ago first.
pub(crate) fn waiting(connection: &impl ConnectionTrait) -> String {
    format!(
        "SELECT digest, size_bytes FROM blobs {} WHERE state = 'stored' AND verified_at < $1 \
         ORDER BY verified_at LIMIT $2",
        by_index(connection, "blobs_verified")
    )
}

/// Returns up to `limit` stored blobs that were proven before `bound`, longest ago first.
///
/// # Errors
/// If the database cannot be asked.
pub async fn due(
    connection: &impl ConnectionTrait,
    bound: Timestamp,
    limit: i64,
) -> Result<Vec<(Digest, u64)>, StoreError> {
    let rows: Vec<Row> = sql(waiting(connection))
        .bind(bound.0)
        .bind(limit)
        .all(connection)
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Returns the stored blobs that a package refers to.
///
/// # Errors
/// If the database cannot be asked.
pub async fn of_package(
    connection: &impl ConnectionTrait,
    name: &PackageName,
) -> Result<Vec<(Digest, u64)>, StoreError> {
    let rows: Vec<Row> = sql(
        "SELECT digest, size_bytes FROM blobs WHERE state = 'stored' AND digest IN \
         (SELECT v.tarball_digest FROM package_versions v JOIN packages p ON p.id = v.package_id \
         WHERE p.name = $1 AND v.tarball_digest IS NOT NULL \
         UNION SELECT d.digest FROM documents d JOIN packages p ON p.id = d.package_id \
         WHERE p.name = $1) ORDER BY digest",
    )
    .bind(name.as_str())
    .all(connection)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Records that the bytes of these were read and are what they are called.
///
/// # Errors
/// If the database refuses.
pub async fn proven(tx: &Tx, blobs: &[Digest], now: Timestamp) -> Result<(), StoreError> {
    for batch in blobs.chunks(BATCH) {
        sql("UPDATE blobs SET verified_at = $1 WHERE state = 'stored' AND digest IN ($*)")
            .bind(now.0)
            .bind_all(batch.iter().map(|digest| digest.0.to_vec()))
            .execute(&**tx)
            .await?;
    }
    Ok(())
}
