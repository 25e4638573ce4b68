//! Signing in by name and password.

use http::{StatusCode, header};
use poem::Response;

use super::{
    asking::Asking,
    html::{Html, html},
    page,
};
use crate::{
    error::{ApiError, ApiResult},
    passwords,
    sessions::{self, Cookie, Opaque, Way},
};

const TITLE: &str = "Sign in";

/// Shows the form, to whoever is not signed in.
pub(super) async fn show(asking: Asking) -> ApiResult<Response> {
    if asking.user().is_some() {
        return Ok(page::see(&asking.next(asking.query("next"))));
    }
    let next = asking.query("next").to_owned();
    Ok(form(&asking, &next, None))
}

/// Signs in.
pub(super) async fn submit(asking: Asking) -> ApiResult<Response> {
    asking.checked()?;
    let (name, password) = (asking.field("name").trim(), asking.field("password"));
    let otp = Some(asking.field("otp").trim()).filter(|otp| !otp.is_empty());
    let visit = &asking.visit;
    let client = visit.found.client;
    let checked = passwords::check(visit.running(), name, password, otp, client).await;
    match checked {
        Ok(user) => {
            let key = sessions::begin(visit, user.id, Way::Password).await?;
            Ok(signed_in(&asking, &key, asking.field("next")))
        }
        Err(refused) if refused.is_unauthorized() => {
            let next = asking.field("next").to_owned();
            Ok(form(&asking, &next, Some(&refused)))
        }
        Err(other) => Err(other),
    }
}

/// Sends whoever just signed in on their way, with their session's cookie.
pub(super) fn signed_in(asking: &Asking, key: &Opaque, next: &str) -> Response {
    let base = asking.visit.base();
    let mut response = page::see(&asking.next(next));
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, Cookie::Session.set(base, key));
    headers.append(header::SET_COOKIE, Cookie::Browser.clear(base));
    response
}

fn form(asking: &Asking, next: &str, refused: Option<&ApiError>) -> Response {
    let bound = asking.key();
    let status = match refused {
        Some(_) => StatusCode::UNAUTHORIZED,
        None => StatusCode::OK,
    };
    let why = refused.map(|why| html!("<p role=\"alert\">{}.</p>\n", why.sentence()));
    let fields = html!(
        "<input type=\"hidden\" name=\"next\" value=\"{}\">\n\
         <label for=\"name\">User name</label>\n\
         <input id=\"name\" name=\"name\" value=\"{}\" autocomplete=\"username\" \
         autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"100\" required>\n\
         <label for=\"password\">Password</label>\n\
         <input id=\"password\" name=\"password\" type=\"password\" \
         autocomplete=\"current-password\" required>\n\
         <label for=\"otp\">One-time password, if your account has them</label>\n\
         <input id=\"otp\" name=\"otp\" autocomplete=\"one-time-code\" maxlength=\"100\">\n\
         <button>Sign in</button>\n",
        next,
        asking.field("name")
    );
    let body = html!(
        "{}{}{}",
        why,
        asking.form("/-/login", &bound.0, &fields),
        by_github(asking, next, &bound.0)
    );
    let mut response = asking.answer(status, (TITLE, body), &bound);
    if let Some(challenge) = refused.and_then(ApiError::challenge) {
        let headers = response.headers_mut();
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The other way, where there is one.
fn by_github(asking: &Asking, next: &str, key: &Opaque) -> Option<Html> {
    asking.github_origin()?;
    let fields = html!(
        "<input type=\"hidden\" name=\"next\" value=\"{}\">\n\
         <button>Sign in with GitHub</button>\n",
        next
    );
    Some(asking.form("/-/login/github", key, &fields))
}
