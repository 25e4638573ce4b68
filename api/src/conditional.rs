//! Whether the caller already has what would be sent.
//!
//! Entity tags compare weakly: one document has one tag in every encoding.
//! Source: RFC 9110, sections 13.1 and 13.2.2.

use http::{HeaderMap, header};
use weir_domain::Timestamp;

/// What an answer is known by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Validators<'a> {
    /// The entity tag, quotes included.
    pub(crate) etag: &'a str,
    /// When it last changed, if that is known.
    pub(crate) modified_at: Option<Timestamp>,
}

impl Validators<'_> {
    /// Says whether a 304 answers the request.
    pub(crate) fn is_unchanged_for(&self, headers: &HeaderMap) -> bool {
        if headers.contains_key(header::IF_NONE_MATCH) {
            return headers
                .get_all(header::IF_NONE_MATCH)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .any(|tag| tag.trim() == "*" || opaque(tag) == opaque(self.etag));
        }
        let asked = headers
            .get(header::IF_MODIFIED_SINCE)
            .and_then(|value| Timestamp::parse_http_date(value.to_str().ok()?));
        match (asked, self.modified_at) {
            // Headers carry whole seconds.
            (Some(asked), Some(modified)) => {
                modified.0.div_euclid(1000) <= asked.0.div_euclid(1000)
            }
            _ => false,
        }
    }

    /// Says whether a range may be answered: without `if-range`, or if it names this very
    /// representation by a strong tag.
    pub(crate) fn allows_range_for(&self, headers: &HeaderMap) -> bool {
        headers.get(header::IF_RANGE).is_none_or(|value| {
            !self.etag.starts_with("W/") && value.as_bytes() == self.etag.as_bytes()
        })
    }
}

fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().expect("header")))
            .collect()
    }

    const OURS: Validators<'_> = Validators {
        etag: "W/\"abc\"",
        modified_at: Some(Timestamp(784_111_777_999)),
    };

    #[test]
    fn tags_compare_weakly_and_in_lists() {
        for value in ["W/\"abc\"", "\"abc\"", "*", "\"x\", W/\"abc\"", " \"abc\" "] {
            assert!(
                OURS.is_unchanged_for(&headers(&[(header::IF_NONE_MATCH, value)])),
                "{value}"
            );
        }
        for value in ["\"abcd\"", "abc", "", "W/\"x\",\"y\""] {
            assert!(
                !OURS.is_unchanged_for(&headers(&[(header::IF_NONE_MATCH, value)])),
                "{value}"
            );
        }
    }

    #[test]
    fn dates_count_only_without_a_tag() {
        let same = (header::IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT");
        let earlier = (header::IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:36 GMT");
        assert!(OURS.is_unchanged_for(&headers(std::slice::from_ref(&same))));
        assert!(!OURS.is_unchanged_for(&headers(&[earlier])));
        assert!(!OURS.is_unchanged_for(&headers(&[same, (header::IF_NONE_MATCH, "\"x\"")])));
        assert!(!OURS.is_unchanged_for(&headers(&[(header::IF_MODIFIED_SINCE, "soon")])));
        assert!(!OURS.is_unchanged_for(&HeaderMap::new()));
    }

    #[test]
    fn a_range_needs_the_same_strong_tag() {
        let strong = Validators {
            etag: "\"abc\"",
            modified_at: None,
        };
        let with = |value| headers(&[(header::IF_RANGE, value)]);
        assert!(strong.allows_range_for(&HeaderMap::new()));
        assert!(strong.allows_range_for(&with("\"abc\"")));
        assert!(!strong.allows_range_for(&with("\"x\"")));
        assert!(!OURS.allows_range_for(&with("W/\"abc\"")));
    }
}
