//! Sessions of the site. The secret is in the browser's cookie, here is only its SHA-256.
//!
//! A session ends by itself: some time after it was last used, and some time after it began
//! however busy it is. None is cached, so revoking one holds everywhere at once; answers that go
//! on are told ([`Topic::Session`]).

use std::time::Duration;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Digest, SessionId, Timestamp, UserId};

use crate::{
    StoreError, Topic, Tx, invalidations,
    sql::{Id, sql},
};

/// How long a session holds that nobody uses.
pub const IDLE: Duration = Duration::from_secs(24 * 3600);
/// How long a session holds at most.
pub const LONGEST: Duration = Duration::from_secs(14 * 24 * 3600);
/// How old the note of its last use may be.
pub const STEP: Duration = Duration::from_secs(60);

/// A session that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Identifier.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// That user's name.
    pub user_name: String,
    /// Whether that user may administer.
    pub is_admin: bool,
    /// How they proved who they are: `password`, `github`.
    pub way: String,
    /// From which address.
    pub address: String,
    /// With which browser.
    pub user_agent: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, give or take [`STEP`].
    pub used_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// What is written down of a new session.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// Whose it is.
    pub user: UserId,
    /// How they proved who they are.
    pub way: &'a str,
    /// From which address.
    pub address: &'a str,
    /// With which browser.
    pub user_agent: &'a str,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    user_name: String,
    role: String,
    way: String,
    address: String,
    user_agent: String,
    created_at: i64,
    used_at: i64,
    expires_at: i64,
}

impl From<Row> for Session {
    fn from(row: Row) -> Self {
        Self {
            id: SessionId(row.id),
            user_id: UserId(row.user_id),
            user_name: row.user_name,
            is_admin: row.role == "admin",
            way: row.way,
            address: row.address,
            user_agent: row.user_agent,
            created_at: Timestamp(row.created_at),
            used_at: Timestamp(row.used_at),
            expires_at: Timestamp(row.expires_at),
        }
    }
}

/// Those that hold at `$1`, `$2` being so long before it that idle ones have ended.
const HOLDING: &str = "SELECT s.id, s.user_id, u.name AS user_name, u.role, s.way, s.address, \
     s.user_agent, s.created_at, s.used_at, s.expires_at \
     FROM sessions s JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL \
     WHERE s.expires_at > $1 AND s.used_at > $2";

/// Records a session.
///
/// # Errors
/// If the database refuses.
pub async fn insert(
    tx: &Tx,
    hash: &Digest,
    new: &NewSession<'_>,
    now: Timestamp,
) -> Result<SessionId, StoreError> {
    let id = SessionId::new();
    sql(
        "INSERT INTO sessions (id, secret_hash, user_id, way, address, user_agent, \
         created_at, used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
    )
    .bind(id.0)
    .bind(hash.0.to_vec())
    .bind(new.user.0)
    .bind(new.way)
    .bind(new.address)
    .bind(new.user_agent)
    .bind(now.0)
    .bind(now.plus(LONGEST).0)
    .execute(&**tx)
    .await?;
    Ok(id)
}

/// Returns the session whose secret hashes to `hash`, if it holds.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find_by_hash(
    connection: &impl ConnectionTrait,
    hash: &Digest,
    now: Timestamp,
) -> Result<Option<Session>, StoreError> {
    let row: Option<Row> = sql(format!("{HOLDING} AND s.secret_hash = $3"))
        .bind(now.0)
        .bind(now.minus(IDLE).0)
        .bind(hash.0.to_vec())
        .one(connection)
        .await?;
    Ok(row.map(Session::from))
}

/// Returns a user's sessions that hold, the last used first.
///
/// # Errors
/// If the database cannot be asked.
pub async fn list(
    connection: &impl ConnectionTrait,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<Row> = sql(format!(
        "{HOLDING} AND s.user_id = $3 ORDER BY s.used_at DESC, s.id DESC"
    ))
    .bind(now.0)
    .bind(now.minus(IDLE).0)
    .bind(user.0)
    .all(connection)
    .await?;
    Ok(rows.into_iter().map(Session::from).collect())
}

/// Notes that a session was used.
///
/// # Errors
/// If the database refuses.
pub async fn touch(tx: &Tx, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    sql("UPDATE sessions SET used_at = $1 WHERE id = $2 AND used_at < $1")
        .bind(now.0)
        .bind(id.0)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Ends a session of this user's; says whether there was one.
///
/// # Errors
/// If the database refuses.
pub async fn revoke(
    tx: &Tx,
    user: UserId,
    id: SessionId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let ended = sql("DELETE FROM sessions WHERE id = $1 AND user_id = $2 RETURNING id")
        .bind(id.0)
        .bind(user.0)
        .all(&**tx)
        .await?;
    Ok(tell(tx, ended, now).await? > 0)
}

/// Ends all sessions of a user, but perhaps one; says how many.
///
/// # Errors
/// If the database refuses.
pub async fn revoke_all(
    tx: &Tx,
    user: UserId,
    except: Option<SessionId>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let except = except.map_or(Uuid::nil(), |id| id.0);
    let ended = sql("DELETE FROM sessions WHERE user_id = $1 AND id <> $2 RETURNING id")
        .bind(user.0)
        .bind(except)
        .all(&**tx)
        .await?;
    tell(tx, ended, now).await
}

/// Ends the sessions of a user that began in this way, but perhaps one; says how many.
///
/// # Errors
/// If the database refuses.
pub async fn revoke_by_way(
    tx: &Tx,
    user: UserId,
    (way, except): (&str, Option<SessionId>),
    now: Timestamp,
) -> Result<u64, StoreError> {
    let except = except.map_or(Uuid::nil(), |id| id.0);
    let ended =
        sql("DELETE FROM sessions WHERE user_id = $1 AND way = $2 AND id <> $3 RETURNING id")
            .bind(user.0)
            .bind(way)
            .bind(except)
            .all(&**tx)
            .await?;
    tell(tx, ended, now).await
}

/// Removes sessions that have ended by themselves, at most `limit`; says how many.
///
/// # Errors
/// If the database refuses.
pub async fn expire(tx: &Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    let ended = sql("DELETE FROM sessions WHERE id IN (SELECT id FROM sessions \
         WHERE expires_at <= $1 OR used_at <= $2 LIMIT $3) RETURNING id")
    .bind(now.0)
    .bind(now.minus(IDLE).0)
    .bind(limit)
    .all(&**tx)
    .await?;
    tell(tx, ended, now).await
}

/// Tells whoever still answers one of these sessions; says how many they are.
async fn tell(tx: &Tx, ended: Vec<Id>, now: Timestamp) -> Result<u64, StoreError> {
    for Id { id } in &ended {
        invalidations::insert(tx, Topic::Session, &id.to_string(), now).await?;
    }
    Ok(ended.len() as u64)
}
