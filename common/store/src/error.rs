//! What can go wrong with the database, by what it means for the caller.

use std::time::Duration;

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use weir_domain::{Decision, Retryable, task::ErrorCode};

use crate::task_runs::Heartbeat;

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
    /// This attempt was told to stop, which it hears of here before its next heartbeat.
    #[error("cancelled")]
    Cancelled(Heartbeat),
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

    /// Says whether the database is away: unreachable, restarting, closed, without a free
    /// session, or locked by somebody else. Then nothing is wrong with what was asked, and the
    /// same may be done soon.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::NoAnswer | Self::Closed => true,
            Self::Database(error) => is_away(error),
            _ => false,
        }
    }
}

fn is_away(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return matches!(error, DbErr::ConnectionAcquire(_));
    };
    match &**error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(said) => said.code().is_some_and(|code| says_away(&code)),
        _ => false,
    }
}

/// Whether this is what a database says when it has no time for anybody: `PostgreSQL`'s codes
/// have five characters, `SQLite`'s are shorter numbers whose low byte is the kind.
fn says_away(code: &str) -> bool {
    const SQLITE_BUSY: u32 = 5;
    const SQLITE_LOCKED: u32 = 6;
    match code {
        // Shut down, crashed, starting up; a session that was idle for too long; none left.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "53300" => true,
        _ if code.len() == 5 => code.starts_with("08"),
        _ => code
            .parse::<u32>()
            .is_ok_and(|number| matches!(number & 0xff, SQLITE_BUSY | SQLITE_LOCKED)),
    }
}

impl Retryable for StoreError {
    fn decision(&self) -> Decision {
        match self {
            _ if self.is_storage_full() => Decision::Wait(FULL_PAUSE),
            Self::Changed(_) => Decision::Retry(Some(Duration::ZERO)),
            Self::Database(_) | Self::NoAnswer | Self::Closed => Decision::Retry(None),
            Self::LeaseLost | Self::Cancelled(_) | Self::Deposed => Decision::Stop,
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

#[cfg(test)]
mod tests {
    use super::says_away;

    #[test]
    fn codes_of_an_outage_are_told_from_those_of_a_defect() {
        let away = [
            "57P01", "57P02", "57P03", "53300", "08006", "5", "6", "261", "517",
        ];
        // A statement that took too long, a unique row, a deadlock, a missing table.
        let defects = ["57014", "23505", "40P01", "42P01", "1", "19", "2067"];
        for code in away {
            assert!(says_away(code), "{code}");
        }
        for code in defects {
            assert!(!says_away(code), "{code}");
        }
    }
}
