//! Giving packages other categories: by a new table, or by what an operator says of one.
//!
//! A new table is in force at once for whoever writes a package, and reaches those that are there
//! page by page ([`relabel`]), so that nobody waits for all of it; doing it again is harmless.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    PackageId, Timestamp,
    catalogue::{
        PackageKey,
        categories::{SETTING, Table, categories_of},
    },
};

use super::{
    categories::{category_table, label, override_from},
    row::read_facts,
};
use crate::{StoreError, Tx, settings, sql::sql};

/// What a table or an override is applied to.
#[derive(FromQueryResult)]
struct Labelled {
    id: Uuid,
    facts: String,
    category_override: Option<String>,
}

impl Labelled {
    /// Writes the labels by `table`; returns the categories.
    async fn label(&self, tx: &Tx, table: &Table) -> Result<Vec<String>, StoreError> {
        let package = PackageId(self.id);
        let facts = read_facts(&self.facts, "catalogue_packages", package)?;
        let said = override_from(self.category_override.as_deref(), package)?;
        label(tx, package, &facts, table, said.as_deref()).await?;
        Ok(categories_of(&facts, table, said.as_deref()))
    }
}

/// Has whoever writes one of these packages meanwhile wait, or be waited for.
fn locked(tx: &Tx) -> &'static str {
    match tx.get_database_backend() {
        DbBackend::Postgres => " FOR UPDATE",
        _ => "",
    }
}

/// Has this table be in force; packages are as before until they are labelled anew.
///
/// # Errors
/// If the database refuses.
pub async fn set_category_table(
    tx: &Tx,
    table: &Table,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let text = serde_json::to_string(table).map_err(|_| StoreError::Changed("category table"))?;
    settings::put(tx, SETTING, &text, now).await
}

/// Labels `limit` packages anew, those after `after`, by the table in force; returns the last of
/// them and how many there were, nothing if there were none.
///
/// # Errors
/// If the database refuses, or holds something unreadable.
///
/// # Concurrency
/// Who writes one of them goes before or after it, and reads the table when it does.
pub async fn relabel(
    tx: &Tx,
    after: Option<PackageId>,
    limit: i64,
) -> Result<Option<(PackageId, u64)>, StoreError> {
    let rows: Vec<Labelled> = sql(format!(
        "SELECT id, facts, category_override FROM catalogue_packages \
         WHERE id > $1 ORDER BY id LIMIT $2{}",
        locked(tx)
    ))
    .bind(after.map_or(Uuid::nil(), |package| package.0))
    .bind(limit)
    .all(&**tx)
    .await?;
    let table = category_table(&**tx).await?;
    for row in &rows {
        row.label(tx, &table).await?;
    }
    let last = rows.last().map(|row| PackageId(row.id));
    Ok(last.map(|last| (last, rows.len() as u64)))
}

/// Says of one package which categories it has, whatever its topics say, or takes that back;
/// returns those it has now, nothing if there is no such package.
///
/// # Errors
/// If the database refuses, or holds something unreadable.
pub async fn override_categories(
    tx: &Tx,
    key: &PackageKey,
    said: Option<&[String]>,
) -> Result<Option<Vec<String>>, StoreError> {
    let said = said.map(serde_json::to_string).transpose();
    let said = said.map_err(|_| StoreError::Changed("category override"))?;
    sql("UPDATE catalogue_packages SET category_override = $1 WHERE namespace = $2 AND name = $3")
        .bind(said)
        .bind(key.namespace.as_str())
        .bind(key.name.as_str())
        .execute(&**tx)
        .await?;
    let row: Option<Labelled> = sql(
        "SELECT id, facts, category_override FROM catalogue_packages \
         WHERE namespace = $1 AND name = $2",
    )
    .bind(key.namespace.as_str())
    .bind(key.name.as_str())
    .one(&**tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let table = category_table(&**tx).await?;
    row.label(tx, &table).await.map(Some)
}
