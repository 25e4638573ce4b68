//! Tokens as their owner sees them.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    Digest, Timestamp, TokenId, UserId,
    token::{Cidr, Grant},
};

use super::read;
use crate::{
    StoreError,
    sql::{Count, sql},
};

/// Fewest characters of a key that name a token.
const MIN_KEY_CHARS: usize = 6;

/// A token of somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Identifier.
    pub id: TokenId,
    /// What its owner names it by: the SHA-256 of its text.
    pub key: Digest,
    /// Its text, but for what makes it work.
    pub mask: String,
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is marked as an administrator's.
    pub is_admin: bool,
    /// Whether it may only read.
    pub is_readonly: bool,
    /// Whether it is for automation.
    pub is_automation: bool,
    /// When it stops being valid.
    pub expires_at: Option<Timestamp>,
    /// Where it may be used from; anywhere if empty.
    pub cidrs: Vec<Cidr>,
    /// What it is limited to, if it is.
    pub grant: Option<Grant>,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    secret_hash: Vec<u8>,
    mask: String,
    name: Option<String>,
    description: Option<String>,
    is_admin: bool,
    is_readonly: bool,
    is_automation: bool,
    expires_at: Option<i64>,
    cidrs: Option<String>,
    granted: Option<String>,
    last_used_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for Listed {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let key = Digest::from_slice(&row.secret_hash).ok_or_else(|| StoreError::Corrupt {
            table: "tokens",
            column: "secret_hash",
            id: row.id.to_string(),
        })?;
        let cidrs = read((row.id, "cidrs"), row.cidrs.as_deref())?;
        Ok(Self {
            id: TokenId(row.id),
            key,
            mask: row.mask,
            name: row.name,
            description: row.description,
            is_admin: row.is_admin,
            is_readonly: row.is_readonly,
            is_automation: row.is_automation,
            expires_at: row.expires_at.map(Timestamp),
            cidrs: cidrs.unwrap_or_default(),
            grant: read((row.id, "granted"), row.granted.as_deref())?,
            last_used_at: row.last_used_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        })
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
        "SELECT id, secret_hash, mask, name, description, is_admin, \
         is_readonly, is_automation, expires_at, cidrs, granted, last_used_at, created_at, \
         updated_at FROM tokens WHERE user_id = $1 \
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
    let rows: Result<_, _> = rows.into_iter().map(Listed::try_from).collect();
    Ok((rows?, total))
}

/// Returns a user's tokens whose key is `key` or begins so, at most two: more than one is
/// nobody's wish. Fewer than six characters name nothing.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find_owned(
    connection: &impl ConnectionTrait,
    user: UserId,
    key: &str,
) -> Result<Vec<TokenId>, StoreError> {
    #[derive(FromQueryResult)]
    struct Found {
        id: Uuid,
    }
    let Some((first, last)) = range(key) else {
        return Ok(Vec::new());
    };
    let found: Vec<Found> = sql("SELECT id FROM tokens \
         WHERE user_id = $1 AND secret_hash >= $2 AND secret_hash <= $3 LIMIT 2")
    .bind(user.0)
    .bind(first)
    .bind(last)
    .all(connection)
    .await?;
    Ok(found.into_iter().map(|row| TokenId(row.id)).collect())
}

/// Returns the first and the last hash whose hexadecimal text begins with `key`.
fn range(key: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    const WHOLE: usize = 64;
    let is_key = (MIN_KEY_CHARS..=WHOLE).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    let filled = |with: char| {
        let text: String = key
            .chars()
            .chain(std::iter::repeat(with))
            .take(WHOLE)
            .collect();
        hex::decode(text).ok()
    };
    is_key.then_some(())?;
    Some((filled('0')?, filled('f')?))
}
