//! What caches must forget, written in the transaction that makes it so.
//!
//! Within a process the commit's signal arrives before the writer's answer; other
//! processes tail this table: they read on from the last number they saw (see
//! [`crate::sequences`]), and whatever has no number yet.

use std::str::FromStr;

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::Timestamp;

use crate::{
    Signal, StoreError, Tx,
    sequences::{self, Sequence},
    sql::sql,
};

/// Most numbered rows of one read.
pub const PAGE: i64 = 1000;

/// What kind of cached knowledge is out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A package's documents and tarballs; the key is its name.
    Package,
    /// A token, or all of a user's and whatever that user may; the key is its identifier.
    Token,
    /// A session that has ended; the key is its identifier.
    Session,
    /// A registry; the key is its slug.
    Registry,
    /// A setting; the key is its key.
    Setting,
    /// Whatever anybody knows; there is no key.
    Everything,
}

impl Topic {
    /// Every topic.
    pub const ALL: &[Self] = &[
        Self::Package,
        Self::Token,
        Self::Session,
        Self::Registry,
        Self::Setting,
        Self::Everything,
    ];

    /// Returns the word in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Token => "token",
            Self::Session => "session",
            Self::Registry => "registry",
            Self::Setting => "setting",
            Self::Everything => "everything",
        }
    }
}

/// The text is no topic that this build knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a topic")]
pub struct UnknownTopic;

impl FromStr for Topic {
    type Err = UnknownTopic;

    fn from_str(text: &str) -> Result<Self, UnknownTopic> {
        let mut all = Self::ALL.iter().copied();
        all.find(|topic| topic.as_str() == text).ok_or(UnknownTopic)
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Invalidation {
    /// The order of insertion; good only for telling rows apart.
    pub id: i64,
    /// The order of commits, once it has one.
    pub seq: Option<i64>,
    /// The topic's word; a newer build may write one that this build has no cache for.
    pub topic: String,
    /// What of it.
    pub key: String,
}

/// Records that `key` of `topic` changed.
///
/// # Errors
/// If the database refuses.
pub async fn insert(tx: &Tx, topic: Topic, key: &str, now: Timestamp) -> Result<(), StoreError> {
    let seq = sequences::next(tx, Sequence::Invalidations).await?;
    sql("INSERT INTO invalidations (seq, topic, key, created_at) VALUES ($1, $2, $3, $4)")
        .bind(seq)
        .bind(topic.as_str())
        .bind(key)
        .bind(now.0)
        .execute(&**tx)
        .await?;
    tx.signal(Signal::Invalidated(topic, key.to_owned()));
    Ok(())
}

/// The rows numbered beyond `$1`, at most `$2`, and those without a number.
pub(crate) const BEYOND: &str = "SELECT id, seq, topic, key FROM (SELECT id, seq, topic, key FROM invalidations \
     WHERE seq > $1 ORDER BY seq LIMIT $2) AS numbered \
     UNION ALL SELECT id, seq, topic, key FROM invalidations WHERE seq IS NULL";

/// Returns the rows numbered beyond `seq`, at most [`PAGE`] of them and in order, and all
/// that have no number yet.
///
/// # Errors
/// If the database cannot be asked.
pub async fn beyond(
    connection: &impl ConnectionTrait,
    seq: i64,
) -> Result<Vec<Invalidation>, StoreError> {
    let mut rows: Vec<Invalidation> = sql(BEYOND).bind(seq).bind(PAGE).all(connection).await?;
    rows.sort_by_key(|row| (row.seq.is_none(), row.seq, row.id));
    Ok(rows)
}

/// Removes old rows, at most a thousand; says how many. The newest numbered row stays, so
/// that whoever was away can see that it missed some.
///
/// # Errors
/// If the database refuses.
pub async fn prune(tx: &Tx, before: Timestamp) -> Result<u64, StoreError> {
    sql(
        "DELETE FROM invalidations WHERE id IN (SELECT id FROM invalidations \
         WHERE seq < (SELECT value FROM counters WHERE name = 'invalidations') \
         AND created_at < $1 ORDER BY seq LIMIT $2)",
    )
    .bind(before.0)
    .bind(PAGE)
    .execute(&**tx)
    .await
}
