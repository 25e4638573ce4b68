//! Making registries and changing them, as an operator says.

use sea_orm::DbErr;
use weir_domain::{Registry, RegistryId, Timestamp};

use super::get;
use crate::{
    StoreError, Topic, Tx,
    audit::{self, Actor},
    invalidations,
    sql::{Count, sql},
    tasks,
};

/// What those who make, change and remove registries exclude each other by.
pub(super) const LOCK: &str = "registries";

/// Makes everyone who makes, changes or removes a registry wait for this transaction, and returns
/// this one: what is made of it lays over no older state of it, and it stays until the end.
///
/// # Errors
/// [`StoreError::NotFound`] if it is gone.
pub async fn hold(tx: &Tx, id: RegistryId) -> Result<Registry, StoreError> {
    tasks::lock(tx, [LOCK]).await?;
    get(&**tx, id).await
}

/// Makes a registry.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if its slug or name means another one.
pub async fn insert(tx: &Tx, new: &Registry, now: Timestamp) -> Result<(), StoreError> {
    refuse_ambiguous(tx, new).await?;
    sql(
        "INSERT INTO registries (id, slug, name, url, tarballs, is_internal, allows_undigested, \
         created_at, updated_at, removals, downloads_url, kind, user_prefix, change_stream) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $13)",
    )
    .bind(new.id.0)
    .bind(new.slug.as_str())
    .bind(new.name.as_str())
    .bind(new.url.as_str())
    .bind(new.tarballs.as_str())
    .bind(new.is_internal)
    .bind(new.allows_undigested)
    .bind(now.0)
    .bind(new.removals.as_str())
    .bind(new.downloads.as_ref().map(ToString::to_string))
    .bind(new.kind.as_str())
    .bind(new.user_prefix.as_deref())
    .bind(new.change_stream.as_ref().map(ToString::to_string))
    .execute(&**tx)
    .await?;
    invalidations::insert(tx, Topic::Registry, &new.slug, now).await
}

/// Brings a registry to these values; its slug stays. Whoever lays a change over what is there
/// reads that with [`hold`].
///
/// A changed URL is an event of its own, by `by`, and resets the validators of its packages, so
/// that nothing of the new upstream is taken as unchanged. Another origin costs it its
/// credentials.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if its new name means another one, [`StoreError::NotFound`] if
/// it is gone.
pub async fn update(
    tx: &Tx,
    wanted: &Registry,
    by: Actor,
    now: Timestamp,
) -> Result<(), StoreError> {
    refuse_ambiguous(tx, wanted).await?;
    let former = get(&**tx, wanted.id).await?;
    sql(
        "UPDATE registries SET name = $2, url = $3, tarballs = $4, is_internal = $5, \
         allows_undigested = $6, updated_at = $7, removals = $8, downloads_url = $9, kind = $10, \
         user_prefix = $11, change_stream = $12 WHERE id = $1",
    )
    .bind(wanted.id.0)
    .bind(wanted.name.as_str())
    .bind(wanted.url.as_str())
    .bind(wanted.tarballs.as_str())
    .bind(wanted.is_internal)
    .bind(wanted.allows_undigested)
    .bind(now.0)
    .bind(wanted.removals.as_str())
    .bind(wanted.downloads.as_ref().map(ToString::to_string))
    .bind(wanted.kind.as_str())
    .bind(wanted.user_prefix.as_deref())
    .bind(wanted.change_stream.as_ref().map(ToString::to_string))
    .execute(&**tx)
    .await?;
    note_move(tx, (&former, wanted), by, now).await?;
    invalidations::insert(tx, Topic::Registry, &former.slug, now).await
}

/// Refuses a slug or name by which another registry is meant.
async fn refuse_ambiguous(tx: &Tx, wanted: &Registry) -> Result<(), StoreError> {
    tasks::lock(tx, [LOCK]).await?;
    let others: Option<Count> = sql("SELECT COUNT(*) AS n FROM registries \
         WHERE id <> $1 AND (slug IN ($2, $3) OR name IN ($2, $3))")
    .bind(wanted.id.0)
    .bind(wanted.slug.as_str())
    .bind(wanted.name.as_str())
    .one(&**tx)
    .await?;
    match others {
        Some(Count { n: 1.. }) => {
            let what = "another registry has that slug or name".to_owned();
            Err(StoreError::AlreadyExists(DbErr::Custom(what)))
        }
        _ => Ok(()),
    }
}

/// Has everything be read anew if the registry is elsewhere now; says whether it is. Credentials
/// go if it is of another origin: they belong to the former one. Another server has another
/// clock: what changed in a catalogue is not asked from the former cursor.
pub(super) async fn note_move(
    tx: &Tx,
    (former, stored): (&Registry, &Registry),
    by: Actor,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if former.url == stored.url {
        return Ok(false);
    }
    let detail = format!("{} → {}", bare_url(former), bare_url(stored));
    let event = by.did("registry.move", stored.slug.as_str(), detail, now);
    audit::insert(tx, &event).await?;
    sql(
        "UPDATE packages SET upstream_etag = NULL, upstream_last_modified = NULL, \
         upstream_revision = NULL, upstream_modified_at = NULL WHERE registry_id = $1",
    )
    .bind(stored.id.0)
    .execute(&**tx)
    .await?;
    sql("DELETE FROM kept_answers WHERE registry_id = $1")
        .bind(stored.id.0)
        .execute(&**tx)
        .await?;
    sql("UPDATE catalogue_sources SET cursor_at = NULL WHERE registry_id = $1")
        .bind(stored.id.0)
        .execute(&**tx)
        .await?;
    if former.url.origin() != stored.url.origin() {
        sql("UPDATE registries SET credentials = NULL WHERE id = $1")
            .bind(stored.id.0)
            .execute(&**tx)
            .await?;
    }
    Ok(true)
}

/// Returns the URL without credentials.
fn bare_url(registry: &Registry) -> String {
    let mut url = registry.url.clone();
    // Both fail only for URLs that can have no credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}
