//! The closed list of reasons for which a task ends in `error`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Why a task ended in `error`; the word is shown to users and never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode { $($(#[$doc])* $name,)* }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Returns the word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

error_codes! {
    /// It ran, stayed silent, or waited, longer than allowed.
    Timeout = "timeout",
    /// Nobody wanted it any more.
    Cancelled = "cancelled",
    /// The upstream could not be reached or kept failing.
    UpstreamUnavailable = "upstream_unavailable",
    /// The upstream answered with something that is not what was asked for.
    UpstreamInvalid = "upstream_invalid",
    /// The upstream's document is older than the one we have.
    StaleUpstream = "stale_upstream",
    /// The upstream says there is no such thing.
    NotFound = "not_found",
    /// Bytes did not match their promised digest.
    IntegrityMismatch = "integrity_mismatch",
    /// Our own policy refuses it.
    Blocked = "blocked",
    /// It is larger than allowed.
    TooLarge = "too_large",
    /// It took its worker down with it three times.
    Poisoned = "poisoned",
    /// A fault of ours.
    Internal = "internal",
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a task error code")]
pub struct UnknownErrorCode;

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    fn from_str(text: &str) -> Result<Self, UnknownErrorCode> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or(UnknownErrorCode)
    }
}
