//! Fetches: which process is bringing which lazy tarball, so that the others wait for it.
//!
//! A row is a lease. Whoever dies with it is succeeded when it lapses; two who fetch the same
//! because one slept only do the work twice, for the bytes are proven either way.

use std::time::Duration;

use weir_domain::{PackageId, Timestamp, Version, WorkerId};

use crate::{StoreError, Tx, sql::sql};

/// Which tarball.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// The package.
    pub package: PackageId,
    /// The version.
    pub version: Version,
    /// The upstream digest it must match; empty if upstream names none.
    pub promise: String,
}

/// Takes the lease for `owner`, or renews it; says whether it is theirs.
///
/// # Errors
/// If the database refuses.
pub async fn claim(
    tx: &Tx,
    fetch: &Fetch,
    owner: WorkerId,
    (now, lease): (Timestamp, Duration),
) -> Result<bool, StoreError> {
    let claimed = sql(
        "INSERT INTO fetches (package_id, version, promise, owner, expires_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (package_id, version, promise) DO UPDATE SET \
         owner = excluded.owner, expires_at = excluded.expires_at \
         WHERE fetches.owner = excluded.owner OR fetches.expires_at <= $6",
    )
    .bind(fetch.package.0)
    .bind(fetch.version.as_str())
    .bind(fetch.promise.as_str())
    .bind(owner.0)
    .bind(now.plus(lease).0)
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(claimed > 0)
}

/// Gives the lease back, if it is `owner`'s.
///
/// # Errors
/// If the database refuses.
pub async fn release(tx: &Tx, fetch: &Fetch, owner: WorkerId) -> Result<(), StoreError> {
    sql("DELETE FROM fetches WHERE package_id = $1 AND version = $2 AND promise = $3 AND owner = $4")
        .bind(fetch.package.0)
        .bind(fetch.version.as_str())
        .bind(fetch.promise.as_str())
        .bind(owner.0)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Removes what lapsed before a moment: nobody came for the same tarball since.
///
/// # Errors
/// If the database refuses.
pub async fn prune(tx: &Tx, before: Timestamp) -> Result<u64, StoreError> {
    sql("DELETE FROM fetches WHERE expires_at < $1")
        .bind(before.0)
        .execute(&**tx)
        .await
}
