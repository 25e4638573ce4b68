//! Packages: one row a name, whose `revision` says which version rows are visible.
//!
//! Revision 0 means that nothing is visible yet. [`flip`] is the only place where what
//! readers see changes: old or new, never a mix.

mod remove;
mod reserve;

use std::collections::{BTreeMap, HashSet};

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::value::RawValue;
use uuid::Uuid;
use weir_domain::{PackageId, PackageName, RegistryId, Timestamp, Version};

use crate::{
    StoreError, Topic, Tx,
    documents::{self, Document},
    invalidations, search,
    sql::{Text, sql},
    versions,
};

pub use remove::remove;
pub use reserve::reserve_id;

/// Names in one statement.
const BATCH: usize = 500;

/// Everything of a packument but its versions.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// Tag to version; every version is visible.
    pub dist_tags: BTreeMap<String, Version>,
    /// Version (and `created`, `modified`) to instant, as upstream wrote it.
    pub time: BTreeMap<String, String>,
    /// All other root fields, as upstream wrote them.
    pub root: Vec<(String, Box<RawValue>)>,
    /// When the package last changed, by upstream's account.
    pub modified_at: Option<Timestamp>,
}

/// What identifies the upstream document that we last took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpstreamMark {
    /// `_rev`.
    pub revision: Option<String>,
    /// `time.modified`.
    pub modified_at: Option<Timestamp>,
    /// The answer's `etag`.
    pub etag: Option<String>,
    /// The answer's `last-modified`.
    pub last_modified: Option<String>,
}

/// A package as stored.
#[derive(Debug, Clone)]
pub struct Package {
    /// Identifier.
    pub id: PackageId,
    /// Name.
    pub name: PackageName,
    /// Where it is mirrored from.
    pub registry: Option<RegistryId>,
    /// The visible revision; 0 if there is none yet.
    pub revision: i64,
    /// Moves when policy changes what is shown.
    pub policy_generation: i64,
    /// Everything visible but the versions.
    pub head: Head,
    /// What we last took from upstream.
    pub upstream: UpstreamMark,
    /// When a sync last ended well.
    pub synced_at: Option<Timestamp>,
    /// Whether that sync ended without warnings (only then may upstream answer 304).
    pub is_synced_cleanly: bool,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    registry_id: Option<Uuid>,
    revision: i64,
    policy_generation: i64,
    dist_tags: String,
    time: String,
    root: String,
    modified_at: Option<i64>,
    upstream_revision: Option<String>,
    upstream_modified_at: Option<i64>,
    upstream_etag: Option<String>,
    upstream_last_modified: Option<String>,
    synced_at: Option<i64>,
    is_synced_cleanly: bool,
}

impl TryFrom<Row> for Package {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::Corrupt {
            table: "packages",
            column,
            id: row.name.clone(),
        };
        Ok(Self {
            id: PackageId(row.id),
            name: PackageName::parse(&row.name).map_err(|_| corrupt("name"))?,
            registry: row.registry_id.map(RegistryId),
            revision: row.revision,
            policy_generation: row.policy_generation,
            head: Head {
                dist_tags: serde_json::from_str(&row.dist_tags)
                    .map_err(|_| corrupt("dist_tags"))?,
                time: serde_json::from_str(&row.time).map_err(|_| corrupt("time"))?,
                root: serde_json::from_str(&row.root).map_err(|_| corrupt("root"))?,
                modified_at: row.modified_at.map(Timestamp),
            },
            upstream: UpstreamMark {
                revision: row.upstream_revision,
                modified_at: row.upstream_modified_at.map(Timestamp),
                etag: row.upstream_etag,
                last_modified: row.upstream_last_modified,
            },
            synced_at: row.synced_at.map(Timestamp),
            is_synced_cleanly: row.is_synced_cleanly,
        })
    }
}

