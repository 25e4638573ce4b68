//! Wire shapes of the service itself.

use poem_openapi::{Object, types::Example};
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
