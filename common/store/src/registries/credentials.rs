//! What proves to upstreams who we are: sealed, and bound to its row.
//!
//! Sealing and opening is the business of whoever holds the key; here are only bytes.

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{RegistryId, Timestamp};

use super::get;
use crate::{
    StoreError, Topic, Tx, invalidations,
    sql::{Count, sql},
};

/// Returns the place that a registry's credentials are sealed for.
pub fn credentials_place(id: RegistryId) -> String {
    format!("registries.credentials:{id}")
}

/// Returns a registry's sealed credentials, if it has any.
///
/// # Errors
/// If the database cannot be asked.
pub async fn sealed_credentials(
    connection: &impl ConnectionTrait,
    id: RegistryId,
) -> Result<Option<Vec<u8>>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        credentials: Option<Vec<u8>>,
    }
    let row: Option<Row> = sql("SELECT credentials FROM registries WHERE id = $1")
        .bind(id.0)
        .one(connection)
        .await?;
    Ok(row.and_then(|row| row.credentials))
}

/// Replaces a registry's credentials, or takes them away.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such registry.
pub async fn set_credentials(
    tx: &Tx,
    id: RegistryId,
    sealed: Option<&[u8]>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let registry = get(&**tx, id).await?;
    sql("UPDATE registries SET credentials = $2, updated_at = $3 WHERE id = $1")
        .bind(id.0)
        .bind(sealed.map(<[u8]>::to_vec))
        .bind(now.0)
        .execute(&**tx)
        .await?;
    invalidations::insert(tx, Topic::Registry, &registry.slug, now).await
}

/// Says whether any registry has credentials.
///
/// # Errors
/// If the database cannot be asked.
pub async fn has_credentials(connection: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let row: Option<Count> =
        sql("SELECT COUNT(*) AS n FROM registries WHERE credentials IS NOT NULL")
            .one(connection)
            .await?;
    Ok(row.is_some_and(|row| row.n > 0))
}
