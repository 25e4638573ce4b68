//! Preparing the next revision: what is staged becomes visible by `packages::flip`, or
//! is thrown away by the next attempt.

use weir_domain::{PackageId, Timestamp, Version, manifest::ManifestFacts};

use super::BATCH;
use crate::{StoreError, Tx, sql::sql};

/// A version ready to be staged.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// What was read from its manifest.
    pub facts: ManifestFacts,
    /// The manifest as upstream wrote it.
    pub raw: String,
    /// When upstream published it.
    pub published_at: Option<Timestamp>,
    /// Whether the tarball held for the row it replaces, if any, keeps this promise too.
    pub keeps_tarball: bool,
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

/// Stages new or changed versions for revision `next`.
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
        replace(
            tx,
            package,
            next,
            batch.iter().map(|new| &new.facts.version),
        )
        .await?;
        let keeping = batch.iter().filter(|new| new.keeps_tarball);
        for new in keeping {
            keep_tarball(tx, package, next, &new.facts.version).await?;
        }
    }
    Ok(())
}

/// Stages the end of the rows that those of revision `next` replace.
async fn replace(
    tx: &Tx,
    package: PackageId,
    next: i64,
    versions: impl Iterator<Item = &Version>,
) -> Result<(), StoreError> {
    sql("UPDATE package_versions SET removed_in = $1 \
         WHERE package_id = $2 AND added_in < $1 AND removed_in IS NULL AND version IN ($*)")
    .bind(next)
    .bind(package.0)
    .bind_all(versions.map(Version::as_str))
    .execute(&**tx)
    .await?;
    Ok(())
}

async fn keep_tarball(
    tx: &Tx,
    package: PackageId,
    next: i64,
    version: &Version,
) -> Result<(), StoreError> {
    sql(
        "UPDATE package_versions SET (tarball_digest, tarball_bytes) = \
         (SELECT o.tarball_digest, o.tarball_bytes FROM package_versions o \
         WHERE o.package_id = $1 AND o.version = $2 AND o.removed_in = $3) \
         WHERE package_id = $1 AND version = $2 AND added_in = $3",
    )
    .bind(package.0)
    .bind(version.as_str())
    .bind(next)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Stages that a version is no longer shown, with the reason, or is shown again (`None`).
///
/// # Errors
/// If the database refuses.
pub async fn stage_quarantine(
    tx: &Tx,
    package: PackageId,
    next: i64,
    (version, why): (&Version, Option<&str>),
) -> Result<(), StoreError> {
    const SAME: &str = "canonical_digest, raw, tarball_start, tarball_len, attestations_start, \
         attestations_len, tarball_url, integrity, is_deprecated, published_at, tarball_digest, \
         tarball_bytes";
    sql(format!(
        "INSERT INTO package_versions (package_id, version, added_in, quarantine, {SAME}) \
         SELECT package_id, version, $3, $4, {SAME} FROM package_versions \
         WHERE package_id = $1 AND version = $2 AND added_in < $3 AND removed_in IS NULL"
    ))
    .bind(package.0)
    .bind(version.as_str())
    .bind(next)
    .bind(why.map(str::to_owned))
    .execute(&**tx)
    .await?;
    replace(tx, package, next, std::iter::once(version)).await
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

/// Deletes rows that were removed from packages by flips before a moment, and returns how many:
/// no reader is old enough to see them.
///
/// # Errors
/// If the database refuses.
pub async fn purge_all_removed(tx: &Tx, before: Timestamp) -> Result<u64, StoreError> {
    sql(
        "DELETE FROM package_versions WHERE removed_in IS NOT NULL AND removed_in <= \
         (SELECT p.revision FROM packages p \
         WHERE p.id = package_versions.package_id AND p.updated_at < $1)",
    )
    .bind(before.0)
    .execute(&**tx)
    .await
}
