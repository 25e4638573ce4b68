//! Pulls: tasks that came of a read. Nobody signed for them, so their number has bounds.
//!
//! Only so many may wait at once, and one that left nothing behind (no package came of it, or
//! nothing had changed) is removed a while after its end. Until then its end is remembered for
//! whoever reads the same again, in whatever process.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{PackageName, Timestamp, task::TaskKind};

use crate::{
    StoreError, Tx,
    sql::{Count, sql},
    tasks::{self, ListFilter, NewRequest, NewTask, Submitted, Task},
};

/// The key whose lock those hold who count pulls to add one.
pub const PLACES: &str = "pulls";

/// Returns the newest task that syncs the package, whatever its state.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn newest(
    connection: &impl ConnectionTrait,
    name: &PackageName,
) -> Result<Option<Task>, StoreError> {
    let filter = ListFilter {
        kind: Some(TaskKind::SyncPackage),
        target: Some(name.as_str().to_owned()),
        limit: 1,
        ..ListFilter::default()
    };
    Ok(tasks::list(connection, &filter).await?.pop())
}

/// Submits work that a read asks for, unless `most` such tasks wait already; then `None`.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// The caller holds the lock of [`PLACES`], so that no two count at the same moment.
pub async fn submit(
    tx: &Tx,
    new: &NewTask,
    request: &NewRequest,
    most: i64,
    now: Timestamp,
) -> Result<Option<Submitted>, StoreError> {
    if waiting(&**tx, most).await? >= most {
        return Ok(None);
    }
    let submitted = tasks::submit(tx, new, request, now).await?;
    if !submitted.is_joined {
        sql("UPDATE tasks SET is_pull = true WHERE id = $1")
            .bind(submitted.task.0)
            .execute(&**tx)
            .await?;
    }
    Ok(Some(submitted))
}

/// Counts the pulls that wait, up to `most`.
async fn waiting(connection: &impl ConnectionTrait, most: i64) -> Result<i64, StoreError> {
    let row: Option<Count> = sql("SELECT COUNT(*) AS n FROM \
         (SELECT 1 AS one FROM tasks WHERE is_pull AND state = 'waiting' LIMIT $1) AS few")
    .bind(most)
    .one(connection)
    .await?;
    Ok(row.map_or(0, |row| row.n))
}

/// Removes, of at most `limit` pulls that ended before a moment, those that left nothing and
/// that nobody else asked for; the others stay, as any task does. Says how many it looked at.
///
/// # Errors
/// If the database refuses.
pub async fn forget(tx: &Tx, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        kind: String,
        state: String,
        is_idle: i64,
    }
    // A log that is not sealed yet would be sealed after its task is gone.
    let rows: Vec<Row> = sql("SELECT t.id, t.kind, t.state, CAST(CASE WHEN \
         (t.report LIKE '%\"unchanged\":true%' OR t.state = 'error' AND NOT EXISTS \
         (SELECT 1 FROM packages p WHERE p.name = t.target AND p.revision > 0)) \
         AND (SELECT COUNT(*) FROM task_requests r WHERE r.task_id = t.id) <= 1 \
         AND NOT EXISTS (SELECT 1 FROM sealed_logs s WHERE s.task_id = t.id AND s.body IS NULL) \
         THEN 1 ELSE 0 END AS BIGINT) AS is_idle FROM tasks t \
         WHERE t.is_pull AND t.finished_at IS NOT NULL AND t.finished_at < $1 AND t.is_log_sealed \
         ORDER BY t.finished_at LIMIT $2")
    .bind(before.0)
    .bind(limit)
    .all(&**tx)
    .await?;
    let (gone, kept): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.is_idle == 1);
    if !kept.is_empty() {
        sql("UPDATE tasks SET is_pull = false WHERE id IN ($*)")
            .bind_all(kept.iter().map(|row| row.id))
            .execute(&**tx)
            .await?;
    }
    if !gone.is_empty() {
        let gone = gone.iter().map(|row| (row.id, &*row.kind, &*row.state));
        tasks::remove(tx, gone).await?;
    }
    Ok(rows.len())
}
