//! Whether a password is a user's. Stands in until users have one: what a setting says.

use std::net::IpAddr;

use weir_store::{settings, users};

use crate::{
    app::Running,
    error::{ApiError, ApiResult},
};

/// Returns the user whose password it is.
///
/// # Errors
/// 401 if it is not.
pub(crate) async fn check(
    running: &Running,
    name: &str,
    password: &str,
    _code: Option<&str>,
    _client: IpAddr,
) -> ApiResult<users::User> {
    let key = format!("password of {}", name.to_lowercase());
    let known = settings::find(running.reader(), &key).await?;
    let user = users::find_by_name(running.reader(), name).await?;
    user.filter(|_| known.as_deref() == Some(password))
        .ok_or_else(|| ApiError::unauthorized("The user name or the password is wrong"))
}
