//! Queues: all waiting tasks of one kind. A paused one is left alone by every worker; what
//! runs already runs on.
//!
//! A queue without a row was never paused. Time that a task spends in a paused queue is no
//! time in the queue: see [`resting`].

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{Timestamp, task::TaskKind};

use crate::{
    Signal, StoreError, Tx,
    sql::{Text, sql},
};

/// Whether tasks of a kind are begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The kind.
    pub kind: TaskKind,
    /// Whether no worker begins another one.
    pub is_paused: bool,
    /// When it was last paused or resumed.
    pub changed_at: Option<Timestamp>,
    /// Who did that.
    pub changed_by: Option<String>,
}

/// Returns the queue of a kind.
///
/// # Errors
/// If the database cannot be asked.
pub async fn get(connection: &impl ConnectionTrait, kind: TaskKind) -> Result<Queue, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        is_paused: bool,
        changed_at: i64,
        changed_by: String,
    }
    let row: Option<Row> =
        sql("SELECT is_paused, changed_at, changed_by FROM queues WHERE kind = $1")
            .bind(kind.as_str())
            .one(connection)
            .await?;
    Ok(Queue {
        kind,
        is_paused: row.as_ref().is_some_and(|row| row.is_paused),
        changed_at: row.as_ref().map(|row| Timestamp(row.changed_at)),
        changed_by: row.map(|row| row.changed_by),
    })
}

/// Pauses or resumes a queue; says whether that changed anything.
///
/// # Errors
/// If the database refuses.
pub async fn set_paused(
    tx: &Tx,
    kind: TaskKind,
    is_paused: bool,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = sql(
        "INSERT INTO queues (kind, is_paused, changed_at, changed_by) \
         SELECT $1, $2, $3, $4 WHERE $2 OR EXISTS (SELECT 1 FROM queues WHERE kind = $1) \
         ON CONFLICT (kind) DO UPDATE SET is_paused = excluded.is_paused, \
         changed_at = excluded.changed_at, changed_by = excluded.changed_by \
         WHERE queues.is_paused <> excluded.is_paused",
    )
    .bind(kind.as_str())
    .bind(is_paused)
    .bind(now.0)
    .bind(by)
    .execute(&**tx)
    .await?;
    if changed > 0 && !is_paused {
        tx.signal(Signal::TaskReady);
    }
    Ok(changed > 0)
}

/// Returns the lanes that tasks may be claimed from.
pub(crate) async fn open_lanes(connection: &impl ConnectionTrait) -> Result<Vec<Text>, StoreError> {
    sql("SELECT lane AS value FROM lanes WHERE NOT is_paused \
         AND kind NOT IN (SELECT kind FROM queues WHERE is_paused)")
    .all(connection)
    .await
}

/// Returns the kinds whose tasks have not all been claimable since `bound`: nobody may say
/// of them that no worker took them.
pub(crate) async fn resting(
    connection: &impl ConnectionTrait,
    bound: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let kinds: Vec<Text> =
        sql("SELECT kind AS value FROM queues WHERE is_paused OR changed_at >= $1")
            .bind(bound.0)
            .all(connection)
            .await?;
    Ok(kinds.into_iter().map(|kind| kind.value).collect())
}
