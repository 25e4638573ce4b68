//! The deployment of one scenario: processes, database, upstream; and what is done to them.
//!
//! Every process reaches the database under a name of its own, so that the witness can tell
//! whose a write is. Whatever is done to a process is noted as a fault, with its time.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{PgPool, postgres::PgPoolOptions};
use weir_testkit::{
    Fault as Answered, RedisServer, StandIn, TestDatabase,
    process::{Builder, WeirProcess, binary},
    until,
};
use weir_tests::system::{ADMIN_TOKEN, SOON};

use crate::{
    crowd::Crowd,
    ground::{Ground, now_ms},
    pace::Pace,
    seat::Seat,
    witness,
};

/// How many of each program there are.
pub const APIS: usize = 2;
pub const WORKERS: usize = 4;
/// Tasks that a worker runs at once.
const SLOTS: usize = 8;
/// The pace of packuments and tarballs, so that runs last long enough to be met by something
/// before and after their flip.
const BYTES_PER_SECOND: [usize; 2] = [10_000, 2_000];
/// Asks Redis for the size of its largest set, list or hash, as one line of its protocol.
const FULLEST_KEY: &str = concat!(
    "EVAL \"",
    "local most = 0 ",
    "local sizes = {zset='ZCARD', list='LLEN', hash='HLEN', set='SCARD'} ",
    "for _, key in ipairs(redis.call('KEYS', '*')) do ",
    "local size = sizes[redis.call('TYPE', key).ok] ",
    "if size then most = math.max(most, redis.call(size, key)) end ",
    "end return most\" 0"
);
/// Under which address the packages are shown, whichever API is asked.
pub const PUBLIC_URL: &str = "http://mirror.example";

/// How patient the engine is.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub lease: Duration,
    pub sweep: Duration,
    pub grace: Duration,
}

impl Patience {
    /// What weir does unless told otherwise.
    pub const DEFAULT: Self = Self {
        lease: Duration::from_secs(30),
        sweep: Duration::from_secs(5),
        grace: Duration::from_secs(25),
    };
    /// So that a scenario need not wait for half a minute at each turn.
    pub const SHORT: Self = Self {
        lease: Duration::from_secs(3),
        sweep: Duration::from_secs(1),
        grace: Duration::from_secs(25),
    };
}

/// A process, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Api(usize),
    Worker(usize),
}

impl Place {
    /// Returns all there are.
    pub fn all() -> impl Iterator<Item = Self> {
        let apis = (0..APIS).map(Self::Api);
        apis.chain((0..WORKERS).map(Self::Worker))
    }
}

/// Something that was done.
#[derive(Debug, Clone)]
pub struct Fault {
    pub at: i64,
    /// To which process; `None` if to what all of them use.
    pub process: Option<String>,
}

/// A deployment.
#[derive(Debug)]
pub struct Stage<'g> {
    pub ground: &'g mut Ground,
    pub upstream: Arc<StandIn>,
    pub redis: RedisServer,
    pub pool: PgPool,
    pub faults: Vec<Fault>,
    pub began: Instant,
    /// What every process was called, as the database hears it.
    pub names: HashSet<String>,
    /// What processes that are gone said of things that broke.
    pub complaints: Vec<String>,
    /// How often a process found that a run was no longer its own.
    pub leases_lost: usize,
    apis: Vec<Seat>,
    workers: Vec<Seat>,
    patience: Patience,
    database: TestDatabase,
    folder: tempfile::TempDir,
}

impl<'g> Stage<'g> {
    /// Starts everything.
    pub async fn start(ground: &'g mut Ground, patience: Patience) -> Self {
        Self::start_with(ground, patience, BYTES_PER_SECOND).await
    }

    /// Starts everything; packuments and tarballs come at this pace.
    pub async fn start_with(
        ground: &'g mut Ground,
        patience: Patience,
        [packuments, tarballs]: [usize; 2],
    ) -> Self {
        let mut stage = Self::without_workers(ground, patience).await;
        let upstream = &stage.upstream;
        upstream.any_packument().always(Answered::Slow(packuments));
        upstream.any_tarball().always(Answered::Slow(tarballs));
        stage.start_workers().await;
        stage
    }

