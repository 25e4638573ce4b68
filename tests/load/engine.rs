//! The engine by itself: wishes taken, tasks that cost nothing run, lines written, followers
//! told. Each figure has a deployment of its own.

use std::time::{Duration, Instant};

use anyhow::Context;
use futures::future::try_join_all;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use weir_domain::{
    TaskId, Timestamp,
    task::{Drill, Priority, TaskSpec},
};
use weir_store::{
    Db, clock,
    tasks::{self, ListFilter, NewRequest, NewTask, Task},
};
use weir_testkit::{RedisServer, TestDatabase, client, until};
use weir_tests::{Deployment, system::ADMIN_TOKEN};

use crate::{bullmq, sample::percentile, wrk};

/// Longest time for one figure.
const DEADLINE: Duration = Duration::from_secs(600);
/// Drills inserted in one transaction.
const BATCH: usize = 500;
/// Drills submitted one at a time …
const PICK_UPS: usize = 200;
/// … this far apart: idle means that nobody is awake.
const PAUSE: Duration = Duration::from_millis(30);

/// What to measure on.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// On PostgreSQL, else SQLite
    #[arg(long)]
    postgres: bool,
    /// With Redis between the processes, and a `BullMQ` worker on the same Redis as a yardstick
    #[arg(long)]
    redis: bool,
    /// Worker processes
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Tasks that only write 20 lines
    #[arg(long, default_value_t = 10_000)]
    tasks: usize,
    /// Lines of each of eight long logs
    #[arg(long, default_value_t = 50_000)]
    lines: u32,
    /// Followers of the logs that grow
    #[arg(long, default_value_t = 1_000)]
    followers: usize,
    /// Logs that grow, each by 20 lines a second
    #[arg(long, default_value_t = 1)]
    logs: usize,
}

/// Measures and prints.
#[expect(clippy::print_stdout, reason = "a program that prints a table")]
pub async fn run(options: &Options) -> anyhow::Result<()> {
    let redis = if options.redis {
        Some(RedisServer::start().await)
    } else {
        None
    };
    let ground = Ground { options, redis };
    println!("{}\n", ground.title());
    println!("| what | |");
    println!("|---|---:|");
    println!("| wishes accepted | {:.0} /s |", submits(&ground).await?);
    let (first, rate) = drills(&ground).await?;
    println!(
        "| tasks with 20 lines each, of {} waiting | {rate:.0} /s |",
        options.tasks
    );
    println!("| … from the worker's start to the first claim | {first:.0} ms |");
    println!("| log lines, 8 logs | {:.0} /s |", lines(&ground).await?);
    let followed = followers(&ground).await?;
    let [p50, p99] = [50.0, 99.0].map(|p| percentile(&followed.lags, p));
    println!(
        "| lag of {} followers of {} logs, p50 / p99 | {p50:.0} / {p99:.0} ms |",
        options.followers, options.logs
    );
    println!("| … the API's memory | {:.0} MB |", followed.megabytes);
    println!("| … its statements | {:.0} /s |", followed.statements);
    let waits = pick_ups(&ground).await?;
    let [p50, p99] = [50.0, 99.0].map(|p| percentile(&waits, p));
    println!("| accepted → processing, idle, p50 / p99 | {p50:.0} / {p99:.0} ms |");
    if let Some(redis) = &ground.redis {
        let yardstick = bullmq::measure(redis, options.tasks).await?;
        println!("| BullMQ: jobs added | {:.0} /s |", yardstick.adds);
        println!(
            "| BullMQ: jobs that do nothing, one worker | {:.0} /s |",
            yardstick.jobs
        );
        let (p50, p99) = (yardstick.p50, yardstick.p99);
        println!("| BullMQ: added → begun, idle, p50 / p99 | {p50:.0} / {p99:.0} ms |");
    }
    Ok(())
}

/// What all figures stand on.
struct Ground<'a> {
    options: &'a Options,
    redis: Option<RedisServer>,
}

