//! Versions and ranges by npm's semver.
//!
//! A [`Version`] keeps the text it was written with, because that text is a key of the
//! packument and part of a file name. Ordering and matching go through npm's rules
//! (pre-releases only when the range names one), which are not Cargo's.
//!
//! Source: node-semver 7, by the crate `nodejs-semver`.

use std::{cmp::Ordering, collections::BTreeSet, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Longest accepted version text, in bytes; npm's own limit.
pub const MAX_VERSION_BYTES: usize = 256;

/// One published version of a package; cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Version {
    text: Arc<str>,
    parsed: Arc<nodejs_semver::Version>,
}

/// The text is not a version by npm's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a semantic version")]
pub struct InvalidVersion;

impl Version {
    /// Reads exactly `MAJOR.MINOR.PATCH[-pre][+build]`, without `v`, spaces or leading zeros.
    ///
    /// # Errors
    /// [`InvalidVersion`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidVersion> {
        if text.len() > MAX_VERSION_BYTES || !has_strict_shape(text) {
            return Err(InvalidVersion);
        }
        let parsed = nodejs_semver::Version::parse(text).map_err(|_| InvalidVersion)?;
        Ok(Self {
            text: text.into(),
            parsed: Arc::new(parsed),
        })
    }

    /// Returns the text as published.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Says whether this is a pre-release (`1.0.0-beta.1`).
    pub fn is_prerelease(&self) -> bool {
        !self.parsed.pre_release().is_empty()
    }
}

/// Returns the highest stable version, or the highest of all if none is stable.
pub fn highest(versions: &BTreeSet<Version>) -> Option<&Version> {
    versions
        .iter()
        .rev()
        .find(|version| !version.is_prerelease())
        .or_else(|| versions.last())
}

/// `nodejs-semver` also accepts `v1.2.3`, `01.2.3` and `1.2.3.4`; none of these is published.
fn has_strict_shape(text: &str) -> bool {
    let (core, suffix) = match text.find(['-', '+']) {
        Some(at) => (&text[..at], &text[at..]),
        None => (text, ""),
    };
    let is_number = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    let mut parts = core.split('.');
    let three = (0..3).all(|_| parts.next().is_some_and(is_number)) && parts.next().is_none();
    three
        && suffix
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'))
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Version({})", self.text)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// By semver precedence, then by text (build metadata), so that the order is total.
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parsed
            .cmp(&other.parsed)
            .then_with(|| self.text.cmp(&other.text))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// A set of versions, as written in a dependency.
#[derive(Debug, Clone)]
pub struct Range(nodejs_semver::Range);

impl Range {
    /// Reads a range; `None` if the text is something else (a tag, a URL). Empty means any.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = if text.is_empty() { "*" } else { text };
        nodejs_semver::Range::parse(text).ok().map(Self)
    }

    /// Says whether `version` is in the range, by npm's rule for pre-releases.
    pub fn contains(&self, version: &Version) -> bool {
        self.0.satisfies(&version.parsed)
    }

    /// Returns the highest of `versions` that is in the range.
    pub fn highest<'v>(
        &self,
        versions: impl IntoIterator<Item = &'v Version>,
    ) -> Option<&'v Version> {
        versions
            .into_iter()
            .filter(|version| self.contains(version))
            .max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_published_shapes_are_versions() {
        for text in [
            "1.2.3",
            "0.0.0",
            "1.0.0-beta.1",
            "1.0.0+build.5",
            "1.0.0-0.3.7",
        ] {
            assert!(Version::parse(text).is_ok(), "{text}");
        }
        for text in [
            "", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", " 1.2.3", "latest", "1.2.3/..", "^1.0.0",
        ] {
            assert!(Version::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn ranges_choose_as_npm_does() {
        let versions = ["1.0.0", "1.9.0", "1.10.0", "2.0.0-rc.1", "2.0.0"]
            .map(|v| Version::parse(v).expect("valid"));
        let pick = |range: &str| {
            Range::parse(range)
                .expect(range)
                .highest(&versions)
                .map(ToString::to_string)
        };
        assert_eq!(pick("^1.0.0").as_deref(), Some("1.10.0"));
        assert_eq!(pick("").as_deref(), Some("2.0.0"));
        assert_eq!(pick(">=2.0.0-rc.0 <2.0.0").as_deref(), Some("2.0.0-rc.1"));
        assert_eq!(pick("^3"), None);
        assert!(Range::parse("latest").is_none());
    }
}
