//! Labels of packages (categories, topics, licences), the table that topics lead to categories
//! by, and what an operator says of single packages instead.
//!
//! Labels are for filters and counts; in lower case but for categories, each once. A package
//! that is there for recipes only is in neither, so it has none. Whoever writes a package writes
//! its labels in the same transaction, by the table it reads there. A new table reaches packages
//! page by page ([`relabel`]): doing it again is harmless.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    PackageId, Timestamp,
    catalogue::{
        CategoryCount, Facts, PackageKey,
        categories::{SETTING, Table, categories_of},
    },
};

use super::row::read_facts;

use crate::{StoreError, Tx, settings, sql::sql};

/// Kinds of labels.
pub(super) const CATEGORY: &str = "category";
pub(super) const TOPIC: &str = "topic";
pub(super) const LICENSE: &str = "license";

/// Most labels of a kind, and the longest, in characters.
const MAX_LABELS: usize = 64;
const MAX_LABEL_CHARS: usize = 200;

/// Returns the table in force.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn category_table(connection: &impl ConnectionTrait) -> Result<Table, StoreError> {
    let Some(text) = settings::find(connection, SETTING).await? else {
        return Ok(Table::default());
    };
    serde_json::from_str(&text).map_err(|_| StoreError::Corrupt {
        table: "settings",
        column: "value",
        id: SETTING.to_owned(),
    })
}

/// Reads what an operator says of a package instead of its topics.
pub(super) fn override_from(
    column: Option<&str>,
    package: PackageId,
) -> Result<Option<Vec<String>>, StoreError> {
    let read = |text| serde_json::from_str(text);
    column
        .map(read)
        .transpose()
        .map_err(|_| StoreError::Corrupt {
            table: "catalogue_packages",
            column: "category_override",
            id: package.to_string(),
        })
}

/// Returns what an operator says of a package's categories, if they say something.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn category_override(
    connection: &impl ConnectionTrait,
    package: PackageId,
) -> Result<Option<Vec<String>>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        category_override: Option<String>,
    }
    let row: Option<Row> = sql("SELECT category_override FROM catalogue_packages WHERE id = $1")
        .bind(package.0)
        .one(connection)
        .await?;
    let column = row.and_then(|row| row.category_override);
    override_from(column.as_deref(), package)
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, FromQueryResult)]
struct Label {
    kind: String,
    place: i64,
    label: String,
}

/// Returns a topic or licence as it is a label.
pub(super) fn label_of(text: &str) -> String {
    let lower = text.trim().to_lowercase().replace('\0', "\u{fffd}");
    lower.chars().take(MAX_LABEL_CHARS).collect()
}

fn labels_of(facts: &Facts, table: &Table, said: Option<&[String]>) -> Vec<Label> {
    if facts.is_for_recipes() {
        return Vec::new();
    }
    let categories = categories_of(facts, table, said);
    let topics = facts.topics.iter().map(|text| label_of(text));
    let licenses = facts.licenses.iter().map(|text| label_of(text));
    let mut labels = Vec::new();
    for (kind, texts) in [
        (CATEGORY, categories),
        (LICENSE, licenses.collect()),
        (TOPIC, topics.collect()),
    ] {
        let mut known = BTreeSet::new();
        let each = texts
            .into_iter()
            .filter(|text| !text.is_empty() && known.insert(text.clone()));
        labels.extend(each.take(MAX_LABELS).zip(0..).map(|(label, place)| Label {
            kind: kind.to_owned(),
            place,
            label,
        }));
    }
    labels
}

/// Writes the labels of a package whose latest version has these facts; `said` is what an
/// operator says of its categories.
///
/// # Errors
/// If the database refuses.
pub async fn label(
    tx: &Tx,
    package: PackageId,
    facts: &Facts,
    table: &Table,
    said: Option<&[String]>,
) -> Result<(), StoreError> {
    let wanted = labels_of(facts, table, said);
    let there: Vec<Label> = sql(
        "SELECT kind, place, label FROM catalogue_labels WHERE package_id = $1 \
             ORDER BY kind, place",
    )
    .bind(package.0)
    .all(&**tx)
    .await?;
    if there == wanted {
        return Ok(());
    }
    sql("DELETE FROM catalogue_labels WHERE package_id = $1")
        .bind(package.0)
        .execute(&**tx)
        .await?;
    if wanted.is_empty() {
        return Ok(());
    }
    let row = |label: Label| {
        let id: Uuid = package.0;
        [
            id.into(),
            label.kind.into(),
            label.label.into(),
            label.place.into(),
        ]
    };
    sql("INSERT INTO catalogue_labels (package_id, kind, label, place) VALUES $*")
        .bind_rows(4, wanted.into_iter().flat_map(row).collect())
        .execute(&**tx)
        .await?;
    Ok(())
}

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

/// How much there is of each category.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Packages that have it, by category, the commonest first.
    pub categories: Vec<CategoryCount>,
    /// Packages.
    pub total: u64,
    /// When a run of whichever source last went well.
    pub synced_at: Option<Timestamp>,
}

/// Counts packages by their categories; one that has several counts in each.
///
/// # Errors
/// If the database cannot be asked.
pub async fn count(connection: &impl ConnectionTrait) -> Result<Counts, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        label: String,
        n: i64,
    }
    #[derive(FromQueryResult)]
    struct Whole {
        n: i64,
        full_at: Option<i64>,
        incremental_at: Option<i64>,
    }
    let number = |n: i64| u64::try_from(n).unwrap_or_default();
    let rows: Vec<Row> = sql("SELECT label, COUNT(*) AS n FROM catalogue_labels \
         WHERE kind = $1 GROUP BY label ORDER BY 2 DESC, 1")
    .bind(CATEGORY)
    .all(connection)
    .await?;
    let whole: Option<Whole> = sql("SELECT \
         (SELECT COUNT(*) FROM catalogue_packages WHERE is_hidden = false) AS n, \
         (SELECT MAX(full_at) FROM catalogue_sources) AS full_at, \
         (SELECT MAX(incremental_at) FROM catalogue_sources) AS incremental_at")
    .one(connection)
    .await?;
    let synced_at = whole
        .as_ref()
        .and_then(|row| row.full_at.max(row.incremental_at));
    let count = |row: Row| CategoryCount {
        category: row.label,
        count: number(row.n),
    };
    Ok(Counts {
        categories: rows.into_iter().map(count).collect(),
        total: whole.map_or(0, |row| number(row.n)),
        synced_at: synced_at.map(Timestamp),
    })
}
