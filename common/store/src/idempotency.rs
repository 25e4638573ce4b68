//! What callers were answered who sent a key with their request: asking again with the same
//! key gives the same answer, and does nothing.
//!
//! The answer is written in the transaction of what it tells of, so there is never one
//! without the other. Only what was done is kept: a refusal is judged anew.
//!
//! Source: the IETF draft `Idempotency-Key HTTP Header Field`.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use weir_domain::{Digest, Timestamp};

use crate::{
    StoreError, Tx,
    sql::{Count, by_index, sql},
};

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Most answers that one sweep forgets.
const BATCH: i64 = 500;
/// The class of our advisory locks on keys, apart from those of tasks.
const CLASS: i64 = 0x6964_656d;

/// One caller's name for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Who asks.
    pub caller: String,
    /// The name.
    pub key: String,
    /// Tells apart what is asked.
    pub fingerprint: Digest,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing, or what was known is too old.
    Nothing,
    /// The same was asked, and answered so.
    Answered(Answer),
    /// Something else was asked under that name.
    OfAnother,
    /// It is being done at this moment.
    InProgress,
}

/// Says what is known of a key.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    key: &Key,
    now: Timestamp,
) -> Result<Known, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        fingerprint: Vec<u8>,
        status: i64,
        body: String,
    }
    let row: Option<Row> = sql("SELECT fingerprint, status, body FROM idempotency_keys \
         WHERE caller = $1 AND key = $2 AND created_at > $3")
    .bind(key.caller.as_str())
    .bind(key.key.as_str())
    .bind(now.minus(KEPT).0)
    .one(connection)
    .await?;
    Ok(match row {
        None => Known::Nothing,
        Some(row) if row.fingerprint != key.fingerprint.0 => Known::OfAnother,
        Some(row) => Known::Answered(Answer {
            status: u16::try_from(row.status).unwrap_or(200),
            body: row.body,
        }),
    })
}

/// As [`find`], and keeps others with the same key from doing it until the transaction ends.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// Waits for nobody: who comes second while the first is at it learns [`Known::InProgress`].
/// `SQLite`'s write transactions exclude each other, so there the second finds the answer.
pub async fn begin(tx: &Tx, key: &Key, now: Timestamp) -> Result<Known, StoreError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let name = format!("{}\n{}", key.caller, key.key);
        let slot = Digest::of(name.as_bytes()).0;
        let slot = i32::from_be_bytes([slot[0], slot[1], slot[2], slot[3]]);
        let taken: Option<Count> = sql("SELECT CAST(CAST(pg_try_advisory_xact_lock(\
             CAST($1 AS INTEGER), CAST($2 AS INTEGER)) AS INTEGER) AS BIGINT) AS n")
        .bind(CLASS)
        .bind(i64::from(slot))
        .one(&**tx)
        .await?;
        if taken.is_none_or(|row| row.n == 0) {
            return Ok(Known::InProgress);
        }
    }
    find(&**tx, key, now).await
}

/// Keeps the answer of a key that [`begin`] knew nothing of.
///
/// # Errors
/// If the database refuses.
pub async fn record(tx: &Tx, key: &Key, answer: &Answer, now: Timestamp) -> Result<(), StoreError> {
    sql(
        "INSERT INTO idempotency_keys (caller, key, fingerprint, status, body, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (caller, key) DO UPDATE SET \
         fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, \
         created_at = excluded.created_at",
    )
    .bind(key.caller.as_str())
    .bind(key.key.as_str())
    .bind(key.fingerprint.0.to_vec())
    .bind(i64::from(answer.status))
    .bind(answer.body.as_str())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Forgets answers that are too old, some at a time; says how many.
///
/// # Errors
/// If the database refuses.
pub async fn expire(tx: &Tx, now: Timestamp) -> Result<u64, StoreError> {
    sql(format!(
        "DELETE FROM idempotency_keys WHERE (caller, key) IN (SELECT caller, key \
         FROM idempotency_keys {} WHERE created_at <= $1 ORDER BY created_at LIMIT $2)",
        by_index(&**tx, "idempotency_keys_at")
    ))
    .bind(now.minus(KEPT).0)
    .bind(BATCH)
    .execute(&**tx)
    .await
}
