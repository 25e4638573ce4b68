//! Where sealed secrets are: every column of the database that only a configured key opens.
//!
//! They can be sealed anew, one by one, while everything runs: each is replaced only if it is
//! still what was read.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::{StoreError, Tx, sql::sql};

/// Table, its key, column, and what a secret's place is called before that key.
const COLUMNS: [(&str, &str, &str, &str); 4] = [
    ("users", "id", "otp_secret", "users.otp_secret"),
    ("users", "id", "otp_pending", "users.otp_secret"),
    ("registries", "id", "credentials", "registries.credentials"),
    (
        "catalogue_sources",
        "registry_id",
        "webhook_secret",
        "catalogue_sources.webhook_secret",
    ),
];

/// A sealed secret, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    table: &'static str,
    key: &'static str,
    column: &'static str,
    id: Uuid,
    /// What it was sealed for.
    pub place: String,
    /// As stored.
    pub bytes: Vec<u8>,
}

/// Returns every sealed secret.
///
/// # Errors
/// If the database cannot be asked.
pub async fn list(connection: &impl ConnectionTrait) -> Result<Vec<Sealed>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        bytes: Vec<u8>,
    }
    let mut all = Vec::new();
    for (table, key, column, place) in COLUMNS {
        let rows: Vec<Row> = sql(format!(
            "SELECT {key} AS id, {column} AS bytes FROM {table} WHERE {column} IS NOT NULL ORDER BY 1"
        ))
        .all(connection)
        .await?;
        all.extend(rows.into_iter().map(|row| Sealed {
            table,
            key,
            column,
            id: row.id,
            place: format!("{place}:{}", row.id.as_hyphenated()),
            bytes: row.bytes,
        }));
    }
    Ok(all)
}

/// Puts other bytes in the place of a secret; says whether it was still there.
///
/// # Errors
/// If the database refuses.
pub async fn replace(tx: &Tx, secret: &Sealed, bytes: Vec<u8>) -> Result<bool, StoreError> {
    let Sealed {
        table, key, column, ..
    } = secret;
    let replaced = sql(format!(
        "UPDATE {table} SET {column} = $1 WHERE {key} = $2 AND {column} = $3"
    ))
    .bind(bytes)
    .bind(secret.id)
    .bind(secret.bytes.clone())
    .execute(&**tx)
    .await?;
    Ok(replaced > 0)
}
