//! People and robots with an account.
//!
//! A user is found by the name's key (letter case does not matter); a new one must not look like
//! another either (`skeleton`). What users prove themselves with is read apart from who they are:
//! [`password`] and [`otp`] alone return it. Nobody is ever deleted: names in packages and in the
//! audit trail stay true, so who may no longer come in is disabled.

mod change;
mod insert;
mod networks;
pub mod otp;
pub mod password;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Timestamp, UserId, user_name};

pub use self::{
    change::{Profile, set_admin, set_disabled, set_email, set_profile},
    insert::{NewUser, create, insert, seed_admin},
    networks::{forget_networks, knows_network, remember_network},
};
use crate::{
    StoreError,
    sql::{Count, sql},
};

/// A user as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// The name as registered.
    pub name: String,
    /// Whether the account may administer.
    pub is_admin: bool,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// What they are called.
    pub display_name: Option<String>,
    /// What else they say of themselves: a JSON object of texts.
    pub profile: Option<String>,
    /// Whether they may no longer come in: neither password nor token nor session holds.
    pub is_disabled: bool,
    /// Whether a password needs a one-time password beside it.
    pub has_otp: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    role: String,
    email: Option<String>,
    display_name: Option<String>,
    profile: Option<String>,
    disabled_at: Option<i64>,
    /// There is one from the day a secret is confirmed.
    otp_period: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

const SELECT: &str = "SELECT id, name, role, email, display_name, profile, disabled_at, \
     otp_period, created_at, updated_at FROM users";

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self {
            id: UserId(row.id),
            name: row.name,
            is_admin: row.role == "admin",
            email: row.email,
            display_name: row.display_name,
            profile: row.profile,
            is_disabled: row.disabled_at.is_some(),
            has_otp: row.otp_period.is_some(),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}

/// Returns the user of this name (letter case does not matter), if there is one.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find_by_name(
    connection: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<User>, StoreError> {
    let row: Option<Row> = sql(format!("{SELECT} WHERE name_key = $1"))
        .bind(user_name::key(name))
        .one(connection)
        .await?;
    Ok(row.map(User::from))
}

/// Says whether a name is somebody's, or looks like one that is: nobody else can have it.
///
/// # Errors
/// If the database cannot be asked.
pub async fn is_taken(connection: &impl ConnectionTrait, name: &str) -> Result<bool, StoreError> {
    let found = sql("SELECT COUNT(*) AS n FROM users WHERE name_key = $1 OR skeleton = $2");
    let found = found
        .bind(user_name::key(name))
        .bind(user_name::skeleton(name));
    let row: Option<Count> = found.one(connection).await?;
    Ok(row.is_some_and(|row| row.n > 0))
}

/// Returns a user.
///
/// # Errors
/// [`StoreError::NotFound`] if there is none.
pub async fn get(connection: &impl ConnectionTrait, id: UserId) -> Result<User, StoreError> {
    let row: Option<Row> = sql(format!("{SELECT} WHERE id = $1"))
        .bind(id.0)
        .one(connection)
        .await?;
    row.map(User::from).ok_or_else(|| StoreError::NotFound {
        what: "user",
        id: id.to_string(),
    })
}

/// Returns users by their names, from the one after `after` on.
///
/// # Errors
/// If the database cannot be asked.
pub async fn list(
    connection: &impl ConnectionTrait,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<User>, StoreError> {
    let rows: Vec<Row> = sql(format!(
        "{SELECT} WHERE name_key > $1 ORDER BY name_key LIMIT $2"
    ))
    .bind(user_name::key(after.unwrap_or_default()))
    .bind(i64::from(limit))
    .all(connection)
    .await?;
    Ok(rows.into_iter().map(User::from).collect())
}
