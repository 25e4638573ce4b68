//! A source with very many references: how long a first run takes, one over what did not change,
//! and one over ten changes; what each asks, and how much memory the server takes, also in the end
//! of many runs. It fails if that is more than is promised.
//!
//! The source is the Artifactory of the test kit, in the program's own process; it answers from
//! memory, so what is measured is ours.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use http::Method;
use serde_json::{Value, json};
use weir_testkit::{
    Artifactory, Recipe,
    artifactory::{REPOSITORY, TOKEN},
    client::Call,
};
use weir_tests::{System, system::ADMIN_TOKEN};

use crate::{
    gauge::Gauge,
    sample::{median, percentile},
};

/// Between two looks at a run.
const LOOK: Duration = Duration::from_millis(20);
/// References that change.
const CHANGES: usize = 10;
/// Most megabytes: so many, and so many more for each thousand references. Half of it is what the
/// system's allocator keeps for each thread.
const MOST_MB: (f64, f64) = (130.0, 18.0);
/// Most requests of a run that reads nothing, and those of one that reads what changed.
const MOST_REQUESTS: (u64, u64) = (100, 200);
/// Questions of each kind to the pages.
const QUESTIONS: usize = 500;

/// How much there is.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// References
    #[arg(long, default_value_t = 20_000)]
    references: usize,
    /// Runs after the first three, in which whatever is kept from run to run adds up
    #[arg(long, default_value_t = 30)]
    more: usize,
}

/// What a run cost.
struct Cost {
    what: &'static str,
    seconds: f64,
    requests: u64,
    peak: f64,
}

/// Measures and prints.
pub async fn run(options: &Options) -> anyhow::Result<()> {
    let server = Artifactory::start(Recipe::crowd(options.references)).await;
    let unlimited = System::builder().setting("WEIR_LIMIT_SEARCH", "0");
    let mut system = unlimited.start().await;
    let gauge = Gauge(system.process().pid());
    let idle = gauge.memory()?;
    make(&system, &server).await?;
    let mut costs = Vec::new();
    for (what, body) in [
        ("first, full", json!({})),
        ("full, nothing changed", json!({})),
    ] {
        costs.push(measure(&system, &server, gauge, (what, &body)).await?);
    }
    for number in 0..CHANGES {
        server.add(&Recipe::new(&format!("part-new-{number}/1.0@sifli")));
    }
    let body = json!({ "mode": "incremental" });
    let what = "incremental, ten new ones";
    costs.push(measure(&system, &server, gauge, (what, &body)).await?);
    let mut more = Vec::new();
    for _ in 0..options.more {
        let what = ("the last of many more", &json!({}));
        more.push(measure(&system, &server, gauge, what).await?);
    }
    costs.extend(more.pop());
    print(options.references, idle, &costs);
    for (what, path) in [
        ("one package", "/api/v1/packages/part-00777"),
        ("first page", "/api/v1/packages?limit=100"),
        ("last page", "/api/v1/packages?limit=100&page=200"),
        ("search", "/api/v1/packages?search=part%20777"),
        ("of a category", "/api/v1/packages?category=SENSOR"),
        ("categories", "/api/v1/packages/stats/categories"),
    ] {
        ask(&system, what, path).await?;
    }
    system.end().await;
    judge(options.references, &costs)
}

fn judge(references: usize, costs: &[Cost]) -> anyhow::Result<()> {
    let thousands = f64::from(u32::try_from(references)?) / 1000.0;
    let most = MOST_MB.0 + MOST_MB.1 * thousands;
    for cost in costs {
        ensure!(
            cost.peak <= most,
            "{}: {:.0} MB, at most {most:.0}",
            cost.what,
            cost.peak
        );
    }
    let [_, unchanged, changed, last] = costs else {
        anyhow::bail!("a run was not measured");
    };
    let few = unchanged.requests.max(last.requests) <= MOST_REQUESTS.0;
    ensure!(few, "runs over what did not change asked too much");
    ensure!(
        changed.requests <= MOST_REQUESTS.1,
        "more than what changed was read"
    );
    Ok(())
}

async fn make(system: &System, server: &Artifactory) -> anyhow::Result<()> {
    let body = json!({
        "name": "parts", "type": "artifactory", "host": server.url(), "isInternal": true,
        "credentials": { "token": TOKEN },
        "catalogue": {
            "strategy": "aql", "repository": REPOSITORY, "fullEverySecs": 0,
            "incrementalEverySecs": 0,
        },
    });
    post(system, "/-/registry", &body).await.map(drop)
}

async fn post(system: &System, path: &str, body: &Value) -> anyhow::Result<Value> {
    let call = Call::new(Method::POST, format!("{}{path}", system.url()));
    let reply = call.bearer(ADMIN_TOKEN).json(body).send().await?;
    ensure!(reply.status == 200, "{path}: {}", reply.text());
    Ok(reply.json())
}

async fn measure(
    system: &System,
    server: &Artifactory,
    gauge: Gauge,
    (what, body): (&'static str, &Value),
) -> anyhow::Result<Cost> {
    gauge.forget_peak()?;
    server.forget();
    let begun = Instant::now();
    let run = post(system, "/api/v1/sync", body).await?["data"].clone();
    let path = format!("/api/v1/sync/{}", run["id"].as_str().context("an id")?);
    let run = loop {
        let run = system.get_as_admin(&path).await.json()["data"].clone();
        match run["status"].as_str() {
            Some("success" | "error") => break run,
            _ => tokio::time::sleep(LOOK).await,
        }
    };
    ensure!(run["status"] == "success", "{run:#}");
    Ok(Cost {
        what,
        seconds: begun.elapsed().as_secs_f64(),
        requests: run["progress"]["requests"].as_u64().unwrap_or_default(),
        peak: gauge.peak()?,
    })
}

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
async fn ask(system: &System, what: &str, path: &str) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for _ in 0..QUESTIONS {
        let begun = Instant::now();
        let reply = system.get(path).await;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        ensure!(reply.status == 200, "{path}: {}", reply.text());
    }
    let (p50, p99) = (median(&times), percentile(&times, 99.0));
    println!("| {what} | {p50:.2} ms | {p99:.2} ms |");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
fn print(references: usize, idle: f64, costs: &[Cost]) {
    println!("{references} references; idle {idle:.0} MB\n");
    println!("| run | time | requests | peak |");
    println!("|---|---:|---:|---:|");
    for Cost {
        what,
        seconds,
        requests,
        peak,
    } in costs
    {
        println!("| {what} | {seconds:.1} s | {requests} | {peak:.0} MB |");
    }
    println!("\n| asked for, with a connection of its own | p50 | p99 |");
    println!("|---|---:|---:|");
}
