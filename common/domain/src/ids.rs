//! One newtype per identifier, so that a task id is never passed where a user id belongs.
//!
//! All are UUIDv7: they sort by creation, are binary in databases and lower-case text on
//! the wire.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Returns a new identifier that sorts after every earlier one of this process.
            #[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    };
}

id!(
    /// A task of any kind.
    TaskId
);
id!(
    /// A mirrored (or hosted) package.
    PackageId
);
id!(
    /// A configured upstream registry.
    RegistryId
);
id!(
    /// A person or robot with an account.
    UserId
);
id!(
    /// A bearer token's record (not its secret).
    TokenId
);
id!(
    /// A session of the site (not the secret in its cookie).
    SessionId
);
id!(
    /// One start of one worker process; never reused.
    WorkerId
);
id!(
    /// A row of the audit trail.
    AuditId
);
id!(
    /// A block of a package or a version.
    BlockId
);
id!(
    /// An organisation.
    OrgId
);
id!(
    /// A team of an organisation.
    TeamId
);
id!(
    /// A scope of package names.
    ScopeId
);

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct InvalidId;
