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

/// The action of a blob whose bytes were found damaged.
pub const BLOB_DAMAGE: &str = "blob.damage";

#[derive(FromQueryResult)]
struct Row {
    at: i64,
    user_id: Option<Uuid>,
    action: String,
    target: String,
    detail: String,
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        Self {
            at: Timestamp(row.at),
            user: row.user_id.map(UserId),
            action: row.action,
            target: row.target,
            detail: row.detail,
        }
    }
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
    Ok(rows.into_iter().map(Event::from).collect())
}

/// Returns the last events of one action, newest first.
///
/// # Errors
/// If the database cannot be asked.
pub async fn list_of(
    connection: &impl ConnectionTrait,
    action: &str,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<Row> = sql(
        "SELECT at, user_id, action, target, detail FROM audit_events WHERE action = $1 \
         ORDER BY at DESC, id DESC LIMIT $2",
    )
    .bind(action)
    .bind(limit)
    .all(connection)
    .await?;
    Ok(rows.into_iter().map(Event::from).collect())
}
