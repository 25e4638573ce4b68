//! The kept packuments: whole, free of public hosts, served with the stand-in's address.

use serde_json::Value;
use weir_testkit::{StandIn, client::get, fixtures};

fn all() -> Vec<(String, String)> {
    let folders = [fixtures::folder(), fixtures::handwritten()];
    folders
        .iter()
        .flat_map(|folder| fixtures::read(folder))
        .collect()
}

#[test]
fn every_fixture_is_small_and_called_what_its_file_says() {
    assert!(all().len() >= 12);
    for (name, text) in all() {
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["name"], name.as_str());
        assert!(text.len() < 41_000, "{name} has {} bytes", text.len());
    }
}

#[test]
fn no_fixture_names_a_public_registry() {
    for (name, text) in all() {
        let versions = serde_json::from_str::<Value>(&text).unwrap()["versions"].clone();
        for manifest in versions
            .as_object()
            .into_iter()
            .flat_map(|map| map.values())
        {
            let url = manifest["dist"]["tarball"].as_str().unwrap();
            assert!(
                url.split('/').nth(2) == Some("registry.example"),
                "{name}: {url}"
            );
        }
    }
}

#[tokio::test]
async fn a_fixture_is_served_from_the_stand_ins_own_address() {
    let builder = StandIn::builder().fixtures(fixtures::folder());
    let upstream = builder.fixtures(fixtures::handwritten()).start().await;
    for (name, text) in all() {
        let url = format!("{}/{}", upstream.url(), name.replace('/', "%2f"));
        let reply = get(&url).send().await.unwrap();
        let kept = text.replace("https://registry.example/", &format!("{}/", upstream.url()));
        let kept = kept.replace("http://registry.example/", &format!("{}/", upstream.url()));
        let kept: Value = serde_json::from_str(&kept).unwrap();
        assert_eq!(reply.json(), kept, "{name}");
        let short = get(&url).header("accept", "application/vnd.npm.install-v1+json");
        let short = short.send().await.unwrap().json();
        assert_eq!(short["name"], name.as_str());
    }
    upstream.ledger().assert_nothing_unexpected();
}

#[tokio::test]
async fn a_fixtures_tarball_is_there_only_if_it_was_given() {
    let upstream = StandIn::builder()
        .fixtures(fixtures::folder())
        .start()
        .await;
    let url = format!("{}/once/-/once-1.4.0.tgz", upstream.url());
    assert_eq!(get(&url).send().await.unwrap().status, 404);
    upstream.give_tarball("once", "1.4.0", "bytes");
    assert_eq!(get(&url).send().await.unwrap().text(), "bytes");
    upstream.ledger().assert_nothing_unexpected();
}

#[test]
fn real_documents_keep_their_oddities() {
    let read = |name| serde_json::from_str::<Value>(&fixtures::packument(name)).unwrap();
    assert!(read("extsprintf")["versions"]["1.0.0"]["engines"].is_array());
    assert!(read("is-number")["versions"]["1.0.0"]["license"].is_object());
    assert!(read("JSONStream")["versions"]["1.0.2"]["bin"].is_string());
    assert_eq!(read("crossenv")["dist-tags"]["latest"], "0.0.2-security");
    assert_eq!(read("flatmap-stream")["versions"], serde_json::json!({}));
    assert!(read("written-tombstone")["time"]["unpublished"].is_object());
    assert_eq!(
        read("written-deprecated")["versions"]["1.3.0"]["deprecated"],
        false
    );
}
