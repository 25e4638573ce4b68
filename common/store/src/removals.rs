//! What upstream was seen to lack: how often and since when, and what was done about it.
//!
//! A row is about a package of ours or one version of it. It counts looks, at most one a
//! task, until somebody decides that they are enough; it goes when upstream has the thing
//! again. Deciding is the sync's part: nothing here acts on what it counts.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    PackageId, RegistryId, RemovalPolicy, TaskId, Timestamp, Version, removal::Absence,
};

use crate::{
    StoreError, Tx,
    sql::{Count, sql},
};

/// Rows in one statement.
const BATCH: usize = 200;

/// What was seen to be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The version; `None` is the whole package.
    pub version: Option<Version>,
    /// In which way it was gone at the last look.
    pub absence: Absence,
    /// When it was first seen to be gone.
    pub first_seen_at: Timestamp,
    /// How many tasks saw it.
    pub looks: i64,
    /// The last of them.
    pub last_task: TaskId,
    /// What was done about it, if anything.
    pub outcome: Option<RemovalPolicy>,
}

#[derive(FromQueryResult)]
struct Row {
    version: String,
    absence: String,
    first_seen_at: i64,
    looks: i64,
    last_task: Uuid,
    outcome: Option<String>,
}

impl TryFrom<Row> for Sighting {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::Corrupt {
            table: "removals",
            column,
            id: row.version.clone(),
        };
        let version = (!row.version.is_empty()).then(|| Version::parse(&row.version));
        let outcome = row.outcome.as_deref().map(str::parse);
        Ok(Self {
            version: version.transpose().map_err(|_| corrupt("version"))?,
            absence: row.absence.parse().map_err(|_| corrupt("absence"))?,
            first_seen_at: Timestamp(row.first_seen_at),
            looks: row.looks,
            last_task: TaskId(row.last_task),
            outcome: outcome.transpose().map_err(|_| corrupt("outcome"))?,
        })
    }
}

/// Returns what was seen to be gone of a package.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn list(
    connection: &impl ConnectionTrait,
    package: PackageId,
) -> Result<Vec<Sighting>, StoreError> {
    let rows: Vec<Row> = sql(
        "SELECT version, absence, first_seen_at, looks, last_task, outcome FROM removals \
         WHERE package_id = $1",
    )
    .bind(package.0)
    .all(connection)
    .await?;
    rows.into_iter().map(Sighting::try_from).collect()
}

/// Counts a look at what is gone: of the whole package (`None`) or of versions. The same
/// task counts once, however often it is repeated.
///
/// # Errors
/// If the database refuses.
pub async fn look(
    tx: &Tx,
    package: PackageId,
    (gone, absence): (&[Option<Version>], Absence),
    task: TaskId,
    now: Timestamp,
) -> Result<(), StoreError> {
    for batch in gone.chunks(BATCH) {
        let row = |version: &Option<Version>| {
            [
                package.0.into(),
                column(version.as_ref()).into(),
                absence.as_str().into(),
                now.0.into(),
                now.0.into(),
                1_i64.into(),
                task.0.into(),
            ]
        };
        sql(
            "INSERT INTO removals (package_id, version, absence, first_seen_at, last_seen_at, looks, \
             last_task) VALUES $* ON CONFLICT (package_id, version) DO UPDATE SET \
             absence = excluded.absence, last_seen_at = excluded.last_seen_at, \
             looks = removals.looks + CASE WHEN removals.last_task = excluded.last_task \
             THEN 0 ELSE 1 END, last_task = excluded.last_task",
        )
        .bind_rows(7, batch.iter().flat_map(row).collect())
        .execute(&**tx)
        .await?;
    }
    Ok(())
}

/// Records what was done about what was counted.
///
/// # Errors
/// If the database refuses.
pub async fn settle(
    tx: &Tx,
    package: PackageId,
    gone: &[Option<Version>],
    outcome: RemovalPolicy,
) -> Result<(), StoreError> {
    for batch in gone.chunks(BATCH) {
        sql("UPDATE removals SET outcome = $1 WHERE package_id = $2 AND version IN ($*)")
            .bind(outcome.as_str())
            .bind(package.0)
            .bind_all(batch.iter().map(|version| column(version.as_ref())))
            .execute(&**tx)
            .await?;
    }
    Ok(())
}

/// Forgets what upstream has again.
///
/// # Errors
/// If the database refuses.
pub async fn clear(
    tx: &Tx,
    package: PackageId,
    back: &[Option<Version>],
) -> Result<(), StoreError> {
    for batch in back.chunks(BATCH) {
        sql("DELETE FROM removals WHERE package_id = $1 AND version IN ($*)")
            .bind(package.0)
            .bind_all(batch.iter().map(|version| column(version.as_ref())))
            .execute(&**tx)
            .await?;
    }
    Ok(())
}

/// Returns how many packages of a registry upstream was last seen to lack, without anything
/// having been done about it, and how many of it are mirrored.
///
/// # Errors
/// If the database cannot be asked.
pub async fn lacking(
    connection: &impl ConnectionTrait,
    registry: RegistryId,
) -> Result<(i64, i64), StoreError> {
    let lacking: Option<Count> = sql(
        "SELECT COUNT(*) AS n FROM removals r JOIN packages p ON p.id = r.package_id \
         WHERE p.registry_id = $1 AND r.version = '' AND r.outcome IS NULL",
    )
    .bind(registry.0)
    .one(connection)
    .await?;
    let mirrored: Option<Count> =
        sql("SELECT COUNT(*) AS n FROM packages WHERE registry_id = $1 AND revision > 0")
            .bind(registry.0)
            .one(connection)
            .await?;
    let number = |count: Option<Count>| count.map_or(0, |count| count.n);
    Ok((number(lacking), number(mirrored)))
}

/// Returns the column's text for a version or the whole package.
fn column(version: Option<&Version>) -> &str {
    version.map_or("", Version::as_str)
}