impl Ground<'_> {
    fn title(&self) -> String {
        let engine = if self.options.postgres {
            "PostgreSQL"
        } else {
            "SQLite"
        };
        let redis = if self.redis.is_some() {
            " and Redis"
        } else {
            ""
        };
        format!("{engine}{redis}, 1 API, {} workers", self.options.workers)
    }

    /// Starts a deployment without workers.
    async fn deployment(&self, apis: usize) -> Deployment {
        let database = if self.options.postgres {
            TestDatabase::postgres().await
        } else {
            TestDatabase::sqlite().await
        };
        let mut deployment = Deployment::on(database, [], (0, 0)).await;
        deployment.set("WEIR_WORKER_CONCURRENCY", "16");
        if let Some(redis) = &self.redis {
            deployment.set("WEIR_REDIS_URL", &redis.url());
            deployment.set("WEIR_REDIS_PREFIX", redis.prefix());
        }
        for _ in 0..apis {
            deployment.start_api().await;
        }
        deployment
    }
}

/// Submits one drill after the other; milliseconds from acceptance to start, by the database.
async fn pick_ups(ground: &Ground<'_>) -> anyhow::Result<Vec<f64>> {
    let mut deployment = ground.deployment(1).await;
    deployment.start_worker().await;
    let url = format!("{}/-/admin/drills", deployment.url(0));
    let one = serde_json::json!({ "count": 1, "lines": 0 });
    for _ in 0..PICK_UPS {
        let call = client::Call::new(http::Method::POST, url.as_str());
        let reply = call.bearer(ADMIN_TOKEN).json(&one).send().await?;
        anyhow::ensure!(reply.status == 201, "{}", reply.text());
        tokio::time::sleep(PAUSE).await;
    }
    let (all, _) = ended(deployment.db(), PICK_UPS).await?;
    deployment.end().await;
    let wait = |task: &Task| Some(task.started_at?.since(task.created_at).as_secs_f64() * 1e3);
    Ok(all.iter().filter_map(wait).collect())
}

/// Asks for a package after the other while nobody works.
async fn submits(ground: &Ground<'_>) -> anyhow::Result<f64> {
    let deployment = ground.deployment(1).await;
    let token = format!("Bearer {ADMIN_TOKEN}");
    let headers = [("authorization", token.as_str())];
    let (url, lasts) = (deployment.url(0), Duration::from_secs(5));
    let rate = wrk::scripted(&url, &headers, lasts, Some("load/submits.lua")).await?;
    deployment.end().await;
    Ok(rate)
}

/// Lets workers start on a heap of waiting drills; milliseconds to the first, and the rate.
async fn drills(ground: &Ground<'_>) -> anyhow::Result<(f64, f64)> {
    let mut deployment = ground.deployment(0).await;
    insert(deployment.db(), ground.options.tasks, (20, 0)).await?;
    let begun = clock::now(deployment.db().read()).await?;
    let mut workers = Vec::new();
    for _ in 0..ground.options.workers {
        workers.push(deployment.start_worker().await);
    }
    let all = ended(deployment.db(), ground.options.tasks).await?;
    let first = all.0.iter().filter_map(|task| task.started_at).min();
    let first = first.context("a task that ran")?;
    let rate = rate(&all, ground.options.tasks)?;
    deployment.end().await;
    Ok((first.since(begun).as_secs_f64() * 1e3, rate))
}

/// Lets one worker write long logs.
async fn lines(ground: &Ground<'_>) -> anyhow::Result<f64> {
    let mut deployment = ground.deployment(0).await;
    insert(deployment.db(), 8, (ground.options.lines, 0)).await?;
    deployment.start_worker().await;
    let all = ended(deployment.db(), 8).await?;
    let rate = rate(&all, 8 * usize::try_from(ground.options.lines)?)?;
    deployment.end().await;
    Ok(rate)
}

/// What following costs.
struct Followed {
    /// Milliseconds from each line's stamp to its arrival.
    lags: Vec<f64>,
    /// The API's memory at the end.
    megabytes: f64,
    /// The API's statements a second.
    statements: f64,
}

