//! Workers whose disk is low, and who begin no syncs therefore.
//!
//! One row of `settings` a worker, believed for a while: one that dies takes nothing back.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use weir_domain::{Timestamp, WorkerId};

use crate::{
    StoreError, Tx,
    sql::{Text, sql},
};

/// How long a row is believed; it is renewed sooner.
pub const BELIEVED: Duration = Duration::from_secs(30);

const PREFIX: &str = "shortage:";

/// Records what a worker is short of.
///
/// # Errors
/// If the database refuses.
pub async fn put(tx: &Tx, worker: WorkerId, text: &str, now: Timestamp) -> Result<(), StoreError> {
    sql(
        "INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, $3) \
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
    )
    .bind(format!("{PREFIX}{worker}"))
    .bind(text)
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Takes it back, and forgets what dead workers said.
///
/// # Errors
/// If the database refuses.
pub async fn remove(tx: &Tx, worker: WorkerId, now: Timestamp) -> Result<(), StoreError> {
    sql("DELETE FROM settings WHERE key = $1 OR (key LIKE $2 AND updated_at < $3)")
        .bind(format!("{PREFIX}{worker}"))
        .bind(format!("{PREFIX}%"))
        .bind(now.minus(BELIEVED).0)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Returns what a worker is short of now, if one is.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let row: Option<Text> = sql(
        "SELECT value FROM settings WHERE key LIKE $1 AND updated_at >= $2 \
         ORDER BY key LIMIT 1",
    )
    .bind(format!("{PREFIX}%"))
    .bind(now.minus(BELIEVED).0)
    .one(connection)
    .await?;
    Ok(row.map(|row| row.value))
}
