//! What a job gives back: what it did, or why it stopped.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use weir_domain::{
    Decision, Retryable, Timestamp,
    task::{ErrorCode, Report},
};
use weir_store::{StoreError, Tx};

/// Work to submit in the very transaction that finishes the task; called again if that
/// transaction has to be repeated.
///
/// Begins with one [`weir_store::tasks::lock`] of every key it submits and the task's own:
/// two tasks that want each other would otherwise wait for each other on `PostgreSQL`.
pub type FollowUps =
    Arc<dyn for<'t> Fn(&'t Tx, Timestamp) -> BoxFuture<'t, Result<(), StoreError>> + Send + Sync>;

/// What a job that succeeded did.
pub struct Done {
    /// In numbers.
    pub report: Report,
    /// What a person should know although it went well.
    pub warnings: Vec<String>,
    /// What it leads to.
    pub follow_ups: Option<FollowUps>,
}

impl fmt::Debug for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Done")
            .field("report", &self.report)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

/// Why a job stopped.
///
/// Any [`Retryable`] error becomes one by `?`; the decision was made where the error was
/// understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError {
    /// What to do next.
    pub decision: Decision,
    /// What users see if nothing more is done.
    pub code: ErrorCode,
    /// A sentence with its causes.
    pub message: String,
}

impl JobError {
    /// Returns an error that trying again cannot mend.
    pub fn give_up(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            decision: Decision::GiveUp,
            code,
            message: message.into(),
        }
    }
}

impl<E: Retryable> From<E> for JobError {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(next) = cause {
            message = format!("{message}: {next}");
            cause = next.source();
        }
        Self {
            decision: error.decision(),
            code: error.code(),
            message,
        }
    }
}
