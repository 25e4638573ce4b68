//! What is kept of a password: its argon2id hash, which nobody sees but who compares it.

use std::fmt;

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{Timestamp, UserId, user_name};

use super::{User, change::change_one, find_by_name};
use crate::{
    StoreError, Tx,
    sql::{Count, sql},
};

/// The hash of a password with its salt and costs, as a PHC string; not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a PHC string.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the PHC string.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A user and what their password is compared with.
#[derive(Debug, Clone)]
pub struct Account {
    /// Who.
    pub user: User,
    /// Nothing, if only tokens let them in.
    pub hash: Option<PasswordHash>,
}

/// Returns the account of this name, if there is one.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<Account>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        password_hash: Option<String>,
    }
    let row: Option<Row> = sql("SELECT password_hash FROM users WHERE name_key = $1")
        .bind(user_name::key(name))
        .one(connection)
        .await?;
    let user = find_by_name(connection, name).await?;
    Ok(row.zip(user).map(|(row, user)| Account {
        user,
        hash: row.password_hash.map(PasswordHash),
    }))
}

/// Says whether a user has a password.
///
/// # Errors
/// If the database cannot be asked.
pub async fn is_set(connection: &impl ConnectionTrait, id: UserId) -> Result<bool, StoreError> {
    let row: Option<Count> =
        sql("SELECT COUNT(*) AS n FROM users WHERE id = $1 AND password_hash IS NOT NULL")
            .bind(id.0)
            .one(connection)
            .await?;
    Ok(row.is_some_and(|row| row.n > 0))
}

/// Gives a user a password.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such user.
pub async fn set(
    tx: &Tx,
    id: UserId,
    hash: &PasswordHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    let change = sql(
        "UPDATE users SET password_hash = $1, password_changed_at = $2, updated_at = $3 \
         WHERE id = $4",
    );
    change_one(tx, change.bind(hash.reveal()).bind(now.0), id, now).await
}
