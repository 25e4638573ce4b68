//! A mirror of a stand-in: what the tests start, ask and stop.

use std::{sync::Arc, time::Duration};

use tempfile::TempDir;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weir_blob::Blobs;
use weir_content::{BASES_SETTING, Content};
use weir_domain::{
    PackageName, Registry, RegistryId, RemovalPolicy, SystemClock, TarballPolicy, TaskId, Version,
    WorkerId,
    task::{Backoff, Priority, SyncOptions, SyncPackage, TaskSpec},
};
use weir_queue::Hub;
use weir_store::{
    DatabaseConfig, Db, clock, registries, settings, task_logs,
    tasks::{self, FairQueue, NewRequest, NewTask, Task},
};
use weir_testkit::{PackageSpec, SmallDisk, StandIn, TestDatabase, until};
use weir_upstream::{
    HostLimits, Sizes, Timeouts, UpstreamConfig, Upstreams, catalogue::CatalogueLimits,
};
use weir_worker::{EngineSettings, Environment};

/// What the mirror is known by.
pub const BASE: &str = "http://mirror.example/npm";

/// How long anything may take before a test fails.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// How a mirror differs from the usual one.
#[derive(Debug)]
pub struct Options {
    pub tarballs: TarballPolicy,
    pub allows_undigested: bool,
    pub removals: RemovalPolicy,
    pub has_downloads: bool,
    pub sizes: Sizes,
    /// Another database than that of this run.
    pub database: Option<TestDatabase>,
    pub engine: EngineSettings,
    pub timeouts: Timeouts,
    pub hosts: HostLimits,
    pub catalogue: CatalogueLimits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tarballs: TarballPolicy::Tagged,
            allows_undigested: false,
            removals: RemovalPolicy::Keep,
            has_downloads: false,
            sizes: Sizes::default(),
            database: None,
            engine: EngineSettings {
                lease: Duration::from_secs(3),
                sweep: Duration::from_millis(100),
                tick: Duration::from_millis(50),
                grace: Duration::from_millis(3_100),
                backoff: Backoff {
                    base: Duration::from_millis(5),
                    cap: Duration::from_millis(20),
                },
                ..EngineSettings::default()
            },
            timeouts: Timeouts {
                connect: Duration::from_secs(2),
                headers: Duration::from_secs(2),
                silence: Duration::from_secs(2),
                ..Timeouts::default()
            },
            hosts: HostLimits {
                open_for: Duration::from_millis(100),
                ..HostLimits::default()
            },
            catalogue: CatalogueLimits::default(),
        }
    }
}

/// A worker at work on a database and a blob folder of its own.
pub struct Mirror {
    pub upstream: StandIn,
    pub environment: Environment,
    registry: RegistryId,
    shutdown: CancellationToken,
    workers: TaskTracker,
    disk: Option<SmallDisk>,
    pub folder: TempDir,
    _database: TestDatabase,
}

impl Mirror {
    /// Starts a mirror of these packages.
    pub async fn of(packages: impl IntoIterator<Item = PackageSpec>) -> Self {
        Self::with(packages, |_| {}).await
    }

    /// Starts an unusual mirror of these packages.
    pub async fn with(
        packages: impl IntoIterator<Item = PackageSpec>,
        change: impl FnOnce(&mut Options),
    ) -> Self {
        Self::beside(StandIn::start(packages).await, change).await
    }

    /// Starts an unusual mirror of this upstream.
    pub async fn beside(upstream: StandIn, change: impl FnOnce(&mut Options)) -> Self {
        let mirror = Self::idle(upstream, change).await;
        mirror.work();
        mirror
    }

    /// Prepares a mirror at which nobody works yet.
    pub async fn idle(upstream: StandIn, change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::idle_in(folder, upstream, change).await
    }

