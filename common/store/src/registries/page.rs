//! Registries as lists show them: with their times, and whether they have credentials.

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{Registry, Timestamp};

use super::{COLUMNS, Row, word_id};
use crate::{
    StoreError,
    sql::{Count, sql},
};

/// A registry, and what else may be told of its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The registry.
    pub registry: Registry,
    /// Whether something proves to it who we are.
    pub has_credentials: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

#[derive(FromQueryResult)]
struct EntryRow {
    #[sea_orm(nested)]
    registry: Row,
    has_credentials: bool,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        Ok(Self {
            registry: row.registry.try_into()?,
            has_credentials: row.has_credentials,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        })
    }
}

fn select(rest: &str) -> String {
    format!(
        "SELECT {COLUMNS}, created_at, updated_at, credentials IS NOT NULL AS has_credentials \
         FROM registries {rest}"
    )
}

/// Returns the registry a caller means: by slug, name or id.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find_entry(
    connection: &impl ConnectionTrait,
    word: &str,
) -> Result<Option<Entry>, StoreError> {
    let row: Option<EntryRow> = sql(select("WHERE slug = $1 OR name = $1 OR id = $2 LIMIT 1"))
        .bind(word)
        .bind(word_id(word))
        .one(connection)
        .await?;
    row.map(Entry::try_from).transpose()
}

/// Returns some registries by their slugs, and how many there are in all.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn page(
    connection: &impl ConnectionTrait,
    (skipped, most): (i64, i64),
) -> Result<(Vec<Entry>, u64), StoreError> {
    let rows: Vec<EntryRow> = sql(select("ORDER BY slug LIMIT $1 OFFSET $2"))
        .bind(most)
        .bind(skipped)
        .all(connection)
        .await?;
    let total: Option<Count> = sql("SELECT COUNT(*) AS n FROM registries")
        .one(connection)
        .await?;
    let total = total.map_or(0, |total| total.n.unsigned_abs());
    let entries = rows.into_iter().map(Entry::try_from);
    Ok((entries.collect::<Result<_, _>>()?, total))
}
