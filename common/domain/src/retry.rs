//! What an error means for the attempt that met it.
//!
//! The decision is a property of the error type, made where the error is understood;
//! jobs use `?` and never choose.

use std::time::Duration;

use crate::task::ErrorCode;

/// What to do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Try again; the attempt counts. Without a time, by the usual back-off.
    Retry(Option<Duration>),
    /// Try again after this time; the attempt does not count (the upstream asked us to wait).
    Wait(Duration),
    /// Trying again cannot help.
    GiveUp,
    /// The run belongs to somebody else now: stop and write nothing.
    Stop,
}

/// An error that knows its own consequences.
pub trait Retryable: std::error::Error {
    /// Returns what to do next.
    fn decision(&self) -> Decision;

    /// Returns the code shown if the task ends with this error.
    fn code(&self) -> ErrorCode;
}
