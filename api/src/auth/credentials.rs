//! What a request shows as credentials.
//!
//! `Bearer TOKEN`, or `Basic` whose password part is a token (what old clients make of
//! `_auth`). Whatever else stands there is not understood, and that is not the same as
//! showing nothing.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, header};

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// No `authorization` header.
    Nothing,
    /// Something, but no secret.
    Unreadable,
    /// The text of a token.
    Secret(String),
}

/// Reads the `authorization` header.
pub(super) fn shown(headers: &HeaderMap) -> Shown {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    match (all.next(), all.next()) {
        (None, _) => Shown::Nothing,
        (Some(only), None) => secret(only).map_or(Shown::Unreadable, Shown::Secret),
        (Some(_), Some(_)) => Shown::Unreadable,
    }
}

fn secret(value: &HeaderValue) -> Option<String> {
    let (scheme, rest) = value.to_str().ok()?.trim().split_once(' ')?;
    let rest = rest.trim();
    let secret = if scheme.eq_ignore_ascii_case("bearer") {
        rest.to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
        pair.split_once(':')?.1.to_owned()
    } else {
        return None;
    };
    (!secret.is_empty()).then_some(secret)
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
        let secret = || Shown::Secret("npm_abc".to_owned());
        assert_eq!(of(&["Bearer npm_abc"]), secret());
        assert_eq!(of(&["bearer  npm_abc "]), secret());
        // "alice:npm_abc", ":npm_abc"
        assert_eq!(of(&["Basic YWxpY2U6bnBtX2FiYw=="]), secret());
        assert_eq!(of(&["basic Om5wbV9hYmM="]), secret());
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
