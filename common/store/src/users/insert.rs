//! Making users.

use weir_domain::{Timestamp, UserId, user_name};

use super::{User, find_by_name, get, password::PasswordHash};
use crate::{StoreError, Tx, sql::sql};

/// A user to be.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewUser<'a> {
    /// The name, composed.
    pub name: &'a str,
    /// Where mail reaches them.
    pub email: Option<&'a str>,
    /// What they are called.
    pub display_name: Option<&'a str>,
    /// Without one, only tokens let them in.
    pub password: Option<&'a PasswordHash>,
    /// Whether they may administer.
    pub is_admin: bool,
}

/// Makes a user.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the name is taken, or looks like one that is.
pub async fn create(tx: &Tx, new: &NewUser<'_>, now: Timestamp) -> Result<User, StoreError> {
    let id = UserId::new();
    let hash = new.password.map(|hash| hash.reveal().to_owned());
    sql(
        "INSERT INTO users (id, name, name_key, skeleton, role, email, display_name, \
         password_hash, password_changed_at, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
    )
    .bind(id.0)
    .bind(new.name)
    .bind(user_name::key(new.name))
    .bind(user_name::skeleton(new.name))
    .bind(if new.is_admin { "admin" } else { "user" })
    .bind(new.email.map(str::to_owned))
    .bind(new.display_name.map(str::to_owned))
    .bind(hash.clone())
    .bind(hash.map(|_| now.0))
    .bind(now.0)
    .execute(&**tx)
    .await?;
    get(&**tx, id).await
}

/// Makes an ordinary user without a password.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the name is taken, or looks like one that is.
pub async fn insert(tx: &Tx, name: &str, now: Timestamp) -> Result<User, StoreError> {
    let new = NewUser {
        name,
        ..NewUser::default()
    };
    create(tx, &new, now).await
}

/// Returns the administrator of this name, made, promoted or let in again if need be.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if the name looks like that of another user.
pub async fn seed_admin(tx: &Tx, name: &str, now: Timestamp) -> Result<User, StoreError> {
    sql(
        "INSERT INTO users (id, name, name_key, skeleton, role, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, 'admin', $5, $5) \
         ON CONFLICT (name_key) DO UPDATE SET role = 'admin', disabled_at = NULL, \
         updated_at = excluded.updated_at \
         WHERE users.role <> 'admin' OR users.disabled_at IS NOT NULL",
    )
    .bind(UserId::new().0)
    .bind(name)
    .bind(user_name::key(name))
    .bind(user_name::skeleton(name))
    .bind(now.0)
    .execute(&**tx)
    .await?;
    find_by_name(&**tx, name)
        .await?
        .ok_or(StoreError::Changed("user"))
}
