//! kill -9 of the server at random moments, many times over, while packages sync.
//!
//! Afterwards nothing is lost, half done or done twice: every task ends, every packument is
//! whole, every blob is what its name says, no temporary file is left, no log has a gap or
//! a repeat, and nothing was fetched again beyond what was in flight at a kill.
//!
//! The moments come from a seed, which is printed; `WEIR_TEST_SEED` repeats a run.

use std::{collections::BTreeSet, time::Duration};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use sha2::Digest;
use weir_testkit::{Fault, presets, until};
use weir_tests::{
    System, Task, environment,
    journal::{self, assert_in_order},
    packument::{assert_mirrors, assert_whole},
    stored,
};

const PACKAGES: usize = 300;
/// Versions of a package at first; every further round publishes one.
const VERSIONS: usize = 3;
const TARBALL_BYTES: usize = 6_000;
/// Slow enough that the work outlasts the kills.
const BYTES_PER_SECOND: usize = 30_000;
const CONCURRENCY: u32 = 8;
/// Fewer open tasks than this, and everything is asked for again.
const FEW: u64 = 30;
/// The longest life of a server, from its start.
const LONGEST_LIFE: Duration = Duration::from_millis(1_600);
/// How long the rest of the work may take after the last kill.
const REST: Duration = Duration::from_secs(180);

fn kills() -> usize {
    if environment::is_long() { 200 } else { 50 }
}

fn names() -> Vec<String> {
    (1..=PACKAGES)
        .map(|index| format!("flat-{index:04}"))
        .collect()
}

/// Asks for every package.
async fn ask_all(system: &System) {
    for name in names() {
        system.ask(&name).await;
    }
}

/// Publishes one more version of every package.
fn publish_all(system: &System, round: usize) {
    for name in names() {
        let version = format!("2.{round}.0");
        system
            .upstream()
            .publish(&name, &version, |version| version.size(TARBALL_BYTES));
    }
}

/// Kills the server over and over, at moments from `random`; returns the rounds of work.
async fn kill_over_and_over(system: &mut System, random: &mut StdRng) -> usize {
    let mut rounds = 1;
    for kill in 0..kills() {
        let life = random.random_range(Duration::ZERO..LONGEST_LIFE);
        // Every other server dies wherever it is, perhaps before it has begun to answer.
        if kill % 2 == 0 {
            system.spawn_server();
        } else {
            system.start_server().await;
            look_around(system, random).await;
            if system.count("waiting").await + system.count("processing").await < FEW {
                rounds += 1;
                publish_all(system, rounds);
                ask_all(system).await;
            }
        }
        // Not a wait for something: the moment of death.
        tokio::time::sleep(life).await;
        system.kill_server().await;
    }
    rounds
}

/// Whatever is served in the middle of all this is whole.
async fn look_around(system: &System, random: &mut StdRng) {
    for name in names().choose_multiple(random, 5) {
        let reply = system.get(&format!("/{name}")).await;
        match reply.status {
            200 => assert_whole(&reply.json(), &system.url()),
            404 => {}
            other => panic!("{name}: {other} {}", reply.text()),
        }
    }
}

#[tokio::test]
async fn nothing_is_lost_or_done_twice_however_often_the_server_is_killed() {
    let mut random = StdRng::seed_from_u64(environment::seed());
    let packages = presets::flat(PACKAGES, VERSIONS, TARBALL_BYTES);
    let builder = System::builder()
        .packages(packages)
        // Readers only look: what they brought in could not be told from what was repeated.
        .setting("WEIR_SYNC_MODE", "exist")
        .setting("WEIR_TARBALLS", "all");
    let builder = builder.setting("WEIR_WORKER_CONCURRENCY", &CONCURRENCY.to_string());
    let mut system = builder.start().await;
    system
        .upstream()
        .any_tarball()
        .always(Fault::Slow(BYTES_PER_SECOND));
    ask_all(&system).await;
    system.kill_server().await;
    let rounds = kill_over_and_over(&mut system, &mut random).await;

    system.upstream().any_tarball().clear();
    system.start_server().await;
    everything_ends(&system).await;
    let again = assert_fetched_little_twice(&system, rounds);
    let poisoned = mend_the_poisoned(&system).await;
    assert_everything_is_there(&system).await;
    let lost = assert_logs_are_whole(&system).await;
    tell(&format!(
        "{} kills, {rounds} rounds, {lost} runs lost, {poisoned} tasks poisoned; fetched again: {again}",
        kills()
    ));
    assert!(
        lost >= kills() / 2,
        "the kills met too few runs to mean much"
    );
    let data = system.data().to_owned();
    system.end().await;
    assert_eq!(stored::temporaries(&data), Vec::<std::path::PathBuf>::new());
}

