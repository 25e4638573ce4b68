//! How often packages were downloaded on each day, by their upstreams' account.

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{Day, PackageId};

use crate::{
    StoreError, Tx,
    sql::{Count, sql},
};

/// Rows in one statement.
const BATCH: usize = 200;

/// Downloads of one day.
pub type DayCount = (Day, u64);

/// Writes counts in the place of earlier ones of the same days.
///
/// # Errors
/// If the database refuses.
pub async fn put(tx: &Tx, package: PackageId, counts: &[DayCount]) -> Result<(), StoreError> {
    for batch in counts.chunks(BATCH) {
        let row = |(day, count): &DayCount| {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            [package.0.into(), day.0.into(), count.into()]
        };
        sql(
            "INSERT INTO download_counts (package_id, day, downloads) VALUES $* \
             ON CONFLICT (package_id, day) DO UPDATE SET downloads = excluded.downloads",
        )
        .bind_rows(3, batch.iter().flat_map(row).collect())
        .execute(&**tx)
        .await?;
    }
    Ok(())
}

/// Returns the counts of the days from `first` to `last`, in order; days without one are left
/// out.
///
/// # Errors
/// If the database cannot be asked.
pub async fn list(
    connection: &impl ConnectionTrait,
    package: PackageId,
    (first, last): (Day, Day),
) -> Result<Vec<DayCount>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        day: i64,
        downloads: i64,
    }
    let rows: Vec<Row> = sql("SELECT day, downloads FROM download_counts \
         WHERE package_id = $1 AND day >= $2 AND day <= $3 ORDER BY day")
    .bind(package.0)
    .bind(first.0)
    .bind(last.0)
    .all(connection)
    .await?;
    let count = |row: Row| (Day(row.day), row.downloads.unsigned_abs());
    Ok(rows.into_iter().map(count).collect())
}

/// Returns the last day that has a count.
///
/// # Errors
/// If the database cannot be asked.
pub async fn last_day(
    connection: &impl ConnectionTrait,
    package: PackageId,
) -> Result<Option<Day>, StoreError> {
    let row: Option<Count> =
        sql("SELECT day AS n FROM download_counts WHERE package_id = $1 ORDER BY day DESC LIMIT 1")
            .bind(package.0)
            .one(connection)
            .await?;
    Ok(row.map(|row| Day(row.n)))
}
