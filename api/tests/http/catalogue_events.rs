//! Webhooks of Artifactory: believed by their secret, and only as hints.

use std::fmt::Write;

use http::Method;
use serde_json::{Value, json};
use weir_domain::RegistryId;
use weir_store::catalogue;
use weir_testkit::client::{Call, Reply};

use crate::{
    registries::{ask, known, sealing, source, source_of},
    server::Server,
};

const SECRET: &str = "secret-marker";
const PATH: &str = "/-/registry/art/events";
const RECIPE: &str = "u/sht30/0.0.5/_/4a2d";

fn event(kind: &str, path: &str) -> Value {
    let name = path.rsplit('/').next().expect("a name");
    json!({"domain": "artifact", "event_type": kind, "subscription_key": "weir", "source": "jfrog/x",
        "data": {"repo_key": "conan-local", "path": path, "name": name, "sha256": "x", "size": 1}})
}

async fn send(server: &Server, auth: Option<&str>, body: &str) -> Reply {
    let call = Call::new(Method::POST, server.url(PATH)).header("content-type", "application/json");
    let call = match auth {
        Some(auth) => call.header("X-JFrog-Event-Auth", auth),
        None => call,
    };
    call.body(body.to_owned()).send().await.expect("answered")
}

async fn hints(server: &Server, id: RegistryId) -> Vec<String> {
    let taken = server
        .content
        .db
        .write(move |tx| Box::pin(async move { catalogue::take_hints(tx, id).await }));
    let taken = taken.await.expect("readable");
    taken.iter().map(ToString::to_string).collect()
}

async fn start() -> (Server, RegistryId) {
    let server = Server::with(sealing()).await;
    let id = source(&server, "art", "https://art.example").await;
    (server, id)
}

#[tokio::test]
async fn an_upload_becomes_one_hint() {
    let (server, id) = start().await;
    let files = [
        "conan_sources.tgz",
        "conanfile.py",
        "conanmanifest.txt",
        "conanmanifest.txt",
    ];
    for file in files {
        let body = event("deployed", &format!("{RECIPE}/export/{file}")).to_string();
        let reply = send(&server, Some(SECRET), &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("cache-control"), "no-store");
        let is_last = file == "conanmanifest.txt";
        let expected = if is_last {
            json!(["sht30/0.0.5@u"])
        } else {
            json!([])
        };
        assert_eq!(reply.json(), json!({"ok": true, "references": expected}));
    }
    assert_eq!(
        hints(&server, id).await,
        ["sht30/0.0.5@u"],
        "a replay adds nothing"
    );
}

