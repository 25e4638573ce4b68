//! The settings as the rest of the program sees them: typed, checked, complete.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use url::Url;
use weir_domain::{BlobStore, PublicBase, RemovalPolicy, SyncMode, TarballPolicy};

use crate::{
    ConfigError, Origin, Secret, Sources,
    accounts::{self, Accounts},
    blobs, cross,
    effective::Effective,
    github::Github,
    print::Shown,
    setting::Setting,
    shares::Shares,
    upkeep::Upkeep,
    urls::{self, DatabaseUrl, ProxyUrl, RedisUrl},
    words::{Durability, LogFormat},
};

/// Every setting. What each means and its bounds stand in its row of
/// [`GROUPS`](crate::setting::GROUPS).
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The addresses clients use, as configured; empty means that they follow from where
    /// it listens, see [`Config::public_bases`].
    pub public_urls: Vec<PublicBase>,
    /// What the text of new tokens begins with.
    pub token_prefix: String,
    /// Whether callers without a token may ask for syncs.
    pub allow_anonymous_sync: bool,
    /// The data folder, absolute.
    pub data: PathBuf,
    /// The database.
    pub database: DatabaseUrl,
    /// Most connections to it.
    pub database_connections: u32,
    /// Longest time of one statement.
    pub statement_timeout: Duration,
    /// Where blobs are.
    pub blobs: BlobStore,
    /// Whether readers of tarballs are sent to the bucket.
    pub redirects_tarballs: bool,
    /// What a commit survives.
    pub durability: Durability,
    /// Redis, if there is one.
    pub redis: Option<RedisUrl>,
    /// What our keys in Redis begin with.
    pub redis_prefix: String,
    /// What the registry `default` mirrors; the path ends in a slash.
    pub upstream: Option<Url>,
    /// Which tarballs syncs fetch.
    pub tarballs: TarballPolicy,
    /// Who may cause a request to the upstream.
    pub sync_mode: SyncMode,
    /// How old a packument may be before a read has it renewed.
    pub packument_max_age: Duration,
    /// What becomes of what the upstream no longer has.
    pub removals: RemovalPolicy,
    /// How long it must lack something before that is believed.
    pub removal_span: Duration,
    /// Where it counts downloads; the path ends in a slash.
    pub downloads: Option<Url>,
    /// Largest tarball, in bytes.
    pub max_tarball_bytes: u64,
    /// Largest packument, decoded, in bytes.
    pub max_packument_bytes: u64,
    /// Further certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// The proxy for upstream connections.
    pub outgoing_proxy: Option<ProxyUrl>,
    /// The administrator's name.
    pub admin_name: String,
    /// The administrator's token, if configured.
    pub admin_token: Option<Secret>,
    /// Where people may sign in with GitHub, if anywhere.
    pub github: Option<Github>,
    /// What else is decided about users.
    pub accounts: Accounts,
    /// Tasks that run at the same time.
    pub worker_concurrency: usize,
    /// Times and counts of the task engine.
    pub engine: Engine,
    /// What each caller may have.
    pub shares: Shares,
    /// Whether anybody may read the API's figures.
    pub metrics_public: bool,
    /// Where figures are shown beside the API, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// What it does by itself.
    pub upkeep: Upkeep,
    /// What is logged: a level or `target=level` pairs.
    pub log: String,
    /// How it is logged.
    pub log_format: LogFormat,
}

/// Times and counts of the task engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engine {
    /// How long a run may go unrenewed.
    pub lease: Duration,
    /// Between two sweeps.
    pub sweep: Duration,
    /// Attempts of a task.
    pub max_attempts: u32,
    /// Longest run of an attempt.
    pub run_limit: Duration,
    /// Longest silence of a run.
    pub silence: Duration,
    /// Longest time ready without being begun.
    pub queue_age: Duration,
    /// How long a stop waits.
    pub grace: Duration,
}

impl Engine {
    /// Returns the time between two renewals: a third of the lease, so that one may be
    /// lost and the next still comes in time.
    pub fn renewal(&self) -> Duration {
        self.lease / 3
    }
}

/// A configuration with the origin of each value.
#[derive(Debug)]
pub struct Loaded {
    /// The values.
    pub config: Config,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    pub(crate) effective: Effective,
}

impl Loaded {
    /// Returns who decided a setting.
    pub fn origin(&self, key: &str) -> Origin {
        self.effective.origin(key)
    }

    /// Returns each setting in table order, as it is shown to people.
    pub fn shown(&self) -> Vec<Shown> {
        Setting::all()
            .map(|setting| Shown::of(setting, self.effective.value(setting.key)))
            .collect()
    }
}

