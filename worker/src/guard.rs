//! Writes that count only as long as the writer may write.

use futures::future::BoxFuture;
use weir_store::{StoreError, Tx};

/// Who may write: the leader while its term lasts, a run while it holds its lease. So the same
/// work can be a duty and a task.
pub(crate) trait Guard: Sync {
    /// Runs a write transaction that does nothing unless the writer may.
    fn write<T, F>(&self, work: F) -> impl Future<Output = Result<T, StoreError>> + Send
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static;
}

macro_rules! guards {
    ($($type:ty),+) => {
        $(impl Guard for $type {
            fn write<T, F>(&self, work: F) -> impl Future<Output = Result<T, StoreError>> + Send
            where
                T: Send + 'static,
                F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
            {
                self.write(work)
            }
        })+
    };
}

guards!(crate::Attempt, crate::schedule::Lead);