    /// Starts everything but the workers.
    pub async fn without_workers(ground: &'g mut Ground, patience: Patience) -> Self {
        let began = Instant::now();
        let database = TestDatabase::on(&ground.postgres).await;
        let url = format!("{}?application_name=harness", database.url());
        let pool = PgPoolOptions::new().max_connections(4).connect(&url).await;
        let pool = pool.expect("the database is there");
        witness::lay(&pool)
            .await
            .expect("a fresh database takes the witness");
        let mut stage = Self {
            ground,
            upstream: Arc::new(StandIn::start([]).await),
            redis: RedisServer::start_with(&["--appendonly", "yes"]).await,
            pool,
            faults: Vec::new(),
            began,
            names: HashSet::new(),
            complaints: Vec::new(),
            leases_lost: 0,
            apis: (0..APIS).map(|n| Seat::new("weir-api", n + 1)).collect(),
            workers: (0..WORKERS)
                .map(|n| Seat::new("weir-worker", n + 1))
                .collect(),
            patience,
            database,
            folder: tempfile::tempdir().expect("the temporary folder takes another one"),
        };
        for n in 0..APIS {
            stage.begin(Place::Api(n)).await;
        }
        stage
    }

    /// Starts all workers.
    pub async fn start_workers(&mut self) {
        for n in 0..WORKERS {
            self.spawn_worker(n);
        }
        for n in 0..WORKERS {
            self.worker_is_up(n).await;
        }
    }

    /// Returns clients who ask for at most so many packages.
    pub fn crowd(&self, tasks: usize) -> Crowd {
        let apis = self.apis.iter().map(Seat::url).collect();
        Crowd::new(Arc::clone(&self.upstream), apis, tasks)
    }

    /// Returns clients who ask for so many packages a second, as long as somebody wants more.
    pub fn steady_crowd(&self, per_second: u32) -> Crowd {
        let pace = Pace::new(per_second, self.pool.clone());
        self.crowd(usize::MAX).paced(pace)
    }

    /// Returns where an API listens.
    pub fn url(&self, api: usize) -> String {
        self.apis[api].url()
    }

    /// Returns the data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Returns how many processes were started after another.
    pub fn restarts(&self) -> usize {
        let seats = self.apis.iter().chain(&self.workers);
        seats.map(Seat::restarts).sum()
    }

    /// Notes something that was done to all.
    pub fn note(&mut self) {
        self.faults.push(Fault {
            at: now_ms(),
            process: None,
        });
    }

    /// Starts a process where there is none.
    pub async fn begin(&mut self, place: Place) {
        match place {
            Place::Api(n) => {
                let program = self.program(place);
                self.apis[n].start_listening(program).await;
            }
            Place::Worker(n) => {
                self.spawn_worker(n);
                self.worker_is_up(n).await;
            }
        }
    }

    /// Kills a process (SIGKILL).
    pub async fn kill(&mut self, place: Place) {
        self.note_of(place);
        let mut process = self.seat(place).leave().expect("it was started");
        process.kill9().await;
        self.hear_out(&process);
    }

    /// Asks a process to end (SIGTERM) and waits until it has.
    pub async fn terminate(&mut self, place: Place) {
        self.note_of(place);
        self.end(place).await;
    }

    /// Stops a process where it is (SIGSTOP).
    pub async fn freeze(&mut self, place: Place) {
        self.note_of(place);
        self.seat(place).process().signal("STOP").await;
    }

    /// Lets a stopped process go on (SIGCONT).
    pub async fn thaw(&mut self, place: Place) {
        self.seat(place).process().signal("CONT").await;
    }

    /// Returns the name of the present process.
    pub fn name(&mut self, place: Place) -> String {
        self.seat(place).name()
    }

