//! What a flood of wrong passwords costs those who do not log in: one reader with a connection
//! and a thread of its own, asking all the time at a calm pace, before and during floods, in turns.
//!
//! A flood has three parts: five hundred connections come at once, which is work for whoever serves
//! and for whoever measures; their passwords are hashed; those whose turn did not come are told so,
//! at once again. What lies between the first and the last is shown apart: that is the hashing.
//!
//! The limits on tries are off, unless they are asked for: what is measured is what stands behind
//! them.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{anyhow, ensure};
use futures::future::join_all;
use serde_json::json;
use weir_tests::System;

use crate::{
    gauge::Gauge,
    sample::{median, percentile},
};

/// What limits tries.
const LIMITS: [&str; 4] = [
    "WEIR_LIMIT_LOGINS",
    "WEIR_LIMIT_LOGIN_FAILURES",
    "WEIR_LIMIT_ACCOUNT_LOGINS",
    "WEIR_LIMIT_ALL_LOGINS",
];

/// From one answer to the next question.
const PAUSE: Duration = Duration::from_millis(1);
/// Questions of a calm round; a flood has as many as it lasts.
const QUESTIONS: usize = 2000;

/// How long the coming of a flood takes, at most.
const COMING: f64 = 0.3;
/// When those whose turn did not come are told so.
const GOING: f64 = 2.9;

/// An answer: seconds since the first question, milliseconds it took.
type Answer = (f64, f64);

/// How much to measure.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Wrong passwords at once
    #[arg(long, default_value_t = 500)]
    tries: usize,
    /// Rounds of which the medians are shown
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Keep the limits on tries as they are where nobody changes them
    #[arg(long)]
    limited: bool,
}

/// Measures and prints.
pub async fn run(options: &Options) -> anyhow::Result<()> {
    let mut builder = System::builder();
    for limit in LIMITS.iter().filter(|_| !options.limited) {
        builder = builder.setting(limit, "0");
    }
    let mut system = builder.start().await;
    let gauge = Gauge(system.process().pid());
    let (mut calm, mut flooded) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        calm.push(Reader::start(system.address()).wait(QUESTIONS).await?);
        let reader = Reader::start(system.address());
        let statuses = flood(&system, options.tries).await?;
        ensure!(statuses.iter().all(|status| [401, 429].contains(status)));
        flooded.push(reader.wait(0).await?);
    }
    print(options, &calm, &flooded, gauge.peak()?);
    system.end().await;
    Ok(())
}

async fn flood(system: &System, tries: usize) -> anyhow::Result<Vec<u16>> {
    let tries = (0..tries).map(|n| {
        let body = json!({ "name": "admin", "password": format!("wrong password {n}") });
        let call = system.put("/-/user/org.couchdb.user:admin").json(&body);
        async move { anyhow::Ok(call.send().await?.status) }
    });
    join_all(tries).await.into_iter().collect()
}

/// Asks again and again, on a thread of its own: a crowd of the same program does not delay it.
struct Reader {
    least: mpsc::Sender<usize>,
    thread: thread::JoinHandle<anyhow::Result<Vec<Answer>>>,
}

impl Reader {
    fn start(address: SocketAddr) -> Self {
        let (least, told) = mpsc::channel();
        let thread = thread::spawn(move || read(address, &told));
        Self { least, thread }
    }

    /// Has it end once it has asked at least so often; returns what each took.
    async fn wait(self, least: usize) -> anyhow::Result<Vec<Answer>> {
        self.least.send(least)?;
        let joined = tokio::task::spawn_blocking(|| self.thread.join()).await?;
        joined.map_err(|_| anyhow!("the reader panicked"))?
    }
}

fn read(address: SocketAddr, told: &mpsc::Receiver<usize>) -> anyhow::Result<Vec<Answer>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let (mut times, mut answer, mut least) = (Vec::new(), [0; 4096], usize::MAX);
    let start = Instant::now();
    while times.len() < least {
        least = told.try_recv().unwrap_or(least);
        let begun = Instant::now();
        stream.write_all(b"GET /-/ping HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
        let length = stream.read(&mut answer)?;
        let (at, took) = (begun - start, begun.elapsed());
        times.push((at.as_secs_f64(), took.as_secs_f64() * 1e3));
        ensure!(answer[..length].starts_with(b"HTTP/1.1 200"));
        thread::sleep(PAUSE);
    }
    Ok(times)
}

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
fn print(options: &Options, calm: &[Vec<Answer>], flooded: &[Vec<Answer>], peak: f64) {
    println!(
        "{} wrong passwords at once, {} rounds; medians of the rounds; memory at most {peak:.0} MB\n",
        options.tries, options.rounds
    );
    println!("| `GET /-/ping` | p50 | p90 | p99 |");
    println!("|---|---:|---:|---:|");
    let always = |_: f64| true;
    let hashing = |at: f64| (COMING..GOING).contains(&at);
    for (what, rounds, is_meant) in [
        ("calm", calm, &always as &dyn Fn(f64) -> bool),
        ("in the flood, from its coming to its end", flooded, &always),
        ("in the flood, while it is hashed", flooded, &hashing),
    ] {
        let [p50, p90, p99] = [50.0, 90.0, 99.0].map(|p| {
            let of_round = |round: &Vec<Answer>| {
                let meant = round.iter().filter(|(at, _)| is_meant(*at));
                let times: Vec<f64> = meant.map(|(_, took)| *took).collect();
                percentile(&times, p)
            };
            median(&rounds.iter().map(of_round).collect::<Vec<_>>())
        });
        println!("| {what} | {p50:.2} ms | {p90:.2} ms | {p99:.2} ms |");
    }
}
