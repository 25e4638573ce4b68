//! Many wishes at once: who joins whom, who waits, who must not wait.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use serde_json::json;
use weir_testkit::{PackageSpec, presets};
use weir_tests::{System, Task};

/// How many ask at the same time.
const ASKERS: usize = 1_000;
/// How many of them have a connection at once.
const CONNECTIONS: usize = 100;

fn small(name: &str) -> PackageSpec {
    presets::history(name, 2, 500)
}

/// Counts the tasks about `target` in a state.
async fn count(system: &System, target: &str, state: &str) -> usize {
    let path = format!("/syncs?target={target}&state={state}&limit=100");
    let list = system.get_as_admin(&path).await.json();
    list["data"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_thousand_who_ask_at_once_share_one_begun_and_one_fresh_task() {
    let system = System::start([small("a")]).await;
    let hold = system.upstream().packument("a").hold();
    let answers = stream::iter(0..ASKERS).map(|_| system.ask("a"));
    let tasks: Vec<Task> = answers.buffer_unordered(CONNECTIONS).collect().await;
    assert_eq!(tasks.len(), ASKERS);
    hold.wait_for_arrivals(1).await;
    let last = system.ask("a").await;
    let distinct: BTreeSet<_> = tasks.iter().chain([&last]).map(|task| &task.id).collect();
    assert_eq!(distinct.len(), 2, "one begun and one fresh");
    assert_eq!(count(&system, "a", "processing").await, 1);
    assert_eq!(count(&system, "a", "waiting").await, 1);
    assert_eq!(hold.arrivals(), 1, "one upstream read while it is held");

    system
        .upstream()
        .publish("a", "1.0.2", |version| version.size(500));
    hold.release();
    for id in distinct {
        let task = Task {
            name: "a".to_owned(),
            id: id.clone(),
        };
        system.succeeded(&task).await;
    }
    assert_eq!(system.upstream().packument("a").requests(), 2);
    assert_eq!(count(&system, "a", "success").await, 2, "and no third task");
    system.assert_tarball("a", "1.0.2").await;
    system.end().await;
}

#[tokio::test]
async fn what_is_published_while_a_task_runs_comes_with_the_wish_made_then() {
    let system = System::start([small("a")]).await;
    // The first run has read the packument and stands at the tarball.
    let hold = system.upstream().tarball("a", "1.0.1").hold();
    let first = system.ask("a").await;
    hold.wait_for_arrivals(1).await;
    system
        .upstream()
        .publish("a", "1.0.2", |version| version.size(500));
    let second = system.ask("a").await;
    assert_ne!(first.id, second.id, "the first has read already");
    assert_eq!(system.status(&second).await.state(), "waiting");
    hold.release();
    system.succeeded(&first).await;
    system.succeeded(&second).await;
    let listed = system.packument("a").await;
    assert_eq!(listed["dist-tags"]["latest"], "1.0.2", "{listed:#}");
    system.assert_tarball("a", "1.0.2").await;
    system.end().await;
}

#[tokio::test]
async fn a_wish_that_waits_behind_its_own_package_holds_up_nobody_else() {
    let builder = System::builder().packages(["a", "b", "c", "d"].map(small));
    let system = builder
        .setting("WEIR_WORKER_CONCURRENCY", "2")
        .start()
        .await;
    let hold = system.upstream().packument("a").hold();
    let begun = system.ask("a").await;
    hold.wait_for_arrivals(1).await;
    let follow_up = system.ask("a").await;
    for name in ["b", "c", "d"] {
        system.bring(name).await;
    }
    assert_eq!(system.status(&begun).await.state(), "processing");
    assert_eq!(system.status(&follow_up).await.state(), "waiting");
    hold.release();
    system.succeeded(&follow_up).await;
    system.end().await;
}

#[tokio::test]
async fn as_many_tasks_run_at_once_as_the_setting_says() {
    let names: Vec<_> = (0..12).map(|index| format!("p-{index}")).collect();
    let builder = System::builder().packages(names.iter().map(|name| small(name)));
    let system = builder
        .setting("WEIR_WORKER_CONCURRENCY", "3")
        .start()
        .await;
    let hold = system.upstream().any_packument().hold();
    let mut tasks = Vec::new();
    for name in &names {
        tasks.push(system.ask(name).await);
    }
    hold.wait_for_arrivals(3).await;
    let counts = system.get_as_admin("/syncs?limit=1").await.json()["counts"].clone();
    assert_eq!(
        (&counts["processing"], &counts["waiting"]),
        (&json!(3), &json!(9))
    );
    let last = system.status(tasks.last().expect("twelve tasks")).await;
    assert_eq!(last.0["queuePosition"], 8, "{last:?}");
    assert_eq!(hold.arrivals(), 3);
    hold.release();
    for task in &tasks {
        system.succeeded(task).await;
    }
    system.end().await;
}

#[tokio::test]
async fn a_forced_wish_goes_before_those_that_came_earlier() {
    let builder = System::builder().packages(["a", "b", "c", "z"].map(small));
    let system = builder
        .setting("WEIR_WORKER_CONCURRENCY", "1")
        .start()
        .await;
    let hold = system.upstream().packument("a").hold();
    let mut tasks = vec![system.ask("a").await];
    hold.wait_for_arrivals(1).await;
    for name in ["b", "c"] {
        tasks.push(system.ask(name).await);
    }
    let forced = system.ask_with("z", &json!({ "force": true })).await;
    hold.release();
    for task in tasks.iter().chain([&forced]) {
        system.succeeded(task).await;
    }
    let asked = system.upstream().ledger().entries();
    let asked: Vec<_> = asked.iter().map(|entry| entry.wanted.to_string()).collect();
    let place = |what: &str| asked.iter().position(|wanted| wanted == what);
    assert!(
        place("packument z").is_some() && place("packument z") < place("packument b"),
        "{asked:#?}"
    );
    system.end().await;
}
