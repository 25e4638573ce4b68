//! Changing what a user is, may and says of themselves: each change its own columns, so that two
//! at once both hold.

use weir_domain::{Timestamp, UserId};

use crate::{
    StoreError, Topic, Tx, invalidations,
    sql::{Sql, sql},
};

/// What users say of themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Where mail reaches them.
    pub email: Option<String>,
    /// What they are called.
    pub display_name: Option<String>,
    /// What else: a JSON object of texts.
    pub more: Option<String>,
}

/// Replaces what a user says of themselves.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such user.
pub async fn set_profile(
    tx: &Tx,
    id: UserId,
    profile: &Profile,
    now: Timestamp,
) -> Result<(), StoreError> {
    let change = sql(
        "UPDATE users SET email = $1, display_name = $2, profile = $3, updated_at = $4 \
         WHERE id = $5",
    );
    let change = change
        .bind(profile.email.clone())
        .bind(profile.display_name.clone())
        .bind(profile.more.clone());
    change_one(tx, change, id, now).await
}

/// Replaces a user's e-mail address.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such user.
pub async fn set_email(tx: &Tx, id: UserId, email: &str, now: Timestamp) -> Result<(), StoreError> {
    let change = sql("UPDATE users SET email = $1, updated_at = $2 WHERE id = $3").bind(email);
    change_one(tx, change, id, now).await
}

/// Makes a user an administrator, or one no more; tokens follow at once.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such user.
pub async fn set_admin(
    tx: &Tx,
    id: UserId,
    is_admin: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let role = if is_admin { "admin" } else { "user" };
    let change = sql("UPDATE users SET role = $1, updated_at = $2 WHERE id = $3").bind(role);
    change_one(tx, change, id, now).await?;
    forget_tokens(tx, id, now).await
}

/// Keeps a user out, or lets them in again; tokens follow at once.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such user.
pub async fn set_disabled(
    tx: &Tx,
    id: UserId,
    is_disabled: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let change = sql("UPDATE users SET disabled_at = $1, updated_at = $2 WHERE id = $3");
    let change = change.bind(is_disabled.then_some(now.0));
    change_one(tx, change, id, now).await?;
    forget_tokens(tx, id, now).await
}

/// Runs a change of one user, whose last values are the time and the user.
pub(super) async fn change_one(
    tx: &Tx,
    change: Sql,
    id: UserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    match change.bind(now.0).bind(id.0).execute(&**tx).await? {
        0 => Err(StoreError::NotFound {
            what: "user",
            id: id.to_string(),
        }),
        _ => Ok(()),
    }
}

/// Tells whoever remembers tokens that those of a user may be others now.
async fn forget_tokens(tx: &Tx, id: UserId, now: Timestamp) -> Result<(), StoreError> {
    invalidations::insert(tx, Topic::Token, &id.to_string(), now).await
}
