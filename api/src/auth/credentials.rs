//! What a request shows as credentials.
//!
//! `Bearer TOKEN`, or `Basic` whose password part is a token (what old clients make of
//! `_auth`) or, on a few routes, a password. Whatever else stands there is not understood, and
//! that is not the same as showing nothing. What stands in an address is never looked at.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, header};
use weir_domain::token::TokenSecret;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// No `authorization` header.
    Nothing,
    /// Something, but no secret.
    Unreadable,
    /// The text of a token.
    Token(TokenSecret),
    /// A user's name with the text of a token, or with a password.
    Pair(String, TokenSecret),
}

/// Reads the `authorization` header.
pub(super) fn shown(headers: &HeaderMap) -> Shown {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    match (all.next(), all.next()) {
        (None, _) => Shown::Nothing,
        (Some(only), None) => read(only).unwrap_or(Shown::Unreadable),
        (Some(_), Some(_)) => Shown::Unreadable,
    }
}

/// Returns name and password, for whoever signs in with them.
pub(crate) fn name_and_password(headers: &HeaderMap) -> Option<(String, TokenSecret)> {
    match shown(headers) {
        Shown::Pair(name, password) if !name.is_empty() => Some((name, password)),
        _ => None,
    }
}

/// Returns the one-time password that was sent along.
pub(crate) fn otp(headers: &HeaderMap) -> Option<&str> {
    headers.get("npm-otp")?.to_str().ok().map(str::trim)
}

fn read(value: &HeaderValue) -> Option<Shown> {
    let (scheme, rest) = value.to_str().ok()?.trim().split_once(' ')?;
    let rest = rest.trim();
    let secret = |text: &str| (!text.is_empty()).then(|| TokenSecret::from_text(text));
    if scheme.eq_ignore_ascii_case("bearer") {
        secret(rest).map(Shown::Token)
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
        let (name, text) = pair.split_once(':')?;
        Some(Shown::Pair(name.to_owned(), secret(text)?))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Shown {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().expect("header"));
        }
        shown(&headers)
    }

    #[test]
    fn bearer_and_basic_carry_a_token() {
        let secret = || TokenSecret::from_text("npm_abc");
        assert_eq!(of(&["Bearer npm_abc"]), Shown::Token(secret()));
        assert_eq!(of(&["bearer  npm_abc "]), Shown::Token(secret()));
        // "alice:npm_abc", ":npm_abc"
        let pair = |name: &str| Shown::Pair(name.to_owned(), secret());
        assert_eq!(of(&["Basic YWxpY2U6bnBtX2FiYw=="]), pair("alice"));
        assert_eq!(of(&["basic Om5wbV9hYmM="]), pair(""));
        // "alice:a:b c" is split at its first colon.
        let colons = Shown::Pair("alice".to_owned(), TokenSecret::from_text("a:b c"));
        assert_eq!(of(&["Basic YWxpY2U6YTpiIGM="]), colons);
    }

    #[test]
    fn what_is_not_understood_is_not_nothing() {
        assert_eq!(of(&[]), Shown::Nothing);
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "npm_abc",
            "Digest x",
            "Basic !!",
            "Basic YWxpY2U=",
            "Basic YTo=",
        ] {
            assert_eq!(of(&[value]), Shown::Unreadable, "{value:?}");
        }
        assert_eq!(of(&["Bearer a", "Bearer b"]), Shown::Unreadable);
    }
}
