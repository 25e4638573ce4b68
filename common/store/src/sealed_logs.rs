//! Sealed logs: where the log of a finished task lies once it is no longer chunks.
//!
//! A row is the pointer: it says how the log is cut into compressed frames, and holds the
//! small ones itself. It is written when the frames are durably in place; the chunks go
//! later, so that a reader who finds none finds the pointer. A log that is one chunk is one
//! row already and stays so.

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weir_domain::{TaskId, Timestamp};

use crate::{
    StoreError, Tx,
    sql::{Count, by_index, sql},
    task_logs::{self, Extent},
};

/// Some whole lines, compressed by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Number of the first line, from 1.
    pub first_line: i64,
    /// How many lines.
    pub line_count: i64,
    /// Place of the first byte in the whole log, from 0.
    pub byte_offset: i64,
    /// How many bytes.
    pub byte_count: i64,
    /// Place of the first compressed byte, from 0.
    pub packed_offset: u64,
    /// How many compressed bytes.
    pub packed_count: u64,
}

/// The pointer to a sealed log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The task.
    pub task: TaskId,
    /// The run that ended it; with the task, the name of the object.
    pub generation: i64,
    /// What there is, in order.
    pub frames: Vec<Frame>,
    /// All compressed bytes, if they are few; else they are an object.
    pub body: Option<Vec<u8>>,
}

impl Sealed {
    /// Returns how long the log is.
    pub fn extent(&self) -> Extent {
        let last = self.frames.last();
        last.map_or_else(Extent::default, |last| Extent {
            log_lines: last.first_line + last.line_count - 1,
            log_bytes: last.byte_offset + last.byte_count,
        })
    }
}

/// A finished task whose log is not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsealed {
    /// The task.
    pub task: TaskId,
    /// The run that ended it.
    pub generation: i64,
    /// When it ended.
    pub finished_at: Timestamp,
}

/// Returns where a log is sealed, if it is.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn find(
    connection: &impl ConnectionTrait,
    task: TaskId,
) -> Result<Option<Sealed>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        generation: i64,
        frames: String,
        body: Option<Vec<u8>>,
    }
    let row: Option<Row> =
        sql("SELECT generation, frames, body FROM sealed_logs WHERE task_id = $1")
            .bind(task.0)
            .one(connection)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let frames = serde_json::from_str(&row.frames).map_err(|_| StoreError::Corrupt {
        table: "sealed_logs",
        column: "frames",
        id: task.to_string(),
    })?;
    Ok(Some(Sealed {
        task,
        generation: row.generation,
        frames,
        body: row.body,
    }))
}

/// The finished tasks whose logs are to be sealed, from `$2`, `$3` on.
pub(crate) fn waiting(connection: &impl ConnectionTrait) -> String {
    format!(
        "SELECT id, generation, finished_at FROM tasks {} WHERE NOT is_log_sealed \
         AND finished_at < $1 AND (finished_at, id) > ($2, $3) ORDER BY finished_at, id LIMIT $4",
        by_index(connection, "tasks_unsealed")
    )
}

/// Returns up to `limit` finished tasks whose logs are not sealed: those that ended before
/// `bound`, oldest first, after `after`.
///
/// # Errors
/// If the database cannot be asked.
pub async fn unsealed(
    connection: &impl ConnectionTrait,
    bound: Timestamp,
    after: Option<Unsealed>,
    limit: i64,
) -> Result<Vec<Unsealed>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        generation: i64,
        finished_at: i64,
    }
    let rows: Vec<Row> = sql(waiting(connection))
        .bind(bound.0)
        .bind(after.map_or(i64::MIN, |after| after.finished_at.0))
        .bind(after.map_or(Uuid::nil(), |after| after.task.0))
        .bind(limit)
        .all(connection)
        .await?;
    let unsealed = |row: Row| Unsealed {
        task: TaskId(row.id),
        generation: row.generation,
        finished_at: Timestamp(row.finished_at),
    };
    Ok(rows.into_iter().map(unsealed).collect())
}

/// Leaves alone, from now on, those of `tasks` whose log is one chunk or none; returns them.
///
/// # Errors
/// If the database refuses.
pub async fn settle(tx: &Tx, tasks: &[TaskId]) -> Result<Vec<TaskId>, StoreError> {
    #[derive(FromQueryResult)]
    struct Id {
        id: Uuid,
    }
    let settled: Vec<Id> = sql("UPDATE tasks SET is_log_sealed = true WHERE id IN ($*) \
         AND (SELECT COUNT(*) FROM task_log_chunks c WHERE c.task_id = tasks.id) < 2 RETURNING id")
    .bind_all(tasks.iter().map(|task| task.0))
    .all(&**tx)
    .await?;
    Ok(settled.into_iter().map(|row| TaskId(row.id)).collect())
}

/// Points at a sealed log whose frames are durably in place.
///
/// # Errors
/// [`StoreError::Changed`] if the log is another one than was sealed.
pub async fn insert(tx: &Tx, sealed: &Sealed, now: Timestamp) -> Result<(), StoreError> {
    const CHANGED: StoreError = StoreError::Changed("task log");
    let frames = serde_json::to_string(&sealed.frames).map_err(|_| CHANGED)?;
    let flipped: Option<Count> = sql(
        "UPDATE tasks SET is_log_sealed = true WHERE id = $1 AND generation = $2 \
             AND finished_at IS NOT NULL AND NOT is_log_sealed RETURNING generation AS n",
    )
    .bind(sealed.task.0)
    .bind(sealed.generation)
    .one(&**tx)
    .await?;
    if flipped.is_none() || task_logs::extent(&**tx, sealed.task).await? != sealed.extent() {
        return Err(CHANGED);
    }
    sql(
        "INSERT INTO sealed_logs (task_id, generation, frames, body, sealed_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(sealed.task.0)
    .bind(sealed.generation)
    .bind(frames)
    .bind(sealed.body.clone())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Removes the chunks of up to `limit` logs that were sealed before `bound`; says of how
/// many.
///
/// # Errors
/// If the database refuses.
pub async fn strip(tx: &Tx, bound: Timestamp, limit: i64) -> Result<usize, StoreError> {
    #[derive(FromQueryResult)]
    struct Id {
        task_id: Uuid,
    }
    let sealed: Vec<Id> = sql(format!(
        "SELECT task_id FROM sealed_logs {} WHERE NOT is_stripped AND sealed_at < $1 \
         ORDER BY sealed_at LIMIT $2",
        by_index(&**tx, "sealed_logs_chunked")
    ))
    .bind(bound.0)
    .bind(limit)
    .all(&**tx)
    .await?;
    if sealed.is_empty() {
        return Ok(0);
    }
    for statement in [
        "DELETE FROM task_log_chunks WHERE task_id IN ($*)",
        "UPDATE sealed_logs SET is_stripped = true WHERE task_id IN ($*)",
    ] {
        sql(statement)
            .bind_all(sealed.iter().map(|row| row.task_id))
            .execute(&**tx)
            .await?;
    }
    Ok(sealed.len())
}
