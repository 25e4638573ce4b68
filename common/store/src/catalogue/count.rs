//! How much there is in the catalogue.

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{Timestamp, catalogue::CategoryCount};

use super::categories::CATEGORY;
use crate::{StoreError, sql::sql};

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
