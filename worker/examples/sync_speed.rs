//! Measures package syncs end to end: a worker, SQLite, blobs on disk, and a stand-in
//! upstream in a process of its own.
//!
//! ```text
//! cargo build --release --workspace --example sync_speed
//! target/release/examples/sync_speed many 2900 3000      # one package, bytes a manifest
//! target/release/examples/sync_speed crowd 300 20 20000  # packages, versions, bytes a tarball
//! ```
//!
//! `crowd` runs a plain parallel downloader over the same upstream as its yardstick: it
//! fetches, writes and syncs every tarball, and verifies and records nothing.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weir_blob::Blobs;
use weir_content::{BASES_SETTING, Content};
use weir_domain::{
    PackageName, Registry, RegistryId, SystemClock, TarballPolicy, TaskId, Timestamp, WorkerId,
    task::{Priority, SyncOptions, SyncPackage, TaskSpec, TaskState},
};
use weir_queue::Hub;
use weir_store::{
    DatabaseConfig, Db, clock, registries, settings,
    tasks::{self, FairQueue, NewRequest, NewTask},
};
use weir_testkit::{PackageSpec, StandIn, TestDatabase, presets};
use weir_upstream::{PackumentReply, UpstreamConfig, Upstreams, Validators};
use weir_worker::{EngineSettings, Environment};

/// Requests under way in the yardstick; as many as the worker's.
const AT_ONCE: usize = 64;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["many", versions, bytes] => many(versions, bytes).await,
        ["crowd", packages, versions, bytes] => crowd(packages, versions, bytes).await,
        ["upstream", rest @ ..] => serve(rest).await,
        _ => anyhow::bail!("usage: sync_speed many VERSIONS BYTES | crowd PACKAGES VERSIONS BYTES"),
    }
}

/// The child process: serves made packages until it is killed.
async fn serve(words: &[&str]) -> anyhow::Result<()> {
    let packages = match words {
        ["many", versions, bytes] => vec![history(versions.parse()?, bytes.parse()?)],
        ["crowd", packages, versions, bytes] => {
            presets::flat(packages.parse()?, versions.parse()?, bytes.parse()?)
        }
        _ => anyhow::bail!("upstream of what?"),
    };
    let stand_in = StandIn::start(packages).await;
    let mut out = std::io::stdout();
    writeln!(out, "{}", stand_in.url())?;
    out.flush()?;
    std::future::pending().await
}

/// One package with many versions whose manifests have about this many bytes.
fn history(versions: usize, bytes: usize) -> PackageSpec {
    let numbers = (0..versions).map(|n| format!("{}.{}.{}", n / 100, n / 10 % 10, n % 10));
    let padding = serde_json::Value::from("words of a manifest ".repeat(bytes / 20)).to_string();
    PackageSpec::with_versions("many-versions", numbers, |version| {
        version.registry_field("_padding", &padding)
    })
}

/// The upstream's process; killed when dropped.
struct Upstream(Child, String);

impl Upstream {
    fn start(words: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("upstream")
            .args(words)
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("a pipe")?;
        let mut url = String::new();
        BufReader::new(out).read_line(&mut url)?;
        Ok(Self(child, format!("{}/", url.trim())))
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A worker with a fresh database and folder.
struct Mirror {
    environment: Environment,
    registry: Registry,
    shutdown: CancellationToken,
    workers: TaskTracker,
    folder: tempfile::TempDir,
    _database: TestDatabase,
}

impl Mirror {
    async fn start(upstream: &Upstream, tarballs: TarballPolicy) -> anyhow::Result<Self> {
        let database = TestDatabase::sqlite().await;
        let folder = tempfile::tempdir()?;
        let hub = Hub::new();
        let config = DatabaseConfig::new(database.url());
        let db = Db::open(&config, Arc::new(hub.clone())).await?;
        let config = UpstreamConfig::new(folder.path().join("spool"));
        let upstreams = Upstreams::new(config, Arc::new(SystemClock))?;
        let blobs = Blobs::open(&folder.path().join("blobs"))?;
        let registry = Registry {
            id: RegistryId::new(),
            slug: registries::DEFAULT_SLUG.to_owned(),
            name: "default".to_owned(),
            url: upstream.1.parse()?,
            tarballs,
            is_internal: true,
            allows_undigested: false,
            removals: weir_domain::RemovalPolicy::Keep,
            downloads: None,
        };
        let seed = registry.clone();
        db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let bases = r#"["http://mirror.example"]"#;
                settings::put(tx, BASES_SETTING, bases, now).await?;
                registries::seed(tx, &seed, now).await
            })
        })
        .await?;
        let environment = Environment {
            room: weir_runtime::Room::new([], 0),
            worker: WorkerId::new(),
            content: Content::new(db.clone(), blobs, upstreams.clone()),
            db,
            upstreams,
            hub,
            clock: Arc::new(SystemClock),
            fair: Arc::new(FairQueue::default()),
            measures: Arc::default(),
            settings: EngineSettings::default(),
        };
        let (shutdown, workers) = (CancellationToken::new(), TaskTracker::new());
        workers.spawn(weir_worker::run(environment.clone(), shutdown.clone()));
        Ok(Self {
            environment,
            registry,
            shutdown,
            workers,
            folder,
            _database: database,
        })
    }

    async fn submit(&self, package: &str, force: bool) -> anyhow::Result<TaskId> {
        let new = NewTask {
            spec: TaskSpec::SyncPackage(SyncPackage {
                package: PackageName::parse(package)?,
                registry: self.registry.id,
            }),
            priority: Priority::USER,
            fair_key: 0,
            run_after: Timestamp(0),
            retry_of: None,
        };
        let options = SyncOptions {
            force,
            ..SyncOptions::default()
        };
        let request = NewRequest {
            options,
            ..NewRequest::default()
        };
        let submitted = self.environment.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                tasks::submit(tx, &new, &request, now).await
            })
        });
        Ok(submitted.await?.task)
    }

    /// Waits for the end of a task without looking more often than it changes.
    async fn end_of(&self, id: TaskId) -> anyhow::Result<()> {
        let mut watch = self.environment.hub.watch(id);
        loop {
            let task = tasks::get(self.environment.db.read(), id).await?;
            match task.state {
                TaskState::Success => return Ok(()),
                TaskState::Error => anyhow::bail!("{}: {:?}", task.target, task.error),
                _ => watch.changed().await,
            }
        }
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.workers.close();
        self.workers.wait().await;
    }
}

