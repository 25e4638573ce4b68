//! Ending a session elsewhere.

use poem::Response;

use super::{asking::Asking, page};
use crate::{
    error::{ApiError, ApiResult},
    sessions,
};

/// Ends one of the user's sessions.
pub(super) async fn revoke(asking: Asking) -> ApiResult<Response> {
    let user = match asking.signed_in("/-/account") {
        Ok(user) => user,
        Err(login) => return Ok(*login),
    };
    asking.checked()?;
    let id = asking.field("id").parse().map_err(|_| gone())?;
    if !sessions::end_other(&asking.visit, user.id, id).await? {
        return Err(gone());
    }
    Ok(page::see(&asking.path("/-/account")))
}

fn gone() -> ApiError {
    ApiError::not_found("You have no such session")
}
