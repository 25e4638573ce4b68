//! A fresh database on the PostgreSQL server of this test run, dropped when its test ends.

use std::time::Duration;

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::{runtime, sync::OnceCell, time::timeout};
use url::Url;
use weir_domain::WorkerId;

use super::{PostgresServer, engines::SKIP_VARIABLE};
use crate::environment;

/// Names a running server that all test processes share.
const SERVER_VARIABLE: &str = "WEIR_TEST_POSTGRES_URL";

/// The server of this process, when no other is named; ends with the process.
static SERVER: OnceCell<PostgresServer> = OnceCell::const_new();

/// How long the end of a database is waited for; a server that is away may keep it.
const DROP_PATIENCE: Duration = Duration::from_secs(10);

/// A database of a server; dropped there when this is, whoever still uses it.
#[derive(Debug)]
pub(super) struct Throwaway {
    server: String,
    name: String,
}

/// Creates an empty database on the server of this test run.
pub(super) async fn fresh() -> anyhow::Result<Throwaway> {
    let server = match environment::variable(SERVER_VARIABLE) {
        Some(url) => url,
        None => own_server().await?,
    };
    fresh_on(&server).await
}

/// Creates an empty database on this server.
pub(super) async fn fresh_on(server: &str) -> anyhow::Result<Throwaway> {
    let name = format!("weir_test_{}", WorkerId::new().0.simple());
    let mut connection = PgConnection::connect(server)
        .await
        .with_context(|| format!("the PostgreSQL server for tests at {server}"))?;
    connection
        .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await?;
    connection.close().await?;
    Ok(Throwaway {
        server: server.to_owned(),
        name,
    })
}

impl Throwaway {
    pub(super) fn url(&self) -> String {
        let mut url = Url::parse(&self.server).expect("somebody connected there");
        url.set_path(&self.name);
        url.into()
    }

    fn drop_statement(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!(
            "DROP DATABASE IF EXISTS {} WITH (FORCE)",
            self.name
        ))
    }
}

impl Drop for Throwaway {
    /// Waits for the end of the database: the process may end with this test.
    fn drop(&mut self) {
        let (server, statement) = (self.server.clone(), self.drop_statement());
        let drop_it = async move {
            let mut connection = PgConnection::connect(&server).await?;
            connection.execute(statement).await?;
            connection.close().await
        };
        // The test's own runtime is what this may be called in, or is gone.
        let dropping = std::thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                timeout(DROP_PATIENCE, drop_it)
                    .await?
                    .map_err(anyhow::Error::from)
            })
        });
        // A server that is away takes its databases with it, or is somebody's to mend.
        drop(dropping.join());
    }
}

async fn own_server() -> anyhow::Result<String> {
    let server = SERVER
        .get_or_try_init(PostgresServer::start)
        .await
        .with_context(|| {
            format!(
                "no PostgreSQL for this test: install it (Debian: postgresql), name a server in \
             {SERVER_VARIABLE}, or set {SKIP_VARIABLE}=1 to leave this half out"
            )
        })?;
    Ok(server.url().to_owned())
}
