//! The schema's history: one module a step, forward only in production.
//!
//! Every step works while the previous release's processes still run: it expands, and a
//! later release contracts. Each step raises `schema_version.version`; only a contracting
//! step raises `min_reader`. Migrations import nothing of ours, and nobody imports their
//! identifiers: the store states its needs as one number.
//!
//! Column types are few on purpose (text, bytes, big integer, boolean, uuid), because they
//! read back alike from `SQLite` and `PostgreSQL`. Times are milliseconds since 1970.

#![expect(
    elided_lifetimes_in_paths,
    reason = "async_trait needs the very elision of the trait"
)]

use std::time::{Duration, Instant};

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{
    prelude::*,
    sea_orm::{
        ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr,
        RuntimeErr, SqliteTransactionMode, TransactionOptions, TransactionTrait, sqlx,
    },
};

mod m20261101_000001_tasks;
mod m20261101_000002_packages;
mod m20261101_000003_accounts;
mod m20261102_000004_processes;
mod m20261102_000005_audit_events;
mod m20261122_000006_wishes;
mod m20261122_000007_pulls;
mod m20261122_000008_upkeep;
mod m20261122_000009_search;
mod m20261122_000010_log_tickets;
mod m20261122_000011_removals;
mod m20261122_000012_people;
mod m20261122_000013_tokens;
mod m20261122_000014_sessions;
mod m20261122_000015_orgs;
mod m20261122_000016_removed_versions;
mod m20261122_000017_catalogue;
mod m20261122_000018_catalogue_downloads;
mod table;

/// The ordered list of steps.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261101_000001_tasks::Migration),
            Box::new(m20261101_000002_packages::Migration),
            Box::new(m20261101_000003_accounts::Migration),
            Box::new(m20261102_000004_processes::Migration),
            Box::new(m20261102_000005_audit_events::Migration),
            Box::new(m20261122_000006_wishes::Migration),
            Box::new(m20261122_000007_pulls::Migration),
            Box::new(m20261122_000008_upkeep::Migration),
            Box::new(m20261122_000009_search::Migration),
            Box::new(m20261122_000010_log_tickets::Migration),
            Box::new(m20261122_000011_removals::Migration),
            Box::new(m20261122_000012_people::Migration),
            Box::new(m20261122_000013_tokens::Migration),
            Box::new(m20261122_000014_sessions::Migration),
            Box::new(m20261122_000015_orgs::Migration),
            Box::new(m20261122_000016_removed_versions::Migration),
            Box::new(m20261122_000017_catalogue::Migration),
            Box::new(m20261122_000018_catalogue_downloads::Migration),
        ]
    }
}

/// What begins a migration on `PostgreSQL`: the lock that migrating processes share. Then no
/// longer wait for a table, because whoever uses it waits behind us.
const LOCK: &str = "SELECT pg_advisory_xact_lock(2003134835); SET LOCAL lock_timeout = '10s'";

/// How long a process waits for others that use the same file.
const BUSY: Duration = Duration::from_secs(10);

/// Brings the database at `url` to the newest schema.
///
/// All steps that lack are one transaction: whoever is killed in between leaves the former
/// schema. Several processes may call this at once; one migrates, the others wait.
///
/// # Errors
/// Whatever the database says; then nothing was changed.
pub async fn migrate(url: &str) -> Result<(), DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            // First of all: the file's mode is what processes that start together fight over.
            .busy_timeout(BUSY)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "NORMAL")
    });
    let connection = connect(options).await?;
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connection.begin_with_options(immediate).await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared(LOCK).await?;
    }
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    connection.close().await
}

/// Connects. Of several who make one new file a write-ahead one, `SQLite` tells all but one at
/// once that it is locked, without the patience of `busy_timeout`: they ask again.
async fn connect(options: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    let begun = Instant::now();
    loop {
        match Database::connect(options.clone()).await {
            Err(error) if is_busy(&error) && begun.elapsed() < BUSY => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            connected => return connected,
        }
    }
}

/// Returns whether the file is in another's use (`SQLITE_BUSY` and its extended forms).
fn is_busy(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error)) | DbErr::Exec(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let sqlx::Error::Database(said) = &**error else {
        return false;
    };
    let code = said.code().and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}
