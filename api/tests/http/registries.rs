//! Registries, as administrators make, change and remove them and as anybody sees them.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use weir_api::Settings;
use weir_domain::{
    RegistryId, TaskId, Timestamp,
    catalogue::{Facts, PackageKey, Stamp},
};
use weir_runtime::Sealer;
use weir_store::{
    audit,
    catalogue::{self, NewVersion, NewVersions, sources},
    clock, registries,
};
use weir_testkit::{
    PackageSpec, StandIn,
    client::{Call, Reply},
};

use crate::{
    packages::publish_lazily,
    server::{ADMIN, ALICE, Server, plain},
};

/// What every secret of these tests contains.
pub const MARKER: &str = "secret-marker";

/// Settings with a key to seal with.
pub fn sealing() -> Settings {
    let key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    Settings {
        sealer: Arc::new(Sealer::from_text(key, "test").expect("a key")),
        ..plain()
    }
}

/// Asks as an administrator.
pub async fn ask(server: &Server, method: Method, path: &str, body: &Value) -> Reply {
    let call = Call::new(method, server.url(path)).bearer(ADMIN).json(body);
    call.send().await.expect("answered")
}

/// Makes a source of the catalogue.
pub async fn source(server: &Server, name: &str, host: &str) -> RegistryId {
    source_of(server, (name, host), &json!({"repository": "conan-local"})).await
}

/// The same of another kind.
pub async fn source_of(
    server: &Server,
    (name, host): (&str, &str),
    catalogue: &Value,
) -> RegistryId {
    let body = json!({"name": name, "host": host, "type": "artifactory", "isInternal": true,
        "catalogue": catalogue, "webhookSecret": MARKER});
    let made = ask(server, Method::POST, "/-/registry", &body).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    id.parse().expect("an id")
}

/// Writes one version of a package of the catalogue, as a run would.
pub async fn known(server: &Server, registry: RegistryId, name: &str, version: &str) {
    let new = NewVersions {
        key: PackageKey {
            namespace: "u".to_owned(),
            name: name.to_owned(),
        },
        registry,
        task: TaskId::new(),
        versions: vec![NewVersion {
            version: version.to_owned(),
            channel: "_".to_owned(),
            stamp: Stamp {
                revision: "4a2d".to_owned(),
                at: Some(Timestamp(0)),
            },
            facts: Facts::default(),
            readme: None,
            downloads: None,
        }],
    };
    let put = server.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            catalogue::put(tx, &new, now).await
        })
    });
    put.await.expect("written");
}

