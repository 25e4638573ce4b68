//! Five hundred wrong passwords at once, without any limit on tries: others are served, memory is
//! bounded, and what waits too long is told so.

use std::time::{Duration, Instant};

use futures::future::join_all;
use weir_testkit::presets;
use weir_tests::System;

use super::{login, user};

const TRIES: usize = 500;
/// How much more memory a flood may take: a hash is 19 MiB, one a core at a time.
const MOST_MIB: u64 = 300;

/// Returns the resident memory of a process, in mebibytes.
fn memory_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.expect("a figure").parse::<u64>().expect("a number") / 1024
}

/// Reads a package `count` times; returns how long each took.
async fn read(system: &System, count: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..count {
        let began = Instant::now();
        assert_eq!(system.get("/a").await.status, 200);
        times.push(began.elapsed());
    }
    times.sort_unstable();
    times
}

fn p99(times: &[Duration]) -> Duration {
    times[times.len() * 99 / 100]
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "figures for people")]
async fn a_flood_of_wrong_passwords_takes_nothing_from_others() {
    let mut system = System::builder()
        .packages([presets::history("a", 1, 100)])
        .setting("WEIR_LIMIT_LOGINS", "0")
        .setting("WEIR_LIMIT_LOGIN_FAILURES", "0")
        .setting("WEIR_LIMIT_ACCOUNT_LOGINS", "0")
        .setting("WEIR_LIMIT_ALL_LOGINS", "0")
        .start()
        .await;
    system.bring("a").await;
    user(&system, "john", "correct horse battery").await;
    let pid = system.process().pid();
    let (calm, before) = (read(&system, 300).await, memory_mib(pid));

    let tries = (0..TRIES).map(|n| {
        let call = login(&system, "john", &format!("wrong password {n}"));
        async move { call.send().await.expect("an answer").status }
    });
    let reading = async {
        let mut times = Vec::new();
        // As long as the flood lasts, or a little longer.
        while times.len() < 300 {
            times.extend(read(&system, 50).await);
        }
        times.sort_unstable();
        times
    };
    let (statuses, during) = tokio::join!(join_all(tries), reading);
    let wrong = statuses.iter().filter(|status| **status == 401).count();
    let late = statuses.iter().filter(|status| **status == 429).count();
    let after = memory_mib(pid);
    println!(
        "of {TRIES}: {wrong} wrong, {late} told to come back; reads p99 {:?} before, {:?} during; \
         memory {before} MiB before, {after} MiB at most",
        p99(&calm),
        p99(&during),
    );
    assert_eq!(wrong + late, TRIES, "{statuses:?}");
    assert!(wrong > 0);
    assert!(after < before + MOST_MIB, "{before} MiB, then {after}");
    let reply = login(&system, "john", "correct horse battery").send().await;
    assert_eq!(reply.expect("an answer").status, 201, "all is as before");
    system.end().await;
}
