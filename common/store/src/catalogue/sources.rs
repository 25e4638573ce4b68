//! Sources of the catalogue: what a registry of such a kind has beside its own row.
//!
//! A run of a source ends with [`completed`], in the transaction that ends its task: so a cursor
//! never says more than what is stored. When the next runs come is decided by a source's id and
//! its intervals ([`next`]): many sources are spread, and each keeps its moment.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Digest, RegistryId, Timestamp, catalogue::CatalogueSettings};

use super::remove;
use crate::{
    StoreError, Tx,
    sql::{Count, sql},
};

/// A source, and how far its runs are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Whose.
    pub registry: RegistryId,
    /// How it is read.
    pub settings: CatalogueSettings,
    /// Up to when its changes are known, by its own clock.
    pub cursor: Option<Timestamp>,
    /// When a full run comes by itself.
    pub next_full_at: Option<Timestamp>,
    /// When an incremental run does.
    pub next_incremental_at: Option<Timestamp>,
    /// When a full run last went well.
    pub full_at: Option<Timestamp>,
    /// When an incremental run last did.
    pub incremental_at: Option<Timestamp>,
    /// When a run last failed.
    pub failed_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Row {
    registry_id: Uuid,
    settings: String,
    cursor_at: Option<i64>,
    next_full_at: Option<i64>,
    next_incremental_at: Option<i64>,
    full_at: Option<i64>,
    incremental_at: Option<i64>,
    failed_at: Option<i64>,
}

const SELECT: &str = "SELECT registry_id, settings, cursor_at, next_full_at, \
     next_incremental_at, full_at, incremental_at, failed_at FROM catalogue_sources";

impl TryFrom<Row> for Source {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            registry: RegistryId(row.registry_id),
            settings: serde_json::from_str(&row.settings).map_err(|_| StoreError::Corrupt {
                table: "catalogue_sources",
                column: "settings",
                id: row.registry_id.to_string(),
            })?,
            cursor: row.cursor_at.map(Timestamp),
            next_full_at: row.next_full_at.map(Timestamp),
            next_incremental_at: row.next_incremental_at.map(Timestamp),
            full_at: row.full_at.map(Timestamp),
            incremental_at: row.incremental_at.map(Timestamp),
            failed_at: row.failed_at.map(Timestamp),
        })
    }
}

/// Returns the source that a registry is, if it is one.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find(
    connection: &impl ConnectionTrait,
    registry: RegistryId,
) -> Result<Option<Source>, StoreError> {
    let row: Option<Row> = sql(format!("{SELECT} WHERE registry_id = $1"))
        .bind(registry.0)
        .one(connection)
        .await?;
    row.map(Source::try_from).transpose()
}

/// As [`find`], and has everybody else who changes the source wait for this transaction; whoever
/// writes about its packages goes on.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, registry: RegistryId) -> Result<Option<Source>, StoreError> {
    let lock = match tx.get_database_backend() {
        DbBackend::Postgres => "FOR NO KEY UPDATE",
        _ => "",
    };
    let row: Option<Row> = sql(format!("{SELECT} WHERE registry_id = $1 {lock}"))
        .bind(registry.0)
        .one(&**tx)
        .await?;
    row.map(Source::try_from).transpose()
}

/// Returns all sources.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn list(connection: &impl ConnectionTrait) -> Result<Vec<Source>, StoreError> {
    let rows: Vec<Row> = sql(format!("{SELECT} ORDER BY registry_id"))
        .all(connection)
        .await?;
    rows.into_iter().map(Source::try_from).collect()
}

/// Returns the source's first moment that lies at least half an interval after `now`.
pub fn next(registry: RegistryId, interval: Duration, now: Timestamp) -> Timestamp {
    let interval_ms = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
    let digest = Digest::of(registry.0.as_bytes());
    let mut leading = [0; 8];
    leading.copy_from_slice(&digest.0[..8]);
    let earliest = now.plus(interval / 2);
    let place = i64::from_be_bytes(leading);
    let ahead = place
        .wrapping_sub(earliest.0)
        .rem_euclid(interval_ms.max(1));
    Timestamp(earliest.0.saturating_add(ahead))
}

