//! From where users signed in. Who comes from there is let try even while a flood of wrong
//! passwords keeps strangers waiting, so nobody can lock others out by trying.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use weir_domain::{Timestamp, UserId};

use crate::{
    StoreError, Tx,
    sql::{Count, sql},
};

/// How long a network is remembered after the last time.
const KEPT: Duration = Duration::from_secs(90 * 86_400);

/// Remembers that a user signed in from a network; what is long ago is forgotten.
///
/// # Errors
/// If the database refuses.
pub async fn remember_network(
    tx: &Tx,
    id: UserId,
    network: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql("DELETE FROM known_networks WHERE user_id = $1 AND last_at < $2")
        .bind(id.0)
        .bind(now.minus(KEPT).0)
        .execute(&**tx)
        .await?;
    sql(
        "INSERT INTO known_networks (user_id, network, last_at) VALUES ($1, $2, $3) \
         ON CONFLICT (user_id, network) DO UPDATE SET last_at = excluded.last_at",
    )
    .bind(id.0)
    .bind(network)
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Says whether the user of this name (its key) signed in from a network lately.
///
/// # Errors
/// If the database cannot be asked.
pub async fn knows_network(
    connection: &impl ConnectionTrait,
    name_key: &str,
    network: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row: Option<Count> = sql(
        "SELECT COUNT(*) AS n FROM known_networks k JOIN users u ON u.id = k.user_id \
         WHERE u.name_key = $1 AND k.network = $2 AND k.last_at >= $3",
    )
    .bind(name_key)
    .bind(network)
    .bind(now.minus(KEPT).0)
    .one(connection)
    .await?;
    Ok(row.is_some_and(|row| row.n > 0))
}

/// Forgets networks that nobody signed in from for long, at most `limit`; says how many.
///
/// # Errors
/// If the database refuses.
pub async fn forget_networks(tx: &Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    sql("DELETE FROM known_networks WHERE (user_id, network) IN \
         (SELECT user_id, network FROM known_networks WHERE last_at < $1 LIMIT $2)")
    .bind(now.minus(KEPT).0)
    .bind(limit)
    .execute(&**tx)
    .await
}
