//! Bearer tokens. The text is never here, only its SHA-256.
//!
//! A token is the secret's row joined with its user, so that what the user may no longer do, no
//! token does. Whatever changes one says so under [`Topic::Token`]; that it was used is no
//! change.

mod expired;
mod listed;
mod used;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{
    Digest, Timestamp, TokenId, UserId,
    token::{Cidr, Grant, TokenSecret},
};

pub use self::{
    expired::remove_expired,
    listed::{Listed, find_owned, list},
    used::{USED_EVERY, mark_used},
};
use crate::{
    StoreError, Topic, Tx, invalidations,
    sql::{Count, Id, sql},
};

/// A token together with the user it speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Identifier.
    pub id: TokenId,
    /// Whom it speaks for.
    pub user_id: UserId,
    /// That user's name.
    pub user_name: String,
    /// Whether it carries admin rights (its user's role and its own mark).
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
    /// When it was used last, as far as that was written down.
    pub last_used_at: Option<Timestamp>,
}

/// What a new token may do.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent marks of a token"
)]
pub struct NewToken<'a> {
    /// A name for people.
    pub name: Option<&'a str>,
    /// What it is for, for people.
    pub description: Option<&'a str>,
    /// Whether it carries its user's admin rights.
    pub is_admin: bool,
    /// Whether it may only read.
    pub is_readonly: bool,
    /// Whether it is for automation.
    pub is_automation: bool,
    /// Whether configuration made it (at most one such per process start).
    pub from_config: bool,
    /// When it stops being valid.
    pub expires_at: Option<Timestamp>,
    /// Where it may be used from; anywhere if empty.
    pub cidrs: &'a [Cidr],
    /// What it is limited to, if it is.
    pub grant: Option<&'a Grant>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    user_name: String,
    role: String,
    is_admin: bool,
    is_readonly: bool,
    is_automation: bool,
    expires_at: Option<i64>,
    cidrs: Option<String>,
    granted: Option<String>,
    last_used_at: Option<i64>,
}

const SELECT: &str = "SELECT t.id, t.user_id, u.name AS user_name, u.role, t.is_admin, \
     t.is_readonly, t.is_automation, t.expires_at, t.cidrs, t.granted, t.last_used_at \
     FROM tokens t JOIN users u ON u.id = t.user_id \
     AND u.disabled_at IS NULL";

impl TryFrom<Row> for Token {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let grant: Option<Grant> = read((row.id, "granted"), row.granted.as_deref())?;
        let is_whole = !row.is_readonly && grant.is_none();
        let cidrs = read((row.id, "cidrs"), row.cidrs.as_deref())?;
        Ok(Self {
            id: TokenId(row.id),
            user_id: UserId(row.user_id),
            user_name: row.user_name,
            is_admin: row.is_admin && row.role == "admin" && is_whole,
            is_readonly: row.is_readonly,
            is_automation: row.is_automation,
            expires_at: row.expires_at.map(Timestamp),
            cidrs: cidrs.unwrap_or_default(),
            grant,
            last_used_at: row.last_used_at.map(Timestamp),
        })
    }
}

/// Reads a list that a column of a token holds.
fn read<T: serde::de::DeserializeOwned>(
    (id, column): (Uuid, &'static str),
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    let read = text.map(serde_json::from_str).transpose();
    read.map_err(|_| StoreError::Corrupt {
        table: "tokens",
        column,
        id: id.to_string(),
    })
}

fn written(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Changed("token"))
}

/// Returns the token whose text hashes to `hash`, expired or not; none of a disabled user.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find_by_hash(
    connection: &impl ConnectionTrait,
    hash: &Digest,
) -> Result<Option<Token>, StoreError> {
    let row: Option<Row> = sql(format!("{SELECT} WHERE t.secret_hash = $1"))
        .bind(hash.0.to_vec())
        .one(connection)
        .await?;
    row.map(Token::try_from).transpose()
}

/// Returns a token, expired or not; none of a disabled user.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: TokenId,
) -> Result<Option<Token>, StoreError> {
    let row: Option<Row> = sql(format!("{SELECT} WHERE t.id = $1"))
        .bind(id.0)
        .one(connection)
        .await?;
    row.map(Token::try_from).transpose()
}

/// Records a token.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the same text is already a token.
pub async fn insert(
    tx: &Tx,
    user: UserId,
    secret: &TokenSecret,
    new: NewToken<'_>,
    now: Timestamp,
) -> Result<TokenId, StoreError> {
    let id = TokenId::new();
    let cidrs = (!new.cidrs.is_empty()).then_some(new.cidrs);
    sql(
        "INSERT INTO tokens (id, user_id, secret_hash, mask, name, is_admin, is_readonly, \
         is_automation, from_config, expires_at, created_at, updated_at, description, cidrs, \
         granted) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14)",
    )
    .bind(id.0)
    .bind(user.0)
    .bind(secret.hash().0.to_vec())
    .bind(secret.masked())
    .bind(new.name.map(str::to_owned))
    .bind(new.is_admin)
    .bind(new.is_readonly)
    .bind(new.is_automation)
    .bind(new.from_config)
    .bind(new.expires_at.map(|at| at.0))
    .bind(now.0)
    .bind(new.description.map(str::to_owned))
    .bind(cidrs.map(|cidrs| written(&cidrs)).transpose()?)
    .bind(new.grant.map(written).transpose()?)
    .execute(&**tx)
    .await?;
    invalidations::insert(tx, Topic::Token, &id.to_string(), now).await?;
    Ok(id)
}

/// Takes a token back; says whether there was one.
///
/// # Errors
/// If the database refuses.
pub async fn revoke(tx: &Tx, id: TokenId, now: Timestamp) -> Result<bool, StoreError> {
    let gone = sql("DELETE FROM tokens WHERE id = $1").bind(id.0);
    if gone.execute(&**tx).await? == 0 {
        return Ok(false);
    }
    invalidations::insert(tx, Topic::Token, &id.to_string(), now).await?;
    Ok(true)
}

/// Makes the configured admin token the only one marked `from_config`; changes nothing if
/// it is.
///
/// # Errors
/// If the database refuses.
pub async fn seed_admin(
    tx: &Tx,
    user: UserId,
    secret: &TokenSecret,
    now: Timestamp,
) -> Result<(), StoreError> {
    let as_wanted: Option<Count> = sql(
        "SELECT COUNT(*) AS n FROM tokens WHERE from_config AND is_admin AND user_id = $1 \
         AND secret_hash = $2 AND (SELECT COUNT(*) FROM tokens WHERE from_config) = 1",
    )
    .bind(user.0)
    .bind(secret.hash().0.to_vec())
    .one(&**tx)
    .await?;
    if as_wanted.is_some_and(|row| row.n == 1) {
        return Ok(());
    }
    let former: Vec<Id> =
        sql("DELETE FROM tokens WHERE from_config OR secret_hash = $1 RETURNING id")
            .bind(secret.hash().0.to_vec())
            .all(&**tx)
            .await?;
    for row in &former {
        invalidations::insert(tx, Topic::Token, &row.id.to_string(), now).await?;
    }
    let new = NewToken {
        name: Some("configured"),
        is_admin: true,
        from_config: true,
        ..NewToken::default()
    };
    insert(tx, user, secret, new, now).await?;
    Ok(())
}
