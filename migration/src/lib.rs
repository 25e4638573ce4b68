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

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectOptions, Database, DbErr},
};

mod m20261101_000001_tasks;
mod m20261101_000002_packages;
mod m20261101_000003_accounts;
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
        ]
    }
}

/// Brings the database at `url` to the newest schema.
///
/// # Errors
/// Whatever the database says; a step either happens whole or (on `SQLite`, where DDL is
/// transactional too) not at all.
pub async fn migrate(url: &str) -> Result<(), DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            // Each statement would sync otherwise; the process keeps to these anyway.
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "NORMAL")
            .busy_timeout(std::time::Duration::from_secs(10))
    });
    let connection = Database::connect(options).await?;
    Migrator::up(&connection, None).await?;
    connection.close().await
}