/// Returns the package of this name, visible or not, if there is a row.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find(
    connection: &impl ConnectionTrait,
    name: &PackageName,
) -> Result<Option<Package>, StoreError> {
    let row: Option<Row> = sql("SELECT id, name, registry_id, revision, policy_generation, dist_tags, time, \
         root, modified_at, upstream_revision, upstream_modified_at, upstream_etag, upstream_last_modified, \
         synced_at, is_synced_cleanly FROM packages WHERE name = $1")
        .bind(name.as_str())
        .one(connection)
        .await?;
    row.map(Package::try_from).transpose()
}

/// Where a package stands: a [`Package`] without what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Identifier.
    pub id: PackageId,
    /// Where it is mirrored from.
    pub registry: Option<RegistryId>,
    /// The visible revision; 0 if there is none yet.
    pub revision: i64,
    /// Moves when policy changes what is shown.
    pub policy_generation: i64,
    /// When upstream last confirmed what is shown.
    pub checked_at: Option<Timestamp>,
}

/// Returns where the package of this name stands, if there is a row; a few bytes, however
/// large the package.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find_place(
    connection: &impl ConnectionTrait,
    name: &PackageName,
) -> Result<Option<Place>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        registry_id: Option<Uuid>,
        revision: i64,
        policy_generation: i64,
        checked_at: Option<i64>,
    }
    let row: Option<Row> = sql(
        "SELECT id, registry_id, revision, policy_generation, checked_at FROM packages \
         WHERE name = $1",
    )
    .bind(name.as_str())
    .one(connection)
    .await?;
    Ok(row.map(|row| Place {
        id: PackageId(row.id),
        registry: row.registry_id.map(RegistryId),
        revision: row.revision,
        policy_generation: row.policy_generation,
        checked_at: row.checked_at.map(Timestamp),
    }))
}

/// Returns which of `names` are of another registry than this one, or of none: our own; and those
/// that only some may know of, unless they are this one's.
///
/// # Errors
/// If the database cannot be asked.
pub async fn foreign_to(
    connection: &impl ConnectionTrait,
    registry: RegistryId,
    names: &[&str],
) -> Result<HashSet<String>, StoreError> {
    let mut foreign = HashSet::new();
    for batch in names.chunks(BATCH) {
        let rows: Vec<Text> = sql(
            "SELECT name AS value FROM packages WHERE (registry_id <> $1 \
             OR (registry_id IS NULL AND revision > 0)) AND name IN ($*) \
             UNION SELECT a.name AS value FROM package_access a WHERE a.access = 'restricted' \
             AND NOT EXISTS (SELECT 1 FROM packages p WHERE p.name = a.name \
             AND p.registry_id = $1 AND p.revision > 0) AND a.name IN ($*)",
        )
        .bind(registry.0)
        .bind_all(batch.iter().copied())
        .bind_all(batch.iter().copied())
        .all(connection)
        .await?;
        foreign.extend(rows.into_iter().map(|row| row.value));
    }
    Ok(foreign)
}

/// Returns the package of this name, with a row made for it if need be.
///
/// # Errors
/// If the database refuses.
pub async fn ensure(
    tx: &Tx,
    name: &PackageName,
    registry: RegistryId,
    now: Timestamp,
) -> Result<Package, StoreError> {
    sql("INSERT INTO packages (id, name, registry_id, dist_tags, time, root, created_at, updated_at) \
         VALUES (COALESCE((SELECT id FROM package_ids WHERE name = $2), $1), $2, $3, \
         '{}', '{}', '[]', $4, $4) ON CONFLICT (name) DO NOTHING")
        .bind(PackageId::new().0)
        .bind(name.as_str())
        .bind(registry.0)
        .bind(now.0)
        .execute(&**tx)
        .await?;
    find(&**tx, name)
        .await?
        .ok_or(StoreError::Changed("package"))
}

