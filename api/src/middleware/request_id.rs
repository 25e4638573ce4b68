//! One name for a request: in its answer, in the log, and on the task it made.
//!
//! A caller's own `x-request-id` is kept if it is 1 to 64 of `[A-Za-z0-9._-]`. Ours are a
//! number of this start of the process and a counter: unique, and free to make.

use std::{
    fmt::Write as _,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use http::{HeaderMap, HeaderName, HeaderValue};
use rand::Rng;

/// The header it travels in.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest text accepted from a caller.
const MAX_LEN: usize = 64;

static START: LazyLock<String> =
    LazyLock::new(|| format!("{:012x}", rand::rng().random_range(0..1_u64 << 48)));
static COUNT: AtomicU64 = AtomicU64::new(1);

/// The name of one request.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// Returns the caller's name for the request, or a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        match headers.get(HEADER) {
            Some(given) if is_acceptable(given.as_bytes()) => Self(given.clone()),
            _ => Self::new(),
        }
    }

    fn new() -> Self {
        let mut text = String::with_capacity(24);
        text.push_str(&START);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Writing into a String cannot fail.
        let _ = write!(text, "-{count:x}");
        Self(HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("unnamed")))
    }

    /// Returns the text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Returns the value of the header.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

fn is_acceptable(text: &[u8]) -> bool {
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (1..=MAX_LEN).contains(&text.len()) && text.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(
            HEADER,
            HeaderValue::from_bytes(text.as_bytes()).expect("header"),
        );
        RequestId::of(&headers).as_str().to_owned()
    }

    #[test]
    fn a_plain_name_is_kept() {
        let longest = "a".repeat(64);
        for text in ["a", "Req_1.2-x", longest.as_str()] {
            assert_eq!(named(text), text);
        }
    }

    #[test]
    fn anything_else_gets_a_new_name() {
        let too_long = "a".repeat(65);
        for text in ["", "a b", "ä", "a\"b", "a/b", too_long.as_str()] {
            let given = named(text);
            assert!(
                given != text && is_acceptable(given.as_bytes()),
                "{text:?}: {given}"
            );
        }
        assert_ne!(named(""), named(""));
    }
}
