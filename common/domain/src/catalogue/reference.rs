//! What a source lists: `name/version@user/channel`, and the revision it is at.
//!
//! Servers write the same reference differently (`sht30/0.0.5@sifli`, `…@sifli/_`, `…@_/_`):
//! all are one value here, and one text, the one that Conan's client takes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Timestamp;

/// What stands for a missing user or channel, as in Conan's paths.
pub const NO_NAMESPACE: &str = "_";

/// Longest part of a reference, in bytes (Conan allows 101 characters).
const MAX_PART: usize = 200;

/// A package of the catalogue; who is meant by a reference, whatever its version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageKey {
    /// Conan's user, npm's scope without its `@`; [`NO_NAMESPACE`] if it has none.
    pub namespace: String,
    /// Its name there.
    pub name: String,
}

impl fmt::Display for PackageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// One version of one package, as its source calls it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// The package.
    pub key: PackageKey,
    /// Free text; not always a semantic version.
    pub version: String,
    /// [`NO_NAMESPACE`] if it has none, as nearly always.
    pub channel: String,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.key.name, self.version)?;
        if self.key.namespace != NO_NAMESPACE || self.channel != NO_NAMESPACE {
            write!(f, "@{}", self.key.namespace)?;
        }
        if self.channel != NO_NAMESPACE {
            write!(f, "/{}", self.channel)?;
        }
        Ok(())
    }
}

/// The text is not a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reference is `name/version`, `name/version@user` or `name/version@user/channel`")]
pub struct InvalidReference;

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        // A revision may follow; it is no part of the reference.
        let text = text.split_once('#').map_or(text, |(before, _)| before);
        let (what, whose) = text.split_once('@').unwrap_or((text, NO_NAMESPACE));
        let (name, version) = what.split_once('/').ok_or(InvalidReference)?;
        let (user, channel) = whose.split_once('/').unwrap_or((whose, NO_NAMESPACE));
        let or_none = |part: &str| {
            let is_empty = part.is_empty();
            part_of(if is_empty { NO_NAMESPACE } else { part })
        };
        Ok(Self {
            key: PackageKey {
                namespace: or_none(user)?,
                name: part_of(name)?,
            },
            version: part_of(version)?,
            channel: or_none(channel)?,
        })
    }
}

/// Takes what may stand between two slashes of a path.
fn part_of(text: &str) -> Result<String, InvalidReference> {
    let is_fine = !text.is_empty()
        && text.len() <= MAX_PART
        && !matches!(text, "." | "..")
        && !text
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || "/\\@#?%".contains(c));
    is_fine.then(|| text.to_owned()).ok_or(InvalidReference)
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The state a source says a reference is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Conan's recipe revision; npm's digest of the tarball. Equal means: nothing to read.
    pub revision: String,
    /// When the source got it, by the source's clock.
    pub at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_reference_are_one() {
        let table = [
            ("sht30/0.0.5@sifli/_", "sht30/0.0.5@sifli"),
            ("sht30/0.0.5@sifli", "sht30/0.0.5@sifli"),
            ("sht30/0.0.5@sifli#4a2d0ade", "sht30/0.0.5@sifli"),
            ("tflite-cmsis/1.0+3", "tflite-cmsis/1.0+3"),
            ("tflite-cmsis/1.0+3@_/_", "tflite-cmsis/1.0+3"),
            ("tflite-cmsis/1.0+3@", "tflite-cmsis/1.0+3"),
            ("zlib/1.3@conan/stable", "zlib/1.3@conan/stable"),
            ("zlib/1.3@_/stable", "zlib/1.3@_/stable"),
        ];
        for (text, wanted) in table {
            let reference: Reference = text.parse().expect(text);
            assert_eq!(reference.to_string(), wanted);
            assert_eq!(wanted.parse(), Ok(reference));
        }
    }

    #[test]
    fn what_cannot_stand_in_a_path_is_no_reference() {
        let bad = [
            "",
            "a",
            "a/",
            "/1",
            "a/1@u/c/d",
            "../1",
            "a/..",
            "a/1@..",
            "a b/1",
            "a/1\n",
            "a%2f/1",
            "a/1@u\\v",
        ];
        for text in bad {
            assert_eq!(text.parse::<Reference>(), Err(InvalidReference), "{text}");
        }
        let long = format!("a/{}", "1".repeat(MAX_PART + 1));
        assert_eq!(long.parse::<Reference>(), Err(InvalidReference));
    }
}
