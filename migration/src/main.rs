//! `weir-migrate URL`: brings a database to the newest schema, for deployments that
//! migrate from a job of their own. `weir migrate` does the same from the configuration.

use anyhow::Context;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let url = std::env::args()
        .nth(1)
        .context("usage: weir-migrate DATABASE_URL")?;
    weir_migration::migrate(&url)
        .await
        .context("the schema could not be brought up to date")
}
