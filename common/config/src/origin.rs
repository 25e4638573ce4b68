//! Where a value came from.

use std::{fmt, path::PathBuf};

/// The layer that decided a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// A key of a configuration file.
    File {
        /// The file, as it was named.
        path: PathBuf,
        /// The key in it.
        key: &'static str,
    },
    /// A variable of the environment.
    Environment(String),
    /// A flag of the command line, dashes included.
    Flag(String),
}

impl Origin {
    /// Says whether a person gave the value to this very command.
    pub fn is_of_this_command(&self) -> bool {
        matches!(self, Self::Environment(_) | Self::Flag(_))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, key } => write!(f, "{}:{key}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}
