//! The one writer of a `SQLite` file: a thread that owns the connection.
//!
//! Whatever is queued while one group commits becomes the next group, so a lone write
//! waits for nobody and a thousand writes share a handful of commits. Within a group each
//! closure has its own savepoint: one that fails undoes only itself.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{CommitListener, Signal, Tx};
use crate::StoreError;

/// Most closures in one commit.
const GROUP: usize = 128;
/// Most closures that wait; more make their callers wait.
const QUEUE: usize = 1024;

type Job = Box<dyn for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Ended> + Send>;

/// A closure that has run: whether to keep what it did, and how to tell its caller.
struct Ended {
    is_kept: bool,
    reply: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

#[derive(Debug, Clone)]
pub(super) struct SqliteWriter {
    queue: mpsc::Sender<Job>,
    stop: CancellationToken,
    ended: Arc<tokio::sync::watch::Receiver<bool>>,
}

impl SqliteWriter {
    /// Starts the writer on a thread and runtime of its own, so that no CPU work of the
    /// process delays a commit (and with it the renewal of a lease).
    pub(super) fn start(
        connection: DatabaseConnection,
        listener: Arc<dyn CommitListener>,
    ) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let (end, ended) = tokio::sync::watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let runtime = runtime.map_err(|_| StoreError::Closed)?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let work = move || {
            runtime.block_on(serve(connection, jobs, stopped, listener));
            end.send_replace(true);
        };
        let thread = std::thread::Builder::new().name("weir-database".to_owned());
        thread.spawn(work).map_err(|_| StoreError::Closed)?;
        Ok(Self {
            queue,
            stop,
            ended: Arc::new(ended),
        })
    }

    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            Box::pin(async move {
                let result = AssertUnwindSafe(work(tx)).catch_unwind().await;
                let result = result.unwrap_or(Err(StoreError::Changed("a panicking transaction")));
                let is_kept = result.is_ok();
                let reply = Box::new(move |commit: Result<(), StoreError>| {
                    // A caller that no longer waits does not need the answer.
                    drop(answer.send(result.and_then(|value| commit.map(|()| value))));
                });
                Ended { is_kept, reply }
            })
        });
        self.queue.send(job).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Refuses further work and waits until what was queued before is committed.
    pub(super) async fn close(self, patience: Duration) {
        let mut ended = (*self.ended).clone();
        self.stop.cancel();
        drop(tokio::time::timeout(patience, ended.wait_for(|ended| *ended)).await);
    }
}

async fn serve(
    connection: DatabaseConnection,
    mut jobs: mpsc::Receiver<Job>,
    stop: CancellationToken,
    listener: Arc<dyn CommitListener>,
) {
    let mut group = Vec::with_capacity(GROUP);
    loop {
        tokio::select! {
            biased;
            count = jobs.recv_many(&mut group, GROUP) => if count == 0 { break },
            // What is queued already still comes out of a closed queue.
            () = stop.cancelled(), if !jobs.is_closed() => {
                jobs.close();
                continue;
            }
        }
        let (replies, outcome) = commit_group(&connection, group.drain(..)).await;
        if let Ok(signals) = &outcome
            && !signals.is_empty()
        {
            listener.committed(signals);
        }
        let failure = outcome.err().map(|error| Arc::new(error.to_string()));
        for reply in replies {
            reply(match &failure {
                None => Ok(()),
                Some(text) => Err(StoreError::Database(sea_orm::DbErr::Custom(
                    text.as_str().to_owned(),
                ))),
            });
        }
    }
    drop(connection.close().await);
}

type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Runs every closure of a group and commits once.
async fn commit_group(
    connection: &DatabaseConnection,
    jobs: impl ExactSizeIterator<Item = Job>,
) -> (Vec<Reply>, Result<Vec<Signal>, StoreError>) {
    let mut replies: Vec<Reply> = Vec::with_capacity(jobs.len());
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let outer = match connection.begin_with_options(options).await {
        Ok(outer) => outer,
        Err(error) => {
            // The closures are dropped unrun; their callers see the store as closed.
            return (replies, Err(error.into()));
        }
    };
    if jobs.len() == 1 {
        let tx = Tx::new(outer);
        let mut is_kept = true;
        for job in jobs {
            let ended = job(&tx).await;
            is_kept = ended.is_kept;
            replies.push(ended.reply);
        }
        let outcome = if is_kept {
            tx.commit().await
        } else {
            tx.rollback().await.map(|()| Vec::new())
        };
        return (replies, outcome);
    }
    let mut signals = Vec::new();
    for job in jobs {
        match in_savepoint(&outer, job, &mut replies).await {
            Ok(raised) => signals.extend(raised),
            Err(error) => {
                drop(outer.rollback().await);
                return (replies, Err(error));
            }
        }
    }
    let outcome = outer
        .commit()
        .await
        .map_err(StoreError::from)
        .map(|()| signals);
    (replies, outcome)
}

async fn in_savepoint(
    outer: &DatabaseTransaction,
    job: Job,
    replies: &mut Vec<Reply>,
) -> Result<Vec<Signal>, StoreError> {
    let tx = Tx::new(outer.begin().await?);
    let ended = job(&tx).await;
    replies.push(ended.reply);
    if ended.is_kept {
        return tx.commit().await;
    }
    tx.rollback().await?;
    Ok(Vec::new())
}
