//! `weir-worker`: runs tasks beside other processes of one deployment.
//!
//! It needs a database that is migrated already, and shares the data folder with the other
//! processes of its host.

use std::{process::ExitCode, sync::Arc};

use weir_blob::Blobs;
use weir_config::{Config, Durability, Loaded};
use weir_content::Content;
use weir_domain::{Clock, SystemClock, WorkerId};
use weir_queue::{Hub, RedisConfig};
use weir_runtime::{
    BoxError, DataFolder, Ended, Metrics, Room, Sealer, Shutdown, Tasks, folder, metrics, process,
};
use weir_store::{DatabaseConfig, Db, schema, tasks::FairQueue};
use weir_upstream::{Seams, Sizes, UpstreamConfig, Upstreams};
use weir_worker::{EngineSettings, Environment};

fn main() -> ExitCode {
    process::main("weir-worker", "Runs the tasks of a weir deployment.", run)
}

async fn run(loaded: Loaded, shutdown: Shutdown) -> Result<Ended, BoxError> {
    let config = &loaded.config;
    let _shared = DataFolder::open(&config.data)?.share()?;
    let environment = environment(config).await?;
    let tasks = Tasks::new(shutdown);
    let figures = Metrics::default();
    figures.add(Arc::new(environment.content.clone()));
    figures.add(Arc::clone(&environment.measures) as _);
    metrics::listen(config.metrics_listen, &figures, &tasks).await?;
    let hub = environment.hub.clone();
    tasks.spawn_beside("hints", async move { hub.carry().await });
    let worker = weir_worker::run(environment, tasks.shutdown().token());
    tasks.spawn_essential("worker", async {
        worker.await;
        Ok(())
    });
    Ok(tasks.ended(config.engine.grace).await)
}

async fn environment(config: &Config) -> Result<Environment, BoxError> {
    if let Some(file) = config.database.sqlite_file() {
        folder::refuse_network(&file)?;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
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
    let hub = Hub::among_others(redis(config).as_ref())?;
    let seams = Seams {
        limiter: hub.limiter(upstreams.hosts, Arc::clone(&clock)),
        ..Seams::local(&upstreams, Arc::clone(&clock))
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
    let sealer = Arc::new(Sealer::of_config(config, false)?);
    let content =
        Content::new(db.clone(), blobs, upstreams.clone()).opening_with(Arc::clone(&sealer));
    let folders = [config.data.clone(), content.blobs.folder().to_owned()];
    Ok(Environment {
        worker: WorkerId::new(),
        db,
        upstreams,
        content,
        hub,
        clock,
        fair: Arc::new(FairQueue::default()),
        measures: Arc::default(),
        sealer,
        room: Room::new(folders, config.upkeep.min_free),
        settings: EngineSettings::from(config),
    })
}

fn redis(config: &Config) -> Option<RedisConfig> {
    config.redis.as_ref().map(|url| RedisConfig {
        url: url.as_str().to_owned(),
        prefix: config.redis_prefix.clone(),
    })
}