async fn many(versions: &str, bytes: &str) -> anyhow::Result<()> {
    let upstream = Upstream::start(&["many", versions, bytes])?;
    // The stand-in packs its tarballs and renders at the first request.
    let warm = Mirror::start(&upstream, TarballPolicy::Tagged).await?;
    warm.end_of(warm.submit("many-versions", false).await?)
        .await?;
    warm.stop().await;

    let mirror = Mirror::start(&upstream, TarballPolicy::Tagged).await?;
    for (what, force) in [
        ("first sync", false),
        ("unchanged, 304", false),
        ("unchanged, 304", false),
        ("unchanged, whole", true),
        ("unchanged, whole", true),
    ] {
        let gauge = Gauge::start();
        mirror
            .end_of(mirror.submit("many-versions", force).await?)
            .await?;
        gauge.say(what);
    }
    mirror.stop().await;
    Ok(())
}

async fn crowd(packages: &str, versions: &str, bytes: &str) -> anyhow::Result<()> {
    let upstream = Upstream::start(&["crowd", packages, versions, bytes])?;
    let count: usize = packages.parse()?;
    let names: Vec<_> = (1..=count).map(|n| format!("flat-{n:04}")).collect();
    let mirror = Mirror::start(&upstream, TarballPolicy::All).await?;
    let expected = names.len() * versions.parse::<usize>()?;
    yardstick(&mirror, &names, expected).await?;
    for round in 1..=3 {
        let gauge = Gauge::start();
        yardstick(&mirror, &names, expected).await?;
        let plain = gauge.say(&format!("downloader {round}"));
        let mirror = Mirror::start(&upstream, TarballPolicy::All).await?;
        let gauge = Gauge::start();
        let mut ids = Vec::new();
        for name in &names {
            ids.push(mirror.submit(name, false).await?);
        }
        for id in ids {
            mirror.end_of(id).await?;
        }
        let took = gauge.say(&format!("sync {round}"));
        say(&format!(
            "  {:.0} versions/s, {:.2} x the downloader",
            f64::from(u32::try_from(expected)?) / took.as_secs_f64(),
            plain.as_secs_f64() / took.as_secs_f64()
        ));
        mirror.stop().await;
    }
    mirror.stop().await;
    Ok(())
}

/// Fetches every tarball of every package, writes and syncs it.
async fn yardstick(mirror: &Mirror, names: &[String], expected: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(mirror.folder.path())?;
    let client = mirror.environment.upstreams.registry(&mirror.registry);
    let urls: Vec<Vec<String>> = stream::iter(names)
        .map(|name| async {
            let name = PackageName::parse(name)?;
            let reply = client
                .packument(&name, &Validators::default(), |_| {})
                .await?;
            let PackumentReply::Fetched(document) = reply else {
                anyhow::bail!("304 to an unconditional request");
            };
            let versions = document.outline().await?.versions.into_iter();
            Ok(versions.map(|version| version.tarball_url).collect())
        })
        .buffer_unordered(8)
        .try_collect()
        .await?;
    let urls = urls.into_iter().flatten().enumerate();
    let fetched = stream::iter(urls)
        .map(|(n, url)| {
            let path = folder.path().join(n.to_string());
            let client = &client;
            async move {
                let body = client.tarball(&url).await?;
                let pieces: Vec<_> = body.stream.try_collect().await?;
                tokio::task::spawn_blocking(move || write_synced(&path, &pieces.concat()))
                    .await??;
                anyhow::Ok(())
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_fold(0, |count, ()| async move { Ok(count + 1) })
        .await?;
    anyhow::ensure!(fetched == expected, "{fetched} of {expected} tarballs");
    Ok(())
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Wall clock, own processor time and peak memory from a moment on.
struct Gauge {
    began: Instant,
    cpu: Duration,
}

impl Gauge {
    fn start() -> Self {
        Self {
            began: Instant::now(),
            cpu: processor_time(),
        }
    }

    fn say(&self, what: &str) -> Duration {
        let took = self.began.elapsed();
        let cpu = processor_time().saturating_sub(self.cpu);
        say(&format!(
            "{what:<20} {:>8.3} s  {:>8.3} s CPU  {:>4} MB peak",
            took.as_secs_f64(),
            cpu.as_secs_f64(),
            peak_kilobytes() / 1024
        ));
        took
    }
}

fn say(line: &str) {
    // Nobody reads what cannot be written.
    drop(writeln!(std::io::stdout(), "{line}"));
}

/// User and system time of this process, in the kernel's ticks of 10 ms.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |n: usize| -> u64 {
        let field = after_name.split_whitespace().nth(n);
        field.and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}
