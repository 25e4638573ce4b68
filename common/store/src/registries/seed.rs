//! The registry that the configuration names, brought to its values at every start.

use weir_domain::{Registry, Timestamp};

use super::{change, find_by_slug};
use crate::{StoreError, Topic, Tx, audit::Actor, invalidations, sql::sql, tasks};

/// Makes the registry, or brings the one of the same slug to these values.
///
/// A changed URL is an audit event, and resets the validators of its packages, so that
/// nothing of the new upstream is taken as unchanged. Returns the registry as stored and whether its URL moved.
///
/// # Errors
/// If the database refuses.
pub async fn seed(
    tx: &Tx,
    wanted: &Registry,
    now: Timestamp,
) -> Result<(Registry, bool), StoreError> {
    tasks::lock(tx, [change::LOCK]).await?;
    let former = find_by_slug(&**tx, &wanted.slug).await?;
    sql(
        "INSERT INTO registries (id, slug, name, url, tarballs, is_internal, allows_undigested, \
         created_at, updated_at, removals, downloads_url, kind, user_prefix, change_stream) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (slug) DO UPDATE SET name = excluded.name, url = excluded.url, \
         tarballs = excluded.tarballs, is_internal = excluded.is_internal, \
         allows_undigested = excluded.allows_undigested, updated_at = excluded.updated_at, \
         removals = excluded.removals, downloads_url = excluded.downloads_url, \
         kind = excluded.kind",
    )
    .bind(wanted.id.0)
    .bind(wanted.slug.as_str())
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
    let stored = find_by_slug(&**tx, &wanted.slug).await?;
    let stored = stored.ok_or(StoreError::Changed("registry"))?;
    let has_moved = match former {
        Some(former) => change::note_move(tx, (&former, &stored), Actor::ITSELF, now).await?,
        None => false,
    };
    invalidations::insert(tx, Topic::Registry, &stored.slug, now).await?;
    Ok((stored, has_moved))
}
