//! Makes every spelling of a scoped name one path segment, in front of the router.
//!
//! Clients write `@scope/name`, `@scope%2fname`, `%40scope%2Fname` and `%40scope/name`.
//! A router that knows only segments would read the first and the last as two. The table
//! below lists every prefix after which a name stands; after it, the slash between a scope
//! and its name becomes `%2F`, and nothing else is touched. The router decodes once.
//!
//! Whether the text is a package name at all is decided later, by its type.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Prefixes after which a package name stands; `*` is any one segment.
const NAME_FOLLOWS: [&[&str]; 8] = [
    &["-", "package"],
    &["-", "npm", "v1", "attestations"],
    &["-", "npm", "v1", "oidc", "token", "exchange", "package"],
    &["-", "stage", "package"],
    &["-", "pkg"],
    &["downloads", "point", "*"],
    &["downloads", "range", "*"],
    &[],
];

/// Returns the path with its scoped name, if it has one, as one segment.
pub(crate) fn normalise(path: &str) -> Cow<'_, str> {
    let at = NAME_FOLLOWS
        .iter()
        .find_map(|prefix| end_of_prefix(path, prefix));
    match at.and_then(|at| slash_in_scope(path, at)) {
        Some(slash) => Cow::Owned(format!("{}%2F{}", &path[..slash], &path[slash + 1..])),
        None => Cow::Borrowed(path),
    }
}

/// Returns where the segment after `prefix` begins; `None` if the path does not begin so.
fn end_of_prefix(path: &str, prefix: &[&str]) -> Option<usize> {
    let mut at = 0;
    for wanted in prefix {
        let rest = path[at..].strip_prefix('/')?;
        let segment = rest
            .split('/')
            .next()
            .filter(|found| rest.len() > found.len())?;
        if *wanted != "*" && *wanted != segment {
            return None;
        }
        at += 1 + segment.len();
    }
    path[at..].starts_with('/').then_some(at + 1)
}

/// Returns the slash between a scope that begins at `at` and the name after it.
fn slash_in_scope(path: &str, at: usize) -> Option<usize> {
    let segment = path[at..].split('/').next().unwrap_or_default();
    let slash = at + segment.len();
    let is_lone_scope = percent_decode_str(segment)
        .decode_utf8()
        .is_ok_and(|text| text.starts_with('@') && !text.contains('/'));
    (is_lone_scope && slash < path.len()).then_some(slash)
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn every_spelling_of_a_scope_becomes_one_segment() {
        let table = [
            ("/@s/n", "/@s%2Fn"),
            ("/@s%2fn", "/@s%2fn"),
            ("/%40s%2Fn", "/%40s%2Fn"),
            ("/%40s/n", "/%40s%2Fn"),
            ("/@S/N.x/1.0.0", "/@S%2FN.x/1.0.0"),
            ("/@s/n/-/n-1.0.0.tgz", "/@s%2Fn/-/n-1.0.0.tgz"),
            ("/@s%2fn/-/n-1.0.0.tgz", "/@s%2fn/-/n-1.0.0.tgz"),
            ("/@s/n/-/@s/n-1.0.0.tgz", "/@s%2Fn/-/@s/n-1.0.0.tgz"),
            ("/@s/n/download/n-1.0.0.tgz", "/@s%2Fn/download/n-1.0.0.tgz"),
            ("/@s/n/sync/log/1", "/@s%2Fn/sync/log/1"),
            ("/-/package/@s/n/syncs", "/-/package/@s%2Fn/syncs"),
            (
                "/-/package/%40s/n/syncs/1/log",
                "/-/package/%40s%2Fn/syncs/1/log",
            ),
            ("/-/package/@s%2fn/dist-tags", "/-/package/@s%2fn/dist-tags"),
            ("/-/pkg/@s/n", "/-/pkg/@s%2Fn"),
            ("/-/stage/package/@s/n", "/-/stage/package/@s%2Fn"),
            (
                "/-/npm/v1/attestations/@s/n@1.0.0",
                "/-/npm/v1/attestations/@s%2Fn@1.0.0",
            ),
            (
                "/-/npm/v1/oidc/token/exchange/package/@s/n",
                "/-/npm/v1/oidc/token/exchange/package/@s%2Fn",
            ),
            (
                "/downloads/point/last-day/@s/n",
                "/downloads/point/last-day/@s%2Fn",
            ),
            (
                "/downloads/range/a:b/%40s/n",
                "/downloads/range/a:b/%40s%2Fn",
            ),
        ];
        for (given, expected) in table {
            assert_eq!(normalise(given), expected, "{given}");
        }
    }

    #[test]
    fn nothing_else_is_touched() {
        for path in [
            "/",
            "",
            "*",
            "/lodash",
            "/lodash/1.0.0",
            "/lodash/-/lodash-1.0.0.tgz",
            "/@s",
            "/-/ping",
            "/-/whoami",
            "/-/user/org.couchdb.user:@a/b",
            "/-/npm/v1/tokens/token/@a/b",
            "/-/package",
            "/-/packages/@s/n",
            "/syncs/0198",
            "/api/v1/packages/@s",
            "/downloads/other/x/@s/n",
            "//@s/n",
            "/%2540s/n",
            "/%25@s/n",
            "/%ff@/n",
            "/..%2fx",
            "/a%2fb/c",
        ] {
            assert_eq!(normalise(path), path);
        }
    }

    #[test]
    fn hostile_names_keep_their_shape_for_the_name_to_refuse() {
        use percent_encoding::percent_decode_str;
        use weir_domain::PackageName;

        // Each path's first segment, decoded once as the router does.
        for path in [
            "/@a/b%2fc",
            "/@a%2fb%2fc",
            "/@a/",
            "/@a//b",
            "/@a/..",
            "/@../b",
            "/@a/b%00",
            "/@a/b%5c",
            "/@a/%2525",
            "/%252e%252e",
            "/..",
            "/@a/b%0a",
            "/@%2fb",
        ] {
            let normal = normalise(path);
            let segment = normal[1..].split('/').next().expect("one");
            let name = percent_decode_str(segment).decode_utf8().expect("text");
            assert!(PackageName::parse(&name).is_err(), "{path} became {name:?}");
        }
        // A third part is not the name's: it is the version that the path asks for.
        assert_eq!(normalise("/@a/b/c"), "/@a%2Fb/c");
    }
}
