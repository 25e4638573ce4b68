//! One run of one task, as its job sees it: the log, the progress, the fence.

use std::sync::Arc;

use futures::future::BoxFuture;
use weir_domain::task::{Level, Progress};
use weir_store::{
    Db, StoreError, Tx,
    task_requests::Request,
    task_runs::{self, Fence},
    tasks::Task,
};

use crate::engine::Run;

/// A run in progress; cheap to clone.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The task as claimed.
    pub task: Arc<Task>,
    /// Who wants it, and how; at the time of the claim.
    pub requests: Arc<Vec<Request>>,
    /// Nobody tries again if this one fails: what can be done without should be.
    pub is_last: bool,
    pub(crate) run: Arc<Run>,
    pub(crate) db: Db,
}

impl Attempt {
    /// Returns what every write must name.
    pub fn fence(&self) -> Fence {
        self.run.fence
    }

    /// Adds a line about what happened.
    pub async fn info(&self, text: impl AsRef<str>) {
        self.run.log(Level::Info, text.as_ref()).await;
    }

    /// Adds a line that a person should notice.
    pub async fn warn(&self, text: impl AsRef<str>) {
        self.run.log(Level::Warn, text.as_ref()).await;
    }

    /// Changes the progress; also proves that the run is alive.
    pub fn progress(&self, change: impl FnOnce(&mut Progress)) {
        self.run.change_progress(change);
    }

    /// Runs a write transaction that does nothing unless the run is still ours and wanted.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] or [`StoreError::Cancelled`] if it is not; else what `work`
    /// returns.
    ///
    /// # Cancel safety
    /// As [`Db::write`].
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        let fence = self.fence();
        let written = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    task_runs::check(tx, &fence).await?;
                    work(tx).await
                })
            })
            .await;
        if let Err(StoreError::Cancelled(heard)) = &written {
            self.run.hear(heard);
        }
        written
    }
}
