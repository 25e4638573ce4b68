//! The database's clock: the only one that decides about rows.
//!
//! Workers' clocks are never compared with each other; a lease expires when the database
//! says so.

use sea_orm::{ConnectionTrait, DbBackend};
use weir_domain::Timestamp;

use crate::{
    StoreError,
    sql::{Count, sql},
};

/// Returns the present instant by the database's clock.
///
/// # Errors
/// If the database cannot be asked.
pub async fn now(connection: &impl ConnectionTrait) -> Result<Timestamp, StoreError> {
    let text = match connection.get_database_backend() {
        DbBackend::Sqlite => "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS n",
        _ => "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS n",
    };
    let row: Option<Count> = sql(text).one(connection).await?;
    Ok(Timestamp(row.map_or(0, |row| row.n)))
}
