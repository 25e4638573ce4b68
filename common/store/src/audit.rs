//! The audit trail: who changed what that decides what others get.
//!
//! A row is written in the transaction of its change, and never changed.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{AuditId, Timestamp, UserId};

use crate::{StoreError, Tx, sql::sql};

/// Something that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// By whom; nobody means the configuration, at a start.
    pub user: Option<UserId>,
    /// What was done, `noun.verb`.
    pub action: String,
    /// To which thing.
    pub target: String,
    /// From what to what, as a person reads it; never a secret.
    pub detail: String,
}

#[derive(FromQueryResult)]
struct Row {
    at: i64,
    user_id: Option<Uuid>,
    action: String,
    target: String,
    detail: String,
}

/// Adds an event.
///
/// # Errors
/// If the database refuses.
pub async fn insert(tx: &Tx, event: &Event) -> Result<(), StoreError> {
    sql(
        "INSERT INTO audit_events (id, at, user_id, action, target, detail) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(AuditId::new().0)
    .bind(event.at.0)
    .bind(event.user.map(|user| user.0))
    .bind(event.action.as_str())
    .bind(event.target.as_str())
    .bind(event.detail.as_str())
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Returns the last events, newest first.
///
/// # Errors
/// If the database cannot be asked.
pub async fn list(connection: &impl ConnectionTrait, limit: i64) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<Row> = sql(
        "SELECT at, user_id, action, target, detail FROM audit_events \
         ORDER BY at DESC, id DESC LIMIT $1",
    )
    .bind(limit)
    .all(connection)
    .await?;
    let event = |row: Row| Event {
        at: Timestamp(row.at),
        user: row.user_id.map(UserId),
        action: row.action,
        target: row.target,
        detail: row.detail,
    };
    Ok(rows.into_iter().map(event).collect())
}
