//! What can go wrong with the database, by what it means for the caller.

use std::time::Duration;

use sea_orm::{DbErr, SqlErr};
use weir_domain::{Decision, Retryable, task::ErrorCode};

/// How long whoever met a full disk waits before trying again.
const FULL_PAUSE: Duration = Duration::from_secs(30);

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The thing asked for is not there.
    #[error("{what} {id} does not exist")]
    NotFound {
        /// The kind of thing.
        what: &'static str,
        /// Which one.
        id: String,
    },
    /// A unique name is taken.
    #[error("already exists")]
    AlreadyExists(#[source] DbErr),
    /// This attempt no longer holds its task; it must stop and write nothing.
    #[error("lease lost")]
    LeaseLost,
    /// Another process leads; this one must do no more of what leaders do.
    #[error("another process leads")]
    Deposed,
    /// The thing changed under the caller, who may look again.
    #[error("{0} changed meanwhile")]
    Changed(&'static str),
    /// A stored value does not parse.
    #[error("{table}.{column} of {id} is not readable")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        id: String,
    },
    /// A transaction took longer than the server lets its statements take.
    #[error("the database does not answer")]
    NoAnswer,
    /// The process is stopping and the database task has ended.
    #[error("the database is closed")]
    Closed,
    /// The schema does not fit this build.
    #[error("{0}")]
    Schema(String),
    /// The database refused or could not be reached.
    #[error("database error")]
    Database(#[source] DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::AlreadyExists(error),
            _ => Self::Database(error),
        }
    }
}

impl StoreError {
    /// Says whether the disk (not the data) is the trouble: it is full.
    pub fn is_storage_full(&self) -> bool {
        let is_full = |text: &str| {
            ["disk is full", "No space left on device"]
                .iter()
                .any(|said| text.contains(said))
        };
        matches!(self, Self::Database(error) if is_full(&error.to_string()))
    }
}

impl Retryable for StoreError {
    fn decision(&self) -> Decision {
        match self {
            _ if self.is_storage_full() => Decision::Wait(FULL_PAUSE),
            Self::Changed(_) => Decision::Retry(Some(Duration::ZERO)),
            Self::Database(_) | Self::NoAnswer | Self::Closed => Decision::Retry(None),
            Self::LeaseLost | Self::Deposed => Decision::Stop,
            Self::NotFound { .. }
            | Self::AlreadyExists(_)
            | Self::Corrupt { .. }
            | Self::Schema(_) => Decision::GiveUp,
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound { .. } => ErrorCode::NotFound,
            _ => ErrorCode::Internal,
        }
    }
}
