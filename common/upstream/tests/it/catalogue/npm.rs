//! An npm repository of Artifactory as a source.

use serde_json::json;
use weir_domain::catalogue::{Reference, Strategy};
use weir_upstream::catalogue::SourceError;

use super::shelf::{Shelf, artifactory, serve_well};

const LOCAL: &str = "/artifactory/api/npm/local/";

fn document(name: &str, versions: &[&str]) -> Vec<u8> {
    let manifest = |version: &&str| {
        let manifest = json!({
            "name": name, "version": version, "description": "a thing", "license": {"type": "MIT"},
            "keywords": ["One", "one", "two"], "repository": {"url": "git+https://registry.example/x"},
            "dependencies": {"@s/b": "^1.0.0"},
            "dist": {"tarball": "http://up.example/x.tgz", "shasum": "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        });
        ((*version).to_owned(), manifest)
    };
    let versions: serde_json::Map<_, _> = versions.iter().map(manifest).collect();
    let time = json!({"1.0.0": "2023-11-14T22:13:20.123Z"});
    json!({"name": name, "versions": versions, "time": time, "readme": "# Hello"})
        .to_string()
        .into_bytes()
}

fn shelf() -> Shelf {
    Shelf::from([
        (
            format!("{LOCAL}-/all"),
            br#"{"_updated":1,"a":{},"@s/b":{},"gone":{}}"#.to_vec(),
        ),
        (format!("{LOCAL}a"), document("a", &["1.0.0", "1.1.0"])),
        (format!("{LOCAL}@s%2fb"), document("@s/b", &["2.0.0"])),
    ])
}

#[tokio::test]
async fn each_version_is_a_reference() {
    let wire = serve_well(shelf());
    let source = artifactory(&wire, Strategy::Npm).source();
    source.prove().await.expect("it lists");
    let listing = source.list().await.expect("a listing");
    let found: Vec<_> = listing
        .found
        .iter()
        .map(|one| one.reference.to_string())
        .collect();
    assert_eq!(found, ["a/1.0.0", "a/1.1.0", "b/2.0.0@s"]);
    let one = &listing.found[0];
    let stamp = one.stamp.clone().expect("a digest");
    assert_eq!(
        source.look(&one.reference).await.expect("an answer"),
        Some(stamp.clone())
    );

    let reading = source
        .read(&one.reference, &stamp)
        .await
        .expect("a reading");
    // It is that of the latest.
    assert_eq!(reading.readme, None);
    let facts = &reading.facts;
    assert_eq!(facts.licenses, ["MIT"]);
    assert_eq!(facts.topics, ["one", "two"]);
    let needs = &facts.dependencies[0];
    assert_eq!(
        (needs.namespace.as_deref(), needs.name.as_str()),
        (Some("s"), "b")
    );

    let latest = &listing.found[1];
    let newest = latest.stamp.clone().expect("a digest");
    let reading = source.read(&latest.reference, &newest).await;
    let reading = reading.expect("a reading");
    assert_eq!(reading.readme.as_deref(), Some("# Hello"));

    let gone: Reference = "a/9.0.0".parse().expect("a reference");
    assert_eq!(source.look(&gone).await.expect("an answer"), None);
    let error = source.read(&gone, &stamp).await.expect_err("gone");
    assert!(matches!(error, SourceError::Vanished(_)), "{error:?}");
}
