//! Blocks: packages, or single versions of them, that are not served.
//!
//! A block is by name, so it needs no package and outlives one. What a removal upstream blocked
//! comes back with upstream; what an operator blocked does not, and an operator lifts either. A
//! version that a sync blocks is hidden by that sync's revision; one that an operator blocks is
//! hidden in the revision that is shown ([`hide`]), under a policy of its own.

mod hide;

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{BlockId, PackageName, Timestamp, Version};

use self::hide::Moved;
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
    /// Identifier; the same however often it is blocked anew.
    pub id: BlockId,
    /// The version; `None` is the whole package.
    pub version: Option<Version>,
    /// Why, for everybody to read.
    pub reason: String,
    /// Who made it.
    pub source: Source,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last made or made anew.
    pub updated_at: Timestamp,
}

#[derive(FromQueryResult)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) version: String,
    pub(crate) reason: String,
    pub(crate) source: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: Option<i64>,
}

const SELECT: &str = "SELECT id, version, reason, source, created_at, updated_at FROM blocks";

impl TryFrom<Row> for Block {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: BlockId(row.id),
            version: version(&row.version)?,
            source: match row.source.as_str() {
                "removal" => Source::Removal,
                // What a newer build calls otherwise is lifted by an operator.
                _ => Source::Operator,
            },
            reason: row.reason,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at.unwrap_or(row.created_at)),
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

/// Returns every block of this name, the one of the whole package first.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn list(
    connection: &impl ConnectionTrait,
    name: &PackageName,
) -> Result<Vec<Block>, StoreError> {
    let rows: Vec<Row> = sql(format!("{SELECT} WHERE name = $1 ORDER BY version"))
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
    let row: Option<Row> = sql(format!(
        "{SELECT} WHERE name = $1 AND (version = '' OR version = $2) ORDER BY version LIMIT 1"
    ))
    .bind(name.as_str())
    .bind(column(version))
    .one(connection)
    .await?;
    row.map(Block::try_from).transpose()
}

/// Returns the versions of this name that an operator blocked.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn forbidden(
    connection: &impl ConnectionTrait,
    name: &PackageName,
) -> Result<BTreeSet<Version>, StoreError> {
    let blocks = list(connection, name).await?.into_iter();
    let by_operator = blocks.filter(|block| block.source == Source::Operator);
    Ok(by_operator.filter_map(|block| block.version).collect())
}

/// Says whether the whole package is blocked.
pub(crate) async fn is_whole(
    connection: &impl ConnectionTrait,
    name: &PackageName,
) -> Result<bool, StoreError> {
    Ok(find(connection, name, None).await?.is_some())
}

/// Blocks a package or a version of it. One that is blocked already stays as it is for a removal;
/// an operator gives it another reason, and it becomes the operator's.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// A sync of the package that is under way shows nothing any more: it must look again, and finds
/// what an operator has just blocked.
pub async fn put(
    tx: &Tx,
    name: &PackageName,
    (version, reason): (Option<&Version>, &str),
    source: Source,
    now: Timestamp,
) -> Result<BlockId, StoreError> {
    let moved = match source {
        Source::Operator => hide::change_policy(tx, name, true).await?,
        Source::Removal => None,
    };
    let former = exactly(tx, name, version).await?;
    insert(tx, name, (version, reason), source, now).await?;
    match (version, moved) {
        (None, _) => search::remove(tx, name).await?,
        (Some(version), Some(moved)) => {
            moved.hide(tx, (version, former.as_ref())).await?;
            renew(tx, name, &moved).await?;
        }
        (Some(_), None) => {}
    }
    invalidations::insert(tx, Topic::Package, name.as_str(), now).await?;
    let made = exactly(tx, name, version).await?;
    Ok(made.ok_or(StoreError::Changed("block"))?.id)
}

async fn insert(
    tx: &Tx,
    name: &PackageName,
    (version, reason): (Option<&Version>, &str),
    source: Source,
    now: Timestamp,
) -> Result<(), StoreError> {
    let otherwise = match source {
        Source::Removal => "NOTHING",
        Source::Operator => {
            "UPDATE SET reason = excluded.reason, source = excluded.source, \
             updated_at = excluded.updated_at"
        }
    };
    sql(format!(
        "INSERT INTO blocks (id, name, version, reason, source, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (name, version) DO {otherwise}"
    ))
    .bind(BlockId::new().0)
    .bind(name.as_str())
    .bind(column(version))
    .bind(reason)
    .bind(source.as_str())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Returns the block of just this: of the whole package, or of the version itself.
async fn exactly(
    tx: &Tx,
    name: &PackageName,
    version: Option<&Version>,
) -> Result<Option<Block>, StoreError> {
    let row: Option<Row> = sql(format!("{SELECT} WHERE name = $1 AND version = $2"))
        .bind(name.as_str())
        .bind(column(version))
        .one(&**tx)
        .await?;
    row.map(Block::try_from).transpose()
}

/// Lifts a block: of a removal's only its own, an operator any. Says whether there was one.
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
    let moved = match source {
        Source::Operator => hide::change_policy(tx, name, false).await?,
        Source::Removal => None,
    };
    let block = exactly(tx, name, version).await?;
    let is_ours = |block: &Block| source == Source::Operator || block.source == source;
    let Some(block) = block.filter(is_ours) else {
        return Ok(false);
    };
    sql("DELETE FROM blocks WHERE id = $1")
        .bind(block.id.0)
        .execute(&**tx)
        .await?;
    match (version, moved) {
        (None, _) => search::refresh(tx, name).await?,
        (Some(version), Some(moved)) => {
            moved.show(tx, (version, &block)).await?;
            renew(tx, name, &moved).await?;
        }
        (Some(_), None) => {}
    }
    invalidations::insert(tx, Topic::Package, name.as_str(), now).await?;
    Ok(true)
}

/// Has tags, and what the package is found by, follow what is shown of it now.
async fn renew(tx: &Tx, name: &PackageName, moved: &Moved) -> Result<(), StoreError> {
    moved.retag(tx).await?;
    search::refresh(tx, name).await
}
