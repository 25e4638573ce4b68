//! Wire shapes of the service itself.

use poem_openapi::{Enum, Object, types::Example};
use serde::Serialize;
use weir_domain::Timestamp;

use crate::payload::Instant;

/// What this is.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct Home {
    /// The software.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Where its routes are described.
    pub(crate) docs: String,
    /// When this process started.
    pub(crate) instance_start_time: Instant,
}

impl Example for Home {
    fn example() -> Self {
        Self {
            name: "weir".to_owned(),
            version: "0.1.0".to_owned(),
            docs: "/-/docs".to_owned(),
            instance_start_time: Instant(Timestamp(1_767_225_600_000)),
        }
    }
}

/// The answer to a ping.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct Pong {
    /// Always true.
    pub(crate) pong: bool,
}

impl Example for Pong {
    fn example() -> Self {
        Self { pong: true }
    }
}

/// That the process lives.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct Health {
    /// Always true.
    pub(crate) ok: bool,
    /// The software's version.
    pub(crate) version: String,
}

impl Example for Health {
    fn example() -> Self {
        Self {
            ok: true,
            version: "0.1.0".to_owned(),
        }
    }
}

/// That the process can do its work.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct Readiness {
    /// Always true; what is not ready answers 503.
    pub(crate) ok: bool,
    /// The software's version.
    pub(crate) version: String,
    /// What was looked at.
    pub(crate) checks: Checks,
}

/// What was looked at.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "ReadinessChecks")]
pub(crate) struct Checks {
    /// Whether the database answers, with a schema for this build.
    pub(crate) database: bool,
    /// Whether the blob store takes bytes.
    pub(crate) blobs: bool,
    /// What Redis does; only `away` is a trouble, and a small one.
    pub(crate) redis: RedisWord,
}

/// What Redis does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub(crate) enum RedisWord {
    /// None is configured.
    None,
    /// It answers.
    Answers,
    /// It does not; other processes are noticed a second later.
    Away,
}

impl Example for Readiness {
    fn example() -> Self {
        Self {
            ok: true,
            version: "0.1.0".to_owned(),
            checks: Checks {
                database: true,
                blobs: true,
                redis: RedisWord::None,
            },
        }
    }
}

/// The caller.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct WhoAmI {
    /// The name of the user whose token was shown.
    pub(crate) username: String,
}

impl Example for WhoAmI {
    fn example() -> Self {
        Self {
            username: "alice".to_owned(),
        }
    }
}
