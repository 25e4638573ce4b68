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

use super::{CommitListener, Signal, Tx, tell};
use crate::StoreError;

/// Most closures in one commit.
const GROUP: usize = 128;
/// Most closures that wait; more make their callers wait.
const QUEUE: usize = 1024;

/// What a caller gets: its closure's result, or its panic.
type Answer<T> = std::thread::Result<Result<T, StoreError>>;
type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// A closure that has run: whether to keep what it did, and how to tell its caller.
struct Ended {
    is_kept: bool,
    reply: Reply,
}

/// A closure that waits for its turn.
trait Job: Send {
    fn run(self: Box<Self>, tx: &Tx) -> BoxFuture<'_, Ended>;
    fn refuse(self: Box<Self>, error: StoreError);
}

struct Waiting<T, F> {
    work: F,
    answer: oneshot::Sender<Answer<T>>,
}

impl<T, F> Job for Waiting<T, F>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
{
    fn run(self: Box<Self>, tx: &Tx) -> BoxFuture<'_, Ended> {
        let Self { work, answer } = *self;
        Box::pin(async move {
            let result = AssertUnwindSafe(async { work(tx).await });
            let result = result.catch_unwind().await;
            let is_kept = matches!(result, Ok(Ok(_)));
            let reply = Box::new(move |commit: Result<(), StoreError>| {
                let result = result.map(|own| own.and_then(|value| commit.map(|()| value)));
                // A caller that no longer waits does not need the answer.
                drop(answer.send(result));
            });
            Ended { is_kept, reply }
        })
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        drop(self.answer.send(Ok(Err(error))));
    }
}

#[derive(Debug, Clone)]
pub(super) struct SqliteWriter {
    queue: mpsc::Sender<Box<dyn Job>>,
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
        let job = Box::new(Waiting { work, answer });
        self.queue.send(job).await.map_err(|_| StoreError::Closed)?;
        match answered.await.map_err(|_| StoreError::Closed)? {
            Ok(result) => result,
            // As if the closure had run here; the others of its group did not notice.
            Err(panic) => std::panic::resume_unwind(panic),
        }
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
    mut jobs: mpsc::Receiver<Box<dyn Job>>,
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
        let mut replies = Vec::with_capacity(group.len());
        match commit_group(&connection, &mut group, &mut replies).await {
            Ok(signals) => {
                tell(&listener, &signals);
                for reply in replies {
                    reply(Ok(()));
                }
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a group of writes failed"
                );
                for reply in replies {
                    reply(Err(copy(&error)));
                }
                for job in group.drain(..) {
                    job.refuse(copy(&error));
                }
                replace_connection(&connection).await;
            }
        }
    }
    drop(connection.close().await);
}

/// Returns what ended a group, for one of its callers: none of them is to blame.
fn copy(error: &StoreError) -> StoreError {
    match error {
        StoreError::Database(cause) | StoreError::AlreadyExists(cause) => {
            StoreError::Database(cause.clone())
        }
        other => StoreError::Database(sea_orm::DbErr::Custom(other.to_string())),
    }
}

/// Closes the connection, so that the next group gets a new one.
///
/// A full disk may end a transaction behind the driver's back, which then takes the next
/// one for nested.
async fn replace_connection(connection: &DatabaseConnection) {
    if let Ok(broken) = connection.get_sqlite_connection_pool().acquire().await {
        drop(broken.close().await);
    }
}

/// Runs the closures of a group and commits once; leaves in `jobs` what it did not run.
async fn commit_group(
    connection: &DatabaseConnection,
    jobs: &mut Vec<Box<dyn Job>>,
    replies: &mut Vec<Reply>,
) -> Result<Vec<Signal>, StoreError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let outer = connection.begin_with_options(options).await?;
    if jobs.len() == 1
        && let Some(job) = jobs.pop()
    {
        let tx = Tx::new(outer);
        let ended = job.run(&tx).await;
        replies.push(ended.reply);
        if ended.is_kept {
            return tx.commit().await;
        }
        tx.rollback().await?;
        return Ok(Vec::new());
    }
    let mut signals = Vec::new();
    jobs.reverse();
    while let Some(job) = jobs.pop() {
        signals.extend(in_savepoint(&outer, job, replies).await?);
    }
    outer.commit().await?;
    Ok(signals)
}

async fn in_savepoint(
    outer: &DatabaseTransaction,
    job: Box<dyn Job>,
    replies: &mut Vec<Reply>,
) -> Result<Vec<Signal>, StoreError> {
    let tx = match outer.begin().await {
        Ok(tx) => Tx::new(tx),
        Err(error) => {
            job.refuse(StoreError::Closed);
            return Err(error.into());
        }
    };
    let ended = job.run(&tx).await;
    replies.push(ended.reply);
    if ended.is_kept {
        return tx.commit().await;
    }
    tx.rollback().await?;
    Ok(Vec::new())
}
