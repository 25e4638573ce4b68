//! Where a browser goes after it signed in: a path of this site and nothing else.
//!
//! What browsers read as another host begins with two slashes, or with one that they make of
//! a backslash, also behind a character that they leave out. So only plain characters are
//! taken, one slash stands in front, and no two stand together anywhere.

/// Longest path, in bytes.
const MAX_BYTES: usize = 1024;

/// Returns `text` if it is a path of this site, perhaps with a query.
pub(super) fn within(text: &str) -> Option<&str> {
    let path = text.split('?').next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/?=&%@:+,".contains(&byte);
    let is_ours = text.len() <= MAX_BYTES
        && text.bytes().all(is_plain)
        && path.starts_with('/')
        && !path.contains("//")
        && !path.split('/').any(|part| matches!(part, "." | ".."));
    is_ours.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_gone_to() {
        for path in [
            "/",
            "/-/account",
            "/-/login/web?session=Ab_-0",
            "/@scope/name",
            "/a%2fb?x=https://elsewhere.example",
            "/%2fevil.example",
            "/%5cevil.example",
            "/%09/evil.example",
        ] {
            assert_eq!(within(path), Some(path));
            let site = url::Url::parse("https://weir.example/x").expect("a URL");
            let gone = site.join(path).expect("a path");
            assert_eq!(gone.host_str(), Some("weir.example"), "{path}");
        }
        for path in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/ /evil.example",
            "/a//evil.example",
            "/..//evil.example",
            "/../x",
            "/./x",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/a\r\nset-cookie: x=y",
            "/a#b",
            "/ä",
            "?x",
            "@evil.example",
            ".evil.example",
            &format!("/{}", "a".repeat(MAX_BYTES)),
        ] {
            assert_eq!(within(path), None, "{path:?}");
        }
    }
}
