//! What the whole-system tests and the load programs share: a server with its upstream.
//!
//! Everything here sees weir from outside: its processes, its HTTP, its command line, its
//! folder. Only [`stored`] looks at the database, where a promise is about what is kept.

#![expect(
    clippy::missing_panics_doc,
    reason = "a test kit panics: that is how a test fails"
)]

pub mod buckets;
pub mod command;
pub mod conan;
pub mod deployment;
pub mod environment;
pub mod journal;
pub mod packument;
pub mod person;
pub mod raw;
pub mod sample;
pub mod stored;
pub mod system;
pub mod task;

pub use deployment::Deployment;
pub use system::System;
pub use task::{Status, Task};
