//! What is not here yet and stands for itself: passwords, and the site's sessions.

pub(crate) mod passwords {
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
        _otp: Option<&str>,
        _client: IpAddr,
    ) -> ApiResult<users::User> {
        let key = format!("password of {}", name.to_lowercase());
        let known = settings::find(running.reader(), &key).await?;
        let user = users::find_by_name(running.reader(), name).await?;
        user.filter(|_| known.as_deref() == Some(password))
            .ok_or_else(|| ApiError::unauthorized("The user name or the password is wrong"))
    }
}

pub(super) mod sessions {
    //! Whose session a cookie is. Stands in until there are any.

    use http::request::Parts;

    use crate::{app::Running, auth::Caller, error::ApiResult};

    #[expect(clippy::unused_async, reason = "sessions will be looked up")]
    pub(in super::super) async fn find(
        _: &Running,
        _: &Parts,
        _: &str,
    ) -> ApiResult<Option<Caller>> {
        Ok(None)
    }
}
