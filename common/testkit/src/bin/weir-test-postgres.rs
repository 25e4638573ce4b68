//! One throw-away PostgreSQL server for a whole test run.
//!
//! Prints its URL (for `WEIR_TEST_POSTGRES_URL`) as its first line and keeps the server until
//! standard input ends or it is killed.

use std::io::{self, Write};

use weir_testkit::database::PostgresServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let server = PostgresServer::start().await?;
    let mut out = io::stdout();
    writeln!(out, "{}", server.url())?;
    out.flush()?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
