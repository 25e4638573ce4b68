//! Writing what was read of a package: its versions, their revisions, and everything that
//! follows from them, in one transaction.
//!
//! A package is what its versions say, so it is never written by itself: whoever changes its
//! versions has it derived anew ([`refresh`]), by the order of versions that its source has. Writers
//! of one package go one after the other, by a lock on its row.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Value};
use uuid::Uuid;
use weir_domain::{
    PackageId, RegistryId, TaskId, Timestamp,
    catalogue::{CatalogueSettings, Facts, NO_NAMESPACE, PackageKey, Stamp, Strategy, words},
    conan::is_prerelease,
};

use super::{
    categories::{category_override, category_table, label},
    sources,
};
use crate::{
    StoreError, Tx,
    sql::{Count, Text, sql},
};

/// Rows in one statement.
const BATCH: usize = 200;

/// What a run read of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersions {
    /// Which package.
    pub key: PackageKey,
    /// Its source.
    pub registry: RegistryId,
    /// The run's task.
    pub task: TaskId,
    /// Versions that are new, or are at another revision.
    pub versions: Vec<NewVersion>,
}

/// A version as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// As its source writes it.
    pub version: String,
    /// Conan's channel.
    pub channel: String,
    /// The revision that was read.
    pub stamp: Stamp,
    /// What it says of itself.
    pub facts: Facts,
    /// Its README.
    pub readme: Option<String>,
    /// How often it was fetched, if the source counts.
    pub downloads: Option<u64>,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is written.
    Written,
    /// Another source has a package of this name; nothing is written.
    Foreign,
}

/// Writes versions of a package, and the package.
///
/// # Errors
/// [`StoreError::NotFound`] if its source is gone meanwhile.
pub async fn put(tx: &Tx, new: &NewVersions, now: Timestamp) -> Result<Put, StoreError> {
    sources::hold(tx, new.registry).await?;
    let Some(package) = ensure(tx, new, now).await? else {
        return Ok(Put::Foreign);
    };
    for version in &new.versions {
        write(tx, (package, new.task), version, now).await?;
    }
    refresh(tx, package, Some(new.task), now).await?;
    Ok(Put::Written)
}

/// Returns the package's row, made if need be and locked; nothing if another source has it.
async fn ensure(
    tx: &Tx,
    new: &NewVersions,
    now: Timestamp,
) -> Result<Option<PackageId>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        registry_id: Uuid,
    }
    sql(
        "INSERT INTO catalogue_packages (id, registry_id, namespace, name, facts, words, \
         versions_count, created_at, updated_at, synced_at) \
         VALUES ($1, $2, $3, $4, '{}', '', 0, $5, $5, $5) \
         ON CONFLICT (namespace, name) DO NOTHING",
    )
    .bind(PackageId::new().0)
    .bind(new.registry.0)
    .bind(new.key.namespace.as_str())
    .bind(new.key.name.as_str())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    let row: Option<Row> = sql(format!(
        "SELECT id, registry_id FROM catalogue_packages WHERE namespace = $1 AND name = $2 {}",
        for_update(tx)
    ))
    .bind(new.key.namespace.as_str())
    .bind(new.key.name.as_str())
    .one(&**tx)
    .await?;
    // It was removed between the two statements.
    let row = row.ok_or(StoreError::Changed("package"))?;
    Ok((row.registry_id == new.registry.0).then_some(PackageId(row.id)))
}

fn for_update(tx: &Tx) -> &'static str {
    match tx.get_database_backend() {
        DbBackend::Postgres => "FOR UPDATE",
        _ => "",
    }
}

/// Makes everyone who writes about the package wait for this transaction.
pub(super) async fn lock(tx: &Tx, package: PackageId) -> Result<(), StoreError> {
    let query = "SELECT CAST(1 AS BIGINT) AS n FROM catalogue_packages WHERE id = $1";
    sql(format!("{query} {}", for_update(tx)))
        .bind(package.0)
        .one::<Count>(&**tx)
        .await?;
    Ok(())
}

