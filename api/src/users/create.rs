//! Makes a user for an administrator.

use weir_store::{
    clock,
    users::{self, NewUser},
};

use super::model::{NewAccount, UserItem};
use crate::{
    error::{ApiError, ApiResult},
    logins::{note, taken},
    passwords,
    visit::Visit,
};

/// Makes a user.
///
/// # Errors
/// 422 if the name is missing, taken, or looks like one that is.
pub(super) async fn create(visit: &Visit, new: NewAccount) -> ApiResult<UserItem> {
    let required = || ApiError::invalid_field("name", "is required");
    let name = new.name.as_ref().ok_or_else(required)?.to_string();
    let running = visit.running();
    let hash = match &new.password {
        Some(text) => Some(passwords::hash(running, text).await?),
        None => None,
    };
    let by = visit.actor();
    let made = running.app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let wanted = NewUser {
                name: &name,
                email: new.email.as_deref(),
                display_name: new.display_name.as_deref(),
                password: hash.as_ref(),
                is_admin: new.is_admin,
            };
            let user = users::create(tx, &wanted, now).await?;
            let detail = if new.is_admin { "administrator" } else { "" };
            note(tx, &by, ("user.create", &user.name), detail, now).await?;
            Ok(user)
        })
    });
    made.await.map(UserItem::from).map_err(taken)
}
