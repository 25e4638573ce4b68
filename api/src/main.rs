//! `weir-api`: the HTTP process on its own, beside `weir-worker` processes.
//!
//! It migrates nothing: a schema older than this build needs is a line that names
//! `weir migrate`, and exit code 2.

use std::{process::ExitCode, sync::Arc};

use anyhow::Context;
use tokio::net::TcpListener;
use weir_api::{App, Settings};
use weir_blob::Blobs;
use weir_config::{Config, Durability, Flags, Sources};
use weir_content::Content;
use weir_domain::SystemClock;
use weir_queue::Hub;
use weir_runtime::{Shutdown, install_crypto, logging};
use weir_store::{DatabaseConfig, Db, schema, tasks::FairQueue};
use weir_upstream::{UpstreamConfig, Upstreams};

/// Exit code for what the operator must set right.
const MISUSED: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    install_crypto();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            MISUSED.into()
        }
    }
}

#[expect(clippy::print_stderr, reason = "this is a command line")]
fn complain(error: &anyhow::Error) {
    eprintln!("weir-api: {error:#}");
}

async fn serve() -> anyhow::Result<()> {
    let config = Config::load(&Sources::of_process(Flags::default()))?.config;
    logging::start(&config)?;
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener.with_context(|| format!("cannot listen on {}", config.listen))?;
    let bound = listener.local_addr()?;
    let shutdown = Shutdown::on_signals()?;
    let hub = Hub::new();
    let app = App {
        content: open(&config, &hub).await?,
        hub,
        fair: Arc::new(FairQueue::default()),
        clock: Arc::new(SystemClock),
        settings: Settings {
            public_urls: config.public_bases(bound),
            allows_anonymous_sync: config.allow_anonymous_sync,
            ..Settings::default()
        },
    };
    tracing::info!(address = %bound, "listening");
    weir_api::run(app, listener, shutdown.token()).await?;
    Ok(())
}

async fn open(config: &Config, hub: &Hub) -> anyhow::Result<Content> {
    let database = DatabaseConfig {
        is_durable: config.durability == Durability::Power,
        ..DatabaseConfig::new(config.database.as_str())
    };
    let db = Db::open(&database, Arc::new(hub.clone()))
        .await
        .context("the database")?;
    schema::check(db.read()).await?;
    let upstream = UpstreamConfig {
        ca_file: config.ca_file.clone(),
        outgoing_proxy: config
            .outgoing_proxy
            .as_ref()
            .map(|proxy| proxy.as_url().clone()),
        ..UpstreamConfig::new(config.data.join("spool"))
    };
    let upstreams = Upstreams::new(upstream, Arc::new(SystemClock))?;
    Ok(Content::new(db, Blobs::open(&config.blobs)?, upstreams))
}
