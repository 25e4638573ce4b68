//! The address clients know us by, prefix included.

use std::{fmt, sync::Arc};

use url::Url;

use crate::{PackageName, Version};

/// A public base URL without a trailing slash; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicBase(Arc<str>);

/// The text is not a usable public URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a public URL is http(s)://host[:port][/prefix] without credentials, query or fragment")]
pub struct InvalidBase;

impl PublicBase {
    /// Reads a base URL; a trailing slash is dropped.
    ///
    /// # Errors
    /// [`InvalidBase`] if it is not a plain http or https URL.
    pub fn parse(text: &str) -> Result<Self, InvalidBase> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidBase)?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        is_plain
            .then(|| Self(url.as_str().trim_end_matches('/').into()))
            .ok_or(InvalidBase)
    }

    /// Returns the base as text, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path prefix (`/npm`), or the empty text.
    pub fn prefix(&self) -> &str {
        let after_scheme = self.0.find("://").map_or(0, |at| at + 3);
        self.0[after_scheme..]
            .find('/')
            .map_or("", |at| &self.0[after_scheme + at..])
    }

    /// Returns where clients fetch the tarball of a version.
    pub fn tarball_url(&self, package: &PackageName, version: &Version) -> String {
        format!(
            "{}/{}/-/{}-{}.tgz",
            self.0,
            package,
            package.unscoped(),
            version
        )
    }

    /// Moves an upstream attestations URL to this base; foreign shapes stay as they are.
    pub fn attestations_url(&self, upstream: &str) -> String {
        match upstream.find("/-/npm/v1/attestations/") {
            Some(at) => format!("{}{}", self.0, &upstream[at..]),
            None => upstream.to_owned(),
        }
    }
}

impl fmt::Display for PublicBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_plain_and_has_no_trailing_slash() {
        let base = PublicBase::parse("https://npm.example/mirror/").expect("plain");
        assert_eq!(
            (base.as_str(), base.prefix()),
            ("https://npm.example/mirror", "/mirror")
        );
        assert_eq!(
            PublicBase::parse("http://127.0.0.1:7373")
                .expect("plain")
                .prefix(),
            ""
        );
        for text in [
            "",
            "npm.example",
            "ftp://x",
            "https://u:p@x",
            "https://x/?q",
            "https://x/#f",
        ] {
            assert!(PublicBase::parse(text).is_err(), "{text}");
        }
    }
}
