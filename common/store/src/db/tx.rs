//! A write transaction, and what it tells the rest of the process once it is committed.

use std::{
    fmt,
    ops::Deref,
    sync::{Mutex, PoisonError},
};

use sea_orm::DatabaseTransaction;
use weir_domain::TaskId;

use crate::{StoreError, Topic};

/// Something that others in the process want to hear of, after the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// A task became ready to run.
    TaskReady,
    /// A task's state, progress or requests changed.
    TaskChanged(TaskId),
    /// A task's log has new lines.
    LogGrew(TaskId),
    /// Cached knowledge about this is out of date.
    Invalidated(Topic, String),
}

/// Hears the signals of each commit, in order, before the writer gets its answer.
pub trait CommitListener: Send + Sync + fmt::Debug {
    /// Takes note; must not block.
    fn committed(&self, signals: &[Signal]);
}

/// A listener for those who do not care.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoListener;

impl CommitListener for NoListener {
    fn committed(&self, _: &[Signal]) {}
}

/// A write transaction; a connection to every store function.
pub struct Tx {
    inner: DatabaseTransaction,
    signals: Mutex<Vec<Signal>>,
}

impl Tx {
    pub(super) fn new(inner: DatabaseTransaction) -> Self {
        Self {
            inner,
            signals: Mutex::new(Vec::new()),
        }
    }

    /// Has `signal` delivered if and when this transaction commits.
    pub fn signal(&self, signal: Signal) {
        let mut signals = self.signals.lock().unwrap_or_else(PoisonError::into_inner);
        if !signals.contains(&signal) {
            signals.push(signal);
        }
    }

    /// Commits and returns the signals to deliver.
    pub(super) async fn commit(self) -> Result<Vec<Signal>, StoreError> {
        self.inner.commit().await?;
        Ok(self
            .signals
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner))
    }

    /// Undoes everything.
    pub(super) async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.inner.rollback().await?)
    }
}

impl Deref for Tx {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tx")
    }
}