/// Makes the registry a source, or reads it differently from now on.
///
/// Another place or protocol has another clock: then what changed is not asked from the former
/// cursor. Another interval gives it another moment.
///
/// # Errors
/// If the database refuses.
pub async fn put(
    tx: &Tx,
    registry: RegistryId,
    settings: &CatalogueSettings,
    now: Timestamp,
) -> Result<(), StoreError> {
    let former = find_for_update(tx, registry).await?;
    let text = serde_json::to_string(settings).map_err(|_| StoreError::Changed("source"))?;
    let kept = |former: &Source| {
        let theirs = &former.settings;
        let is_same =
            theirs.strategy == settings.strategy && theirs.repository == settings.repository;
        former.cursor.filter(|_| is_same)
    };
    let moment = |interval: Option<Duration>, former: Option<(Option<Duration>, _)>| match former {
        Some((before, at)) if before == interval => at,
        _ => interval.map(|interval| next(registry, interval, now)),
    };
    let full = former
        .as_ref()
        .map(|former| (former.settings.full_every(), former.next_full_at));
    let incremental = former.as_ref().map(|former| {
        let interval = former.settings.incremental_every();
        (interval, former.next_incremental_at)
    });
    sql(
        "INSERT INTO catalogue_sources (registry_id, settings, cursor_at, next_full_at, \
         next_incremental_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (registry_id) DO UPDATE SET \
         settings = excluded.settings, cursor_at = excluded.cursor_at, \
         next_full_at = excluded.next_full_at, next_incremental_at = excluded.next_incremental_at",
    )
    .bind(registry.0)
    .bind(text)
    .bind(former.as_ref().and_then(kept).map(|at| at.0))
    .bind(moment(settings.full_every(), full).map(|at| at.0))
    .bind(moment(settings.incremental_every(), incremental).map(|at| at.0))
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Has a registry be no source any more; everything that came from it goes with it.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// A run that is under way can write nothing more of it (see [`hold`]).
pub async fn remove(tx: &Tx, registry: RegistryId) -> Result<(), StoreError> {
    sql("DELETE FROM catalogue_sources WHERE registry_id = $1")
        .bind(registry.0)
        .execute(&**tx)
        .await?;
    sql("DELETE FROM catalogue_hints WHERE registry_id = $1")
        .bind(registry.0)
        .execute(&**tx)
        .await?;
    remove::everything_of(tx, registry).await
}

/// Keeps the source from being removed until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`] if it is.
pub(super) async fn hold(tx: &Tx, registry: RegistryId) -> Result<(), StoreError> {
    let lock = match tx.get_database_backend() {
        DbBackend::Postgres => "FOR KEY SHARE",
        _ => "",
    };
    let row: Option<Count> = sql(format!(
        "SELECT CAST(1 AS BIGINT) AS n FROM catalogue_sources WHERE registry_id = $1 {lock}"
    ))
    .bind(registry.0)
    .one(&**tx)
    .await?;
    row.map(drop).ok_or_else(|| not_found(registry))
}

fn not_found(registry: RegistryId) -> StoreError {
    StoreError::NotFound {
        what: "source",
        id: registry.to_string(),
    }
}

/// Returns what webhooks of the source are signed with, sealed, if there is something.
///
/// # Errors
/// If the database cannot be asked.
pub async fn sealed_webhook_secret(
    connection: &impl ConnectionTrait,
    registry: RegistryId,
) -> Result<Option<Vec<u8>>, StoreError> {
    #[derive(FromQueryResult)]
    struct Secret {
        webhook_secret: Option<Vec<u8>>,
    }
    let row: Option<Secret> =
        sql("SELECT webhook_secret FROM catalogue_sources WHERE registry_id = $1")
            .bind(registry.0)
            .one(connection)
            .await?;
    Ok(row.and_then(|row| row.webhook_secret))
}

/// Says whether webhooks of any source are signed with something.
///
/// # Errors
/// If the database cannot be asked.
pub async fn has_webhook_secrets(connection: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let row: Option<Count> =
        sql("SELECT COUNT(*) AS n FROM catalogue_sources WHERE webhook_secret IS NOT NULL")
            .one(connection)
            .await?;
    Ok(row.is_some_and(|row| row.n > 0))
}

/// Sets what webhooks of the source are signed with, sealed for
/// `catalogue_sources.webhook_secret:{registry}`; without one, none is believed.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such source.
pub async fn set_webhook_secret(
    tx: &Tx,
    registry: RegistryId,
    sealed: Option<&[u8]>,
) -> Result<(), StoreError> {
    let changed = sql("UPDATE catalogue_sources SET webhook_secret = $2 WHERE registry_id = $1")
        .bind(registry.0)
        .bind(sealed.map(<[u8]>::to_vec))
        .execute(&**tx)
        .await?;
    (changed > 0)
        .then_some(())
        .ok_or_else(|| not_found(registry))
}

/// Sets when the next runs come by themselves.
///
/// # Errors
/// If the database refuses.
pub async fn set_next(
    tx: &Tx,
    registry: RegistryId,
    full: Option<Timestamp>,
    incremental: Option<Timestamp>,
) -> Result<(), StoreError> {
    sql(
        "UPDATE catalogue_sources SET next_full_at = $2, next_incremental_at = $3 \
         WHERE registry_id = $1",
    )
    .bind(registry.0)
    .bind(full.map(|at| at.0))
    .bind(incremental.map(|at| at.0))
    .execute(&**tx)
    .await?;
    Ok(())
}

/// A run that went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completed {
    /// Whether everything was listed and compared.
    pub is_full: bool,
    /// Up to when changes are known now; nothing leaves it as it was.
    pub cursor: Option<Timestamp>,
}

/// Notes that a run went well.
///
/// # Errors
/// If the database refuses.
pub async fn completed(
    tx: &Tx,
    registry: RegistryId,
    run: &Completed,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql(
        "UPDATE catalogue_sources SET cursor_at = COALESCE($2, cursor_at), \
         full_at = COALESCE($3, full_at), incremental_at = COALESCE($4, incremental_at) \
         WHERE registry_id = $1",
    )
    .bind(registry.0)
    // One row of the future would hide whatever comes before it; asking again costs little.
    .bind(run.cursor.map(|at| at.0.min(now.0)))
    .bind(run.is_full.then_some(now.0))
    .bind((!run.is_full).then_some(now.0))
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Notes that a run failed.
///
/// # Errors
/// If the database refuses.
pub async fn failed(tx: &Tx, registry: RegistryId, now: Timestamp) -> Result<(), StoreError> {
    sql("UPDATE catalogue_sources SET failed_at = $2 WHERE registry_id = $1")
        .bind(registry.0)
        .bind(now.0)
        .execute(&**tx)
        .await?;
    Ok(())
}
