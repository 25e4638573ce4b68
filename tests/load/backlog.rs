//! How long a claim takes while few and while very many tasks wait.
//!
//! The tasks are copies of one row, made by the database itself; what is timed is the
//! store's own claim, in its own transaction, as a worker makes it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use weir_domain::{
    Timestamp, WorkerId,
    task::{Drill, Priority, TaskSpec},
};
use weir_store::{
    DatabaseConfig, Db, NoListener, clock,
    tasks::{self, ClaimLimits, NewRequest, NewTask},
};
use weir_testkit::{TestDatabase, database::Engine};

use crate::sample::percentile;

/// Claims timed at each height.
const CLAIMS: usize = 200;
/// What a row is copied with; the rest stays as it is.
const OTHER_COLUMNS: &str = "kind, target, lane, spec, spec_version, state, generation, priority, \
    is_held, is_ready, run_after, fair_key, attempts, crashes, warnings, created_at, ready_at";

/// What to measure on.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// On PostgreSQL, else SQLite
    #[arg(long)]
    postgres: bool,
    /// How many tasks wait, one height after the other
    #[arg(long, value_delimiter = ',', default_value = "10,1000,100000,1000000")]
    waiting: Vec<usize>,
}

/// Measures and prints.
#[expect(clippy::print_stdout, reason = "a program that prints a table")]
pub async fn run(options: &Options) -> anyhow::Result<()> {
    println!("| tasks waiting | claim p50 | p99 |");
    println!("|---:|---:|---:|");
    for waiting in &options.waiting {
        let times = claims(options.postgres, *waiting).await?;
        let [p50, p99] = [50.0, 99.0].map(|p| percentile(&times, p));
        println!("| {waiting} | {p50:.2} ms | {p99:.2} ms |");
    }
    Ok(())
}

/// Times claims over so many waiting tasks, in milliseconds.
async fn claims(on_postgres: bool, waiting: usize) -> anyhow::Result<Vec<f64>> {
    let database = if on_postgres {
        TestDatabase::postgres().await
    } else {
        TestDatabase::sqlite().await
    };
    let config = DatabaseConfig::new(database.url());
    let db = Db::open(&config, Arc::new(NoListener)).await?;
    submit(&db, CLAIMS.min(waiting)).await?;
    heap(&database, waiting.saturating_sub(CLAIMS)).await?;
    let mut times = Vec::new();
    for _ in 0..CLAIMS.min(waiting) {
        let began = Instant::now();
        let claimed = db.write(|tx| {
            Box::pin(async move {
                let limits = ClaimLimits {
                    lease: Duration::from_secs(30),
                    min_priority: None,
                    accepts_suspects: true,
                    closed_lanes: Vec::new(),
                };
                tasks::claim(tx, WorkerId::new(), &limits, clock::now(&**tx).await?).await
            })
        });
        claimed.await?.context("one of those that wait")?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}

/// Submits drills as anybody does.
async fn submit(db: &Db, count: usize) -> anyhow::Result<()> {
    let submitted = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            for n in 0..count {
                let name = format!("drill-{n}");
                let new = NewTask {
                    spec: TaskSpec::Drill(Drill {
                        name,
                        lines: 0,
                        every_ms: 0,
                    }),
                    priority: Priority::USER,
                    fair_key: 0,
                    run_after: Timestamp(0),
                    retry_of: None,
                };
                tasks::submit(tx, &new, &NewRequest::default(), now).await?;
            }
            Ok(())
        })
    });
    Ok(submitted.await?)
}

/// Copies one of the tasks so many times.
async fn heap(database: &TestDatabase, count: usize) -> anyhow::Result<()> {
    let (series, id) = match database.engine() {
        Engine::Postgres => (
            format!("generate_series(1, {count}) AS heap (n)"),
            "gen_random_uuid()",
        ),
        Engine::Sqlite => (
            format!(
                "(WITH RECURSIVE heap (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM heap \
                 WHERE n < {count}) SELECT n FROM heap) AS heap"
            ),
            "randomblob(16)",
        ),
    };
    let copy = AssertSqlSafe(format!(
        "INSERT INTO tasks (id, dedupe_key, {OTHER_COLUMNS}) SELECT {id}, 'heap:' || n, \
         {OTHER_COLUMNS} FROM {series}, (SELECT {OTHER_COLUMNS} FROM tasks LIMIT 1) AS one"
    ));
    match database.engine() {
        Engine::Postgres => {
            let mut connection = PgConnection::connect(database.url()).await?;
            connection.execute(copy).await?;
            connection.execute("ANALYZE").await?;
            connection.close().await?;
        }
        Engine::Sqlite => {
            let mut connection = SqliteConnection::connect(database.url()).await?;
            connection.execute(copy).await?;
            connection.execute("ANALYZE").await?;
            connection.close().await?;
        }
    }
    Ok(())
}
