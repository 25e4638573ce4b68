//! A fresh database on the PostgreSQL server of this test run.

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::OnceCell;
use url::Url;
use weir_domain::WorkerId;

use super::{PostgresServer, engines::SKIP_VARIABLE};
use crate::environment;

/// Names a running server that all test processes share.
const SERVER_VARIABLE: &str = "WEIR_TEST_POSTGRES_URL";

/// The server of this process, when no other is named; ends with the process.
static SERVER: OnceCell<PostgresServer> = OnceCell::const_new();

/// Creates an empty database on the server of this test run and returns its URL.
pub(super) async fn fresh() -> anyhow::Result<String> {
    let server = match environment::variable(SERVER_VARIABLE) {
        Some(url) => url,
        None => own_server().await?,
    };
    fresh_on(&server).await
}

/// Creates an empty database on this server and returns its URL.
pub(super) async fn fresh_on(server: &str) -> anyhow::Result<String> {
    let name = format!("weir_test_{}", WorkerId::new().0.simple());
    let mut connection = PgConnection::connect(server)
        .await
        .with_context(|| format!("the PostgreSQL server for tests at {server}"))?;
    connection
        .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await?;
    connection.close().await?;
    let mut url = Url::parse(server)?;
    url.set_path(&name);
    Ok(url.into())
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
