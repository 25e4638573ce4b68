//! What registries answered about signatures: kept, so that it can be given again when they
//! cannot be asked, and so that they are not asked for each version of each installation.

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{RegistryId, Timestamp};

use crate::{StoreError, Tx, sql::sql};

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The document; `None` if the registry has none, for certain.
    pub body: Option<Vec<u8>>,
    /// When.
    pub fetched_at: Timestamp,
}

/// Returns what a registry last answered to a path.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    registry: RegistryId,
    path: &str,
) -> Result<Option<KeptAnswer>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        body: Option<Vec<u8>>,
        fetched_at: i64,
    }
    let row: Option<Row> =
        sql("SELECT body, fetched_at FROM kept_answers WHERE registry_id = $1 AND path = $2")
            .bind(registry.0)
            .bind(path)
            .one(connection)
            .await?;
    Ok(row.map(|row| KeptAnswer {
        body: row.body,
        fetched_at: Timestamp(row.fetched_at),
    }))
}

/// Keeps an answer in the place of an earlier one.
///
/// # Errors
/// If the database refuses.
pub async fn put(
    tx: &Tx,
    (registry, path): (RegistryId, &str),
    answer: &KeptAnswer,
) -> Result<(), StoreError> {
    sql(
        "INSERT INTO kept_answers (registry_id, path, body, fetched_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (registry_id, path) DO UPDATE SET body = excluded.body, \
         fetched_at = excluded.fetched_at",
    )
    .bind(registry.0)
    .bind(path)
    .bind(answer.body.clone())
    .bind(answer.fetched_at.0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Removes answers that there was none, given before a moment, and documents that were last
/// fetched before another.
///
/// # Errors
/// If the database refuses.
pub async fn prune(
    tx: &Tx,
    absent_before: Timestamp,
    before: Timestamp,
) -> Result<u64, StoreError> {
    sql("DELETE FROM kept_answers WHERE (body IS NULL AND fetched_at < $1) OR fetched_at < $2")
        .bind(absent_before.0)
        .bind(before.0)
        .execute(&**tx)
        .await
}
