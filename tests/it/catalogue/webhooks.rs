//! Artifactory tells what happened, and the catalogue looks (fault 28).

use serde_json::{Value, json};
use weir_testkit::{
    Artifactory, Recipe,
    artifactory::{Event, Secret},
    until,
};
use weir_tests::{System, system::SOON};

use super::source::{Source, artifactory, keeping_secrets, there};

const SECRET: &str = "a-secret-of-webhooks";
const REFERENCE: &str = "new/1.0@sifli";

async fn followed() -> (Artifactory, System, Source) {
    let server = Artifactory::start(Recipe::crowd(5)).await;
    let system = keeping_secrets().await;
    let mut said = artifactory(&server);
    said["webhookSecret"] = json!(SECRET);
    let source = Source::of(&system, said).await;
    source.sync(&system).await;
    (server, system, source)
}

/// Sends an event about the new recipe; returns the status.
async fn tell(system: &System, kind: &str, revision: &str, secret: Secret<'_>) -> u16 {
    let event = Event::of(kind, REFERENCE, revision, "conanmanifest.txt");
    let url = format!("{}/-/registry/parts/events", system.url());
    event
        .to(&url, secret)
        .send()
        .await
        .expect("an answer")
        .status
}

async fn until_current(server: &Artifactory, system: &System, source: &Source) {
    until("the catalogue to follow", SOON, async || {
        let (shown, there) = (source.shown(system).await, there(server));
        (shown == there).then_some(()).ok_or(format!("{shown:?}"))
    })
    .await;
    let list = "/syncs?limit=1";
    until("the runs to end", SOON, async || {
        let counts: Value = system.get_as_admin(list).await.json()["counts"].clone();
        (counts["waiting"] == 0 && counts["processing"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_upload_and_a_removal_are_followed_at_once() {
    let (server, system, source) = followed().await;
    for secret in [Secret::Plain(SECRET), Secret::Signed(SECRET)] {
        let revision = server.add(&Recipe::new(REFERENCE));
        assert_eq!(tell(&system, "deployed", &revision, secret).await, 200);
        until_current(&server, &system, &source).await;
        server.remove(REFERENCE);
        // A burst, and the same once more: one upload is as many events as it has files.
        for _ in 0..8 {
            assert_eq!(tell(&system, "deleted", &revision, secret).await, 200);
        }
        until_current(&server, &system, &source).await;
    }
    system.end().await;
}

#[tokio::test]
async fn an_event_without_the_secret_or_of_another_repository_leads_to_nothing() {
    let (server, system, _) = followed().await;
    let revision = server.add(&Recipe::new(REFERENCE));
    server.forget();
    for secret in [
        Secret::None,
        Secret::Plain("wrong"),
        Secret::Signed("wrong"),
    ] {
        assert_eq!(tell(&system, "deployed", &revision, secret).await, 401);
    }
    let mut event = Event::of("deployed", REFERENCE, &revision, "conanmanifest.txt");
    event.repository = "another".to_owned();
    let url = format!("{}/-/registry/parts/events", system.url());
    let call = event.to(&url, Secret::Signed(SECRET));
    assert_eq!(call.send().await.expect("an answer").status, 200);
    // What would have come of these has come when what comes of a later one elsewhere has.
    let (elsewhere, marker) = (
        Artifactory::start(Recipe::crowd(1)).await,
        "marker/1.0@other",
    );
    let mut said = artifactory(&elsewhere);
    said["name"] = json!("elsewhere");
    said["webhookSecret"] = json!(SECRET);
    Source::of(&system, said).await;
    let revision = elsewhere.add(&Recipe::new(marker));
    let event = Event::of("deployed", marker, &revision, "conanmanifest.txt");
    let url = format!("{}/-/registry/elsewhere/events", system.url());
    let call = event.to(&url, Secret::Signed(SECRET));
    assert_eq!(call.send().await.expect("an answer").status, 200);
    until("the other source to be followed", SOON, async || {
        let shown = system.get_as_admin("/api/v1/packages/other/marker").await;
        shown.status == 200
    })
    .await;
    let runs = system.get_as_admin("/api/v1/sync").await.json();
    let runs = runs["data"].as_array().expect("a list").iter();
    let ours = runs.filter(|run| run["source"] == "parts").count();
    assert_eq!(ours, 1, "the one that was asked for");
    assert_eq!(system.get("/api/v1/packages/sifli/new").await.status, 404);
    system.end().await;
}
