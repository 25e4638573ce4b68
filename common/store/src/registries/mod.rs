//! Configured upstreams: npm registries to mirror, and sources of the catalogue.
//!
//! Whoever means one says its slug, its name or its id; no word means two of them. What proves
//! to an upstream who we are is kept beside its row, sealed, and never part of [`Registry`].

mod change;
mod credentials;
mod page;
mod remove;
mod seed;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Registry, RegistryId};

pub use self::{
    change::{hold, insert, update},
    credentials::{credentials_place, has_credentials, sealed_credentials, set_credentials},
    page::{Entry, find_entry, page},
    remove::{Belongings, Leaving},
    seed::seed,
};
use crate::{StoreError, sql::sql};

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

/// Returns the id that a word is; one that nothing has, if it is none.
fn word_id(word: &str) -> Uuid {
    word.parse().unwrap_or(Uuid::nil())
}

/// Returns the registry a caller means: by slug, name or id.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find_by_word(
    connection: &impl ConnectionTrait,
    word: &str,
) -> Result<Option<Registry>, StoreError> {
    let row: Option<Row> = sql(format!(
        "SELECT {COLUMNS} FROM registries WHERE slug = $1 OR name = $1 OR id = $2 LIMIT 1"
    ))
    .bind(word)
    .bind(word_id(word))
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
