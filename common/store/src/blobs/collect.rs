//! The way out: what nobody refers to is doomed, a day later deleted.
//!
//! A day, because a reader may have read the row that referred to it and not yet opened the
//! file. A deletion begins by a commit, so every put from then on waits until it is over.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{Digest, Timestamp};

use super::{BATCH, Row, read_digest, row_values};
use crate::{StoreError, Tx, sql::sql};

/// True of a row `b` of `blobs` that nothing refers to. Every table with a digest of a blob
/// stands here.
const UNREFERENCED: &str = "NOT EXISTS (SELECT 1 FROM package_versions v WHERE v.tarball_digest = b.digest) \
     AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.digest = b.digest)";

/// Returns up to `limit` blobs after `after` in digest order, each with whether it could be
/// doomed: untouched since `bound`, and nothing refers to it.
///
/// # Errors
/// If the database cannot be asked.
pub async fn page(
    connection: &impl ConnectionTrait,
    after: Option<Digest>,
    bound: Timestamp,
    limit: i64,
) -> Result<Vec<(Digest, bool)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Seen {
        digest: Vec<u8>,
        is_waste: bool,
    }
    let rows: Vec<Seen> = sql(format!(
        "SELECT b.digest, (b.state IN ('pending', 'stored') AND b.touched_at < $1 AND {UNREFERENCED}) \
         AS is_waste FROM blobs b WHERE b.digest > $2 ORDER BY b.digest LIMIT $3"
    ))
    .bind(bound.0)
    .bind(after.map_or_else(Vec::new, |digest| digest.0.to_vec()))
    .bind(limit)
    .all(connection)
    .await?;
    let read = |row: Seen| Ok((read_digest(&row.digest)?, row.is_waste));
    rows.into_iter().map(read).collect()
}

/// Dooms those of `blobs` that are still untouched since `bound` and that nothing refers to;
/// says how many.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// Who comes to refer to one of them touches its row: that makes this one pass, or finds it
/// doomed and puts it again.
pub async fn doom(
    tx: &Tx,
    blobs: &[Digest],
    bound: Timestamp,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut doomed = 0;
    for batch in blobs.chunks(BATCH) {
        doomed += sql(format!(
            "UPDATE blobs AS b SET state = 'doomed', touched_at = $1 WHERE b.touched_at < $2 \
             AND b.state IN ('pending', 'stored') AND {UNREFERENCED} AND b.digest IN ($*)"
        ))
        .bind(now.0)
        .bind(bound.0)
        .bind_all(batch.iter().map(|digest| digest.0.to_vec()))
        .execute(&**tx)
        .await?;
    }
    Ok(doomed)
}

/// Begins to delete up to `limit` blobs that were doomed before `doomed_before`, and takes over
/// deletions that somebody began before `begun_before` and did not end. The caller removes the
/// files, then calls [`forget`].
///
/// # Errors
/// If the database refuses.
pub async fn begin_deletion(
    tx: &Tx,
    (doomed_before, begun_before): (Timestamp, Timestamp),
    limit: i64,
    now: Timestamp,
) -> Result<Vec<(Digest, u64)>, StoreError> {
    let mut begun = Vec::new();
    for (state, bound, only) in [
        ("deleting", begun_before, "true"),
        ("doomed", doomed_before, UNREFERENCED),
    ] {
        let rows: Vec<Row> = sql(format!(
            "UPDATE blobs AS b SET state = 'deleting', touched_at = $1 WHERE b.digest IN \
             (SELECT digest FROM blobs WHERE state = $2 AND touched_at < $3 ORDER BY touched_at LIMIT $4) \
             AND b.state = $2 AND b.touched_at < $3 AND {only} RETURNING digest, size_bytes"
        ))
        .bind(now.0)
        .bind(state)
        .bind(bound.0)
        .bind(limit)
        .all(&**tx)
        .await?;
        for row in rows {
            begun.push(row.read()?);
        }
    }
    Ok(begun)
}

/// Returns those of `blobs` that have no row.
///
/// # Errors
/// If the database cannot be asked.
pub async fn missing(
    connection: &impl ConnectionTrait,
    blobs: &[Digest],
) -> Result<HashSet<Digest>, StoreError> {
    let mut missing: HashSet<Digest> = blobs.iter().copied().collect();
    for batch in blobs.chunks(BATCH) {
        let rows: Vec<Row> = sql("SELECT digest, size_bytes FROM blobs WHERE digest IN ($*)")
            .bind_all(batch.iter().map(|digest| digest.0.to_vec()))
            .all(connection)
            .await?;
        for row in rows {
            missing.remove(&row.read()?.0);
        }
    }
    Ok(missing)
}

/// Begins to delete files that have no row; returns those that still have none.
///
/// # Errors
/// If the database refuses.
pub async fn adopt(
    tx: &Tx,
    files: &[(Digest, u64)],
    now: Timestamp,
) -> Result<Vec<(Digest, u64)>, StoreError> {
    let mut adopted = Vec::new();
    for batch in files.chunks(BATCH) {
        let values = batch
            .iter()
            .flat_map(|(digest, size)| row_values(digest, *size, now))
            .collect();
        let rows: Vec<Row> = sql(
            "INSERT INTO blobs (digest, size_bytes, state, touched_at) VALUES $* \
             ON CONFLICT (digest) DO NOTHING RETURNING digest, size_bytes",
        )
        .bind_rows(4, values)
        .all(&**tx)
        .await?;
        for row in rows {
            adopted.push(row.read()?);
        }
    }
    for batch in adopted.chunks(BATCH) {
        sql("UPDATE blobs SET state = 'deleting' WHERE digest IN ($*)")
            .bind_all(batch.iter().map(|(digest, _)| digest.0.to_vec()))
            .execute(&**tx)
            .await?;
    }
    Ok(adopted)
}

/// Ends a deletion: the files are gone.
///
/// # Errors
/// If the database refuses.
pub async fn forget(tx: &Tx, blobs: &[Digest]) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    for batch in blobs.chunks(BATCH) {
        forgotten += sql("DELETE FROM blobs WHERE state = 'deleting' AND digest IN ($*)")
            .bind_all(batch.iter().map(|digest| digest.0.to_vec()))
            .execute(&**tx)
            .await?;
    }
    Ok(forgotten)
}

/// The blobs of one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// The state's word.
    pub state: String,
    /// How many.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When the bytes of that one were proven that waits longest.
    pub verified_since: Timestamp,
}

/// Counts the blobs by state; reads all rows.
///
/// # Errors
/// If the database cannot be asked.
pub async fn census(connection: &impl ConnectionTrait) -> Result<Vec<Census>, StoreError> {
    #[derive(FromQueryResult)]
    struct Sum {
        state: String,
        n: i64,
        bytes: i64,
        verified_since: i64,
    }
    let sums: Vec<Sum> = sql(
        "SELECT state, COUNT(*) AS n, CAST(SUM(size_bytes) AS BIGINT) AS bytes, \
         MIN(verified_at) AS verified_since FROM blobs GROUP BY state ORDER BY state",
    )
    .all(connection)
    .await?;
    let census = |sum: Sum| Census {
        state: sum.state,
        count: sum.n.unsigned_abs(),
        bytes: sum.bytes.unsigned_abs(),
        verified_since: Timestamp(sum.verified_since),
    };
    Ok(sums.into_iter().map(census).collect())
}