/// What becomes visible.
#[derive(Debug, Clone)]
pub struct Flip {
    /// The package, as it was when the revision was staged.
    pub package: PackageId,
    /// Its name.
    pub name: PackageName,
    /// The revision this one replaces.
    pub from_revision: i64,
    /// The policy the documents were rendered under.
    pub policy_generation: i64,
    /// Everything but the versions.
    pub head: Head,
    /// Which upstream document this is.
    pub upstream: UpstreamMark,
}

/// Makes the staged revision visible, with its rendered documents and what it is found by: what
/// upstream has just said.
///
/// The package does not count as synced until [`record_sync`] says so: who dies in between
/// leaves one that is read whole again.
///
/// # Errors
/// [`StoreError::Changed`] if the package or its policy moved since staging.
pub async fn flip(
    tx: &Tx,
    flip: &Flip,
    rendered: &[Document],
    now: Timestamp,
) -> Result<(), StoreError> {
    let json =
        |text: serde_json::Result<String>| text.map_err(|_| StoreError::Changed("package head"));
    let moved = sql("UPDATE packages SET revision = $2, dist_tags = $3, time = $4, root = $5, modified_at = $6, \
         upstream_revision = $7, upstream_modified_at = $8, upstream_etag = $9, \
         upstream_last_modified = $10, is_synced_cleanly = false, updated_at = $11, checked_at = $11 \
         WHERE id = $1 AND revision = $12 AND policy_generation = $13")
        .bind(flip.package.0)
        .bind(flip.from_revision + 1)
        .bind(json(serde_json::to_string(&flip.head.dist_tags))?)
        .bind(json(serde_json::to_string(&flip.head.time))?)
        .bind(json(serde_json::to_string(&flip.head.root))?)
        .bind(flip.head.modified_at.map(|at| at.0))
        .bind(flip.upstream.revision.clone())
        .bind(flip.upstream.modified_at.map(|at| at.0))
        .bind(flip.upstream.etag.clone())
        .bind(flip.upstream.last_modified.clone())
        .bind(now.0)
        .bind(flip.from_revision)
        .bind(flip.policy_generation)
        .execute(&**tx)
        .await?;
    if moved == 0 {
        return Err(StoreError::Changed("package"));
    }
    // What this revision replaced goes with the next one: a reader may be at it.
    versions::purge_removed(tx, flip.package, flip.from_revision).await?;
    documents::replace_all(tx, flip.package, rendered).await?;
    let place = (flip.package, flip.from_revision + 1);
    search::put(tx, &flip.name, place, &flip.head).await?;
    invalidations::insert(tx, Topic::Package, flip.name.as_str(), now).await
}

/// Notes that upstream has just confirmed what is shown.
///
/// # Errors
/// If the database refuses.
pub async fn confirm(tx: &Tx, package: PackageId, now: Timestamp) -> Result<(), StoreError> {
    sql("UPDATE packages SET checked_at = $2 WHERE id = $1")
        .bind(package.0)
        .bind(now.0)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Records how a sync ended: that it did, whether cleanly, and which upstream document it
/// took; `None` if upstream said that it is the one already known.
///
/// # Errors
/// If the database refuses.
pub async fn record_sync(
    tx: &Tx,
    package: PackageId,
    is_clean: bool,
    upstream: Option<&UpstreamMark>,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql("UPDATE packages SET synced_at = $2, is_synced_cleanly = $3 WHERE id = $1")
        .bind(package.0)
        .bind(now.0)
        .bind(is_clean)
        .execute(&**tx)
        .await?;
    let Some(mark) = upstream else {
        return Ok(());
    };
    sql(
        "UPDATE packages SET upstream_revision = $2, upstream_modified_at = $3, \
         upstream_etag = $4, upstream_last_modified = $5 WHERE id = $1",
    )
    .bind(package.0)
    .bind(mark.revision.clone())
    .bind(mark.modified_at.map(|at| at.0))
    .bind(mark.etag.clone())
    .bind(mark.last_modified.clone())
    .execute(&**tx)
    .await?;
    Ok(())
}
