//! Name and password of `Basic` credentials, for whoever signs in with them: what else they are good
//! for is the business of [`crate::auth`].

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};

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