impl Config {
    /// Reads the layers, lays them over each other, and checks every value and what they
    /// mean together.
    ///
    /// # Errors
    /// One line: the first fault found.
    pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
        let mut effective = Effective::over_defaults(sources.given()?);
        effective.compute_defaults()?;
        let config = Self::read(&effective, sources)?;
        cross::check(&config, &effective)?;
        Ok(Loaded {
            config,
            file: sources.file(),
            effective,
        })
    }

    /// Returns the addresses clients use, given where the listener really is bound.
    ///
    /// An unspecified address (`0.0.0.0`) is no address for clients; this machine's own
    /// stands in for it.
    pub fn public_bases(&self, bound: SocketAddr) -> Vec<PublicBase> {
        if !self.public_urls.is_empty() {
            return self.public_urls.clone();
        }
        // An IP address and a port always make a URL, so the list has one.
        let base = PublicBase::parse(&format!("http://{}", reachable(bound)));
        base.into_iter().collect()
    }

    fn read(from: &Effective, sources: &Sources) -> Result<Self, ConfigError> {
        // Read even when derived from `listen`: what is shown must be what is checked.
        let public_urls = from.get("public_url", urls::public)?;
        let is_default = from.origin("public_url") == Origin::Default;
        Ok(Self {
            listen: from.word("listen")?,
            public_urls: if is_default { Vec::new() } else { public_urls },
            token_prefix: from.get("token_prefix", token_prefix)?,
            allow_anonymous_sync: from.word("allow_anonymous_sync")?,
            data: from.get("data", absolute)?,
            database: from.get("database_url", DatabaseUrl::parse)?,
            database_connections: u32::try_from(from.number("database_connections")?)
                .unwrap_or(u32::MAX),
            statement_timeout: from.seconds("statement_timeout_secs")?,
            blobs: blobs::read(from, sources)?,
            redirects_tarballs: from.word("redirect_tarballs")?,
            durability: from.word("durable")?,
            redis: from.find("redis_url", RedisUrl::parse)?,
            redis_prefix: from.get("redis_prefix", prefix)?,
            upstream: from.find("upstream", urls::upstream)?,
            tarballs: from.word("tarballs")?,
            sync_mode: from.word("sync_mode")?,
            packument_max_age: from.seconds("packument_max_age_secs")?,
            removals: from.word("removals")?,
            removal_span: from.seconds("removal_span_secs")?,
            downloads: from.find("downloads_url", urls::upstream)?,
            max_tarball_bytes: from.number("max_tarball_mib")? << 20,
            max_packument_bytes: from.number("max_packument_mib")? << 20,
            ca_file: from.find("ca_file", absolute)?,
            outgoing_proxy: from.find("outgoing_proxy", ProxyUrl::parse)?,
            admin_name: from.get("admin_name", accounts::user_name)?,
            admin_token: from.find("admin_token", accounts::admin_token)?,
            github: Github::read(from)?,
            accounts: Accounts::read(from)?,
            worker_concurrency: usize::try_from(from.number("worker_concurrency")?)
                .unwrap_or(usize::MAX),
            engine: Engine {
                lease: from.seconds("lease_secs")?,
                sweep: from.seconds("sweep_secs")?,
                max_attempts: u32::try_from(from.number("max_attempts")?).unwrap_or(u32::MAX),
                run_limit: from.seconds("run_limit_secs")?,
                silence: from.seconds("silence_secs")?,
                queue_age: from.seconds("queue_age_secs")?,
                grace: from.seconds("grace_secs")?,
            },
            shares: Shares::read(from)?,
            metrics_public: from.word("metrics_public")?,
            metrics_listen: from.find("metrics_listen", |text| text.parse().ok())?,
            upkeep: Upkeep::read(from)?,
            log: from.get("log", log_filter)?,
            log_format: from.word("log_format")?,
        })
    }
}

impl Effective {
    /// Gives their values to the settings whose default follows from something else.
    fn compute_defaults(&mut self) -> Result<(), ConfigError> {
        let listen: SocketAddr = self.word("listen")?;
        let data = self.get("data", absolute)?;
        self.fill("public_url", || format!("http://{}", reachable(listen)));
        self.fill("database_url", || {
            DatabaseUrl::of_file(&data.join("weir.sqlite"))
        });
        self.fill("blob_url", || urls::of_folder(&data).unwrap_or_default());
        self.fill("worker_concurrency", || {
            let cores = std::thread::available_parallelism().map_or(2, usize::from);
            (2 * cores).clamp(4, 16).to_string()
        });
        Github::compute_defaults(self)?;
        let database = self.get("database_url", DatabaseUrl::parse)?;
        let runs = self.number("worker_concurrency")?;
        self.fill("database_connections", || match database.sqlite_file() {
            Some(_) => "8".to_owned(),
            None => (runs + 4).max(8).to_string(),
        });
        Ok(())
    }
}

fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        ip if ip.is_ipv4() => std::net::Ipv4Addr::LOCALHOST.into(),
        _ => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}

pub(crate) fn absolute(text: &str) -> Option<PathBuf> {
    std::path::absolute(text).ok()
}

fn prefix(text: &str) -> Option<String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    ((1..=64).contains(&text.len()) && is_plain).then(|| text.to_owned())
}

fn token_prefix(text: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_one = text.ends_with('_') && text.bytes().all(is_plain);
    ((2..=20).contains(&text.len()) && is_one).then(|| text.to_owned())
}

/// Checks a filter by a grammar of our own: the usual one takes a mistyped level for the
/// name of a target and silently logs nothing.
fn log_filter(text: &str) -> Option<String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_target = |target: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
        !target.is_empty() && target.chars().all(is_plain)
    };
    let is_directive = |directive: &str| match directive.split_once('=') {
        Some((target, level)) => is_target(target) && LEVELS.contains(&level),
        None => LEVELS.contains(&directive),
    };
    text.split(',').all(is_directive).then(|| text.to_owned())
}