async fn write(
    tx: &Tx,
    (package, task): (PackageId, TaskId),
    new: &NewVersion,
    now: Timestamp,
) -> Result<(), StoreError> {
    let facts = serde_json::to_string(&new.facts).map_err(|_| StoreError::Changed("facts"))?;
    sql(
        "INSERT INTO catalogue_versions (package_id, version, channel, revision, place, facts, \
         readme, created_at, updated_at, looked_at_by, downloads) \
         VALUES ($1, $2, $3, $4, -1, $5, $6, $7, $7, $8, $9) \
         ON CONFLICT (package_id, version, channel) DO UPDATE SET revision = excluded.revision, \
         facts = excluded.facts, readme = excluded.readme, updated_at = excluded.updated_at, \
         missing_since = NULL, looked_at_by = excluded.looked_at_by, \
         downloads = COALESCE(excluded.downloads, catalogue_versions.downloads)",
    )
    .bind(package.0)
    .bind(new.version.as_str())
    .bind(new.channel.as_str())
    .bind(new.stamp.revision.as_str())
    .bind(facts)
    .bind(new.readme.clone())
    .bind(new.stamp.at.unwrap_or(now).0)
    .bind(task.0)
    .bind(new.downloads.map(|n| i64::try_from(n).unwrap_or(i64::MAX)))
    .execute(&**tx)
    .await?;
    sql(
        "INSERT INTO catalogue_revisions (package_id, version, channel, revision, seen_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (package_id, version, channel, revision) DO NOTHING",
    )
    .bind(package.0)
    .bind(new.version.as_str())
    .bind(new.channel.as_str())
    .bind(new.stamp.revision.as_str())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Placed {
    version: String,
    channel: String,
    place: i64,
    created_at: i64,
    updated_at: i64,
    downloads: Option<i64>,
}

/// Derives the package's row and labels from its versions; false if it has none, and then
/// nothing is written. Whoever calls holds its lock.
///
/// # Errors
/// If the database refuses, or holds something unreadable.
pub(super) async fn refresh(
    tx: &Tx,
    package: PackageId,
    task: Option<TaskId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut versions: Vec<Placed> = sql(
        "SELECT version, channel, place, created_at, updated_at, downloads FROM catalogue_versions \
         WHERE package_id = $1",
    )
    .bind(package.0)
    .all(&**tx)
    .await?;
    let strategy = strategy_of(tx, package).await?;
    versions.sort_by(|one, other| {
        // Highest first; of one version, that without a channel.
        let channel = |version: &Placed| (version.channel != NO_NAMESPACE, version.channel.clone());
        strategy
            .compare_versions(&other.version, &one.version)
            .then_with(|| channel(one).cmp(&channel(other)))
    });
    let Some(latest) = versions.first() else {
        return Ok(false);
    };
    place(tx, package, &versions).await?;
    let facts = facts_of(tx, package, latest).await?;
    let key = key_of(tx, package).await?;
    let stable = versions.iter().find(|one| !is_prerelease(&one.version));
    let created_at = versions.iter().map(|one| one.created_at).min();
    let updated_at = versions.iter().map(|one| one.updated_at).max();
    let downloads = versions.iter().filter_map(|one| one.downloads);
    let downloads = downloads.reduce(i64::saturating_add);
    sql(
        "UPDATE catalogue_packages SET latest_version = $2, latest_stable_version = $3, \
         facts = $4, is_hidden = $5, words = $6, versions_count = $7, created_at = $8, \
         updated_at = $9, synced_at = $10, looked_at_by = COALESCE($11, looked_at_by), \
         downloads = COALESCE($12, downloads) WHERE id = $1",
    )
    .bind(package.0)
    .bind(latest.version.as_str())
    .bind(stable.map(|stable| stable.version.clone()))
    .bind(serde_json::to_string(&facts).map_err(|_| StoreError::Changed("facts"))?)
    .bind(facts.is_for_recipes())
    .bind(words(&key, &facts))
    .bind(i64::try_from(versions.len()).unwrap_or(i64::MAX))
    .bind(created_at)
    .bind(updated_at)
    .bind(now.0)
    .bind(task.map(|task| task.0))
    .bind(downloads)
    .execute(&**tx)
    .await?;
    let said = category_override(&**tx, package).await?;
    let table = category_table(&**tx).await?;
    label(tx, package, &facts, &table, said.as_deref()).await?;
    Ok(true)
}

/// Gives versions, highest first, their places, where they have others.
async fn place(tx: &Tx, package: PackageId, versions: &[Placed]) -> Result<(), StoreError> {
    let places = versions.iter().zip(0_i64..);
    let moved: Vec<_> = places
        .filter(|(version, place)| version.place != *place)
        .collect();
    for batch in moved.chunks(BATCH) {
        let row = |(version, place): &(&Placed, i64)| -> [Value; 3] {
            [
                version.version.as_str().into(),
                version.channel.as_str().into(),
                (*place).into(),
            ]
        };
        // Both engines call the columns of a list of rows so.
        sql(
            "UPDATE catalogue_versions SET place = moved.column3 FROM (VALUES $*) AS moved \
             WHERE package_id = $1 AND version = moved.column1 AND channel = moved.column2",
        )
        .bind(package.0)
        .bind_rows(3, batch.iter().flat_map(row).collect())
        .execute(&**tx)
        .await?;
    }
    Ok(())
}

async fn facts_of(tx: &Tx, package: PackageId, latest: &Placed) -> Result<Facts, StoreError> {
    let row: Option<Text> = sql("SELECT facts AS value FROM catalogue_versions \
         WHERE package_id = $1 AND version = $2 AND channel = $3")
    .bind(package.0)
    .bind(latest.version.as_str())
    .bind(latest.channel.as_str())
    .one(&**tx)
    .await?;
    let text = row.ok_or(StoreError::Changed("package"))?.value;
    serde_json::from_str(&text).map_err(|_| StoreError::Corrupt {
        table: "catalogue_versions",
        column: "facts",
        id: format!("{package} {}", latest.version),
    })
}

async fn strategy_of(tx: &Tx, package: PackageId) -> Result<Strategy, StoreError> {
    let row: Option<Text> = sql("SELECT s.settings AS value FROM catalogue_packages p \
         JOIN catalogue_sources s ON s.registry_id = p.registry_id WHERE p.id = $1")
    .bind(package.0)
    .one(&**tx)
    .await?;
    let text = row.ok_or(StoreError::Changed("source"))?.value;
    let settings: CatalogueSettings =
        serde_json::from_str(&text).map_err(|_| StoreError::Corrupt {
            table: "catalogue_sources",
            column: "settings",
            id: format!("that of {package}"),
        })?;
    Ok(settings.strategy)
}

async fn key_of(tx: &Tx, package: PackageId) -> Result<PackageKey, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        namespace: String,
        name: String,
    }
    let row: Option<Row> = sql("SELECT namespace, name FROM catalogue_packages WHERE id = $1")
        .bind(package.0)
        .one(&**tx)
        .await?;
    let row = row.ok_or(StoreError::Changed("package"))?;
    Ok(PackageKey {
        namespace: row.namespace,
        name: row.name,
    })
}
