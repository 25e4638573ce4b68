//! The field for a one-time password, shown to who has a second factor.

use weir_store::users;

use super::{
    asking::Asking,
    html::{Html, html},
};
use crate::{auth::User, error::ApiResult, tokens};

/// Returns the field of a form that is called `form`.
pub(super) async fn field(asking: &Asking, user: &User, form: &str) -> ApiResult<Option<Html>> {
    let account = users::get(asking.visit.running().reader(), user.id).await?;
    let id = format!("{form}-otp");
    Ok(account.has_otp.then(|| {
        html!(
            "<label for=\"{}\">One-time password</label>\n\
             <input id=\"{}\" name=\"otp\" autocomplete=\"one-time-code\" maxlength=\"100\" \
             required>\n",
            id,
            id
        )
    }))
}

/// Checks what was typed there.
///
/// # Errors
/// 401 if it is missing or wrong, 429 after too many wrong ones.
pub(super) async fn check(asking: &Asking, user: &User) -> ApiResult<()> {
    tokens::confirm(&asking.visit, user, code(asking)).await
}

/// Returns what was typed there, if anything was.
pub(super) fn code(asking: &Asking) -> Option<&str> {
    Some(asking.field("otp").trim()).filter(|code| !code.is_empty())
}
