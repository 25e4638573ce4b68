//! `weir-api`: the HTTP process on its own, beside `weir-worker` processes.
//!
//! It migrates nothing: a schema older than this build needs is a line that names
//! `weir migrate`, and exit code 2. It seeds what configuration decides, as `weir serve`
//! does, but makes no token: with several of these processes nobody would know which holds.
//! It shares the data folder with the other processes of its host.

use std::{process::ExitCode, sync::Arc, time::Duration};

use weir_api::{App, Limits, Settings};
use weir_blob::Blobs;
use weir_config::{Config, Durability, Loaded};
use weir_content::Content;
use weir_domain::{SystemClock, token::TokenSecret};
use weir_queue::{Hub, RedisConfig};
use weir_runtime::{
    BoxError, DataFolder, Ended, Metrics, Room, Sealer, Shutdown, Tasks, folder, listener, metrics,
    process,
};
use weir_store::{DatabaseConfig, Db, schema, tasks::FairQueue};
use weir_upstream::{Seams, Sizes, UpstreamConfig, Upstreams};

/// What is needed beyond the grace to cut what is left.
const LAST_MOMENT: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    process::main("weir-api", "Serves the packages of a weir deployment.", run)
}

async fn run(loaded: Loaded, shutdown: Shutdown) -> Result<Ended, BoxError> {
    let config = &loaded.config;
    let listener = listener::bind(&loaded).await?;
    let bound = listener.local_addr()?;
    let _shared = DataFolder::open(&config.data)?.share()?;
    let hub = Hub::among_others(redis(config).as_ref())?;
    let sealer = Arc::new(Sealer::of_config(config, false)?);
    let content = open(config, &hub).await?.opening_with(Arc::clone(&sealer));
    let admin_token = config.admin_token.as_ref();
    if admin_token.is_none() {
        tracing::warn!("no administrator's token is configured; set WEIR_ADMIN_TOKEN");
    }
    let admin_token = admin_token.map(|token| TokenSecret::from_text(token.reveal()));
    weir_api::seed(&content.db, &loaded, admin_token).await?;
    let figures = Metrics::default();
    figures.add(Arc::new(content.clone()));
    let folders = [config.data.clone(), content.blobs.folder().to_owned()];
    let app = App {
        content,
        hub: hub.clone(),
        fair: Arc::new(FairQueue::default()),
        clock: Arc::new(SystemClock),
        metrics: figures.clone(),
        settings: Settings {
            public_urls: config.public_bases(bound),
            token_prefix: config.token_prefix.clone(),
            allows_anonymous_sync: config.allow_anonymous_sync,
            allows_registration: config.accounts.public_registration,
            sealer,
            sync_mode: config.sync_mode,
            has_upstream: config.upstream.is_some(),
            lease: config.engine.lease,
            packument_max_age: config.packument_max_age,
            redirects_tarballs: config.redirects_tarballs,
            shows_metrics: config.metrics_public,
            room: Room::new(folders, config.upkeep.min_free),
            shares: config.shares.clone(),
            github: weir_api::github_app(config),
            limits: Limits {
                drain: config.engine.grace,
                ..Limits::default()
            },
            ..Settings::default()
        },
    };
    let tasks = Tasks::new(shutdown);
    metrics::listen(config.metrics_listen, &figures, &tasks).await?;
    tasks.spawn_beside("hints", async move { hub.carry().await });
    let serving = weir_api::run(app, listener, tasks.shutdown().token());
    tasks.spawn_essential("api", async { Ok(serving.await?) });
    tracing::info!(address = %bound, "listening");
    Ok(tasks.ended(config.engine.grace + LAST_MOMENT).await)
}

async fn open(config: &Config, hub: &Hub) -> Result<Content, BoxError> {
    if let Some(file) = config.database.sqlite_file() {
        folder::refuse_network(&file)?;
    }
    let upstreams = UpstreamConfig {
        ca_file: config.ca_file.clone(),
        sizes: Sizes {
            tarball_bytes: config.max_tarball_bytes,
            packument_bytes: config.max_packument_bytes,
            ..Sizes::default()
        },
        outgoing_proxy: config
            .outgoing_proxy
            .as_ref()
            .map(|proxy| proxy.as_url().clone()),
        ..UpstreamConfig::new(config.data.join("spool"))
    };
    let clock = Arc::new(SystemClock);
    let seams = Seams {
        limiter: hub.limiter(upstreams.hosts, clock.clone()),
        ..Seams::local(&upstreams, clock)
    };
    let upstreams = Upstreams::with_seams(upstreams, seams)?;
    let database = DatabaseConfig {
        is_durable: config.durability == Durability::Power,
        max_connections: config.database_connections,
        statement_timeout: config.statement_timeout,
        ..DatabaseConfig::new(config.database.as_str())
    };
    let db = Db::open(&database, Arc::new(hub.clone())).await?;
    schema::check(db.read()).await?;
    let blobs = Blobs::connect(&config.blobs).await?;
    blobs.clear_temporaries().await?;
    Ok(Content::new(db, blobs, upstreams).asking_upstream(config.sync_mode.asks_upstream()))
}

fn redis(config: &Config) -> Option<RedisConfig> {
    config.redis.as_ref().map(|url| RedisConfig {
        url: url.as_str().to_owned(),
        prefix: config.redis_prefix.clone(),
    })
}
