//! Logins that a program began and somebody confirms in a browser.
//!
//! The program holds one secret and the page's address another; here are only their SHA-256.
//! Whoever confirms writes down that they did; the token is made when the program comes for
//! it, in the transaction that removes the row: so its text is never stored, and it is given
//! once.

use std::time::Duration;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Digest, Timestamp, UserId};

use crate::{StoreError, Tx, sql::sql};

/// How long a login waits to be confirmed, and to be fetched.
pub const VALID: Duration = Duration::from_secs(300);

/// What is written down of a new login.
#[derive(Debug, Clone, Copy)]
pub struct NewWebLogin<'a> {
    /// The digest of what the page's address holds.
    pub login: Digest,
    /// The digest of what the program shows.
    pub done: Digest,
    /// From which address it asks.
    pub address: &'a str,
    /// What it calls itself.
    pub user_agent: &'a str,
}

/// A login that waits for somebody's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebLogin {
    /// From which address it is asked for.
    pub address: String,
    /// What the program calls itself.
    pub user_agent: String,
    /// When it began.
    pub asked_at: Timestamp,
}

/// A login that somebody confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Who did.
    pub user: UserId,
    /// Whether with an administrator's rights.
    pub is_admin: bool,
    /// What was confirmed.
    pub login: WebLogin,
}

/// How far a login is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nobody has said anything yet.
    Waiting,
    /// Somebody said yes.
    Confirmed,
}

#[derive(FromQueryResult)]
struct Row {
    address: String,
    user_agent: String,
    user_id: Option<Uuid>,
    is_admin: bool,
    asked_at: i64,
}

impl From<Row> for WebLogin {
    fn from(row: Row) -> Self {
        Self {
            address: row.address,
            user_agent: row.user_agent,
            asked_at: Timestamp(row.asked_at),
        }
    }
}

const COLUMNS: &str = "address, user_agent, user_id, is_admin, asked_at";

/// Records a login.
///
/// # Errors
/// If the database refuses.
pub async fn insert(tx: &Tx, new: &NewWebLogin<'_>, now: Timestamp) -> Result<(), StoreError> {
    sql(
        "INSERT INTO web_logins (login_hash, done_hash, address, user_agent, asked_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(new.login.0.to_vec())
    .bind(new.done.0.to_vec())
    .bind(new.address)
    .bind(new.user_agent)
    .bind(now.0)
    .bind(now.plus(VALID).0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Returns a login that waits for somebody's word.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    login: &Digest,
    now: Timestamp,
) -> Result<Option<WebLogin>, StoreError> {
    let row: Option<Row> = sql(format!(
        "SELECT {COLUMNS} FROM web_logins \
         WHERE login_hash = $1 AND expires_at > $2 AND user_id IS NULL"
    ))
    .bind(login.0.to_vec())
    .bind(now.0)
    .one(connection)
    .await?;
    Ok(row.map(WebLogin::from))
}

/// Notes who confirmed a login; says whether it still waited.
///
/// # Errors
/// If the database refuses.
pub async fn confirm(
    tx: &Tx,
    login: &Digest,
    (user, is_admin): (UserId, bool),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let confirmed = sql("UPDATE web_logins SET user_id = $1, is_admin = $2 \
         WHERE login_hash = $3 AND expires_at > $4 AND user_id IS NULL")
    .bind(user.0)
    .bind(is_admin)
    .bind(login.0.to_vec())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(confirmed > 0)
}

/// Ends a login that nobody confirmed; says whether it still waited.
///
/// # Errors
/// If the database refuses.
pub async fn deny(tx: &Tx, login: &Digest) -> Result<bool, StoreError> {
    let denied = sql("DELETE FROM web_logins WHERE login_hash = $1 AND user_id IS NULL")
        .bind(login.0.to_vec())
        .execute(&**tx)
        .await?;
    Ok(denied > 0)
}

/// Says how far the login is whose program shows what hashes to `done`; nothing of one that
/// is unknown, denied, too old or fetched.
///
/// # Errors
/// If the database cannot be asked.
pub async fn progress(
    connection: &impl ConnectionTrait,
    done: &Digest,
    now: Timestamp,
) -> Result<Option<Progress>, StoreError> {
    let row: Option<Row> = sql(format!(
        "SELECT {COLUMNS} FROM web_logins WHERE done_hash = $1 AND expires_at > $2"
    ))
    .bind(done.0.to_vec())
    .bind(now.0)
    .one(connection)
    .await?;
    Ok(row.map(|row| match row.user_id {
        Some(_) => Progress::Confirmed,
        None => Progress::Waiting,
    }))
}

/// Takes a confirmed login away, for its token to be made.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// Of all who come for it at once, in whatever process, one gets it.
pub async fn take(tx: &Tx, done: &Digest, now: Timestamp) -> Result<Option<Confirmed>, StoreError> {
    let row: Option<Row> = sql(format!(
        "DELETE FROM web_logins WHERE done_hash = $1 AND expires_at > $2 \
         AND user_id IS NOT NULL RETURNING {COLUMNS}"
    ))
    .bind(done.0.to_vec())
    .bind(now.0)
    .one(&**tx)
    .await?;
    Ok(row.and_then(|row| {
        Some(Confirmed {
            user: UserId(row.user_id?),
            is_admin: row.is_admin,
            login: row.into(),
        })
    }))
}

/// Removes logins that are too old, at most `limit`; says how many.
///
/// # Errors
/// If the database refuses.
pub async fn expire(tx: &Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    sql("DELETE FROM web_logins WHERE login_hash IN \
         (SELECT login_hash FROM web_logins WHERE expires_at <= $1 LIMIT $2)")
    .bind(now.0)
    .bind(limit)
    .execute(&**tx)
    .await
}
