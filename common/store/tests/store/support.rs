//! A database of one's own with the verbs that tests use, and a clock that stands still.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use tokio::task::JoinHandle;
use uuid::Uuid;
use weir_domain::{
    PackageName, RegistryId, TaskId, Timestamp, UserId, WorkerId,
    task::{Level, LogLine, Priority, SyncOptions, SyncPackage, TaskSpec},
};
use weir_store::{
    CommitListener, ConnectionTrait, DatabaseConfig, Db, Signal, StoreError, Tx,
    task_logs::Chunk,
    task_runs::{self, Fence, Heartbeat},
    tasks::{
        self, Cancelled, ClaimLimits, Claimed, ListFilter, NewRequest, NewTask, Outcome, Submitted,
        SweepLimits, Swept, Task,
    },
};
use weir_testkit::{TestDatabase, database::Engine, until};

/// How long a claim lasts in these tests.
pub const LEASE: Duration = Duration::from_secs(30);
/// Longest wait for what must happen soon.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Runs statements in a write transaction: `write!(scene, |tx| expression)`.
macro_rules! write {
    ($scene:expr, |$tx:ident| $body:expr) => {
        $scene
            .db
            .write(move |$tx| Box::pin(async move { $body }))
            .await
    };
}
pub(crate) use write;

/// Remembers every signal, in order.
#[derive(Debug, Default)]
pub struct Heard(Mutex<Vec<Signal>>);

impl Heard {
    /// Returns what was heard since the last call.
    pub fn take(&self) -> Vec<Signal> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl CommitListener for Heard {
    fn committed(&self, signals: &[Signal]) {
        self.0.lock().unwrap().extend_from_slice(signals);
    }
}

/// A database, the time there, and who listens to it.
#[derive(Clone)]
pub struct Scene {
    pub db: Db,
    pub heard: Arc<Heard>,
    pub engine: Engine,
    clock: Arc<AtomicI64>,
    database: Arc<TestDatabase>,
}

impl Scene {
    pub async fn of(database: TestDatabase) -> Self {
        let heard = Arc::new(Heard::default());
        let listener = Arc::clone(&heard);
        let config = DatabaseConfig::new(database.url());
        Self {
            db: Db::open(&config, listener).await.unwrap(),
            heard,
            engine: database.engine(),
            clock: Arc::new(AtomicI64::new(1_800_000_000_000)),
            database: Arc::new(database),
        }
    }

    /// Returns where the database is.
    pub fn url(&self) -> &str {
        self.database.url()
    }

    pub fn now(&self) -> Timestamp {
        Timestamp(self.clock.load(Ordering::SeqCst))
    }

    /// Lets time pass.
    pub fn later(&self, by: Duration) -> Timestamp {
        let by = i64::try_from(by.as_millis()).unwrap();
        Timestamp(self.clock.fetch_add(by, Ordering::SeqCst) + by)
    }

    /// Runs a statement that no function of the store offers.
    pub async fn meddle(&self, statement: impl Into<String>) {
        let statement = statement.into();
        write!(self, |tx| {
            tx.execute_unprepared(&statement).await?;
            Ok(())
        })
        .unwrap();
    }

    /// Reads one number called `n`.
    pub async fn number(&self, query: impl Into<String>) -> i64 {
        let backend = self.db.read().get_database_backend();
        let statement = sea_orm::Statement::from_string(backend, query.into());
        let row = self.db.read().query_one_raw(statement).await.unwrap();
        row.unwrap().try_get("", "n").unwrap()
    }

    pub async fn submit(&self, name: &str) -> Submitted {
        self.submit_with(new_task(name), NewRequest::default())
            .await
    }

    pub async fn submit_with(&self, new: NewTask, request: NewRequest) -> Submitted {
        let now = self.now();
        write!(self, |tx| tasks::submit(tx, &new, &request, now).await).unwrap()
    }

    pub async fn claim(&self) -> Option<Claimed> {
        self.claim_within(limits()).await
    }

    pub async fn claim_within(&self, limits: ClaimLimits) -> Option<Claimed> {
        self.claim_as(WorkerId::new(), limits).await
    }

    pub async fn claim_as(&self, owner: WorkerId, limits: ClaimLimits) -> Option<Claimed> {
        let now = self.now();
        write!(self, |tx| tasks::claim(tx, owner, &limits, now).await).unwrap()
    }

    /// Claims what must be there to claim.
    pub async fn must_claim(&self) -> Claimed {
        self.claim().await.expect("a task is ready")
    }

    pub async fn beat(&self, fence: Fence, chunk: Option<Chunk>) -> Result<Heartbeat, StoreError> {
        let now = self.now();
        write!(self, |tx| {
            task_runs::heartbeat(tx, &fence, chunk.as_ref(), None, (now, LEASE)).await
        })
    }

    pub async fn finish(&self, fence: Fence) -> Result<(), StoreError> {
        self.finish_as(fence, Outcome::default()).await
    }

    pub async fn finish_as(&self, fence: Fence, outcome: Outcome) -> Result<(), StoreError> {
        let now = self.now();
        write!(self, |tx| {
            let task = tasks::lock_task(tx, fence.task).await?;
            tasks::finish(tx, (&task, &fence), &outcome, now).await
        })
    }

    /// Ends the run; the task may run again after `pause`.
    pub async fn retry(
        &self,
        fence: Fence,
        pause: Duration,
        counts: bool,
    ) -> Result<(), StoreError> {
        let (now, after) = (self.now(), self.now().plus(pause));
        write!(self, |tx| {
            let again = tasks::Again {
                run_after: after,
                counts,
                why: "upstream is away".to_owned(),
            };
            let task = tasks::lock_task(tx, fence.task).await?;
            tasks::retry(tx, (&task, &fence), &again, now).await
        })
    }

