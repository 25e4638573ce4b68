//! Package names: scope and name together, as `@scope/name` or `name`.
//!
//! Two rules live here. What exists upstream may be read and mirrored under the lenient
//! rule, because packages older than today's grammar (`JSONStream`) are depended upon.
//! What is newly published must obey the strict one.
//!
//! Source: validate-npm-package-name 5, and the grammar of the mirror document.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Longest accepted name, scope included, in characters.
pub const MAX_NAME_CHARS: usize = 214;

/// A checked package name; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageName(Arc<str>);

/// Why a text is not a package name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Empty, or longer than [`MAX_NAME_CHARS`].
    #[error("a package name has 1 to {MAX_NAME_CHARS} characters")]
    Length,
    /// A character that could escape a path, a header or a log line.
    #[error("a package name has no control character, backslash, percent sign, space or `..`")]
    Character,
    /// More than one slash, or a slash without a scope.
    #[error("a package name is `name` or `@scope/name`")]
    Shape,
    /// Allowed for old packages, refused for new ones.
    #[error("a new package name is lower-case, URL-safe and does not begin with `.` or `_`")]
    NotForNewPackages,
}

impl PackageName {
    /// Reads a name under the lenient rule of existing packages.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() || text.chars().count() > MAX_NAME_CHARS {
            return Err(InvalidName::Length);
        }
        let forbidden = |c: char| {
            c.is_control()
                || c.is_whitespace()
                || matches!(c, '\\' | '%' | '?' | '#' | '"' | '<' | '>')
        };
        if text.contains("..") || text.contains(forbidden) {
            return Err(InvalidName::Character);
        }
        let (scope, name) = match text.strip_prefix('@') {
            Some(rest) => rest.split_once('/').ok_or(InvalidName::Shape)?,
            None => ("scope", text),
        };
        let is_part = |part: &str| !part.is_empty() && !part.contains(['/', '@']) && part != ".";
        // `-` is where our own routes live, so no unscoped package can be called that.
        if !is_part(scope) || !is_part(name) || text == "-" {
            return Err(InvalidName::Shape);
        }
        Ok(Self(text.into()))
    }

    /// Reads a name under the rule for newly published packages.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse_new(text: &str) -> Result<Self, InvalidName> {
        let name = Self::parse(text)?;
        let url_safe = |c: char| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | '~')
        };
        let is_new = |part: &str| !part.starts_with(['.', '_']) && part.chars().all(url_safe);
        if name.is_reserved() || !is_new(name.unscoped()) || !name.scope().is_none_or(is_new) {
            return Err(InvalidName::NotForNewPackages);
        }
        Ok(name)
    }

    /// Says whether no package is ever given this name.
    pub fn is_reserved(&self) -> bool {
        matches!(self.as_str(), "node_modules" | "favicon.ico" | "syncs")
    }

    /// Says whether a registry can have accepted this name, now or in its early days.
    ///
    /// Source: the errors, without the warnings, of validate-npm-package-name.
    pub fn may_be_upstream(&self) -> bool {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.~!*'()".contains(c);
        let is_part = |part: &str| !part.starts_with(['.', '_']) && part.chars().all(is_plain);
        !self.is_reserved() && is_part(self.unscoped()) && self.scope().is_none_or(is_part)
    }

    /// Returns the scope without its `@`, if there is one.
    pub fn scope(&self) -> Option<&str> {
        self.0
            .strip_prefix('@')
            .and_then(|rest| rest.split_once('/'))
            .map(|(scope, _)| scope)
    }

    /// Returns the part after the scope.
    pub fn unscoped(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// Returns the whole name, `@scope/name` or `name`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name as npm's clients spell it in a path: the slash of a scope is `%2f`.
    pub fn as_path_segment(&self) -> String {
        self.0.replace('/', "%2f")
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PackageName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::parse(text)
    }
}

impl Serialize for PackageName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PackageName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_exist_upstream_are_read() {
        for name in [
            "lodash",
            "JSONStream",
            "@scope/name",
            "@a/b.c-d_e",
            "!x'()*",
            "a".repeat(214).as_str(),
        ] {
            assert!(PackageName::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn names_that_could_escape_are_refused() {
        for name in [
            "",
            "-",
            ".",
            "..",
            "../x",
            "@a/b/c",
            "a/b",
            "@a",
            "@/b",
            "@a/",
            "a\\b",
            "a%25",
            "a\0b",
            "a b",
            "@a/..",
            "@../b",
            "a\nb",
            "a@b",
            "a".repeat(215).as_str(),
        ] {
            assert!(PackageName::parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn new_names_obey_the_strict_rule() {
        assert!(PackageName::parse_new("@scope/name-1.x").is_ok());
        for name in [
            "JSONStream",
            "_x",
            ".x",
            "@Scope/name",
            "a!b",
            "syncs",
            "node_modules",
        ] {
            assert!(PackageName::parse_new(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_scoped_name_comes_apart() {
        let name = PackageName::parse("@scope/name").expect("valid");
        assert_eq!((name.scope(), name.unscoped()), (Some("scope"), "name"));
        assert_eq!(name.as_path_segment(), "@scope%2fname");
    }
}
