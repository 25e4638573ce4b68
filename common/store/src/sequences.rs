//! Numbers in the order of commits, without gaps.
//!
//! A row's id is given when it is inserted, not when it becomes visible: who reads on from
//! the highest id it saw misses a row that is committed late. So some rows get a second
//! number. On `SQLite` it comes with the insertion, whose transaction excludes all others
//! until it is over. On `PostgreSQL` whoever leads gives it to what is committed
//! already, holding the counter's row: see [`number`].

use sea_orm::{ConnectionTrait, DbBackend};

use crate::{
    StoreError, Tx,
    sql::{Count, sql},
};

/// Most rows that one call numbers.
const BATCH: i64 = 1000;

/// A table whose rows are numbered; the words are those of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// What caches must forget.
    Invalidations,
}

impl Sequence {
    fn table(self) -> &'static str {
        match self {
            Self::Invalidations => "invalidations",
        }
    }
}

/// Returns the number for a row that this transaction inserts; `None` where it is given
/// later.
pub(crate) async fn next(tx: &Tx, sequence: Sequence) -> Result<Option<i64>, StoreError> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        return Ok(None);
    }
    let row: Option<Count> =
        sql("UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value AS n")
            .bind(sequence.table())
            .one(&**tx)
            .await?;
    Ok(row.map(|row| row.n))
}

/// Returns the last number given.
///
/// # Errors
/// If the database cannot be asked.
pub async fn last(
    connection: &impl ConnectionTrait,
    sequence: Sequence,
) -> Result<i64, StoreError> {
    let row: Option<Count> = sql("SELECT value AS n FROM counters WHERE name = $1")
        .bind(sequence.table())
        .one(connection)
        .await?;
    Ok(row.map_or(0, |row| row.n))
}

/// Says whether committed rows wait for their number.
///
/// # Errors
/// If the database cannot be asked.
pub async fn is_behind(
    connection: &impl ConnectionTrait,
    sequence: Sequence,
) -> Result<bool, StoreError> {
    let table = sequence.table();
    let row: Option<Count> = sql(format!(
        "SELECT id AS n FROM {table} WHERE seq IS NULL LIMIT 1"
    ))
    .one(connection)
    .await?;
    Ok(row.is_some())
}

/// Numbers committed rows, oldest first; says how many.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// One at a time: the second waits for the first, and then sees what that one numbered.
pub async fn number(tx: &Tx, sequence: Sequence) -> Result<u64, StoreError> {
    let table = sequence.table();
    // A statement of its own: the next one sees whatever was numbered before the lock.
    sql("UPDATE counters SET value = value WHERE name = $1")
        .bind(table)
        .execute(&**tx)
        .await?;
    let numbered = sql(format!(
        "UPDATE {table} SET seq = fresh.place + (SELECT value FROM counters WHERE name = $1) \
         FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM {table} \
         WHERE seq IS NULL ORDER BY id LIMIT $2) AS fresh WHERE {table}.id = fresh.id"
    ))
    .bind(table)
    .bind(BATCH)
    .execute(&**tx)
    .await?;
    sql("UPDATE counters SET value = value + $2 WHERE name = $1")
        .bind(table)
        .bind(i64::try_from(numbered).unwrap_or(0))
        .execute(&**tx)
        .await?;
    Ok(numbered)
}
