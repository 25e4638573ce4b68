//! The four states users see, and how urgently a task is wanted.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A task's state; the words are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Not running: new, held behind another of its key, or between attempts.
    Waiting,
    /// A worker holds its lease.
    Processing,
    /// Done; warnings are possible.
    Success,
    /// Over without success; the error code says why.
    Error,
}

impl TaskState {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Waiting, Self::Processing, Self::Success, Self::Error];

    /// Returns the word on the wire and in databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Processing => "processing",
            Self::Success => "success",
            Self::Error => "error",
        }
    }

    /// Says whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Success | Self::Error)
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not a task state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a task state")]
pub struct UnknownState;

impl FromStr for TaskState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL
            .iter()
            .copied()
            .find(|state| state.as_str() == text)
            .ok_or(UnknownState)
    }
}

/// How urgently a task is wanted; higher runs first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Priority(pub i16);

impl Priority {
    /// Scheduled and feed-driven work.
    pub const BULK: Self = Self(10);
    /// Dependencies of what a user asked for.
    pub const DEPENDENCY: Self = Self(20);
    /// What a user asked for.
    pub const USER: Self = Self(30);
    /// A client holds its connection for it.
    pub const INTERACTIVE: Self = Self(40);
    /// An administrator said `force`.
    pub const FORCED: Self = Self(50);
}
