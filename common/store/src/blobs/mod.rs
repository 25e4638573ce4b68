//! Which blobs there are, and how far each is on its way in or out.
//!
//! ```text
//! announce       stored       nobody refers to it      … for a day      file and row are gone
//!   ──▶ pending ──▶ stored ─────────────────▶ doomed ──────▶ deleting ──▶
//!          ▲                                    │   (put anew)
//!          └────────────────────────────────────┘
//! ```
//!
//! Only a stored blob may be referred to, in a transaction that calls [`stored`] too. Whoever puts one that is being deleted waits: the
//! file goes by its name, and nobody can tell the new one from the old.

mod collect;
mod damage;
mod proof;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Value};
use weir_domain::{Digest, Timestamp};

use crate::{StoreError, Tx, sql::sql};
pub use collect::{Census, adopt, begin_deletion, census, doom, forget, missing, page};
pub use damage::{Damage, condemn};
#[cfg(test)]
pub(crate) use proof::waiting;
pub use proof::{due, of_package, proven};

/// Most rows in one statement.
const BATCH: usize = 500;

/// Somebody deletes it, or did since it was announced: put it again.
const GONE: StoreError = StoreError::Changed("blob");

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
/// [`StoreError::Changed`] while one of them is being deleted: that takes moments.
pub async fn announce(tx: &Tx, blobs: &[(Digest, u64)], now: Timestamp) -> Result<(), StoreError> {
    for batch in in_order(blobs).chunks(BATCH) {
        let values = batch
            .iter()
            .flat_map(|(digest, size)| row_values(digest, *size, now))
            .collect();
        // An announcement never takes a stored blob back.
        let announced = sql(
            "INSERT INTO blobs (digest, size_bytes, state, touched_at) VALUES $* \
             ON CONFLICT (digest) DO UPDATE SET touched_at = excluded.touched_at, \
             state = CASE WHEN blobs.state = 'stored' THEN 'stored' ELSE 'pending' END \
             WHERE blobs.state <> 'deleting'",
        )
        .bind_rows(4, values)
        .execute(&**tx)
        .await?;
        if announced < batch.len() as u64 {
            return Err(GONE);
        }
    }
    Ok(())
}

/// Records announced blobs whose bytes are durably in place, in the transaction that refers
/// to them.
///
/// # Errors
/// [`StoreError::Changed`] if one was collected since: it must be put again.
pub async fn stored(tx: &Tx, blobs: &[(Digest, u64)], now: Timestamp) -> Result<(), StoreError> {
    for batch in in_order(blobs).chunks(BATCH) {
        let digests = || batch.iter().map(|(digest, _)| digest.0.to_vec());
        if tx.get_database_backend() == DbBackend::Postgres {
            sql("SELECT digest FROM blobs WHERE digest IN ($*) ORDER BY digest FOR UPDATE")
                .bind_all(digests())
                .execute(&**tx)
                .await?;
        }
        let stored = sql(
            "UPDATE blobs SET state = 'stored', touched_at = $1, verified_at = $1 \
             WHERE state IN ('pending', 'stored') AND digest IN ($*)",
        )
        .bind(now.0)
        .bind_all(digests())
        .execute(&**tx)
        .await?;
        if stored < batch.len() as u64 {
            return Err(GONE);
        }
    }
    Ok(())
}

/// Each once (a statement may not touch a row twice), and in one order everywhere, so that
/// two transactions never wait for each other.
fn in_order(blobs: &[(Digest, u64)]) -> Vec<(Digest, u64)> {
    let blobs: BTreeMap<Digest, u64> = blobs.iter().copied().collect();
    blobs.into_iter().collect()
}

/// A row that is on its way in.
fn row_values(digest: &Digest, size: u64, now: Timestamp) -> [Value; 4] {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    [
        digest.0.to_vec().into(),
        size.into(),
        "pending".into(),
        now.0.into(),
    ]
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
    rows.into_iter().map(Row::read).collect()
}

impl Row {
    fn read(self) -> Result<(Digest, u64), StoreError> {
        let size = u64::try_from(self.size_bytes).unwrap_or(0);
        Ok((read_digest(&self.digest)?, size))
    }
}

fn read_digest(bytes: &[u8]) -> Result<Digest, StoreError> {
    Digest::from_slice(bytes).ok_or_else(|| StoreError::Corrupt {
        table: "blobs",
        column: "digest",
        id: format!("{bytes:02x?}"),
    })
}
