//! Recording that the bytes of a version are here.

use weir_domain::{Digest, Integrity, PackageId, Version};

use crate::{StoreError, Tx, sql::sql};

/// Records that the tarball of a version is held; false if there is no such promise any
/// more.
///
/// `promised` is what the bytes were verified against: a row that promises something else
/// by now is left alone.
///
/// # Errors
/// If the database refuses.
pub async fn hold(
    tx: &Tx,
    package: PackageId,
    version: &Version,
    promised: Option<&Integrity>,
    (digest, size): (Digest, u64),
) -> Result<bool, StoreError> {
    let held = sql(
        "UPDATE package_versions SET tarball_digest = $3, tarball_bytes = $4 \
         WHERE package_id = $1 AND version = $2 AND COALESCE(integrity, '') = $5",
    )
    .bind(package.0)
    .bind(version.as_str())
    .bind(digest.0.to_vec())
    .bind(i64::try_from(size).unwrap_or(i64::MAX))
    .bind(promised.map(ToString::to_string).unwrap_or_default())
    .execute(&**tx)
    .await?;
    Ok(held > 0)
}
