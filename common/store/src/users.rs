//! People and robots with an account.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Timestamp, UserId};

use crate::{StoreError, Tx, sql::sql};

/// A user as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// The name as registered.
    pub name: String,
    /// Whether the account may administer.
    pub is_admin: bool,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    role: String,
}

/// Returns the user of this name (letter case does not matter), if there is one.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find_by_name(
    connection: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<User>, StoreError> {
    let row: Option<Row> = sql("SELECT id, name, role FROM users WHERE name_key = $1")
        .bind(name.to_lowercase())
        .one(connection)
        .await?;
    Ok(row.map(|row| User {
        id: UserId(row.id),
        name: row.name,
        is_admin: row.role == "admin",
    }))
}

/// Returns the administrator of this name, made or promoted if need be.
///
/// # Errors
/// If the database refuses.
pub async fn seed_admin(tx: &Tx, name: &str, now: Timestamp) -> Result<User, StoreError> {
    sql(
        "INSERT INTO users (id, name, name_key, role, created_at, updated_at) \
         VALUES ($1, $2, $3, 'admin', $4, $4) \
         ON CONFLICT (name_key) DO UPDATE SET role = 'admin', updated_at = excluded.updated_at",
    )
    .bind(UserId::new().0)
    .bind(name)
    .bind(name.to_lowercase())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    find_by_name(&**tx, name)
        .await?
        .ok_or(StoreError::Changed("user"))
}

/// Makes an ordinary user.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the name is taken.
pub async fn insert(tx: &Tx, name: &str, now: Timestamp) -> Result<User, StoreError> {
    let id = UserId::new();
    sql(
        "INSERT INTO users (id, name, name_key, role, created_at, updated_at) \
         VALUES ($1, $2, $3, 'user', $4, $4)",
    )
    .bind(id.0)
    .bind(name)
    .bind(name.to_lowercase())
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(User {
        id,
        name: name.to_owned(),
        is_admin: false,
    })
}
