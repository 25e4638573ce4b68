//! Connections and transactions.
//!
//! `SQLite` has one writer: closures are queued to the task that owns the write connection
//! and committed in groups, each in its own savepoint. `PostgreSQL` runs each closure in a
//! transaction of its own. Either way a closure returns only after its commit, and the
//! signals it raised have been delivered before it returns.

mod connect;
mod sqlite_writer;
mod tx;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use sqlite_writer::SqliteWriter;
pub use tx::{CommitListener, NoListener, Signal, Tx};

use crate::StoreError;

/// A transaction may last as long as this many of the slowest statements.
const STATEMENTS: u32 = 3;

/// Where the database is and how careful it must be.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Whether `SQLite` syncs every commit (survives power loss, not only kill -9).
    pub is_durable: bool,
    /// Most connections for reading (`SQLite`) or in all (`PostgreSQL`).
    pub max_connections: u32,
    /// Longest time of one statement (`PostgreSQL`).
    pub statement_timeout: Duration,
}

impl DatabaseConfig {
    /// Returns the defaults for `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            is_durable: false,
            max_connections: 8,
            statement_timeout: Duration::from_secs(20),
        }
    }

    fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a password.
        f.write_str("DatabaseConfig")
    }
}

/// The database; cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    config: DatabaseConfig,
    readers: DatabaseConnection,
    writer: Writer,
    listener: Arc<dyn CommitListener>,
    /// Statements sent so far, transactions' beginnings and ends apart.
    statements: Arc<AtomicU64>,
}

#[derive(Debug, Clone)]
enum Writer {
    Sqlite(SqliteWriter),
    Postgres(DatabaseConnection),
}

impl Db {
    /// Opens the database; migrates nothing.
    ///
    /// `listener` hears the signals of every commit made through this handle.
    ///
    /// # Errors
    /// If it cannot be reached or opened.
    pub async fn open(
        config: &DatabaseConfig,
        listener: Arc<dyn CommitListener>,
    ) -> Result<Self, StoreError> {
        Self::open_counting(config, listener, Arc::default()).await
    }

    async fn open_counting(
        config: &DatabaseConfig,
        listener: Arc<dyn CommitListener>,
        statements: Arc<AtomicU64>,
    ) -> Result<Self, StoreError> {
        if config.is_sqlite() {
            let writer = counted(connect::sqlite_writer(config).await?, &statements);
            let readers = counted(connect::sqlite_readers(config).await?, &statements);
            let writer = Writer::Sqlite(SqliteWriter::start(writer, Arc::clone(&listener))?);
            return Ok(Self {
                config: config.clone(),
                readers,
                writer,
                listener,
                statements,
            });
        }
        let pool = counted(connect::postgres(config).await?, &statements);
        Ok(Self {
            config: config.clone(),
            readers: pool.clone(),
            writer: Writer::Postgres(pool),
            listener,
            statements,
        })
    }

    /// Returns a handle for a runtime of its own: its writes go on however busy the runtime
    /// is that opened this one. `SQLite`'s writer has a thread of its own anyway.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn beside(&self) -> Result<Self, StoreError> {
        if matches!(self.writer, Writer::Sqlite(_)) {
            return Ok(self.clone());
        }
        let config = DatabaseConfig {
            max_connections: 1,
            ..self.config.clone()
        };
        let statements = Arc::clone(&self.statements);
        Self::open_counting(&config, Arc::clone(&self.listener), statements).await
    }

    /// Opens a connection for reading that no crowd of readers can keep waiting.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn own_reader(&self) -> Result<DatabaseConnection, StoreError> {
        let reader = connect::reader(&self.config).await?;
        Ok(counted(reader, &self.statements))
    }

    /// Returns how many statements were sent through this handle and those made from it;
    /// beginnings and ends of transactions are not counted.
    pub fn statements(&self) -> u64 {
        self.statements.load(Relaxed)
    }

    /// Returns a connection for reading.
    pub fn read(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Runs `work` in a write transaction and returns after its commit.
    ///
    /// A statement that failed must make `work` fail: `PostgreSQL` commits nothing after it.
    ///
    /// # Errors
    /// What `work` returned (then nothing was written), or the failure of the commit.
    ///
    /// # Panics
    /// If `work` does; then nothing was written.
    ///
    /// # Cancel safety
    /// Dropping the future may leave the closure to run and commit all the same.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        match &self.writer {
            Writer::Sqlite(writer) => writer.run(work).await,
            Writer::Postgres(pool) => {
                // A server that is gone without a word answers nothing, not even an error.
                let limit = self.config.statement_timeout * STATEMENTS;
                let tries = self.config.max_connections;
                let (value, signals) = tokio::time::timeout(limit, on_postgres(pool, tries, work))
                    .await
                    .map_err(|_| StoreError::NoAnswer)??;
                tell(&self.listener, &signals);
                Ok(value)
            }
        }
    }

    /// Closes every connection, after what was queued before.
    pub async fn close(self) {
        match self.writer {
            Writer::Sqlite(writer) => writer.close(Duration::from_secs(5)).await,
            Writer::Postgres(_) => {}
        }
        // Readers that are still borrowed elsewhere close with their last use.
        drop(self.readers.close().await);
    }
}

/// Counts what is sent through a connection.
fn counted(mut connection: DatabaseConnection, count: &Arc<AtomicU64>) -> DatabaseConnection {
    let count = Arc::clone(count);
    connection.set_metric_callback(move |_| {
        count.fetch_add(1, Relaxed);
    });
    connection
}

/// Runs `work` in a transaction of its own.
async fn on_postgres<T, F>(
    pool: &DatabaseConnection,
    tries: u32,
    work: F,
) -> Result<(T, Vec<Signal>), StoreError>
where
    F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, StoreError>>,
{
    let tx = Tx::new(begin(pool, tries).await?);
    match work(&tx).await {
        Ok(value) => Ok((value, tx.commit().await?)),
        Err(error) => {
            // Dropped, it would keep its locks until somebody uses the connection.
            drop(tx.rollback().await);
            Err(error)
        }
    }
}

/// Begins a transaction. After a restart of the server every session of the pool may be one that
/// was cut off unnoticed; nothing was done in it, so the next one is tried.
async fn begin(pool: &DatabaseConnection, tries: u32) -> Result<DatabaseTransaction, DbErr> {
    for _ in 0..tries {
        match pool.begin().await {
            // Nobody was found in all the time there is.
            Err(DbErr::ConnectionAcquire(error)) => return Err(DbErr::ConnectionAcquire(error)),
            Err(error) => tracing::debug!(%error, "a session of the database was cut off"),
            Ok(begun) => return Ok(begun),
        }
    }
    pool.begin().await
}

/// Delivers the signals of a commit. A listener's panic must not end the writer.
fn tell(listener: &Arc<dyn CommitListener>, signals: &[Signal]) {
    if signals.is_empty() {
        return;
    }
    let told = std::panic::AssertUnwindSafe(|| listener.committed(signals));
    if std::panic::catch_unwind(told).is_err() {
        tracing::error!("a listener panicked; what it should have heard is lost");
    }
}
