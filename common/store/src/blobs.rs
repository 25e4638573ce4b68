//! Which blobs there are, and how far each is on its way in or out.
//!
//! `pending` (announced) → `stored` (file renamed and folder synced; only these may be
//! referenced) → `doomed` → `deleting`. The last two belong to the collector.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{Digest, Timestamp};

use crate::{StoreError, Tx, sql::sql};

/// Most rows in one statement.
const BATCH: usize = 500;

#[derive(FromQueryResult)]
struct Row {
    digest: Vec<u8>,
    size_bytes: i64,
}

/// What blobs in a state come to.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Total {
    /// The state.
    pub state: String,
    /// How many there are.
    pub count: i64,
    /// How large they are together.
    pub bytes: i64,
}

/// Returns what the blobs of each state come to. Reads every row: ask seldom.
///
/// # Errors
/// If the database cannot be asked.
pub async fn totals(connection: &impl ConnectionTrait) -> Result<Vec<Total>, StoreError> {
    sql(
        "SELECT state, COUNT(*) AS count, CAST(SUM(size_bytes) AS BIGINT) AS bytes \
         FROM blobs GROUP BY state ORDER BY state",
    )
    .all(connection)
    .await
}

/// Announces blobs that are about to be stored.
///
/// # Errors
/// If the database refuses.
pub async fn announce(tx: &Tx, blobs: &[(Digest, u64)], now: Timestamp) -> Result<(), StoreError> {
    insert(tx, blobs, "pending", now).await
}

/// Records blobs whose bytes are durably in place, in the transaction that refers to them.
///
/// # Errors
/// If the database refuses.
pub async fn stored(tx: &Tx, blobs: &[(Digest, u64)], now: Timestamp) -> Result<(), StoreError> {
    insert(tx, blobs, "stored", now).await
}

async fn insert(
    tx: &Tx,
    blobs: &[(Digest, u64)],
    state: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    // Each once (a statement may not touch a row twice), and in one order everywhere, so
    // that two transactions never wait for each other.
    let blobs: BTreeMap<Digest, u64> = blobs.iter().copied().collect();
    let blobs: Vec<_> = blobs.into_iter().collect();
    for batch in blobs.chunks(BATCH) {
        let values = batch
            .iter()
            .flat_map(|(digest, size)| {
                let size = i64::try_from(*size).unwrap_or(i64::MAX);
                [
                    digest.0.to_vec().into(),
                    size.into(),
                    state.into(),
                    now.0.into(),
                ]
            })
            .collect();
        // An announcement never takes a stored blob back.
        sql(
            "INSERT INTO blobs (digest, size_bytes, state, touched_at) VALUES $* \
             ON CONFLICT (digest) DO UPDATE SET touched_at = excluded.touched_at, \
             state = CASE WHEN blobs.state = 'stored' THEN 'stored' ELSE excluded.state END",
        )
        .bind_rows(4, values)
        .execute(&**tx)
        .await?;
    }
    Ok(())
}

/// Returns the size of a stored blob, if it is one.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find_stored(
    connection: &impl ConnectionTrait,
    digest: &Digest,
) -> Result<Option<u64>, StoreError> {
    let row: Option<Row> =
        sql("SELECT digest, size_bytes FROM blobs WHERE digest = $1 AND state = 'stored'")
            .bind(digest.0.to_vec())
            .one(connection)
            .await?;
    Ok(row.map(|row| u64::try_from(row.size_bytes).unwrap_or(0)))
}

/// Returns up to `limit` stored blobs after `after`, in digest order.
///
/// # Errors
/// If the database cannot be asked.
pub async fn list_stored(
    connection: &impl ConnectionTrait,
    after: Option<Digest>,
    limit: i64,
) -> Result<Vec<(Digest, u64)>, StoreError> {
    let rows: Vec<Row> = sql("SELECT digest, size_bytes FROM blobs \
         WHERE state = 'stored' AND digest > $1 ORDER BY digest LIMIT $2")
    .bind(after.map_or_else(Vec::new, |digest| digest.0.to_vec()))
    .bind(limit)
    .all(connection)
    .await?;
    let parse = |row: Row| {
        let digest = Digest::from_slice(&row.digest).ok_or_else(|| StoreError::Corrupt {
            table: "blobs",
            column: "digest",
            id: format!("{:02x?}", row.digest),
        })?;
        Ok((digest, u64::try_from(row.size_bytes).unwrap_or(0)))
    };
    rows.into_iter().map(parse).collect()
}
