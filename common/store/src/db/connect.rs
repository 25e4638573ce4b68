//! Opens pools with the settings that the engines need.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::DatabaseConfig;
use crate::StoreError;

/// How long a statement waits for another process's write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a transaction may do nothing: a process that froze or a host that vanished must not
/// keep its locks for longer than its leases. Ours do nothing for milliseconds.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(10);
/// A connection that nobody used for this long is asked whether it still lives: after a
/// restart of the server the first to use it would hear that it does not.
const DOUBTED_AFTER: Duration = Duration::from_millis(100);
/// A connection that nobody used for this long is closed.
const CLOSED_AFTER: Duration = Duration::from_secs(300);
/// A connection is replaced when it is this old, so that load finds its way to a new server.
const REPLACED_AFTER: Duration = Duration::from_secs(1800);

fn options(config: &DatabaseConfig) -> ConnectOptions {
    let mut options = ConnectOptions::new(&config.url);
    options
        .sqlx_logging(false)
        .acquire_timeout(Duration::from_secs(10));
    options
}

fn common(sqlite: SqliteConnectOptions, is_durable: bool) -> SqliteConnectOptions {
    let synchronous = if is_durable {
        SqliteSynchronous::Full
    } else {
        SqliteSynchronous::Normal
    };
    sqlite
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .statement_cache_capacity(256)
        .pragma("cache_size", "-16000")
}

/// The one connection that writes.
pub(super) async fn sqlite_writer(
    config: &DatabaseConfig,
) -> Result<DatabaseConnection, StoreError> {
    let is_durable = config.is_durable;
    let mut options = options(config);
    options.max_connections(1).min_connections(1);
    options.map_sqlx_sqlite_opts(move |sqlite| common(sqlite, is_durable));
    Ok(Database::connect(options).await?)
}

/// Connections that cannot write; few, so that the WAL can be checkpointed.
pub(super) async fn sqlite_readers(
    config: &DatabaseConfig,
) -> Result<DatabaseConnection, StoreError> {
    let is_durable = config.is_durable;
    let mut options = options(config);
    options.max_connections(config.max_connections);
    options
        .map_sqlx_sqlite_opts(move |sqlite| common(sqlite, is_durable).pragma("query_only", "1"));
    Ok(Database::connect(options).await?)
}

/// One connection for reading.
pub(super) async fn reader(config: &DatabaseConfig) -> Result<DatabaseConnection, StoreError> {
    let config = DatabaseConfig {
        max_connections: 1,
        ..config.clone()
    };
    if config.is_sqlite() {
        return sqlite_readers(&config).await;
    }
    postgres(&config).await
}

/// The pool for reading and writing.
pub(super) async fn postgres(config: &DatabaseConfig) -> Result<DatabaseConnection, StoreError> {
    let mut options = options(config);
    options
        .max_connections(config.max_connections)
        .test_before_acquire_if_idle_for(DOUBTED_AFTER)
        .idle_timeout(CLOSED_AFTER)
        .max_lifetime(REPLACED_AFTER);
    let [idle, statement] =
        [IDLE_IN_TRANSACTION, config.statement_timeout].map(|limit| limit.as_millis().to_string());
    options.map_sqlx_postgres_opts(move |postgres| {
        // What the URL says of it goes before.
        let name = postgres.get_application_name().unwrap_or("weir").to_owned();
        postgres.application_name(&name).options([
            ("idle_in_transaction_session_timeout", idle.as_str()),
            ("statement_timeout", statement.as_str()),
        ])
    });
    Ok(Database::connect(options).await?)
}
