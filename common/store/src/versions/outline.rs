//! What a plan must know of versions, without their manifests.

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{Digest, Integrity, PackageId, Version};

use super::{BATCH, VISIBLE, corrupt};
use crate::{StoreError, sql::sql};

/// What a plan must know of a version we have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionOutline {
    /// The version.
    pub version: Version,
    /// SHA-256 of its canonical manifest.
    pub canonical_digest: Digest,
    /// What upstream promised about its tarball.
    pub integrity: Option<Integrity>,
    /// Where upstream serves the tarball.
    pub tarball_url: String,
    /// Whether it is deprecated.
    pub is_deprecated: bool,
    /// The tarball's digest and size, if it is held.
    pub tarball: Option<(Digest, u64)>,
    /// Why it is not shown, if it is not.
    pub quarantine: Option<String>,
}

#[derive(FromQueryResult)]
struct OutlineRow {
    version: String,
    canonical_digest: Vec<u8>,
    integrity: Option<String>,
    tarball_url: String,
    is_deprecated: bool,
    tarball_digest: Option<Vec<u8>>,
    tarball_bytes: Option<i64>,
    quarantine: Option<String>,
}

impl TryFrom<OutlineRow> for VersionOutline {
    type Error = StoreError;

    fn try_from(row: OutlineRow) -> Result<Self, StoreError> {
        let digest = |bytes: &[u8]| Digest::from_slice(bytes);
        let canonical_digest = digest(&row.canonical_digest);
        let integrity = row.integrity.as_deref();
        let integrity = integrity
            .map(|text| Integrity::parse(text).ok_or(()))
            .transpose();
        let tarball = row
            .tarball_digest
            .as_deref()
            .map(|bytes| digest(bytes).ok_or(()))
            .transpose();
        Ok(Self {
            version: Version::parse(&row.version).map_err(|_| corrupt("version", &row.version))?,
            canonical_digest: canonical_digest
                .ok_or_else(|| corrupt("canonical_digest", &row.version))?,
            integrity: integrity.map_err(|()| corrupt("integrity", &row.version))?,
            tarball_url: row.tarball_url,
            is_deprecated: row.is_deprecated,
            tarball: tarball
                .map_err(|()| corrupt("tarball_digest", &row.version))?
                .map(|digest| {
                    (
                        digest,
                        row.tarball_bytes
                            .and_then(|n| u64::try_from(n).ok())
                            .unwrap_or(0),
                    )
                }),
            quarantine: row.quarantine,
        })
    }
}

const OUTLINE: &str = "SELECT version, canonical_digest, integrity, tarball_url, is_deprecated, \
     tarball_digest, tarball_bytes, quarantine FROM package_versions";

/// Returns every version visible at `revision`, quarantined ones included.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn outlines(
    connection: &impl ConnectionTrait,
    package: PackageId,
    revision: i64,
) -> Result<Vec<VersionOutline>, StoreError> {
    let rows: Vec<OutlineRow> = sql(format!("{OUTLINE} WHERE {VISIBLE}"))
        .bind(package.0)
        .bind(revision)
        .all(connection)
        .await?;
    rows.into_iter().map(VersionOutline::try_from).collect()
}

/// Returns the outline of one visible version, if it is there.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find_outline(
    connection: &impl ConnectionTrait,
    package: PackageId,
    revision: i64,
    version: &Version,
) -> Result<Option<VersionOutline>, StoreError> {
    let row: Option<OutlineRow> = sql(format!("{OUTLINE} WHERE {VISIBLE} AND version = $3"))
        .bind(package.0)
        .bind(revision)
        .bind(version.as_str())
        .one(connection)
        .await?;
    row.map(VersionOutline::try_from).transpose()
}

/// Returns the outlines of those of `versions` that are visible at `revision`.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn outlines_of(
    connection: &impl ConnectionTrait,
    package: PackageId,
    revision: i64,
    versions: impl IntoIterator<Item = &Version>,
) -> Result<Vec<VersionOutline>, StoreError> {
    let versions: Vec<&str> = versions.into_iter().map(Version::as_str).collect();
    let mut outlines = Vec::with_capacity(versions.len());
    for batch in versions.chunks(BATCH) {
        let rows: Vec<OutlineRow> = sql(format!("{OUTLINE} WHERE {VISIBLE} AND version IN ($*)"))
            .bind(package.0)
            .bind(revision)
            .bind_all(batch.iter().copied())
            .all(connection)
            .await?;
        for row in rows {
            outlines.push(row.try_into()?);
        }
    }
    Ok(outlines)
}

/// As much of a version as choosing among many takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The version.
    pub version: Version,
    /// Whether it is deprecated.
    pub is_deprecated: bool,
    /// Whether its tarball is held.
    pub is_held: bool,
    /// Whether it may be shown.
    pub is_shown: bool,
}

#[derive(FromQueryResult)]
struct ListedRow {
    version: String,
    is_deprecated: bool,
    is_held: bool,
    is_shown: bool,
}

/// Returns every version visible at `revision`, quarantined ones included, in no order.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn listed(
    connection: &impl ConnectionTrait,
    package: PackageId,
    revision: i64,
) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<ListedRow> = sql(format!(
        "SELECT version, is_deprecated, tarball_digest IS NOT NULL AS is_held, \
         quarantine IS NULL AS is_shown FROM package_versions WHERE {VISIBLE}"
    ))
    .bind(package.0)
    .bind(revision)
    .all(connection)
    .await?;
    let parse = |row: ListedRow| {
        Ok(Listed {
            version: Version::parse(&row.version).map_err(|_| corrupt("version", &row.version))?,
            is_deprecated: row.is_deprecated,
            is_held: row.is_held,
            is_shown: row.is_shown,
        })
    };
    rows.into_iter().map(parse).collect()
}
