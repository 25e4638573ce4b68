//! Hints: references that somebody (a webhook) says have changed, kept until an incremental run
//! is submitted for them.
//!
//! A hint keeps the time of its first mention: who hints again and again delays nothing. Taking
//! deletes; a hint that comes while others are taken is either among them or stays for the next.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{RegistryId, Timestamp, catalogue::Reference};

use crate::{
    StoreError, Tx,
    sql::{Text, sql},
};

/// Notes that a reference of a source is said to have changed.
///
/// # Errors
/// If the database refuses.
pub async fn hint(
    tx: &Tx,
    registry: RegistryId,
    reference: &Reference,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql(
        "INSERT INTO catalogue_hints (registry_id, reference, at) VALUES ($1, $2, $3) \
         ON CONFLICT (registry_id, reference) DO NOTHING",
    )
    .bind(registry.0)
    .bind(reference.to_string())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Returns the sources whose oldest hint is not younger than `bound`.
///
/// # Errors
/// If the database cannot be asked.
pub async fn hinted(
    connection: &impl ConnectionTrait,
    bound: Timestamp,
) -> Result<Vec<RegistryId>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        registry_id: Uuid,
    }
    let rows: Vec<Row> =
        sql("SELECT DISTINCT registry_id FROM catalogue_hints WHERE at <= $1 ORDER BY registry_id")
            .bind(bound.0)
            .all(connection)
            .await?;
    let registries = rows.into_iter().map(|row| RegistryId(row.registry_id));
    Ok(registries.collect())
}

/// Takes all hints of a source, young ones too: whoever takes them sees to them.
///
/// # Errors
/// If the database refuses, or holds something unreadable.
pub async fn take_hints(tx: &Tx, registry: RegistryId) -> Result<BTreeSet<Reference>, StoreError> {
    let rows: Vec<Text> =
        sql("DELETE FROM catalogue_hints WHERE registry_id = $1 RETURNING reference AS value")
            .bind(registry.0)
            .all(&**tx)
            .await?;
    let read = |row: Text| {
        row.value.parse().map_err(|_| StoreError::Corrupt {
            table: "catalogue_hints",
            column: "reference",
            id: row.value,
        })
    };
    rows.into_iter().map(read).collect()
}
