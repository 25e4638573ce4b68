//! Which user of ours is which account of GitHub: keyed by GitHub's number, because a login
//! may be renamed and then be somebody else's.
//!
//! A user has at most one account, and an account at most one user.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;
use weir_domain::{Timestamp, UserId};

use crate::{StoreError, Tx, sql::sql};

/// A linked account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is here.
    pub user_id: UserId,
    /// Its number at GitHub.
    pub github_id: i64,
    /// Its login, when last heard of.
    pub login: String,
    /// Since when.
    pub linked_at: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    user_id: Uuid,
    github_id: i64,
    login: String,
    linked_at: i64,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Self {
            user_id: UserId(row.user_id),
            github_id: row.github_id,
            login: row.login,
            linked_at: Timestamp(row.linked_at),
        }
    }
}

const SELECT: &str = "SELECT user_id, github_id, login, linked_at FROM github_accounts";

/// Returns the account of this number, if it is linked.
///
/// # Errors
/// If the database cannot be asked.
pub async fn find(
    connection: &impl ConnectionTrait,
    github_id: i64,
) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = sql(format!("{SELECT} WHERE github_id = $1"))
        .bind(github_id)
        .one(connection)
        .await?;
    Ok(row.map(Account::from))
}

/// Returns the account that a user has linked.
///
/// # Errors
/// If the database cannot be asked.
pub async fn of_user(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = sql(format!("{SELECT} WHERE user_id = $1"))
        .bind(user.0)
        .one(connection)
        .await?;
    Ok(row.map(Account::from))
}

/// Links an account to a user.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if either is linked.
pub async fn insert(
    tx: &Tx,
    user: UserId,
    (github_id, login): (i64, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    sql(
        "INSERT INTO github_accounts (user_id, github_id, login, linked_at) \
         VALUES ($1, $2, $3, $4)",
    )
    .bind(user.0)
    .bind(github_id)
    .bind(login)
    .bind(now.0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Notes that an account has another login now.
///
/// # Errors
/// If the database refuses.
pub async fn rename(tx: &Tx, github_id: i64, login: &str) -> Result<(), StoreError> {
    sql("UPDATE github_accounts SET login = $1 WHERE github_id = $2 AND login <> $1")
        .bind(login)
        .bind(github_id)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// Takes the link of a user away; returns the account that was linked, if one was.
///
/// # Errors
/// If the database refuses.
pub async fn remove(tx: &Tx, user: UserId) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = sql("DELETE FROM github_accounts WHERE user_id = $1 \
         RETURNING user_id, github_id, login, linked_at")
    .bind(user.0)
    .one(&**tx)
    .await?;
    Ok(row.map(Account::from))
}
