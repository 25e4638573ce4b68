//! Returns what is known of a user.

use weir_store::users;

use super::model::CouchUser;
use crate::{
    auth::Caller,
    error::ApiResult,
    names::{CouchId, no_such_user},
    visit::Visit,
};

/// Returns a user's document.
///
/// # Errors
/// 404 if there is none.
pub(super) async fn show(visit: &Visit, caller: &Caller, path: &CouchId) -> ApiResult<CouchUser> {
    let name = path.to_read()?;
    let user = users::find_by_name(visit.running().reader(), name.as_str()).await?;
    let user = user.ok_or_else(no_such_user)?;
    Ok(CouchUser::new(user, caller.user().is_some()))
}