    pub async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        let now = self.now();
        write!(self, |tx| {
            let task = tasks::lock_task(tx, fence.task).await?;
            tasks::release(tx, (&task, &fence), now).await
        })
    }

    pub async fn sweep(&self) -> Swept {
        let now = self.now();
        let limits = SweepLimits {
            queue_age: Duration::from_secs(24 * 3600),
        };
        write!(self, |tx| tasks::sweep(tx, limits, now).await).unwrap()
    }

    pub async fn cancel(&self, root: TaskId) -> Result<Cancelled, StoreError> {
        let now = self.now();
        write!(self, |tx| tasks::cancel(tx, root, "somebody", now).await)
    }

    pub async fn withdraw(&self, root: TaskId, user: UserId) -> Cancelled {
        let now = self.now();
        write!(self, |tx| tasks::withdraw(
            tx,
            root,
            (user, "somebody"),
            now
        )
        .await)
        .unwrap()
    }

    pub async fn place(&self, id: TaskId) -> Option<u64> {
        let places = tasks::queue_positions(self.db.read(), &[id]).await;
        places.unwrap().get(&id).copied()
    }

    pub async fn task(&self, id: TaskId) -> Task {
        tasks::get(self.db.read(), id).await.unwrap()
    }

    /// Returns every task there is, oldest first.
    pub async fn all_tasks(&self) -> Vec<Task> {
        let filter = ListFilter {
            limit: u64::MAX,
            ..ListFilter::default()
        };
        let mut all = tasks::list(self.db.read(), &filter).await.unwrap();
        all.reverse();
        all
    }

    /// Begins a transaction that stays open after `work` until told to commit.
    pub async fn hold_open<T, F>(&self, work: F) -> Held<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        let (reached, has_reached) = tokio::sync::oneshot::channel();
        let (go, may_go) = tokio::sync::oneshot::channel::<()>();
        let db = self.db.clone();
        let ended = spawn(async move {
            db.write(move |tx| {
                Box::pin(async move {
                    let value = work(tx).await;
                    let _ = reached.send(());
                    drop(may_go.await);
                    value
                })
            })
            .await
        });
        tokio::time::timeout(DEADLINE, has_reached)
            .await
            .expect("the transaction does its work in time")
            .unwrap();
        Held { go, ended }
    }

    /// Waits until `other` has ended or waits for a lock.
    pub async fn settle<T>(&self, other: &JoinHandle<T>) {
        if self.engine == Engine::Sqlite {
            // Its one writer has the other transaction in its queue.
            tokio::task::yield_now().await;
            return;
        }
        until(
            "the other transaction to end or to wait",
            DEADLINE,
            async || {
                let waiting = self
                    .number(
                        "SELECT COUNT(*) AS n FROM pg_stat_activity \
                         WHERE datname = current_database() AND wait_event_type = 'Lock'",
                    )
                    .await;
                other.is_finished() || waiting > 0
            },
        )
        .await;
    }
}

/// A transaction that has done its work and not yet committed.
pub struct Held<T> {
    go: tokio::sync::oneshot::Sender<()>,
    ended: JoinHandle<Result<T, StoreError>>,
}

impl<T> Held<T> {
    /// Lets it commit, and returns what it did.
    pub async fn commit(self) -> Result<T, StoreError> {
        let _ = self.go.send(());
        ended(self.ended).await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "every test waits for what it spawns"
)]
pub fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(work)
}

/// Waits for a spawned piece of work.
pub async fn ended<T>(work: JoinHandle<T>) -> T {
    tokio::time::timeout(DEADLINE, work)
        .await
        .expect("it ends in time")
        .unwrap()
}

pub fn limits() -> ClaimLimits {
    ClaimLimits {
        lease: LEASE,
        min_priority: None,
        accepts_suspects: true,
        closed_lanes: Vec::new(),
    }
}

pub fn new_task(name: &str) -> NewTask {
    NewTask {
        spec: TaskSpec::SyncPackage(SyncPackage {
            package: package(name),
            registry: RegistryId(Uuid::nil()),
        }),
        priority: Priority::USER,
        fair_key: 0,
        run_after: Timestamp(0),
        retry_of: None,
    }
}

/// The wish of a user.
pub fn wish_of(user: UserId) -> NewRequest {
    NewRequest {
        requester: Some((user, "somebody".to_owned())),
        ..NewRequest::default()
    }
}

/// The wish of a tree.
pub fn wish_under(root: TaskId) -> NewRequest {
    NewRequest {
        root: Some(root),
        ..NewRequest::default()
    }
}

/// The wish of an administrator in a hurry.
pub fn forced() -> NewRequest {
    NewRequest {
        options: SyncOptions {
            force: true,
            ..SyncOptions::default()
        },
        ..NewRequest::default()
    }
}

pub fn package(name: &str) -> PackageName {
    PackageName::parse(name).unwrap()
}

/// Adds a line to a chunk.
pub fn line(chunk: &mut Chunk, text: &str) {
    chunk.push(&LogLine::new(Timestamp(0), Level::Info, text));
}

/// Returns a chunk of these lines, to go after `lines` lines and `bytes` bytes.
pub fn chunk_at((lines, bytes): (i64, i64), texts: &[&str]) -> Chunk {
    let mut chunk = Chunk::new(lines + 1, bytes);
    for text in texts {
        line(&mut chunk, text);
    }
    chunk
}
