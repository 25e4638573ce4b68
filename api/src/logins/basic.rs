//! Name and password in the `authorization` header, where that may be a password at all.
//!
//! Elsewhere the password part is a token, or nothing. Where somebody signs in, credentials do not
//! matter: a token that expired must not keep its owner from getting another one.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, Method, header, request::Parts};
use weir_domain::token::TokenSecret;
use weir_store::tokens;

use crate::{app::Running, auth::Caller, error::ApiResult, passwords};

/// The tokens of a user, which old clients read with name and password.
const TOKENS: &str = "/-/npm/v1/tokens";

/// Returns who asks, where a password says so; nothing where a token must.
///
/// # Errors
/// 401 for a wrong password, 429 after too many.
pub(crate) async fn by_password(
    running: &Running,
    parts: &Parts,
    (path, client): (&str, IpAddr),
) -> ApiResult<Option<Caller>> {
    let is_user = path.starts_with("/-/user/") && !path.starts_with("/-/user/token/");
    if is_user && parts.method == Method::PUT {
        return Ok(Some(Caller::nobody()));
    }
    if !is_user && path != TOKENS {
        return Ok(None);
    }
    let Some((name, password)) = pair(&parts.headers) else {
        return Ok(None);
    };
    let hash = TokenSecret::from_text(password.as_str()).hash();
    if tokens::find_by_hash(running.reader(), &hash)
        .await?
        .is_some()
    {
        return Ok(None);
    }
    let code = super::one_time_password(&parts.headers);
    let user = passwords::check(running, &name, &password, code, client).await?;
    Ok(Some(Caller::by_password(&user)))
}

/// Returns name and password of `Basic` credentials.
pub(super) fn pair(headers: &HeaderMap) -> Option<(String, String)> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (all.next(), all.next()) else {
        return None;
    };
    let (scheme, rest) = only.to_str().ok()?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (name, password) = pair.split_once(':')?;
    let is_given = !name.is_empty() && !password.is_empty();
    is_given.then(|| (name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        headers.append(header::AUTHORIZATION, value.parse().expect("a value"));
        pair(&headers)
    }

    #[test]
    fn a_pair_is_split_at_its_first_colon() {
        let basic = |pair: &str| of(&format!("Basic {}", STANDARD.encode(pair)));
        let expected = Some(("alice".to_owned(), "a:b c".to_owned()));
        assert_eq!(basic("alice:a:b c"), expected);
        for nothing in ["alice", "alice:", ":token", ""] {
            assert_eq!(basic(nothing), None, "{nothing}");
        }
        assert_eq!(of("Bearer abc"), None);
        assert_eq!(of("Basic !!"), None);
    }
}
