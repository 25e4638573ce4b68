//! Throw-away databases, migrated and empty, on both engines.
//!
//! A test gets a URL and opens it as the product does. [`crate::on_both_engines`] runs the
//! same test on SQLite and on PostgreSQL; a missing PostgreSQL is a failure that says how
//! to cure it, not a silent gap. Tests of larger parts run on the engine of the whole run,
//! which `tests/run` runs twice: see [`TestDatabase::of_this_run`].

mod engines;
mod postgres;
mod server;

use std::path::{Path, PathBuf};

use sqlx::{
    Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use crate::environment;

pub use engines::{postgres_unless_skipped, server_unless_skipped};
pub use server::{PostgresServer, Restart};

/// Which engine a database runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A database of a server.
    Postgres,
}

/// A fresh, migrated database of one test; gone when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    engine: Engine,
    url: String,
    folder: Option<tempfile::TempDir>,
    _on_server: Option<postgres::Throwaway>,
}

/// Says on which engine tests of larger parts run: `sqlite` (the default) or `postgres`.
const ENGINE_VARIABLE: &str = "WEIR_TEST_ENGINE";

impl Engine {
    /// Returns the engine of this test run.
    ///
    /// # Panics
    /// If the variable names no engine.
    pub fn of_this_run() -> Self {
        match environment::variable(ENGINE_VARIABLE).as_deref() {
            None | Some("sqlite") => Self::Sqlite,
            Some("postgres") => Self::Postgres,
            Some(other) => panic!("{ENGINE_VARIABLE}: no such engine: {other}"),
        }
    }
}

impl TestDatabase {
    /// Makes a fresh database on the engine of this test run.
    pub async fn of_this_run() -> Self {
        match Engine::of_this_run() {
            Engine::Sqlite => Self::sqlite().await,
            Engine::Postgres => Self::postgres().await,
        }
    }

    /// Makes a fresh SQLite file.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("the temporary folder takes another one");
        let file = folder.path().join("weir.db");
        begin_file(&file)
            .await
            .expect("a fresh folder takes a file");
        let url = format!("sqlite://{}", file.display());
        weir_migration::migrate(&url)
            .await
            .expect("the migrations run on a fresh file");
        Self {
            engine: Engine::Sqlite,
            url,
            folder: Some(folder),
            _on_server: None,
        }
    }

    /// Makes a fresh database on the test server; [`postgres_unless_skipped`] may do without.
    pub async fn postgres() -> Self {
        let fresh = postgres::fresh().await;
        Self::migrated(fresh.unwrap_or_else(|missing| panic!("{missing:#}"))).await
    }

    /// Makes a fresh database on a server of one's own.
    pub async fn on(server: &PostgresServer) -> Self {
        let fresh = postgres::fresh_on(server.url()).await;
        Self::migrated(fresh.expect("a server that runs takes another database")).await
    }

    async fn migrated(database: postgres::Throwaway) -> Self {
        let url = database.url();
        weir_migration::migrate(&url)
            .await
            .expect("the migrations run on a fresh database");
        Self {
            engine: Engine::Postgres,
            url,
            folder: None,
            _on_server: Some(database),
        }
    }

    /// Returns what `WEIR_DATABASE_URL` would say.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the engine.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Returns the file of a SQLite database.
    pub fn file(&self) -> Option<PathBuf> {
        self.folder
            .as_ref()
            .map(|folder| folder.path().join("weir.db"))
    }
}

/// Makes an empty file in the journal mode that the store uses; without it every statement of
/// the migrations would wait for the disk.
async fn begin_file(file: &Path) -> sqlx::Result<()> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal);
    SqliteConnection::connect_with(&options)
        .await?
        .close()
        .await
}