    /// Counts the tasks that are not at their end; none that can be counted is no number.
    pub async fn open_tasks(&self) -> Option<i64> {
        let sql = "SELECT count(*) FROM tasks WHERE state IN ('waiting', 'processing')";
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.ok()
    }

    /// Counts the runs that these processes hold, as the database sees it.
    pub async fn held_by(&self, processes: &[String]) -> i64 {
        let sql = "SELECT count(*) FROM task_runs r JOIN witness.events e ON e.task_id = r.task_id \
             AND e.generation = r.generation AND e.what = 'claim' \
             WHERE r.owner IS NOT NULL AND e.process = ANY($1)";
        let held = sqlx::query_scalar(sql)
            .bind(processes)
            .fetch_one(&self.pool)
            .await;
        held.expect("the database answers")
    }

    /// Returns how many things lie under the fullest key of Redis.
    pub async fn fullest_key(&self) -> usize {
        self.redis.count(FULLEST_KEY).await
    }

    /// Ends every process, in order.
    pub async fn end_all(&mut self) {
        for place in Place::all() {
            self.end(place).await;
        }
    }

    async fn end(&mut self, place: Place) {
        let Some(mut process) = self.seat(place).leave() else {
            return;
        };
        process.terminate().await;
        let status = process.wait().await;
        if !status.success() {
            self.complaints
                .push(format!("{place:?} ended with {status}"));
        }
        self.hear_out(&process);
    }

    fn note_of(&mut self, place: Place) {
        let process = Some(self.seat(place).name());
        self.faults.push(Fault {
            at: now_ms(),
            process,
        });
    }

    fn hear_out(&mut self, process: &WeirProcess) {
        let output = process.output();
        self.leases_lost += output.matches("lease lost").count();
        let broke = output.lines().filter(|line| line.contains("panicked"));
        self.complaints.extend(broke.map(str::to_owned));
    }

    fn seat(&mut self, place: Place) -> &mut Seat {
        match place {
            Place::Api(n) => &mut self.apis[n],
            Place::Worker(n) => &mut self.workers[n],
        }
    }

    fn spawn_worker(&mut self, n: usize) {
        let program = self.program(Place::Worker(n));
        self.workers[n].take(program.spawn());
    }

    async fn worker_is_up(&mut self, n: usize) {
        let process = self.workers[n].process();
        until("a worker to start", SOON, async || {
            let output = process.output();
            output.contains("worker starts").then_some(()).ok_or(output)
        })
        .await;
    }

    fn program(&mut self, place: Place) -> Builder {
        let (data, patience) = (self.data(), self.patience);
        let (database, upstream) = (
            self.database.url().to_owned(),
            self.upstream.url().to_owned(),
        );
        let (redis, prefix) = (self.redis.url(), self.redis.prefix().to_owned());
        let name = self.seat(place).name();
        let database = format!("{database}?application_name={name}");
        self.names.insert(name);
        let seat = self.seat(place);
        let program = WeirProcess::builder(binary(seat.program())).data(&data);
        program
            .deadline(Duration::from_secs(60))
            .env("WEIR_DATABASE_URL", database)
            .env("WEIR_REDIS_URL", redis)
            .env("WEIR_REDIS_PREFIX", prefix)
            .env("WEIR_UPSTREAM", upstream)
            // Every wish is counted: readers make none.
            .env("WEIR_SYNC_MODE", "exist")
            .env("WEIR_PUBLIC_URL", PUBLIC_URL)
            .env("WEIR_ADMIN_TOKEN", ADMIN_TOKEN)
            .env("WEIR_WORKER_CONCURRENCY", SLOTS.to_string())
            .env("WEIR_LEASE_SECS", seconds(patience.lease))
            .env("WEIR_SWEEP_SECS", seconds(patience.sweep))
            .env("WEIR_GRACE_SECS", seconds(patience.grace))
    }
}

fn seconds(duration: Duration) -> String {
    duration.as_secs().to_string()
}
