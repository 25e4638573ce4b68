//! Tickets to read one task's log with, once. The text is never here, only its SHA-256.

use std::time::Duration;

use sea_orm::FromQueryResult;
use uuid::Uuid;
use weir_domain::{Digest, TaskId, Timestamp, TokenId};

use crate::{StoreError, Tx, sql::sql};

/// How long a ticket may be used.
pub const VALID: Duration = Duration::from_secs(60);

/// A ticket that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// The token of who made it; nobody's if that was somebody unknown.
    pub reader: Option<TokenId>,
}

/// Records a ticket to the log of a task, made with a token or without; says when it expires.
///
/// # Errors
/// If the database refuses.
pub async fn insert(
    tx: &Tx,
    hash: &Digest,
    (task, reader): (TaskId, Option<TokenId>),
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let expires_at = now.plus(VALID);
    sql("INSERT INTO log_tickets (hash, task_id, token_id, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(hash.0.to_vec())
        .bind(task.0)
        .bind(reader.map(|token| token.0))
        .bind(expires_at.0)
        .execute(&**tx)
        .await?;
    Ok(expires_at)
}

/// Uses a ticket up, if it is one for this task and not too old.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// Of all who bring it at once, in whatever process, one gets it.
pub async fn take(
    tx: &Tx,
    hash: &Digest,
    task: TaskId,
    now: Timestamp,
) -> Result<Option<Used>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        token_id: Option<Uuid>,
    }
    let row: Option<Row> = sql("DELETE FROM log_tickets \
         WHERE hash = $1 AND task_id = $2 AND expires_at > $3 RETURNING token_id")
    .bind(hash.0.to_vec())
    .bind(task.0)
    .bind(now.0)
    .one(&**tx)
    .await?;
    Ok(row.map(|row| Used {
        reader: row.token_id.map(TokenId),
    }))
}

/// Removes tickets that are too old, at most `limit`; says how many.
///
/// # Errors
/// If the database refuses.
pub async fn expire(tx: &Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    sql("DELETE FROM log_tickets WHERE hash IN \
         (SELECT hash FROM log_tickets WHERE expires_at <= $1 LIMIT $2)")
    .bind(now.0)
    .bind(limit)
    .execute(&**tx)
    .await
}
