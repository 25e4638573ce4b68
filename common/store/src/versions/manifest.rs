//! Reading manifests as upstream wrote them, those that may be shown.

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{
    PackageId, Version,
    manifest::{Span, StoredManifest, UrlSpans},
};

use super::{VISIBLE, corrupt};
use crate::{StoreError, sql::sql};

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
