//! Blocks: packages, or single versions of them, that are not served.
//!
//! A block is by name, so it needs no package and outlives one. A block of a whole package
//! takes it from sight here; a blocked version is also hidden from its packument, which is
//! its revision's business. Whoever made a block lifts it: what a removal upstream blocked
//! comes back with upstream, what an operator blocked does not.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{PackageName, Timestamp, Version};

use crate::{StoreError, Topic, Tx, invalidations, search, sql::sql};

/// Who made a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The policy about what upstream removed.
    Removal,
    /// An operator.
    Operator,
}

impl Source {
    fn as_str(self) -> &'static str {
        match self {
            Self::Removal => "removal",
            Self::Operator => "operator",
        }
    }
}

/// What is blocked, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The version; `None` is the whole package.
    pub version: Option<Version>,
    /// Why, for everybody to read.
    pub reason: String,
    /// Who made it.
    pub source: Source,
    /// Since when.
    pub created_at: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    version: String,
    reason: String,
    source: String,
    created_at: i64,
}

impl TryFrom<Row> for Block {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            version: version(&row.version)?,
            source: match row.source.as_str() {
                "removal" => Source::Removal,
                // What a newer build calls otherwise is lifted by whoever made it.
                _ => Source::Operator,
            },
            reason: row.reason,
            created_at: Timestamp(row.created_at),
        })
    }
}

fn version(text: &str) -> Result<Option<Version>, StoreError> {
    let corrupt = |_| StoreError::Corrupt {
        table: "blocks",
        column: "version",
        id: text.to_owned(),
    };
    let parsed = (!text.is_empty()).then(|| Version::parse(text).map_err(corrupt));
    parsed.transpose()
}

/// Returns the column's text for a version or the whole package.
fn column(version: Option<&Version>) -> &str {
    version.map_or("", Version::as_str)
}

/// Returns every block of this name.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn list(
    connection: &impl ConnectionTrait,
    name: &PackageName,
) -> Result<Vec<Block>, StoreError> {
    let rows: Vec<Row> =
        sql("SELECT version, reason, source, created_at FROM blocks WHERE name = $1")
            .bind(name.as_str())
            .all(connection)
            .await?;
    rows.into_iter().map(Block::try_from).collect()
}

/// Returns the block of the whole package or of this version, if there is one.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find(
    connection: &impl ConnectionTrait,
    name: &PackageName,
    version: Option<&Version>,
) -> Result<Option<Block>, StoreError> {
    let row: Option<Row> = sql("SELECT version, reason, source, created_at FROM blocks \
         WHERE name = $1 AND (version = '' OR version = $2) ORDER BY version LIMIT 1")
    .bind(name.as_str())
    .bind(column(version))
    .one(connection)
    .await?;
    row.map(Block::try_from).transpose()
}

/// Blocks a package or a version of it; one that is blocked already stays as it is.
///
/// # Errors
/// If the database refuses.
pub async fn put(
    tx: &Tx,
    name: &PackageName,
    (version, reason): (Option<&Version>, &str),
    source: Source,
    now: Timestamp,
) -> Result<(), StoreError> {
    #[expect(clippy::disallowed_methods, reason = "a row's own id")]
    let id = Uuid::now_v7();
    sql(
        "INSERT INTO blocks (id, name, version, reason, source, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name, version) DO NOTHING",
    )
    .bind(id)
    .bind(name.as_str())
    .bind(column(version))
    .bind(reason)
    .bind(source.as_str())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    if version.is_none() {
        search::remove(tx, name).await?;
    }
    invalidations::insert(tx, Topic::Package, name.as_str(), now).await
}

/// Lifts a block that `source` made; says whether there was one.
///
/// # Errors
/// If the database refuses.
pub async fn lift(
    tx: &Tx,
    name: &PackageName,
    version: Option<&Version>,
    source: Source,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let lifted = sql("DELETE FROM blocks WHERE name = $1 AND version = $2 AND source = $3")
        .bind(name.as_str())
        .bind(column(version))
        .bind(source.as_str())
        .execute(&**tx)
        .await?;
    if lifted == 0 {
        return Ok(false);
    }
    if version.is_none() {
        search::refresh(tx, name).await?;
    }
    invalidations::insert(tx, Topic::Package, name.as_str(), now).await?;
    Ok(true)
}
