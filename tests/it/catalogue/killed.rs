//! kill -9 of the server at random moments while it reads a source: it goes on, and ends equal to it.
//!
//! The moments come from a seed, which is printed; `WEIR_TEST_SEED` repeats a run.

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use weir_testkit::{Artifactory, Recipe, until};
use weir_tests::{System, environment, system::SOON};

use super::source::{Source, artifactory, there};

/// Packages at first.
const PACKAGES: usize = 60;
/// Of each round: new ones.
const NEW: usize = 12;

fn kills() -> usize {
    if environment::is_long() { 50 } else { 6 }
}

#[tokio::test]
async fn a_killed_server_goes_on_and_ends_equal_to_its_source() {
    let mut random = StdRng::seed_from_u64(environment::seed());
    let server = Artifactory::start(Recipe::crowd(PACKAGES)).await;
    let mut system = System::start([]).await;
    let source = Source::of(&system, artifactory(&server)).await;
    for round in 0..kills() {
        for number in 0..NEW {
            server.add(&Recipe::new(&format!("new-{round}-{number}/1.0@sifli")));
        }
        let gone = format!("part-{:05}", round + 1);
        let gone = there(&server)
            .into_keys()
            .find(|key| key.starts_with(&gone));
        server.remove(&gone.expect("it is there at first"));
        server.forget();
        let run = source.ask(&system, &json!({})).await;
        // Somewhere between its first request and its last.
        let requests = random.random_range(1..PACKAGES + NEW * 3);
        let asked = || server.asked().len() >= requests;
        until(format!("{requests} requests"), SOON, async || asked()).await;
        system.kill_server().await;
        let read = source.shown(&system).await;
        server.forget();
        system.start_server().await;
        let run = source.ended(&system, &run).await;
        assert_eq!(run["status"], "success", "{requests} requests: {run:#}");
        let there = there(&server);
        assert_eq!(source.shown(&system).await, there, "{requests} requests");
        // What was shown already is looked at, and not read again.
        let news = there
            .iter()
            .filter(|(key, _)| !read.contains_key(*key))
            .count();
        let recipes = server.on("GET */files/conanfile.py").count();
        assert!(
            recipes <= news,
            "{recipes} recipes were read for {news} new versions"
        );
    }
    server.assert_nothing_unexpected();
    system.end().await;
}
