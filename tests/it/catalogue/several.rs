//! Several sources: one wish, one answer about all of them.

use http::Method;
use serde_json::{Value, json};
use weir_testkit::{Artifactory, Recipe, artifactory::ArtifactoryFault, client::Call};
use weir_tests::{System, system::ADMIN_TOKEN};

use super::source::{Source, artifactory, there};

/// Asks for a run, and waits for its end.
async fn run(system: &System) -> Value {
    let call = Call::new(Method::POST, format!("{}/api/v1/sync", system.url()));
    let call = call.bearer(ADMIN_TOKEN).header("prefer", "wait=25");
    let reply = call.send().await.expect("an answer");
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["data"].clone()
}

#[tokio::test]
async fn all_sources_are_over_before_their_run_is() {
    let one = Artifactory::start(Recipe::crowd(3)).await;
    let other = Artifactory::start([Recipe::new("a/1.0@acme"), Recipe::new("b/1.0@acme")]).await;
    let system = System::start([]).await;
    let named = |name: &str, server: &Artifactory| {
        let mut said = artifactory(server);
        said["name"] = json!(name);
        said
    };
    let first = Source::of(&system, named("one", &one)).await;
    let second = Source::of(&system, named("other", &other)).await;
    let gate = other.on("*").hold();
    let asking = run(&system);
    let releasing = async {
        gate.wait_for_arrivals(1).await;
        let shown = system.get_as_admin("/api/v1/sync?limit=100").await.json();
        let all = shown["data"].as_array().expect("a list").iter();
        let all = all.filter(|run| run["source"] == "catalogue");
        let states: Vec<_> = all.map(|run| run["status"].clone()).collect();
        assert_eq!(
            states,
            [json!("processing")],
            "one of its sources is not over"
        );
        gate.release();
    };
    let (ended, ()) = tokio::join!(asking, releasing);
    assert_eq!(ended["status"], "success", "{ended:#}");
    assert_eq!(
        ended["progress"]["repositories"],
        json!({ "total": 2, "done": 2 })
    );
    assert_eq!(ended["progress"]["versions"]["created"], 5);
    assert_eq!(ended["progress"]["percent"], 100);
    assert_eq!(ended["phase"], "done");
    assert_eq!(first.shown(&system).await, there(&one));
    assert_eq!(second.shown(&system).await, there(&other));

    other.on("*").always(ArtifactoryFault::status(403));
    one.add(&Recipe::new("c/1.0@acme"));
    let ended = run(&system).await;
    assert_eq!(ended["status"], "error", "{ended:#}");
    let error = ended["error"].as_str().expect("a sentence");
    assert!(error.starts_with("other: "), "{error}");
    assert_eq!(ended["progress"]["versions"]["created"], 1);
    assert_ne!(ended["progress"]["percent"], 100);
    assert_eq!(first.shown(&system).await, there(&one));
    assert_eq!(
        second.shown(&system).await,
        there(&other),
        "it stays as it was"
    );
    system.end().await;
}