/// Follows logs that grow, many times.
async fn followers(ground: &Ground<'_>) -> anyhow::Result<Followed> {
    let mut deployment = ground.deployment(1).await;
    deployment.set("WEIR_WORKER_CONCURRENCY", &ground.options.logs.to_string());
    let tasks = insert(deployment.db(), ground.options.logs, (200, 50)).await?;
    let tasks = tasks.iter().cycle().take(ground.options.followers);
    let api = deployment.url(0);
    let opening = tasks.map(|task| {
        let url = format!("{api}/syncs/{task}/log?follow=true");
        client::get(url).bearer(ADMIN_TOKEN).open()
    });
    // All are there before the first line is.
    let followers = try_join_all(opening).await?;
    let followers = followers
        .into_iter()
        .map(|answer| follow(answer.into_body()));
    let (begun, before) = (Instant::now(), figures(&api).await?);
    let (_, lags) = tokio::join!(deployment.start_worker(), try_join_all(followers));
    let (seconds, after) = (begun.elapsed().as_secs_f64(), figures(&api).await?);
    let lags = lags?.concat();
    anyhow::ensure!(
        lags.len() == ground.options.followers * 200,
        "lines are missing"
    );
    deployment.end().await;
    Ok(Followed {
        lags,
        megabytes: after.0 / 1e6,
        statements: (after.1 - before.1) / seconds,
    })
}

/// Returns the bytes that an API takes and the statements that it sent.
async fn figures(api: &str) -> anyhow::Result<(f64, f64)> {
    let page = client::get(format!("{api}/-/metrics")).bearer(ADMIN_TOKEN);
    let page = page.send().await?;
    let figure = |name: &str| {
        let mut lines = page.text().lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        anyhow::Ok(value.context("no such figure")?.parse::<f64>()?)
    };
    Ok((
        figure("process_resident_memory_bytes")?,
        figure("weir_database_statements_total")?,
    ))
}

async fn follow(mut body: Incoming) -> anyhow::Result<Vec<f64>> {
    let mut lags = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        let now = now();
        for line in std::str::from_utf8(&data)?.lines() {
            let stamp = line.split(' ').next().and_then(Timestamp::parse);
            let stamp = stamp.with_context(|| format!("no stamp: {line}"))?;
            lags.push(now.since(stamp).as_secs_f64() * 1e3);
        }
    }
    Ok(lags)
}

fn now() -> Timestamp {
    weir_domain::Clock::now(&weir_domain::SystemClock)
}

/// Inserts drills and returns their ids.
async fn insert(
    db: &Db,
    count: usize,
    (lines, every_ms): (u32, u32),
) -> anyhow::Result<Vec<TaskId>> {
    let mut ids = Vec::new();
    let names: Vec<_> = (0..count).map(|n| format!("drill-{n:06}")).collect();
    for names in names.chunks(BATCH) {
        let names = names.to_vec();
        let submitted = db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let mut ids = Vec::new();
                for name in names {
                    let new = NewTask {
                        spec: TaskSpec::Drill(Drill {
                            name,
                            lines,
                            every_ms,
                        }),
                        priority: Priority::USER,
                        fair_key: 0,
                        run_after: Timestamp(0),
                        retry_of: None,
                    };
                    ids.push(
                        tasks::submit(tx, &new, &NewRequest::default(), now)
                            .await?
                            .task,
                    );
                }
                Ok(ids)
            })
        });
        ids.extend(submitted.await?);
    }
    Ok(ids)
}

/// Waits until so many tasks have ended, and returns them with the time at which they had.
async fn ended(db: &Db, count: usize) -> anyhow::Result<(Vec<Task>, Timestamp)> {
    until("the end of all tasks", DEADLINE, async || {
        let counts = tasks::counts(db.read(), None).await.expect("counts");
        let done = counts.get("success").copied().unwrap_or(0);
        if usize::try_from(done) == Ok(count) {
            Ok(())
        } else {
            Err(format!("{counts:?}"))
        }
    })
    .await;
    let end = clock::now(db.read()).await?;
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let filter = ListFilter {
            before,
            limit: 1_000,
            ..ListFilter::default()
        };
        let page = tasks::list(db.read(), &filter).await?;
        let Some(last) = page.last() else {
            return Ok((all, end));
        };
        before = Some(last.id);
        all.extend(page);
    }
}

/// Returns how many things a second were done between the first task's start and the moment
/// at which all were seen to have ended.
fn rate((all, end): &(Vec<Task>, Timestamp), things: usize) -> anyhow::Result<f64> {
    let first = all.iter().filter_map(|task| task.started_at).min();
    let first = first.context("tasks that ran")?;
    Ok(f64::from(u32::try_from(things)?) / end.since(first).as_secs_f64())
}
