//! When each mirrored package is looked at again.
//!
//! A registry has an interval, and every package its own moment in it, by its name: so they are
//! spread evenly however many came at once, and come in the same order each time.

use std::time::Duration;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Digest, PackageId, PackageName, RegistryId, Timestamp};

use crate::{StoreError, Tx, sql::sql};

/// Returns the registries whose packages are looked at again, with their intervals.
///
/// # Errors
/// If the database cannot be asked.
pub async fn registries(
    connection: &impl ConnectionTrait,
) -> Result<Vec<(RegistryId, Duration)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        resync_interval_ms: i64,
    }
    let rows: Vec<Row> =
        sql("SELECT id, resync_interval_ms FROM registries WHERE resync_interval_ms > 0")
            .all(connection)
            .await?;
    let read = |row: Row| {
        let interval = Duration::from_millis(row.resync_interval_ms.unsigned_abs());
        (RegistryId(row.id), interval)
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Sets a registry's interval; zero is never. Another one gives all its packages new moments.
///
/// # Errors
/// If the database refuses.
pub async fn set_interval(
    tx: &Tx,
    registry: RegistryId,
    interval: Duration,
) -> Result<(), StoreError> {
    let interval = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
    let changed = sql("UPDATE registries SET resync_interval_ms = $2 \
         WHERE id = $1 AND resync_interval_ms <> $2")
    .bind(registry.0)
    .bind(interval)
    .execute(&**tx)
    .await?;
    if changed > 0 {
        sql("UPDATE packages SET resync_at = NULL WHERE registry_id = $1")
            .bind(registry.0)
            .execute(&**tx)
            .await?;
    }
    Ok(())
}

/// A package whose turn has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The package.
    pub package: PackageId,
    /// Its name.
    pub name: PackageName,
    /// When a sync of it last ended well.
    pub synced_at: Option<Timestamp>,
    /// Whether upstream no longer has it, and what to do about that is done.
    pub is_gone: bool,
    /// Whether an operator blocked it.
    pub is_blocked: bool,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    synced_at: Option<i64>,
    is_gone: bool,
    is_blocked: bool,
}

/// The columns of a [`Row`], from `packages p`.
const COLUMNS: &str = "p.id, p.name, p.synced_at, EXISTS (SELECT 1 FROM removals r \
     WHERE r.package_id = p.id AND r.version = '' AND r.outcome IS NOT NULL) AS is_gone, EXISTS (SELECT 1 FROM blocks b \
     WHERE b.name = p.name AND b.version = '' AND b.source = 'operator') AS is_blocked";

/// Returns up to `limit` packages of a registry that have no moment yet.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn unset(
    connection: &impl ConnectionTrait,
    registry: RegistryId,
    limit: i64,
) -> Result<Vec<Due>, StoreError> {
    let rows: Vec<Row> = sql(format!(
        "SELECT {COLUMNS} FROM packages p \
         WHERE registry_id = $1 AND resync_at IS NULL AND revision > 0 LIMIT $2"
    ))
    .bind(registry.0)
    .bind(limit)
    .all(connection)
    .await?;
    rows.into_iter().map(Due::try_from).collect()
}

/// Returns up to `limit` packages of a registry whose moment has come, earliest first.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn due(
    connection: &impl ConnectionTrait,
    registry: RegistryId,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<Due>, StoreError> {
    let rows: Vec<Row> = sql(format!(
        "SELECT {COLUMNS} FROM packages p \
         WHERE registry_id = $1 AND resync_at <= $2 ORDER BY resync_at LIMIT $3"
    ))
    .bind(registry.0)
    .bind(now.0)
    .bind(limit)
    .all(connection)
    .await?;
    rows.into_iter().map(Due::try_from).collect()
}

impl TryFrom<Row> for Due {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            package: PackageId(row.id),
            name: PackageName::parse(&row.name).map_err(|_| StoreError::Corrupt {
                table: "packages",
                column: "name",
                id: row.name,
            })?,
            synced_at: row.synced_at.map(Timestamp),
            is_gone: row.is_gone,
            is_blocked: row.is_blocked,
        })
    }
}

/// Sets when a package's turn comes.
///
/// # Errors
/// If the database refuses.
pub async fn set(tx: &Tx, package: PackageId, at: Timestamp) -> Result<(), StoreError> {
    sql("UPDATE packages SET resync_at = $2 WHERE id = $1")
        .bind(package.0)
        .bind(at.0)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Returns the package's first moment that lies at least half an interval after `now`.
pub fn next(name: &PackageName, interval: Duration, now: Timestamp) -> Timestamp {
    let interval_ms = i64::try_from(interval.as_millis())
        .unwrap_or(i64::MAX)
        .max(1);
    let digest = Digest::of(name.as_str().as_bytes());
    let mut leading = [0; 8];
    leading.copy_from_slice(&digest.0[..8]);
    let place = i64::from_be_bytes(leading).rem_euclid(interval_ms);
    let earliest = now.plus(interval / 2);
    let ahead = (place - earliest.0).rem_euclid(interval_ms);
    Timestamp(earliest.0.saturating_add(ahead))
}