#[tokio::test]
async fn deletions_and_moves_are_looked_at_and_other_repositories_are_not() {
    let (server, id) = start().await;
    known(&server, id, "whole", "1.0").await;
    known(&server, id, "whole", "2.0").await;
    let moved = json!({"domain": "artifact", "event_type": "moved", "data": {
        "repo_key": "conan-local", "path": "", "name": "",
        "source_repo_path": "conan-local/u/from/1.0/_/r/export/conanmanifest.txt",
        "target_repo_path": "other-repo/u/to/1.0/_/r/export/conanmanifest.txt"}});
    let mut elsewhere = event("deployed", &format!("{RECIPE}/export/conanmanifest.txt"));
    elsewhere["data"]["repo_key"] = json!("other-repo");
    for body in [
        event("deleted", &format!("{RECIPE}/export/conanfile.py")),
        event("deleted", "u/whole"),
        event("deleted", "u/sht30/0.0.5/_/index.json"),
        event("downloaded", &format!("{RECIPE}/export/conanmanifest.txt")),
        moved,
        elsewhere,
        json!({"domain": "artifact_property", "event_type": "added", "data": {"repo_key": "conan-local"}}),
        json!({}),
    ] {
        let reply = send(&server, Some(SECRET), &body.to_string()).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    let expected = ["from/1.0@u", "sht30/0.0.5@u", "whole/1.0@u", "whole/2.0@u"];
    let mut hints = hints(&server, id).await;
    hints.sort();
    assert_eq!(hints, expected);
}

#[tokio::test]
async fn tarballs_of_npm_are_versions_and_their_folders_packages() {
    let server = Server::with(sealing()).await;
    let settings = json!({"strategy": "npm", "repository": "npm-local"});
    let id = source_of(&server, ("art", "https://art.example"), &settings).await;
    known(&server, id, "whole", "1.0.0").await;
    known(&server, id, "whole", "2.0.0").await;
    let npm = |kind: &str, path: &str| {
        let mut event = event(kind, path);
        event["data"]["repo_key"] = json!("npm-local");
        event
    };
    let moved = json!({"domain": "artifact", "event_type": "moved", "data": {
        "repo_key": "npm-local", "path": "", "name": "",
        "source_repo_path": "npm-local/from/-/from-1.0.0.tgz",
        "target_repo_path": "other-repo/to/-/to-1.0.0.tgz"}});
    for (event, expected) in [
        (
            npm("deployed", "@u/a/-/@u/a-1.2.3.tgz"),
            json!(["a/1.2.3@u"]),
        ),
        // Once more, as they are sent.
        (
            npm("deployed", "@u/a/-/@u/a-1.2.3.tgz"),
            json!(["a/1.2.3@u"]),
        ),
        (
            npm("deployed", "b/-/b-1.2.3-rc.1.tgz"),
            json!(["b/1.2.3-rc.1"]),
        ),
        (npm("deployed", ".npm/b/package.json"), json!([])),
        (
            npm("deployed", &format!("{RECIPE}/export/conanmanifest.txt")),
            json!([]),
        ),
        (
            npm("deleted", "gone/-/gone-1.0.0.tgz"),
            json!(["gone/1.0.0"]),
        ),
        (
            npm("deleted", "@u/whole"),
            json!(["whole/1.0.0@u", "whole/2.0.0@u"]),
        ),
        (npm("deleted", "@u/unknown"), json!([])),
        (moved, json!(["from/1.0.0"])),
        (event("deployed", "b/-/b-9.0.0.tgz"), json!([])),
    ] {
        let reply = send(&server, Some(SECRET), &event.to_string()).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let references = &reply.json()["references"];
        assert_eq!(references, &expected, "{event}");
    }
    let mut hints = hints(&server, id).await;
    hints.sort();
    let expected = [
        "a/1.2.3@u",
        "b/1.2.3-rc.1",
        "from/1.0.0",
        "gone/1.0.0",
        "whole/1.0.0@u",
        "whole/2.0.0@u",
    ];
    assert_eq!(hints, expected);
}

#[tokio::test]
async fn who_has_not_the_secret_is_told_nothing_but_that() {
    let (server, id) = start().await;
    let body = event("deployed", &format!("{RECIPE}/export/conanmanifest.txt")).to_string();
    let key = ring_key(SECRET);
    let signature = ring::hmac::sign(&key, body.as_bytes());
    let mut hex = String::new();
    for byte in signature.as_ref() {
        write!(hex, "{byte:02x}").expect("written");
    }
    let signature = hex;
    for right in [signature.clone(), format!("sha256={signature}")] {
        assert_eq!(send(&server, Some(&right), &body).await.status, 200);
    }
    let altered = body.replace("0.0.5", "0.0.6");
    assert_eq!(send(&server, Some(&signature), &altered).await.status, 401);
    for wrong in [
        None,
        Some(""),
        Some("Bearer x"),
        Some("secret-marke"),
        Some("secret-marker2"),
    ] {
        let reply = send(&server, wrong, &body).await;
        assert_eq!(reply.status, 401, "{wrong:?}");
        assert!(!reply.text().contains(SECRET));
    }
    let reply = send(&server, Some(SECRET), "no json").await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    let large = format!("\"{}\"", "x".repeat(70_000));
    assert_eq!(send(&server, Some(SECRET), &large).await.status, 413);
    assert_eq!(hints(&server, id).await, ["sht30/0.0.5@u"]);
    // Without a secret of its own, a source believes nobody.
    let gone = ask(
        &server,
        Method::PATCH,
        "/-/registry/art",
        &json!({"webhookSecret": null}),
    )
    .await;
    assert_eq!(gone.status, 200);
    assert_eq!(send(&server, Some(SECRET), &body).await.status, 401);
    assert_eq!(send(&server, Some(""), &body).await.status, 401);
    let unknown = Call::new(Method::POST, server.url("/-/registry/nothing/events"));
    let unknown = unknown.header("X-JFrog-Event-Auth", SECRET).body(body);
    assert_eq!(unknown.send().await.expect("answered").status, 404);
}

fn ring_key(secret: &str) -> ring::hmac::Key {
    ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes())
}