#[expect(clippy::print_stdout, reason = "what a run of this test was worth")]
fn tell(text: &str) {
    println!("{text}");
}

async fn everything_ends(system: &System) {
    until("every task to end", REST, async || {
        let open = system.count("waiting").await + system.count("processing").await;
        if open == 0 {
            Ok(())
        } else {
            Err(format!("{open} are open"))
        }
    })
    .await;
}

/// Fails the test if more was fetched again than was in flight at the kills.
fn assert_fetched_little_twice(system: &System, rounds: usize) -> String {
    let (mut tarballs, mut packuments) = (0, 0);
    for (what, count) in system.upstream().ledger().counts() {
        if what.starts_with("tarball") {
            tarballs += count - 1;
        } else if what.starts_with("packument") {
            packuments += count.saturating_sub(rounds);
        }
    }
    let in_flight = (kills() + 1) * usize::try_from(CONCURRENCY).expect("few");
    let tarballs_in_flight = in_flight * (VERSIONS + rounds);
    assert!(
        packuments <= in_flight,
        "{packuments} packuments were read again, {in_flight} at most"
    );
    assert!(
        tarballs <= tarballs_in_flight,
        "{tarballs} tarballs were fetched again, {tarballs_in_flight} at most"
    );
    format!("{packuments} packuments, {tarballs} tarballs")
}

/// A task that was under three dying servers is given up as poisoned, rightly; nothing else
/// has failed. Asked for again, it succeeds.
async fn mend_the_poisoned(system: &System) -> usize {
    let tasks = system.all_tasks().await;
    let failed: Vec<_> = tasks
        .iter()
        .filter(|(_, status)| status.state() == "error")
        .collect();
    for (task, status) in &failed {
        assert_eq!(status.error_code(), "poisoned", "{task:?}: {status:?}");
    }
    let poisoned: BTreeSet<_> = failed.iter().map(|(task, _)| task.name.clone()).collect();
    for name in &poisoned {
        system.bring(name).await;
    }
    failed.len()
}

async fn assert_everything_is_there(system: &System) {
    let held = stored::blobs(system.data());
    for name in names() {
        let theirs = system.upstream().packument_of(&name);
        assert_mirrors(&system.packument(&name).await, &theirs, &system.url());
        for version in theirs["versions"].as_object().expect("versions").keys() {
            let bytes = system.upstream().tarball_of(&name, version).bytes;
            let digest = hex::encode(sha2::Sha256::digest(&bytes));
            assert!(held.contains(&digest), "{name}@{version} is not held");
        }
    }
    for name in names().iter().step_by(29) {
        system.assert_tarball(name, "1.0.0").await;
    }
}

/// Returns how many runs the logs say were lost.
async fn assert_logs_are_whole(system: &System) -> usize {
    let db = system.database().await;
    let (mut names, mut lost) = (BTreeSet::new(), 0);
    for (task, _) in system.all_tasks().await {
        let text = system.log_text(&task).await;
        stored::assert_log_contiguous(&db, &task.id, &text).await;
        let lines = journal::read(&text);
        assert_in_order(&lines);
        assert_said_once(&task, &text);
        lost += lines
            .iter()
            .filter(|line| line.text.contains("was lost"))
            .count();
        names.insert(task.name);
    }
    assert_eq!(names.len(), PACKAGES);
    db.close().await;
    lost
}

/// Fails the test if a line, with its time, stands in the log twice.
fn assert_said_once(task: &Task, text: &str) {
    let mut seen = BTreeSet::new();
    for line in text.lines() {
        assert!(seen.insert(line), "{task:?} says twice: {line}\n{text}");
    }
}
