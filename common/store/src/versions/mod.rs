//! Versions of packages, each visible within a span of its package's revisions.
//!
//! A row is visible at revision R if `added_in <= R` and it is not yet removed. A sync
//! stages rows for R+1, which no reader sees until `packages::flip`. Whether a tarball is
//! held is a fact about bytes, not about the document: it is set in place, on the visible
//! and the staged row alike.

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{
    Digest, Integrity, PackageId, Timestamp, Version,
    manifest::{ManifestFacts, Span, StoredManifest, UrlSpans},
};

use crate::{StoreError, Tx, sql::sql};

/// Most rows in one statement.
const BATCH: usize = 500;
const VISIBLE: &str =
    "package_id = $1 AND added_in <= $2 AND (removed_in IS NULL OR removed_in > $2)";

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

/// A version ready to be staged.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// What was read from its manifest.
    pub facts: ManifestFacts,
    /// The manifest as upstream wrote it.
    pub raw: String,
    /// When upstream published it.
    pub published_at: Option<Timestamp>,
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

fn corrupt(column: &'static str, id: &str) -> StoreError {
    StoreError::Corrupt {
        table: "package_versions",
        column,
        id: id.to_owned(),
    }
}

impl TryFrom<OutlineRow> for VersionOutline {
    type Error = StoreError;

