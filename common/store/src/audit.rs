//! The audit trail: who changed what that decides what others get.
//!
//! A row is written in the transaction of its change, and never changed. It says who it was by
//! what they showed ([`Actor`]), so that a token that leaked can be followed.

mod find;

use std::net::IpAddr;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{AuditId, Timestamp, TokenId, UserId};

pub use self::find::{Filter, Record, find};
use crate::{StoreError, Tx, sql::sql};

/// Something that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// What was done, `noun.verb`.
    pub action: String,
    /// To which thing.
    pub target: String,
    /// From what to what, as a person reads it; never a secret.
    pub detail: String,
}

/// Who did something, and how they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    /// The user; nobody means the configuration, at a start, or the service itself.
    pub user: Option<UserId>,
    /// The token that they showed.
    pub token: Option<TokenId>,
    /// Where they came from.
    pub address: Option<IpAddr>,
    /// The request.
    pub request_id: Option<String>,
}

impl Actor {
    /// Nobody: the service does it by itself.
    pub const ITSELF: Self = Self {
        user: None,
        token: None,
        address: None,
        request_id: None,
    };

    /// Returns the same, now known to be this user: who has just signed in.
    #[must_use]
    pub fn known_as(self, user: UserId) -> Self {
        Self {
            user: Some(user),
            ..self
        }
    }

    /// Returns the event of what they did: the action (`noun.verb`), to what, and how.
    pub fn did(
        self,
        action: &str,
        target: impl Into<String>,
        detail: impl Into<String>,
        at: Timestamp,
    ) -> Event {
        Event {
            at,
            by: self,
            action: action.to_owned(),
            target: target.into(),
            detail: detail.into(),
        }
    }
}

/// The action of a blob whose bytes were found damaged.
pub const BLOB_DAMAGE: &str = "blob.damage";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    user_name: Option<String>,
    at: i64,
    user_id: Option<Uuid>,
    token_id: Option<Uuid>,
    address: Option<String>,
    request_id: Option<String>,
    action: String,
    target: String,
    detail: String,
}

const SELECT: &str = "SELECT a.id, u.name AS user_name, a.at, a.user_id, a.token_id, a.address, \
     a.request_id, a.action, a.target, a.detail FROM audit_events a \
     LEFT JOIN users u ON u.id = a.user_id";
const NEWEST_FIRST: &str = "ORDER BY a.at DESC, a.id DESC";

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        Self {
            at: Timestamp(row.at),
            by: Actor {
                user: row.user_id.map(UserId),
                token: row.token_id.map(TokenId),
                address: row.address.and_then(|text| text.parse().ok()),
                request_id: row.request_id,
            },
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
    let by = &event.by;
    sql(
        "INSERT INTO audit_events (id, at, user_id, action, target, detail, token_id, address, \
         request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(AuditId::new().0)
    .bind(event.at.0)
    .bind(by.user.map(|user| user.0))
    .bind(event.action.as_str())
    .bind(event.target.as_str())
    .bind(event.detail.as_str())
    .bind(by.token.map(|token| token.0))
    .bind(by.address.map(|address| address.to_string()))
    .bind(by.request_id.clone())
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Returns the last events, newest first.
///
/// # Errors
/// If the database cannot be asked.
pub async fn list(connection: &impl ConnectionTrait, limit: i64) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<Row> = sql(format!("{SELECT} {NEWEST_FIRST} LIMIT $1"))
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
    let rows: Vec<Row> = sql(format!(
        "{SELECT} WHERE a.action = $1 {NEWEST_FIRST} LIMIT $2"
    ))
    .bind(action)
    .bind(limit)
    .all(connection)
    .await?;
    Ok(rows.into_iter().map(Event::from).collect())
}