    /// Prepares a mirror whose blobs are on a small disk of their own; none if nobody may make
    /// one here.
    pub async fn on_a_disk_of(size: &str, upstream: StandIn) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("blobs");
        std::fs::create_dir(&place).expect("made");
        let disk = SmallDisk::on(&place, size)?;
        let mut mirror = Self::idle_in(folder, upstream, |_| {}).await;
        mirror.disk = Some(disk);
        Some(mirror)
    }

    /// Makes the small disk larger or smaller.
    pub fn resize_disk(&self, size: &str) {
        self.disk.as_ref().expect("a disk").resize(size);
    }

    async fn idle_in(
        folder: TempDir,
        upstream: StandIn,
        change: impl FnOnce(&mut Options),
    ) -> Self {
        let mut options = Options::default();
        change(&mut options);
        let database = match options.database.take() {
            Some(database) => database,
            None => TestDatabase::of_this_run().await,
        };
        let hub = Hub::new();
        let config = DatabaseConfig::new(database.url());
        let db = Db::open(&config, Arc::new(hub.clone())).await;
        let db = db.expect("a fresh database opens");
        let mut config = UpstreamConfig::new(folder.path().join("spool"));
        (config.timeouts, config.hosts) = (options.timeouts, options.hosts);
        (config.sizes, config.catalogue) = (options.sizes, options.catalogue);
        let upstreams = Upstreams::new(config, Arc::new(SystemClock)).expect("usable settings");
        let blobs = Blobs::open(&folder.path().join("blobs")).expect("a writable folder");
        let registry = Registry {
            id: RegistryId::new(),
            slug: registries::DEFAULT_SLUG.to_owned(),
            name: "default".to_owned(),
            url: format!("{}/", upstream.url()).parse().expect("a URL"),
            tarballs: options.tarballs,
            is_internal: true,
            allows_undigested: options.allows_undigested,
            kind: weir_domain::RegistryKind::Npm,
            user_prefix: None,
            change_stream: None,
            removals: options.removals,
            downloads: options.has_downloads.then(|| {
                format!("{}/counts/", upstream.url())
                    .parse()
                    .expect("a URL")
            }),
        };
        let id = registry.id;
        db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let bases = serde_json::json!([BASE]).to_string();
                settings::put(tx, BASES_SETTING, &bases, now).await?;
                registries::seed(tx, &registry, now).await
            })
        })
        .await
        .expect("the first rows are written");
        let environment = Environment {
            room: weir_runtime::Room::new([], 0),
            sealer: Arc::default(),
            worker: WorkerId::new(),
            content: Content::new(db.clone(), blobs, upstreams.clone()),
            db,
            upstreams,
            hub,
            clock: Arc::new(SystemClock),
            fair: Arc::new(FairQueue::default()),
            measures: Arc::default(),
            settings: options.engine,
        };
        Self {
            upstream,
            environment,
            registry: id,
            shutdown: CancellationToken::new(),
            workers: TaskTracker::new(),
            disk: None,
            folder,
            _database: database,
        }
    }

    /// Lets a worker begin.
    pub fn work(&self) {
        let run = weir_worker::run(self.environment.clone(), self.shutdown.clone());
        self.workers.spawn(run);
    }

    /// Lets the workers stop, as the process's end would, and waits for them.
    pub async fn stop_working(&mut self) {
        self.shutdown.cancel();
        self.workers.close();
        self.workers.wait().await;
        self.shutdown = CancellationToken::new();
        self.workers = TaskTracker::new();
        self.environment.worker = WorkerId::new();
    }

    /// Asks for a sync as a user does.
    pub async fn submit(&self, package: &str, options: SyncOptions) -> TaskId {
        let new = NewTask {
            spec: TaskSpec::SyncPackage(SyncPackage {
                package: name(package),
                registry: self.registry,
            }),
            priority: if options.force {
                Priority::FORCED
            } else {
                Priority::USER
            },
            fair_key: 0,
            run_after: weir_domain::Timestamp(0),
            retry_of: None,
        };
        let request = NewRequest {
            options,
            tips: Some("a test wants it".to_owned()),
            ..NewRequest::default()
        };
        let submitted = self.environment.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                tasks::submit(tx, &new, &request, now).await
            })
        });
        submitted.await.expect("submitted").task
    }

    /// Asks for a sync and waits for its end (not for its tree's).
    pub async fn sync(&self, package: &str) -> Task {
        self.sync_with(package, SyncOptions::default()).await
    }

    pub async fn sync_with(&self, package: &str, options: SyncOptions) -> Task {
        let id = self.submit(package, options).await;
        self.end_of(id).await
    }

    pub async fn task(&self, id: TaskId) -> Task {
        let task = tasks::get(self.environment.db.read(), id).await;
        task.expect("the task is there")
    }

    /// Waits until the task has ended.
    pub async fn end_of(&self, id: TaskId) -> Task {
        until(format!("the end of {id}"), DEADLINE, async || {
            let task = self.task(id).await;
            if task.state.is_final() {
                Ok(task)
            } else {
                let error = task.error.unwrap_or_default();
                Err(format!("{}: {error}", task.state))
            }
        })
        .await
    }

    /// Waits until the task is as `is_meant` says.
    pub async fn until_task(&self, id: TaskId, is_meant: impl Fn(&Task) -> bool) -> Task {
        until(format!("a state of {id}"), DEADLINE, async || {
            let task = self.task(id).await;
            if is_meant(&task) {
                Ok(task)
            } else {
                Err(format!("{task:?}"))
            }
        })
        .await
    }

    /// Returns the lines of a task's log without their stamps, whole and in order.
    pub async fn log(&self, id: TaskId) -> Vec<String> {
        let db = self.environment.db.read();
        let chunks = task_logs::chunks_from_line(db, id, 1, i64::MAX).await;
        let (mut text, mut next) = (String::new(), 1);
        for chunk in chunks.expect("a log") {
            assert_eq!(chunk.first_line, next, "no gap, no repeat");
            next += chunk.line_count();
            text += &String::from_utf8(chunk.body).expect("text");
        }
        let line = |line: &str| line.split_once(' ').expect("a stamp").1.to_owned();
        text.lines().map(line).collect()
    }

    /// Fails unless each of `words` is in a line of the log, in this order.
    pub async fn log_says(&self, id: TaskId, words: &[&str]) {
        let log = self.log(id).await;
        let mut lines = log.iter();
        for word in words {
            assert!(
                lines.any(|line| line.contains(word)),
                "no line (in this order) says {word:?}:\n{}",
                log.join("\n")
            );
        }
    }

    /// Checks what must hold of every mirror at rest, and stops it.
    pub async fn close(mut self) {
        self.check().await;
        self.stop_working().await;
        self.upstream.ledger().assert_nothing_unexpected();
    }
}

pub fn name(text: &str) -> PackageName {
    PackageName::parse(text).expect("a package name")
}

pub fn version(text: &str) -> Version {
    Version::parse(text).expect("a version")
}

/// A package with these versions, each a few kilobytes.
pub fn package(name: &str, versions: &[&str]) -> PackageSpec {
    let numbers = versions.iter().map(|number| (*number).to_owned());
    PackageSpec::with_versions(name, numbers, |version| version.size(3_000))
}

/// Options that do not go on to dependencies.
pub fn alone() -> SyncOptions {
    SyncOptions {
        skip_dependencies: true,
        ..SyncOptions::default()
    }
}

pub fn forced() -> SyncOptions {
    SyncOptions {
        force: true,
        ..SyncOptions::default()
    }
}
