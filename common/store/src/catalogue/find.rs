//! One package with its versions, by its key or its bare name.
//!
//! A bare name may be several packages'. It means the one whose namespace its source calls
//! official, else the one fetched most, else the oldest, else the first by namespace; those that
//! are there for recipes only come after all others.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    PackageId,
    catalogue::{CataloguePackage, CatalogueSettings, CatalogueVersion, PackageKey},
};

use super::{
    Page,
    row::{COLUMNS, PackageRow, SEPARATOR, VERSION_COLUMNS, VersionRow},
};
use crate::{
    StoreError,
    sql::{Sql, sql},
};

/// Most packages of one name that are told apart.
const MAX_NAMESAKES: i64 = 1_000;

/// A package that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its identifier.
    pub id: PackageId,
    /// What is shown of it.
    pub package: CataloguePackage,
    /// Whether one of its versions has a README.
    pub has_readme: bool,
    /// Others of its name, if only that was asked for; those it was preferred to.
    pub alternatives: Vec<PackageKey>,
}

#[derive(FromQueryResult)]
struct FoundRow {
    #[sea_orm(nested)]
    package: PackageRow,
    has_readme: bool,
}

impl TryFrom<FoundRow> for Found {
    type Error = StoreError;

    fn try_from(row: FoundRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: PackageId(row.package.id),
            package: row.package.try_into()?,
            has_readme: row.has_readme,
            alternatives: Vec::new(),
        })
    }
}

/// A README.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Readme {
    /// Whose.
    pub version: String,
    /// Its text.
    pub readme: String,
}

fn select(condition: &str) -> Sql {
    let text = format!(
        "SELECT {COLUMNS}, EXISTS (SELECT 1 FROM catalogue_versions v WHERE v.package_id = p.id \
         AND v.readme IS NOT NULL) AS has_readme FROM catalogue_packages p WHERE {condition}"
    );
    sql(text).bind(SEPARATOR)
}

pub(super) fn by_key(namespace: &str, name: &str) -> Sql {
    let select = select("p.namespace = $2 AND p.name = $3");
    select.bind(namespace).bind(name)
}

/// Returns whether a name is one package's: that one, or any two.
pub(super) fn by_name(name: &str) -> Sql {
    select("p.name = $2 LIMIT 2").bind(name)
}

/// Returns the package of a key.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find(
    connection: &impl ConnectionTrait,
    key: &PackageKey,
) -> Result<Option<Found>, StoreError> {
    let row: Option<FoundRow> = by_key(&key.namespace, &key.name).one(connection).await?;
    row.map(Found::try_from).transpose()
}

/// Returns the package that a bare name means.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find_named(
    connection: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<Found>, StoreError> {
    let mut rows: Vec<FoundRow> = by_name(name).all(connection).await?;
    if rows.len() < 2 {
        return rows.pop().map(Found::try_from).transpose();
    }
    let mut namesakes = namesakes(connection, name).await?.into_iter();
    let Some(first) = namesakes.next() else {
        return Ok(None);
    };
    let alternatives = namesakes.map(|other| PackageKey {
        namespace: other.namespace,
        name: name.to_owned(),
    });
    let mut row = rows.into_iter().find(|row| row.package.id == first.id);
    if row.is_none() {
        let by_id = select("p.id = $2").bind(first.id);
        row = by_id.one(connection).await?;
    }
    let Some(found) = row.map(Found::try_from).transpose()? else {
        return Ok(None);
    };
    Ok(Some(Found {
        alternatives: alternatives.collect(),
        ..found
    }))
}

#[derive(FromQueryResult)]
struct Namesake {
    id: Uuid,
    namespace: String,
    settings: Option<String>,
}

impl Namesake {
    /// Returns its place among the official namespaces of its source.
    fn place(&self) -> Option<usize> {
        let settings: CatalogueSettings = serde_json::from_str(self.settings.as_deref()?).ok()?;
        let mut official = settings.official_namespaces.iter();
        official.position(|namespace| *namespace == self.namespace)
    }
}

/// Returns all packages of a name, the one that it means first.
async fn namesakes(
    connection: &impl ConnectionTrait,
    name: &str,
) -> Result<Vec<Namesake>, StoreError> {
    // A hidden one is official for nobody who looks for it by its bare name.
    let mut rows: Vec<Namesake> = sql(
        "SELECT p.id, p.namespace, CASE WHEN p.is_hidden = false THEN s.settings END AS settings \
         FROM catalogue_packages p LEFT JOIN catalogue_sources s ON s.registry_id = p.registry_id \
         WHERE p.name = $1 \
         ORDER BY p.is_hidden, p.downloads DESC, p.created_at, p.namespace LIMIT $2",
    )
    .bind(name)
    .bind(MAX_NAMESAKES)
    .all(connection)
    .await?;
    rows.sort_by_cached_key(|row| row.place().unwrap_or(usize::MAX));
    Ok(rows)
}

/// Returns versions of a package, the highest first.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn versions(
    connection: &impl ConnectionTrait,
    package: PackageId,
    page: Page,
) -> Result<Vec<CatalogueVersion>, StoreError> {
    let rows: Vec<VersionRow> = sql(format!(
        "SELECT {VERSION_COLUMNS} FROM catalogue_versions WHERE package_id = $1 \
         ORDER BY place, version, channel LIMIT $2 OFFSET $3"
    ))
    .bind(package.0)
    .bind(page.size())
    .bind(page.from())
    .all(connection)
    .await?;
    rows.into_iter().map(|row| row.read(package)).collect()
}

/// Returns a version of a package; of several channels the first.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn version(
    connection: &impl ConnectionTrait,
    package: PackageId,
    version: &str,
) -> Result<Option<CatalogueVersion>, StoreError> {
    let row: Option<VersionRow> = sql(format!(
        "SELECT {VERSION_COLUMNS} FROM catalogue_versions \
         WHERE package_id = $1 AND version = $2 ORDER BY place, channel LIMIT 1"
    ))
    .bind(package.0)
    .bind(version)
    .one(connection)
    .await?;
    row.map(|row| row.read(package)).transpose()
}

/// Returns the README of a package: that of the highest version that has one.
///
/// # Errors
/// If the database cannot be asked.
pub async fn readme(
    connection: &impl ConnectionTrait,
    package: PackageId,
) -> Result<Option<Readme>, StoreError> {
    sql("SELECT version, readme FROM catalogue_versions \
         WHERE package_id = $1 AND readme IS NOT NULL ORDER BY place, version, channel LIMIT 1")
    .bind(package.0)
    .one(connection)
    .await
}
