//! The parts of the process, opened in order and handed to API and worker.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::net::TcpListener;
use weir_api::{App, Limits, Settings};
use weir_blob::Blobs;
use weir_config::{Config, Durability};
use weir_content::Content;
use weir_domain::{Clock, SystemClock, WorkerId};
use weir_queue::{Hub, RedisConfig};
use weir_runtime::{Metrics, Room, Sealer, Tasks};
use weir_store::{DatabaseConfig, Db, tasks::FairQueue};
use weir_upstream::{Seams, Sizes, UpstreamConfig, Upstreams};
use weir_worker::{EngineSettings, Environment, Measures};

use crate::{failure::Failure, migrate};

/// Everything that API and worker share.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) db: Db,
    hub: Hub,
    content: Content,
    fair: Arc<FairQueue>,
    clock: Arc<dyn Clock>,
    sealer: Arc<Sealer>,
    boot: WorkerId,
    pub(super) metrics: Metrics,
    measures: Arc<Measures>,
}

impl Parts {
    /// Opens everything; the database has the newest schema afterwards.
    pub(super) async fn open(config: &Config, boot: WorkerId) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let hub = hub(config)?;
        let upstreams = upstream_config(config);
        let seams = Seams {
            limiter: hub.limiter(upstreams.hosts, Arc::clone(&clock)),
            ..Seams::local(&upstreams, Arc::clone(&clock))
        };
        let upstreams = Upstreams::with_seams(upstreams, seams)
            .map_err(|error| Failure::caused("upstream connections", &error))?;
        let sealer = Sealer::of_config(config, true);
        let sealer = sealer.map_err(|error| Failure::caused("the secret key", &error))?;
        let sealer = Arc::new(sealer);
        let blobs = Blobs::connect(&config.blobs).await;
        let blobs = blobs.map_err(|error| Failure::caused("blobs", &error))?;
        let cleared = blobs.clear_temporaries().await;
        cleared.map_err(|error| Failure::caused("blobs", &error))?;
        migrate::to_newest(config).await?;
        let db = Db::open(&database_config(config), Arc::new(hub.clone())).await;
        let db = db.map_err(|error| Failure::caused("the database", &error))?;
        let content = Content::new(db.clone(), blobs, upstreams)
            .opening_with(Arc::clone(&sealer))
            .asking_upstream(config.sync_mode.asks_upstream());
        let (metrics, measures) = (Metrics::default(), Arc::<Measures>::default());
        metrics.add(Arc::new(content.clone()));
        metrics.add(Arc::clone(&measures) as _);
        Ok(Self {
            db,
            hub,
            content,
            fair: Arc::default(),
            clock,
            sealer,
            boot,
            metrics,
            measures,
        })
    }

    /// Starts API and worker; without either the process is of no use.
    pub(super) fn start(
        &self,
        tasks: &Tasks,
        config: &Config,
        listener: TcpListener,
    ) -> io::Result<()> {
        let bound = listener.local_addr()?;
        let shutdown = tasks.shutdown().token();
        let hub = self.hub.clone();
        tasks.spawn_beside("hints", async move { hub.carry().await });
        let serving = weir_api::run(self.app(config, bound), listener, shutdown.clone());
        tasks.spawn_essential("api", async { Ok(serving.await?) });
        let working = weir_worker::run(self.environment(config), shutdown);
        tasks.spawn_essential("worker", async {
            working.await;
            Ok(())
        });
        Ok(())
    }

    /// Closes the database after what was written before.
    ///
    /// It closes once nobody holds it any more; whoever still does is cut off after a while.
    pub(super) async fn close(self) {
        let Self { db, content, .. } = self;
        drop(content);
        db.close().await;
    }

    fn app(&self, config: &Config, bound: SocketAddr) -> App {
        App {
            content: self.content.clone(),
            hub: self.hub.clone(),
            fair: Arc::clone(&self.fair),
            clock: Arc::clone(&self.clock),
            metrics: self.metrics.clone(),
            settings: Settings {
                public_urls: config.public_bases(bound),
                token_prefix: config.token_prefix.clone(),
                allows_anonymous_sync: config.allow_anonymous_sync,
                allows_registration: config.accounts.public_registration,
                sealer: Arc::clone(&self.sealer),
                sync_mode: config.sync_mode,
                has_upstream: config.upstream.is_some(),
                lease: config.engine.lease,
                packument_max_age: config.packument_max_age,
                redirects_tarballs: config.redirects_tarballs,
                shows_metrics: config.metrics_public,
                room: self.room(config),
                shares: config.shares.clone(),
                github: weir_api::github_app(config),
                limits: Limits {
                    drain: config.engine.grace,
                    ..Limits::default()
                },
                ..Settings::default()
            },
        }
    }

    /// The disks that are written to.
    fn room(&self, config: &Config) -> Room {
        let folders = [config.data.clone(), self.content.blobs.folder().to_owned()];
        Room::new(folders, config.upkeep.min_free)
    }

    fn environment(&self, config: &Config) -> Environment {
        Environment {
            worker: self.boot,
            db: self.db.clone(),
            upstreams: self.content.upstreams.clone(),
            content: self.content.clone(),
            hub: self.hub.clone(),
            clock: Arc::clone(&self.clock),
            fair: Arc::clone(&self.fair),
            measures: Arc::clone(&self.measures),
            sealer: Arc::clone(&self.sealer),
            room: self.room(config),
            settings: EngineSettings::from(config),
        }
    }
}

/// Alone with a file; among others, perhaps, on a server's database.
fn hub(config: &Config) -> Result<Hub, Failure> {
    let redis = config.redis.as_ref().map(|url| RedisConfig {
        url: url.as_str().to_owned(),
        prefix: config.redis_prefix.clone(),
    });
    if redis.is_none() && config.database.sqlite_file().is_some() {
        return Ok(Hub::new());
    }
    let hub = Hub::among_others(redis.as_ref());
    hub.map_err(|error| Failure::caused("redis_url", &error))
}

/// Returns how the configured database is opened.
pub fn database_config(config: &Config) -> DatabaseConfig {
    DatabaseConfig {
        is_durable: config.durability == Durability::Power,
        max_connections: config.database_connections,
        statement_timeout: config.statement_timeout,
        ..DatabaseConfig::new(config.database.as_str())
    }
}

fn upstream_config(config: &Config) -> UpstreamConfig {
    UpstreamConfig {
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
    }
}