    fn try_from(row: OutlineRow) -> Result<Self, StoreError> {
        let digest = |bytes: &[u8]| Digest::from_slice(bytes);
        let canonical_digest = digest(&row.canonical_digest);
        let tarball = row
            .tarball_digest
            .as_deref()
            .map(|bytes| digest(bytes).ok_or(()))
            .transpose();
        Ok(Self {
            version: Version::parse(&row.version).map_err(|_| corrupt("version", &row.version))?,
            canonical_digest: canonical_digest
                .ok_or_else(|| corrupt("canonical_digest", &row.version))?,
            integrity: row.integrity.as_deref().and_then(Integrity::parse),
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

#[derive(FromQueryResult)]
struct ManifestRow {
    version: String,
    raw: String,
    tarball_start: i64,
    tarball_len: i64,
    attestations_start: Option<i64>,
    attestations_len: Option<i64>,
}

impl TryFrom<ManifestRow> for (Version, StoredManifest) {
    type Error = StoreError;

    fn try_from(row: ManifestRow) -> Result<Self, StoreError> {
        let version = Version::parse(&row.version).map_err(|_| corrupt("version", &row.version))?;
        let span = |start: i64, len: i64| {
            let end = usize::try_from(start.checked_add(len)?).ok()?;
            let span = Span {
                start: u32::try_from(start).ok()?,
                len: u32::try_from(len).ok()?,
            };
            (row.raw.is_char_boundary(end) && row.raw.is_char_boundary(span.start as usize))
                .then_some(span)
        };
        let tarball = span(row.tarball_start, row.tarball_len);
        let attestations = row.attestations_start.zip(row.attestations_len);
        let spans = UrlSpans {
            tarball: tarball.ok_or_else(|| corrupt("tarball_start", &row.version))?,
            attestations: attestations.and_then(|(start, len)| span(start, len)),
        };
        Ok((
            version,
            StoredManifest {
                spans,
                raw: row.raw,
            },
        ))
    }
}

const MANIFEST: &str = "SELECT version, raw, tarball_start, tarball_len, attestations_start, attestations_len \
     FROM package_versions";

/// Returns up to `limit` manifests visible at `revision` and not quarantined, in the order
/// of their version texts, after `after`.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn manifests(
    connection: &impl ConnectionTrait,
    package: PackageId,
    revision: i64,
    after: Option<&Version>,
    limit: i64,
) -> Result<Vec<(Version, StoredManifest)>, StoreError> {
    let rows: Vec<ManifestRow> = sql(format!(
        "{MANIFEST} WHERE {VISIBLE} AND quarantine IS NULL AND version > $3 ORDER BY version LIMIT $4"
    ))
    .bind(package.0)
    .bind(revision)
    .bind(after.map_or("", Version::as_str))
    .bind(limit)
    .all(connection)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Returns one visible manifest, if it is there and not quarantined.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find_manifest(
    connection: &impl ConnectionTrait,
    package: PackageId,
    revision: i64,
    version: &Version,
) -> Result<Option<StoredManifest>, StoreError> {
    let row: Option<ManifestRow> = sql(format!(
        "{MANIFEST} WHERE {VISIBLE} AND version = $3 AND quarantine IS NULL"
    ))
    .bind(package.0)
    .bind(revision)
    .bind(version.as_str())
    .one(connection)
    .await?;
    Ok(row
        .map(<(Version, StoredManifest)>::try_from)
        .transpose()?
        .map(|(_, manifest)| manifest))
}

/// Removes what an earlier attempt staged beyond `revision`.
///
/// # Errors
/// If the database refuses.
pub async fn discard_stage(tx: &Tx, package: PackageId, revision: i64) -> Result<(), StoreError> {
    sql("DELETE FROM package_versions WHERE package_id = $1 AND added_in > $2")
        .bind(package.0)
        .bind(revision)
        .execute(&**tx)
        .await?;
    sql("UPDATE package_versions SET removed_in = NULL WHERE package_id = $1 AND removed_in > $2")
        .bind(package.0)
        .bind(revision)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Stages new or changed versions for revision `next`; a held tarball stays held.
///
/// # Errors
/// If the database refuses.
pub async fn stage(
    tx: &Tx,
    package: PackageId,
    next: i64,
    versions: &[NewVersion],
) -> Result<(), StoreError> {
    for batch in versions.chunks(BATCH) {
        let values = batch
            .iter()
            .flat_map(|new| row_values(package, next, new))
            .collect();
        sql("INSERT INTO package_versions (package_id, version, added_in, canonical_digest, raw, \
             tarball_start, tarball_len, attestations_start, attestations_len, tarball_url, integrity, \
             is_deprecated, published_at) VALUES $*")
            .bind_rows(13, values)
            .execute(&**tx)
            .await?;
        let names = || batch.iter().map(|new| new.facts.version.as_str());
        sql("UPDATE package_versions SET removed_in = $1 \
             WHERE package_id = $2 AND added_in < $1 AND removed_in IS NULL AND version IN ($*)")
        .bind(next)
        .bind(package.0)
        .bind_all(names())
        .execute(&**tx)
        .await?;
        // The bytes behind an unchanged promise stay held.
        for column in ["tarball_digest", "tarball_bytes"] {
            sql(format!(
                "UPDATE package_versions SET {column} = (SELECT o.{column} FROM package_versions o \
                 WHERE o.package_id = package_versions.package_id AND o.version = package_versions.version \
                 AND o.removed_in = $1 AND o.integrity = package_versions.integrity) \
                 WHERE package_id = $2 AND added_in = $1 AND version IN ($*)"
            ))
            .bind(next)
            .bind(package.0)
            .bind_all(names())
            .execute(&**tx)
            .await?;
        }
    }
    Ok(())
}

fn row_values(package: PackageId, next: i64, new: &NewVersion) -> [sea_orm::Value; 13] {
    let facts = &new.facts;
    let attestations = facts.spans.attestations;
    [
        package.0.into(),
        facts.version.as_str().into(),
        next.into(),
        facts.canonical_digest.0.to_vec().into(),
        new.raw.as_str().into(),
        i64::from(facts.spans.tarball.start).into(),
        i64::from(facts.spans.tarball.len).into(),
        attestations.map(|span| i64::from(span.start)).into(),
        attestations.map(|span| i64::from(span.len)).into(),
        facts.tarball_url.as_str().into(),
        facts.integrity.as_ref().map(ToString::to_string).into(),
        facts.is_deprecated.into(),
        new.published_at.map(|at| at.0).into(),
    ]
}

/// Stages the disappearance of versions in revision `next`.
///
/// # Errors
/// If the database refuses.
pub async fn stage_removals(
    tx: &Tx,
    package: PackageId,
    next: i64,
    versions: &[Version],
) -> Result<(), StoreError> {
    for batch in versions.chunks(BATCH) {
        sql("UPDATE package_versions SET removed_in = $1 \
             WHERE package_id = $2 AND removed_in IS NULL AND version IN ($*)")
        .bind(next)
        .bind(package.0)
        .bind_all(batch.iter().map(Version::as_str))
        .execute(&**tx)
        .await?;
    }
    Ok(())
}

/// Deletes rows that no reader of `revision` or later can see.
pub(crate) async fn purge_removed(
    tx: &Tx,
    package: PackageId,
    revision: i64,
) -> Result<(), StoreError> {
    sql("DELETE FROM package_versions WHERE package_id = $1 AND removed_in <= $2")
        .bind(package.0)
        .bind(revision)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Records that the tarball of a version is held, and that it may be shown.
///
/// # Errors
/// If the database refuses.
pub async fn hold(
    tx: &Tx,
    package: PackageId,
    version: &Version,
    (digest, size): (Digest, u64),
) -> Result<(), StoreError> {
    sql(
        "UPDATE package_versions SET tarball_digest = $3, tarball_bytes = $4, quarantine = NULL \
         WHERE package_id = $1 AND version = $2",
    )
    .bind(package.0)
    .bind(version.as_str())
    .bind(digest.0.to_vec())
    .bind(i64::try_from(size).unwrap_or(i64::MAX))
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Records why a version must not be shown.
///
/// # Errors
/// If the database refuses.
pub async fn quarantine(
    tx: &Tx,
    package: PackageId,
    version: &Version,
    why: &str,
) -> Result<(), StoreError> {
    sql("UPDATE package_versions SET quarantine = $3 WHERE package_id = $1 AND version = $2")
        .bind(package.0)
        .bind(version.as_str())
        .bind(why)
        .execute(&**tx)
        .await?;
    Ok(())
}
