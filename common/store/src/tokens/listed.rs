//! Tokens as their owner sees them.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Timestamp, TokenId, UserId};

use crate::{
    StoreError,
    sql::{Count, sql},
};

/// A token of somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Identifier.
    pub id: TokenId,
    /// Its text, but for what makes it work.
    pub mask: String,
    /// Its name.
    pub name: Option<String>,
    /// Whether it is marked as an administrator's.
    pub is_admin: bool,
    /// Whether it may only read.
    pub is_readonly: bool,
    /// Whether it is for automation.
    pub is_automation: bool,
    /// When it stops being valid.
    pub expires_at: Option<Timestamp>,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    mask: String,
    name: Option<String>,
    is_admin: bool,
    is_readonly: bool,
    is_automation: bool,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    created_at: i64,
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            id: TokenId(row.id),
            mask: row.mask,
            name: row.name,
            is_admin: row.is_admin,
            is_readonly: row.is_readonly,
            is_automation: row.is_automation,
            expires_at: row.expires_at.map(Timestamp),
            last_used_at: row.last_used_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
        }
    }
}

/// Returns a user's tokens, newest first, at most `limit` after the first `skip`, and how many
/// there are.
///
/// # Errors
/// If the database cannot be asked.
pub async fn list(
    connection: &impl ConnectionTrait,
    user: UserId,
    (skip, limit): (i64, i64),
) -> Result<(Vec<Listed>, u64), StoreError> {
    let rows: Vec<Row> = sql(
        "SELECT id, mask, name, is_admin, is_readonly, is_automation, \
         expires_at, last_used_at, created_at FROM tokens WHERE user_id = $1 \
         ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3",
    )
    .bind(user.0)
    .bind(limit)
    .bind(skip)
    .all(connection)
    .await?;
    let count: Option<Count> = sql("SELECT COUNT(*) AS n FROM tokens WHERE user_id = $1")
        .bind(user.0)
        .one(connection)
        .await?;
    let total = count.map_or(0, |row| u64::try_from(row.n).unwrap_or(0));
    Ok((rows.into_iter().map(Listed::from).collect(), total))
}
