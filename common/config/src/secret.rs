//! Text that must never reach a log, an error or a terminal.

use std::fmt;

/// A secret; printing it in any form shows that it is one, and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Returns `text` with the credentials of every URL in it replaced by `***`.
///
/// Works on texts that are no valid URL, because those are what error lines quote.
pub(crate) fn mask_credentials(text: &str) -> String {
    let masked: Vec<String> = text.split(',').map(mask_one).collect();
    masked.join(",")
}

fn mask_one(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let rest = match rest.rsplit_once('@') {
        Some((_, after)) => format!("***@{after}"),
        None => rest.to_owned(),
    };
    let rest = match rest.split_once('?') {
        Some((path, query)) => format!("{path}?{}", mask_query(query)),
        None => rest,
    };
    format!("{scheme}://{rest}")
}

fn mask_query(query: &str) -> String {
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((key, _)) if is_sensitive(key) => format!("{key}=***"),
            _ => pair.to_owned(),
        })
        .collect();
    pairs.join("&")
}

fn is_sensitive(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["pass", "secret", "token", "key"]
        .iter()
        .any(|word| key.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = Secret::new("open sesame");
        assert!(!format!("{secret:?} {:?}", Some(&secret)).contains("sesame"));
        assert_eq!(secret.reveal(), "open sesame");
    }

    #[test]
    fn credentials_in_urls_are_masked_and_the_rest_is_not() {
        for (given, shown) in [
            ("http://a.example/x", "http://a.example/x"),
            ("postgres://u:p@h/db", "postgres://***@h/db"),
            ("postgres://u:p@q@h/db", "postgres://***@h/db"),
            (
                "postgres://h/db?a=1&password=p",
                "postgres://h/db?a=1&password=***",
            ),
            (
                "http://u@a.example,http://b.example",
                "http://***@a.example,http://b.example",
            ),
            ("not a url", "not a url"),
        ] {
            assert_eq!(mask_credentials(given), shown);
        }
    }
}
