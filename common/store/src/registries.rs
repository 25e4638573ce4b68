//! Configured upstreams.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Registry, RegistryId, Timestamp};

use crate::{StoreError, Topic, Tx, audit, invalidations, sql::sql};

/// The slug of the registry that packages come from unless something else is said.
pub const DEFAULT_SLUG: &str = "default";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    slug: String,
    name: String,
    url: String,
    tarballs: String,
    is_internal: bool,
    allows_undigested: bool,
    removals: String,
    downloads_url: Option<String>,
    kind: String,
    user_prefix: Option<String>,
    change_stream: Option<String>,
}

impl TryFrom<Row> for Registry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::Corrupt {
            table: "registries",
            column,
            id: row.slug.clone(),
        };
        Ok(Self {
            id: RegistryId(row.id),
            url: row.url.parse().map_err(|_| corrupt("url"))?,
            tarballs: row.tarballs.parse().map_err(|_| corrupt("tarballs"))?,
            removals: row.removals.parse().map_err(|_| corrupt("removals"))?,
            downloads: row
                .downloads_url
                .as_deref()
                .map(|url| url.parse().map_err(|_| corrupt("downloads_url")))
                .transpose()?,
            kind: row.kind.parse().map_err(|_| corrupt("kind"))?,
            change_stream: row
                .change_stream
                .as_deref()
                .map(|url| url.parse().map_err(|_| corrupt("change_stream")))
                .transpose()?,
            user_prefix: row.user_prefix,
            slug: row.slug,
            name: row.name,
            is_internal: row.is_internal,
            allows_undigested: row.allows_undigested,
        })
    }
}

const COLUMNS: &str = "id, slug, name, url, tarballs, is_internal, allows_undigested, removals, \
     downloads_url, kind, user_prefix, change_stream";

/// Returns the registry of this slug, if there is one.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find_by_slug(
    connection: &impl ConnectionTrait,
    slug: &str,
) -> Result<Option<Registry>, StoreError> {
    let row: Option<Row> = sql(format!("SELECT {COLUMNS} FROM registries WHERE slug = $1"))
        .bind(slug)
        .one(connection)
        .await?;
    row.map(Registry::try_from).transpose()
}

/// Returns the registry a caller means: by slug, name or id.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find_by_word(
    connection: &impl ConnectionTrait,
    word: &str,
) -> Result<Option<Registry>, StoreError> {
    let id = word
        .parse::<RegistryId>()
        .unwrap_or(RegistryId(Uuid::nil()));
    let row: Option<Row> = sql(format!(
        "SELECT {COLUMNS} FROM registries WHERE slug = $1 OR name = $1 OR id = $2 LIMIT 1"
    ))
    .bind(word)
    .bind(id.0)
    .one(connection)
    .await?;
    row.map(Registry::try_from).transpose()
}

/// Returns all registries, by their slugs.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn list(connection: &impl ConnectionTrait) -> Result<Vec<Registry>, StoreError> {
    let rows: Vec<Row> = sql(format!("SELECT {COLUMNS} FROM registries ORDER BY slug"))
        .all(connection)
        .await?;
    rows.into_iter().map(Registry::try_from).collect()
}

/// Returns the registry of this id.
///
/// # Errors
/// [`StoreError::NotFound`] if there is none.
pub async fn get(
    connection: &impl ConnectionTrait,
    id: RegistryId,
) -> Result<Registry, StoreError> {
    let row: Option<Row> = sql(format!("SELECT {COLUMNS} FROM registries WHERE id = $1"))
        .bind(id.0)
        .one(connection)
        .await?;
    row.ok_or_else(|| StoreError::NotFound {
        what: "registry",
        id: id.to_string(),
    })?
    .try_into()
}

/// Returns the URL without credentials.
fn bare_url(registry: &Registry) -> String {
    let mut url = registry.url.clone();
    // Both fail only for URLs that can have no credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

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
    let moved = former.filter(|former| former.url != stored.url);
    let has_moved = moved.is_some();
    if let Some(former) = moved {
        let event = audit::Event {
            at: now,
            by: audit::Actor::ITSELF,
            action: "registry.move".to_owned(),
            target: stored.slug.clone(),
            detail: format!("{} → {}", bare_url(&former), bare_url(&stored)),
        };
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
    }
    invalidations::insert(tx, Topic::Registry, &stored.slug, now).await?;
    Ok((stored, has_moved))
}
