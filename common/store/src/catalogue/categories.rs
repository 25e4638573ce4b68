//! Labels of packages (categories, topics, licences), the table that topics lead to categories
//! by, and what an operator says of single packages instead.
//!
//! Labels are for filters and counts; in lower case but for categories, each once. A package
//! that is there for recipes only is in neither, so it has none. Whoever writes a package writes
//! its labels in the same transaction, by the table it reads there.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    PackageId,
    catalogue::{
        Facts,
        categories::{SETTING, Table, categories_of},
    },
};

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
    text: String,
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
        labels.extend(each.take(MAX_LABELS).zip(0..).map(|(text, place)| Label {
            kind: kind.to_owned(),
            place,
            text,
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
        "SELECT kind, place, label AS text FROM catalogue_labels WHERE package_id = $1 \
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
            label.text.into(),
            label.place.into(),
        ]
    };
    sql("INSERT INTO catalogue_labels (package_id, kind, label, place) VALUES $*")
        .bind_rows(4, wanted.into_iter().flat_map(row).collect())
        .execute(&**tx)
        .await?;
    Ok(())
}
