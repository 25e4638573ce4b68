//! Writing what a package is found by, with the package.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use weir_domain::{
    PackageId, PackageName,
    search::{Entry, SCHEME},
};

use crate::{
    StoreError, Tx, blocks,
    packages::{self, Head},
    sql::{Text, sql},
    versions,
};

/// Rows in one statement.
const BATCH: usize = 200;

/// Writes what the package is found by, as it is shown at `revision`. Without a latest
/// version it is not found, nor if it is blocked.
pub(crate) async fn put(
    tx: &Tx,
    name: &PackageName,
    (package, revision): (PackageId, i64),
    head: &Head,
) -> Result<(), StoreError> {
    if blocks::is_whole(&**tx, name).await? {
        return remove(tx, name).await;
    }
    let Some(latest) = head.dist_tags.get("latest") else {
        return remove(tx, name).await;
    };
    let manifest = versions::find_manifest(&**tx, package, revision, latest).await?;
    let Some(manifest) = manifest else {
        return remove(tx, name).await;
    };
    let date = head.time.get(latest.as_str()).map(String::as_str);
    let entry = Entry::read(name, latest, date, (&head.root, &manifest.raw));
    let former = former(tx, name).await?;
    sql(
        "INSERT INTO search_entries (package, package_id, revision, scheme, entry) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (package) DO UPDATE SET \
         package_id = excluded.package_id, revision = excluded.revision, \
         scheme = excluded.scheme, entry = excluded.entry",
    )
    .bind(name.as_str())
    .bind(package.0)
    .bind(revision)
    .bind(SCHEME)
    .bind(serde_json::to_string(&entry).map_err(|_| StoreError::Changed("search entry"))?)
    .execute(&**tx)
    .await?;
    // A new version seldom says something new.
    if former.is_some_and(|former| former.tokens() == entry.tokens()) {
        return Ok(());
    }
    remove_tokens(tx, name).await?;
    let tokens: Vec<_> = entry.tokens().into_iter().collect();
    for batch in tokens.chunks(BATCH) {
        let row = |(token, weight): &(String, i64)| {
            [
                name.as_str().into(),
                token.as_str().into(),
                (*weight).into(),
            ]
        };
        sql("INSERT INTO search_tokens (package, token, weight) VALUES $*")
            .bind_rows(3, batch.iter().flat_map(row).collect())
            .execute(&**tx)
            .await?;
    }
    Ok(())
}

/// Returns the entry whose tokens are there, if they were cut as they would be today.
async fn former(tx: &Tx, name: &PackageName) -> Result<Option<Entry>, StoreError> {
    let row: Option<Text> =
        sql("SELECT entry AS value FROM search_entries WHERE package = $1 AND scheme = $2")
            .bind(name.as_str())
            .bind(SCHEME)
            .one(&**tx)
            .await?;
    Ok(row.and_then(|row| serde_json::from_str(&row.value).ok()))
}

/// Has a package not be found any more.
///
/// # Errors
/// If the database refuses.
pub async fn remove(tx: &Tx, name: &PackageName) -> Result<(), StoreError> {
    sql("DELETE FROM search_entries WHERE package = $1")
        .bind(name.as_str())
        .execute(&**tx)
        .await?;
    remove_tokens(tx, name).await
}

async fn remove_tokens(tx: &Tx, name: &PackageName) -> Result<(), StoreError> {
    sql("DELETE FROM search_tokens WHERE package = $1")
        .bind(name.as_str())
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Writes anew what a package is found by, from what it shows now.
///
/// # Errors
/// If the database refuses, or holds something unreadable.
///
/// # Concurrency
/// A flip of the same package goes before or after it, never between.
pub async fn refresh(tx: &Tx, name: &PackageName) -> Result<(), StoreError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        sql("SELECT name AS value FROM packages WHERE name = $1 FOR UPDATE")
            .bind(name.as_str())
            .one::<Text>(&**tx)
            .await?;
    }
    match packages::find(&**tx, name).await? {
        Some(package) if package.revision > 0 => {
            put(tx, name, (package.id, package.revision), &package.head).await
        }
        _ => remove(tx, name).await,
    }
}

/// Returns names of packages after `after` whose entry is missing or not of what they show;
/// what is blocked is to have none.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn behind(
    connection: &impl ConnectionTrait,
    after: &str,
    limit: i64,
) -> Result<Vec<PackageName>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
    }
    let rows: Vec<Row> = sql("SELECT p.name FROM packages p \
         LEFT JOIN search_entries e ON e.package_id = p.id \
         WHERE p.name > $1 AND p.revision > 0 AND (e.package IS NULL \
         OR e.revision <> p.revision OR e.scheme <> $2) \
         AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.name = p.name AND b.version = '') \
         ORDER BY p.name LIMIT $3")
    .bind(after)
    .bind(SCHEME)
    .bind(limit)
    .all(connection)
    .await?;
    let name = |row: Row| {
        PackageName::parse(&row.name).map_err(|_| StoreError::Corrupt {
            table: "packages",
            column: "name",
            id: row.name.clone(),
        })
    };
    rows.into_iter().map(name).collect()
}
