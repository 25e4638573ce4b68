//! Signing out.

use http::header;
use poem::Response;

use super::{asking::Asking, page};
use crate::{
    error::ApiResult,
    sessions::{self, Cookie},
};

/// Ends the browser's session.
pub(super) async fn submit(asking: Asking) -> ApiResult<Response> {
    asking.checked()?;
    sessions::end(&asking.visit).await?;
    let mut response = page::see(&asking.path("/-/login"));
    let line = Cookie::Session.clear(asking.visit.base());
    response.headers_mut().insert(header::SET_COOKIE, line);
    Ok(response)
}
