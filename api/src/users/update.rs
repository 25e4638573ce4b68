//! Changes a user for an administrator, all or nothing.

use weir_domain::Timestamp;
use weir_store::{
    StoreError, Tx,
    audit::Actor,
    clock, sessions,
    users::{
        self, User, otp,
        password::{self, PasswordHash},
    },
};

use super::model::{UserChange, UserItem};
use crate::{
    auth::Admin,
    error::{ApiError, ApiResult},
    logins::note,
    names::{UserParam, no_such_user},
    passwords,
    visit::Visit,
};

/// Makes the changes.
///
/// # Errors
/// 404 if there is no such user, 422 for administrators who would keep themselves out.
pub(super) async fn update(
    visit: &Visit,
    admin: &Admin,
    path: &UserParam,
    change: UserChange,
) -> ApiResult<UserItem> {
    let running = visit.running();
    let name = path.to_read()?;
    let user = users::find_by_name(running.reader(), name.as_str()).await?;
    let user = user.ok_or_else(no_such_user)?;
    for (field, is_harm) in [
        ("disabled", change.is_disabled == Some(true)),
        ("admin", change.is_admin == Some(false)),
        // Their profile takes it away, with the password and a code.
        ("twoFactor", change.drops_otp),
    ] {
        if is_harm && user.id == admin.id {
            let sentence = "is yourself: another administrator may do this";
            return Err(ApiError::invalid_field(field, sentence));
        }
    }
    let hash = match &change.password {
        Some(text) => Some(passwords::hash(running, text).await?),
        None => None,
    };
    let by = visit.actor();
    let changed = running.app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            apply(tx, (&by, &user), &change, now).await?;
            set_password(tx, (&by, &user), hash.as_ref(), now).await?;
            users::get(&**tx, user.id).await
        })
    });
    Ok(changed.await?.into())
}

async fn apply(
    tx: &Tx,
    (by, user): (&Actor, &User),
    change: &UserChange,
    now: Timestamp,
) -> Result<(), StoreError> {
    let target = |action| (action, user.name.as_str());
    if let Some(is_disabled) = change.is_disabled.filter(|on| *on != user.is_disabled) {
        users::set_disabled(tx, user.id, is_disabled, now).await?;
        sessions::revoke_all(tx, user.id, None, now).await?;
        let action = if is_disabled {
            "user.disable"
        } else {
            "user.enable"
        };
        note(tx, by, target(action), "", now).await?;
    }
    if let Some(is_admin) = change.is_admin.filter(|on| *on != user.is_admin) {
        users::set_admin(tx, user.id, is_admin, now).await?;
        let detail = if is_admin { "administrator" } else { "user" };
        note(tx, by, target("user.role"), detail, now).await?;
    }
    if change.drops_otp && otp::find(&**tx, user.id).await?.is_some() {
        otp::remove(tx, user.id, now).await?;
        note(tx, by, target("user.otp"), "off", now).await?;
    }
    if change.email.is_some() || change.display_name.is_some() {
        let profile = users::Profile {
            email: change.email.clone().or_else(|| user.email.clone()),
            display_name: change
                .display_name
                .clone()
                .or_else(|| user.display_name.clone()),
            more: user.profile.clone(),
        };
        users::set_profile(tx, user.id, &profile, now).await?;
        note(tx, by, target("user.profile"), "", now).await?;
    }
    Ok(())
}

async fn set_password(
    tx: &Tx,
    (by, user): (&Actor, &User),
    hash: Option<&PasswordHash>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(hash) = hash else { return Ok(()) };
    password::set(tx, user.id, hash, now).await?;
    sessions::revoke_all(tx, user.id, None, now).await?;
    note(tx, by, ("user.password", &user.name), "", now).await
}
