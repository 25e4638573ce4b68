//! What becomes of what an upstream no longer has, and in which ways it can lack something.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $type:ident, $invalid:ident = $says:literal, $($(#[$each:meta])* $name:ident = $word:literal,)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type { $($(#[$each])* $name,)* }

        impl $type {
            /// Every word, as configuration and databases spell it.
            pub const WORDS: &[&str] = &[$($word,)*];

            /// Returns the word used in configuration and databases.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        #[doc = concat!("The text is not one of the words of [`", stringify!($type), "`].")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        #[error($says)]
        pub struct $invalid;

        impl FromStr for $type {
            type Err = $invalid;

            fn from_str(text: &str) -> Result<Self, $invalid> {
                match text { $($word => Ok(Self::$name),)* _ => Err($invalid) }
            }
        }
    };
}

words! {
    /// What becomes of what upstream no longer has, once that is believed.
    RemovalPolicy, InvalidRemovalPolicy = "a removal policy is `keep`, `block` or `delete`",
    /// It is served as before.
    Keep = "keep",
    /// It is not served (451), and kept.
    Block = "block",
    /// It is no longer there (404); its bytes go later.
    Delete = "delete",
}

words! {
    /// In which way upstream lacks something.
    Absence, InvalidAbsence = "not a way to lack something",
    /// There is no such package: 404 or 410.
    NotFound = "not_found",
    /// The document says that the package was unpublished.
    Unpublished = "unpublished",
    /// The document does not list the version.
    Missing = "missing",
    /// The registry put a placeholder where the package was, because it did harm.
    SecurityHolder = "security_holder",
}
