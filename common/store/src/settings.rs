//! Small values that processes share, by key.

use sea_orm::ConnectionTrait;
use weir_domain::Timestamp;

use crate::{
    StoreError, Topic, Tx, invalidations,
    sql::{Text, sql},
};

/// Returns the value under `key`, if there is one.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<String>, StoreError> {
    let row: Option<Text> = sql("SELECT value FROM settings WHERE key = $1")
        .bind(key)
        .one(connection)
        .await?;
    Ok(row.map(|row| row.value))
}

/// Sets the value under `key`; says whether that changed anything.
///
/// # Errors
/// If the database refuses.
pub async fn put(tx: &Tx, key: &str, value: &str, now: Timestamp) -> Result<bool, StoreError> {
    if find(&**tx, key).await?.as_deref() == Some(value) {
        return Ok(false);
    }
    sql(
        "INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, $3) \
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
    )
    .bind(key)
    .bind(value)
    .bind(now.0)
    .execute(&**tx)
    .await?;
    invalidations::insert(tx, Topic::Setting, key, now).await?;
    Ok(true)
}