fn assert_refused(reply: &Reply, status: u16, words: &[&str]) {
    assert_eq!(reply.status, status, "{}", reply.text());
    for word in words {
        assert!(reply.text().contains(word), "{word}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_registry_is_made_shown_and_listed_to_anybody() {
    let server = Server::start().await;
    // The mirror document's own example.
    let body = json!({"name": "Custom Registry", "host": "https://my-custom-registry.com", "type": "cnpm"});
    let made = ask(&server, Method::POST, "/-/registry", &body).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let made = made.json();
    assert_eq!(
        (&made["ok"], &made["registryId"]),
        (&json!(true), &json!("custom-registry"))
    );
    let id = made["id"].as_str().expect("an id");
    let shown = server.fetch("/-/registry/custom-registry").await.json();
    let expected = json!({
        "registryId": "custom-registry", "id": id, "name": "Custom Registry",
        "host": "https://my-custom-registry.com", "type": "cnpmcore", "userPrefix": null,
        "changeStream": null, "response": null, "createdAt": shown["createdAt"],
        "updatedAt": shown["updatedAt"],
    });
    assert_eq!(shown, expected, "how it is asked is for administrators");
    for word in [id, "Custom%20Registry"] {
        let path = format!("/-/registry/{word}");
        assert_eq!(server.fetch(&path).await.json(), expected, "{word}");
    }
    let list = server.fetch("/-/registry").await.json();
    assert_eq!((&list["total"], &list["count"]), (&json!(2), &json!(2)));
    assert_eq!(list["data"][0], expected, "by their slugs");
    let second = server
        .fetch("/-/registry?pageSize=1&pageIndex=1")
        .await
        .json();
    assert_eq!(second["data"][0]["registryId"], "default");
    assert_eq!(second["data"].as_array().map(Vec::len), Some(1));
    for bad in ["pageSize=0", "pageSize=101", "pageSize=x", "pageIndex=-1"] {
        let reply = server.fetch(&format!("/-/registry?{bad}")).await;
        assert_refused(&reply, 422, &["INVALID_PARAM"]);
    }
    assert_eq!(server.fetch("/-/registry/nothing").await.status, 404);
    let inside = server.get("/-/registry/custom-registry").bearer(ADMIN);
    let inside = inside.send().await.expect("answered").json();
    assert_eq!(
        (&inside["hasCredentials"], &inside["isInternal"]),
        (&json!(false), &json!(false))
    );
}

#[tokio::test]
async fn what_is_refused_is_named_and_only_administrators_write() {
    let server = Server::start().await;
    let bad = json!({"name": "", "host": "ftp://x", "type": "maven", "registryId": "A/B",
        "tarballs": "some", "removals": 7, "credentials": {"token": "t", "username": "u"},
        "changeStream": "x", "isInternal": "yes", "catalogue": {"maxRemovedPercent": -1}});
    let reply = ask(&server, Method::POST, "/-/registry", &bad).await;
    let fields = [
        "name:",
        "host:",
        "type:",
        "registryId:",
        "tarballs:",
        "removals:",
        "credentials:",
        "changeStream:",
        "isInternal:",
        "catalogue:",
    ];
    assert_refused(&reply, 422, &fields);
    assert_refused(
        &ask(&server, Method::POST, "/-/registry", &json!({})).await,
        422,
        &["name: is required", "host: is required"],
    );
    let host = |host: &str| json!({"name": "x", "host": host});
    for private in [
        "http://127.0.0.1:1/",
        "http://10.0.0.1",
        "http://[::1]/",
        "http://localhost:4873",
    ] {
        let reply = ask(&server, Method::POST, "/-/registry", &host(private)).await;
        assert_refused(&reply, 422, &["isInternal"]);
    }
    let metadata = json!({"name": "x", "host": "http://169.254.169.254/", "isInternal": true});
    assert_refused(
        &ask(&server, Method::POST, "/-/registry", &metadata).await,
        422,
        &["host:"],
    );
    let no_source =
        json!({"name": "x", "host": "https://x.example", "catalogue": {}, "webhookSecret": "s"});
    let reply = ask(&server, Method::POST, "/-/registry", &no_source).await;
    assert_refused(&reply, 422, &["catalogue:", "webhookSecret:"]);
    let wrong = json!({"name": "x", "host": "https://x.example", "type": "conan",
        "catalogue": {"strategy": "aql", "fullEverySecs": 1, "officialNamespaces": ["a b"]}});
    let reply = ask(&server, Method::POST, "/-/registry", &wrong).await;
    assert_refused(
        &reply,
        422,
        &["strategy", "fullEverySecs", "officialNamespaces"],
    );
    let taken = json!({"name": "default", "host": "https://x.example"});
    assert_refused(
        &ask(&server, Method::POST, "/-/registry", &taken).await,
        409,
        &["CONFLICT"],
    );
    let keyless = json!({"name": "x", "host": "https://x.example", "authToken": "t"});
    assert_refused(
        &ask(&server, Method::POST, "/-/registry", &keyless).await,
        501,
        &["WEIR_SECRET_KEY"],
    );
    for (method, path) in [
        (Method::POST, "/-/registry"),
        (Method::PATCH, "/-/registry/default"),
        (Method::DELETE, "/-/registry/default"),
    ] {
        let call = || Call::new(method.clone(), server.url(path)).json(&host("https://x.example"));
        let alice = call().bearer(ALICE).send().await.expect("answered");
        assert_eq!(
            (alice.status, call().send().await.expect("answered").status),
            (403, 401)
        );
    }
    assert_eq!(
        server.fetch("/-/registry").await.json()["total"],
        1,
        "nothing was made"
    );
}

#[tokio::test]
async fn a_source_of_the_catalogue_keeps_what_is_not_said() {
    let server = Server::with(sealing()).await;
    let id = source(&server, "art", "http://127.0.0.1:9/artifactory").await;
    let found = sources::find(server.content.db.read(), id)
        .await
        .expect("readable");
    let settings = found.expect("a source").settings;
    assert_eq!(
        (settings.repository.as_deref(), settings.max_removed_percent),
        (Some("conan-local"), 30)
    );
    let change =
        json!({"catalogue": {"maxRemovedPercent": 50, "canary": "base/1.0@sifli", "unknown": 1}});
    let changed = ask(&server, Method::PATCH, "/-/registry/art", &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let shown = ask(&server, Method::GET, "/-/registry/art", &json!({}))
        .await
        .json();
    let said = &shown["catalogue"];
    assert_eq!(
        (
            &said["maxRemovedPercent"],
            &said["canary"],
            &said["repository"]
        ),
        (&json!(50), &json!("base/1.0@sifli"), &json!("conan-local"))
    );
    assert_eq!(shown["hasWebhookSecret"], true);
    let gone = ask(
        &server,
        Method::PATCH,
        "/-/registry/art",
        &json!({"webhookSecret": null}),
    )
    .await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    let shown = ask(&server, Method::GET, "/-/registry/art", &json!({}))
        .await
        .json();
    assert_eq!(
        (&shown["hasWebhookSecret"], &shown["catalogue"]["canary"]),
        (&json!(false), &json!("base/1.0@sifli"))
    );
    let other = ask(
        &server,
        Method::PATCH,
        "/-/registry/art",
        &json!({"type": "npm"}),
    )
    .await;
    assert_refused(&other, 422, &["type:"]);
}

#[tokio::test]
async fn what_comes_from_a_registry_keeps_it() {
    let server = Server::with(sealing()).await;
    let stand_in = StandIn::start([PackageSpec::new("a").version("1.0.0", |v| v.size(100))]).await;
    publish_lazily(&server, &stand_in, "a").await;
    let delete = async |path: &str| ask(&server, Method::DELETE, path, &json!({})).await;
    assert_refused(
        &delete("/-/registry/stand-in").await,
        409,
        &["1 packages are mirrored"],
    );
    assert_refused(
        &delete("/-/registry/stand-in?force=true").await,
        409,
        &["mirrored"],
    );
    let id = source(&server, "art", "https://art.example").await;
    known(&server, id, "sht30", "1.0").await;
    let detail = server.fetch("/api/v1/packages/u/sht30").await.json();
    assert_eq!(detail["data"]["readmeUrl"], Value::Null, "it has none");
    assert_refused(
        &delete("/-/registry/art").await,
        409,
        &["1 packages", "force=true"],
    );
    assert_refused(
        &delete("/-/registry/art?force=perhaps").await,
        422,
        &["force"],
    );
    let asked = ask(&server, Method::POST, "/api/v1/sync", &json!({}))
        .await
        .json();
    let removed = delete("/-/registry/art?force=true").await;
    assert_eq!((removed.status, removed.json()), (200, json!({"ok": true})));
    let task = asked["data"]["id"].as_str().expect("an id");
    let task = ask(
        &server,
        Method::GET,
        &format!("/api/v1/sync/{task}"),
        &json!({}),
    )
    .await;
    assert_eq!(
        task.json()["data"]["status"],
        "error",
        "it ends with its source"
    );
    assert_eq!(delete("/-/registry/art").await.status, 404);
    let left = catalogue::known(server.content.db.read(), id).await;
    assert_eq!(left.expect("readable"), []);
    let trail = audit::list(server.content.db.read(), 100)
        .await
        .expect("rows");
    let of_art: Vec<_> = trail
        .iter()
        .rev()
        .filter(|event| event.target == "art")
        .collect();
    let actions: Vec<_> = of_art.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["registry.create", "registry.remove"]);
}

#[tokio::test]
async fn what_the_configuration_says_of_default_is_changed_there() {
    let server = Server::with(Settings {
        has_upstream: true,
        ..sealing()
    })
    .await;
    for change in [
        json!({"host": "https://x.example"}),
        json!({"name": "other"}),
        json!({"tarballs": "all"}),
    ] {
        let reply = ask(&server, Method::PATCH, "/-/registry/default", &change).await;
        assert_refused(&reply, 409, &["WEIR_UPSTREAM"]);
    }
    let own = json!({"userPrefix": "npm:", "changeStream": "https://replicate.example/"});
    assert_eq!(
        ask(&server, Method::PATCH, "/-/registry/default", &own)
            .await
            .status,
        200
    );
    let shown = server.fetch("/-/registry/default").await.json();
    assert_eq!(
        (&shown["userPrefix"], &shown["changeStream"]),
        (&json!("npm:"), &json!("https://replicate.example"))
    );
    assert_refused(
        &ask(&server, Method::DELETE, "/-/registry/default", &json!({})).await,
        409,
        &["WEIR_UPSTREAM"],
    );
    let free = Server::start().await;
    assert_eq!(
        ask(&free, Method::DELETE, "/-/registry/default", &json!({}))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn credentials_fetch_a_lazy_tarball_and_are_shown_to_nobody() {
    let secret = format!("{MARKER}-0123456789");
    let server = Server::with(sealing()).await;
    let upstream = StandIn::builder()
        .package(PackageSpec::new("a").version("1.0.0", |v| v.size(10_000)))
        .behind(&format!("Bearer {secret}"));
    let upstream = upstream.start().await;
    publish_lazily(&server, &upstream, "a").await;
    let mut answers = String::new();
    let refused = server.fetch("/a/-/a-1.0.0.tgz").await;
    assert_ne!(refused.status, 200);
    let change = json!({"credentials": {"token": secret}});
    for reply in [
        ask(&server, Method::PATCH, "/-/registry/stand-in", &change).await,
        ask(&server, Method::GET, "/-/registry/stand-in", &json!({})).await,
        ask(&server, Method::GET, "/-/registry", &json!({})).await,
        ask(&server, Method::GET, "/-/admin/audit", &json!({})).await,
        server.fetch("/-/registry/stand-in").await,
    ] {
        assert_eq!(reply.status, 200, "{}", reply.text());
        answers.push_str(reply.text());
    }
    let tarball = server.fetch("/a/-/a-1.0.0.tgz").await;
    assert_eq!(
        tarball.status,
        200,
        "{}",
        String::from_utf8_lossy(&tarball.body)
    );
    assert!(tarball.body == upstream.tarball_of("a", "1.0.0").bytes);
    assert!(
        answers.contains("\"hasCredentials\":true") && !answers.contains(MARKER),
        "{answers}"
    );

    // In an address they are credentials too.
    let host = format!("https://robot:{secret}@second.example/npm");
    let made = json!({"name": "second", "host": host});
    assert_eq!(
        ask(&server, Method::POST, "/-/registry", &made)
            .await
            .status,
        200
    );
    let shown = ask(&server, Method::GET, "/-/registry/second", &json!({})).await;
    assert_eq!(shown.json()["host"], "https://second.example/npm");
    assert_eq!(shown.json()["hasCredentials"], true);
    // Another origin has not proven to be theirs.
    let moved = json!({"host": "https://third.example/npm"});
    assert_eq!(
        ask(&server, Method::PATCH, "/-/registry/second", &moved)
            .await
            .status,
        200
    );
    let shown = ask(&server, Method::GET, "/-/registry/second", &json!({})).await;
    assert_eq!(shown.json()["hasCredentials"], false);

    let stored = registries::find_by_slug(server.content.db.read(), "stand-in").await;
    let id = stored.expect("readable").expect("there").id;
    let sealed = registries::sealed_credentials(server.content.db.read(), id).await;
    let sealed = sealed.expect("readable").expect("kept");
    let is_in = |bytes: &[u8]| {
        bytes
            .windows(MARKER.len())
            .any(|part| part == MARKER.as_bytes())
    };
    assert!(!is_in(&sealed));
    if let Some(path) = server.database_url().strip_prefix("sqlite://") {
        let path = path.split('?').next().expect("a path");
        for file in [path.to_owned(), format!("{path}-wal")] {
            let bytes = std::fs::read(&file).unwrap_or_default();
            assert!(!is_in(&bytes), "{file}");
        }
    }
}

#[tokio::test]
async fn of_changes_at_once_none_is_lost() {
    let server = Server::with(sealing()).await;
    source(&server, "art", "http://127.0.0.1:9/artifactory").await;
    for round in 1..=10 {
        let changes = [
            json!({"userPrefix": format!("u{round}:")}),
            json!({"changeStream": format!("https://changes.example/{round}")}),
            json!({"catalogue": {"maxRemovedPercent": round}}),
            json!({"catalogue": {"maxRemovedCount": round}}),
        ];
        let changes = changes.iter();
        let asked = changes.map(|body| ask(&server, Method::PATCH, "/-/registry/art", body));
        for reply in futures::future::join_all(asked).await {
            assert_eq!(reply.status, 200, "{}", reply.text());
        }
        let shown = server.get("/-/registry/art").bearer(ADMIN);
        let shown = shown.send().await.expect("answered").json();
        let expected = json!([
            format!("u{round}:"),
            format!("https://changes.example/{round}"),
            round,
            round,
        ]);
        let settings = &shown["catalogue"];
        let found = json!([
            shown["userPrefix"],
            shown["changeStream"],
            settings["maxRemovedPercent"],
            settings["maxRemovedCount"],
        ]);
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn nothing_is_served_without_the_key_of_a_webhooks_secret() {
    let server = Server::with(sealing()).await;
    source(&server, "art", "https://art.example").await;
    let mut keyless = server.another().await;
    let refused = keyless.serving_ended().await;
    let why = refused.expect_err("it does not serve").to_string();
    for word in ["webhooks", "WEIR_SECRET_KEY"] {
        assert!(why.contains(word), "{why}");
    }
}
