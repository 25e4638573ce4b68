//! Blocks: who makes them, what they answer, and what nobody gets any more.

use http::Method;
use serde_json::{Value, json};
use weir_store::{
    audit,
    blocks::{self, Source},
    clock,
};
use weir_testkit::client::{Call, Reply};

use crate::{
    packages::package,
    server::{ADMIN, ALICE, Server, name},
};

/// Everything that is read of `@s/a`, its version 2.0.0 among it.
const READS: [&str; 9] = [
    "/@s/a",
    "/-/package/@s/a/dist-tags",
    "/@s/a/latest",
    "/@s/a/^1.0.0",
    "/@s/a/-/a-1.0.0.tgz",
    "/downloads/point/last-day/@s/a",
    "/@s/a/2.0.0",
    "/@s/a/-/a-2.0.0.tgz",
    "/-/npm/v1/attestations/@s/a@2.0.0",
];

async fn serving() -> Server {
    let server = Server::start().await;
    let versions = package("@s/a")
        .version("1.0.0", "one")
        .version("2.0.0", "two");
    versions.tag("latest", "2.0.0").publish(&server).await;
    server
}

async fn call(server: &Server, method: Method, path: &str, body: Option<Value>) -> Reply {
    let call = Call::new(method, server.url(path)).bearer(ADMIN);
    let call = match &body {
        Some(body) => call.json(body),
        None => call,
    };
    call.send().await.expect("answered")
}

async fn block(server: &Server, path: &str, reason: &str) -> Value {
    let reply = call(server, Method::PUT, path, Some(json!({"reason": reason}))).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    reply.json()
}

async fn unblock(server: &Server, path: &str) {
    let reply = call(server, Method::DELETE, path, None).await;
    assert_eq!((reply.status, reply.json()), (200, json!({"ok": true})));
}

async fn statuses(server: &Server) -> Vec<u16> {
    let mut statuses = Vec::new();
    for path in READS {
        statuses.push(server.fetch(path).await.status);
    }
    statuses
}

async fn found(server: &Server) -> Vec<String> {
    let page = server.fetch("/-/v1/search?text=@s/a").await.json();
    let hits = page["objects"].as_array().expect("a list").iter();
    hits.map(|hit| {
        hit["package"]["version"]
            .as_str()
            .expect("a version")
            .to_owned()
    })
    .collect()
}

const BLOCKS: &str = "/-/package/@s/a/blocks";

#[tokio::test]
async fn a_blocked_package_is_451_on_every_route_until_it_is_unblocked() {
    let server = serving().await;
    let before = statuses(&server).await;
    assert_eq!(before[..8], [200; 8]);
    assert_eq!(found(&server).await, ["2.0.0"]);
    let made = block(&server, BLOCKS, "  It does harm ").await;
    assert_eq!(made["ok"], true);
    assert_eq!(statuses(&server).await, [451; 9]);
    assert!(found(&server).await.is_empty());
    let refused = server.fetch("/@s/a").await;
    let id = call(&server, Method::GET, "/-/admin/audit?action=block", None)
        .await
        .json();
    let operator = id["data"][0]["userId"].as_str().expect("an id").to_owned();
    let reason = format!("It does harm (operator: admin/{operator})");
    assert_eq!(
        refused.json()["error"],
        format!("[UNAVAILABLE_FOR_LEGAL_REASONS] @s/a was blocked, reason: {reason}")
    );
    assert_eq!(refused.header("cache-control"), "no-store");
    let sync = server.put("/-/package/@s/a/syncs").bearer(ADMIN);
    let sync = sync.send().await.expect("answered");
    assert_eq!(sync.status, 403, "{}", sync.text());
    assert!(
        sync.text().contains("is blocked here: It does harm"),
        "{}",
        sync.text()
    );
    let legacy = server.put("/@s/a/sync").bearer(ALICE);
    assert_eq!(legacy.send().await.expect("answered").status, 403);

    let shown = server.fetch(BLOCKS).await;
    assert_eq!(
        (shown.status, shown.header("cache-control")),
        (200, "no-store")
    );
    let shown = shown.json();
    assert_eq!(
        (&shown["blocked"], &shown["reason"]),
        (&json!(true), &json!(reason))
    );
    let item = &shown["data"][0];
    assert_eq!(
        (&item["id"], &item["version"], &item["scope"]),
        (&made["id"], &json!("*"), &json!("package"))
    );
    assert_eq!(
        (&item["created"], &item["modified"]),
        (&shown["createdAt"], &shown["createdAt"])
    );

    let again = block(&server, BLOCKS, "Worse").await;
    assert_eq!(
        (&again["id"], &again["package_id"]),
        (&made["id"], &made["package_id"])
    );
    assert!(
        server
            .fetch("/@s/a")
            .await
            .text()
            .contains("reason: Worse (operator: ")
    );
    unblock(&server, BLOCKS).await;
    assert_eq!(statuses(&server).await, before);
    assert_eq!(found(&server).await, ["2.0.0"]);
    unblock(&server, BLOCKS).await;
    let expected = json!({"blocked": false, "reason": null, "createdAt": null, "data": []});
    assert_eq!(server.fetch(BLOCKS).await.json(), expected);
}

#[tokio::test]
async fn a_blocked_version_is_hidden_and_the_others_are_served() {
    let server = serving().await;
    let before = statuses(&server).await;
    let etag = server.fetch("/@s/a").await.header("etag").to_owned();
    let path = format!("{BLOCKS}/2.0.0");
    let made = block(&server, &path, "why").await;
    assert_eq!(made["version"], "2.0.0");
    let after = statuses(&server).await;
    assert_eq!(after[..6], [200; 6]);
    assert_eq!(after[6..], [451; 3]);
    let packument = server.fetch("/@s/a").await;
    assert_ne!(packument.header("etag"), etag);
    assert_eq!(packument.json()["dist-tags"], json!({"latest": "1.0.0"}));
    let versions = packument.json()["versions"]
        .as_object()
        .expect("versions")
        .len();
    assert_eq!(versions, 1);
    assert_eq!(
        server.fetch("/@s/a/latest").await.json()["version"],
        "1.0.0"
    );
    assert_eq!(server.fetch("/@s/a/*").await.json()["version"], "1.0.0");
    assert_eq!(found(&server).await, ["1.0.0"]);
    let shown = server.fetch(BLOCKS).await.json();
    assert_eq!(
        (&shown["blocked"], &shown["reason"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(shown["data"][0]["version"], "2.0.0");
    let shown = server.fetch(&path).await.json();
    assert_eq!(
        (&shown["blocked"], &shown["data"][0]["scope"]),
        (&json!(true), &json!("version"))
    );
    let other = server.fetch(&format!("{BLOCKS}/1.0.0")).await.json();
    assert_eq!(other["blocked"], false);

    let sync = |versions: Value| {
        server
            .put("/-/package/@s/a/syncs")
            .bearer(ALICE)
            .json(&json!({"specificVersions": versions}))
    };
    let named = sync(json!(["1.0.0", "2.0.0"]))
        .send()
        .await
        .expect("answered");
    assert_eq!(named.status, 403, "{}", named.text());
    let others = sync(json!(["1.0.0"])).send().await.expect("answered");
    assert_eq!(others.status, 201, "{}", others.text());

    unblock(&server, &path).await;
    assert_eq!(statuses(&server).await, before);
    assert_eq!(server.fetch("/@s/a").await.header("etag"), etag);
    assert_eq!(found(&server).await, ["2.0.0"]);
}

#[tokio::test]
async fn what_is_not_mirrored_yet_is_blocked_and_known_by_the_same_id_later() {
    let server = Server::start().await;
    let made = block(&server, BLOCKS, "before it came").await;
    block(&server, &format!("{BLOCKS}/2.0.0"), "that, too").await;
    assert_eq!(server.fetch("/@s/a").await.status, 451);
    let mirrored = package("@s/a")
        .version("1.0.0", "one")
        .publish(&server)
        .await;
    assert_eq!(made["package_id"], mirrored.id.to_string());
    assert_eq!(server.fetch("/@s/a").await.status, 451);
    assert!(found(&server).await.is_empty());
    unblock(&server, BLOCKS).await;
    assert_eq!(server.fetch("/@s/a").await.status, 200);
    assert_eq!(server.fetch("/@s/a/2.0.0").await.status, 451);
}

#[tokio::test]
async fn an_operator_lifts_what_a_removal_blocked() {
    let server = serving().await;
    let put = server.content.db.write(|tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let what = (None, "Removed from the upstream registry");
            blocks::put(tx, &name("@s/a"), what, Source::Removal, now).await
        })
    });
    put.await.expect("blocked");
    assert_eq!(server.fetch("/@s/a").await.status, 451);
    let sync = server.put("/-/package/@s/a/syncs").bearer(ALICE);
    let sync = sync.send().await.expect("answered");
    assert_eq!(
        sync.status,
        201,
        "upstream may have it again: {}",
        sync.text()
    );
    unblock(&server, BLOCKS).await;
    assert_eq!(server.fetch("/@s/a").await.status, 200);
}

#[tokio::test]
async fn blocks_are_for_administrators_and_checked() {
    let server = serving().await;
    for path in [BLOCKS.to_owned(), format!("{BLOCKS}/1.0.0")] {
        for method in [Method::PUT, Method::DELETE] {
            let ask = |token: Option<&str>| {
                let call = Call::new(method.clone(), server.url(&path));
                let call = call.json(&json!({"reason": "mine"}));
                match token {
                    Some(token) => call.bearer(token),
                    None => call,
                }
            };
            let user = ask(Some(ALICE)).send().await.expect("answered");
            assert_eq!(user.status, 403, "{method} {path}");
            let nobody = ask(None).send().await.expect("answered");
            assert_eq!(nobody.status, 401, "{method} {path}");
        }
        for (body, part) in [
            (json!({}), "reason: must be given"),
            (json!({"reason": 7}), "reason: must be a text"),
            (
                json!({"reason": "x".repeat(10_241)}),
                "at most 10240 characters",
            ),
        ] {
            let refused = call(&server, Method::PUT, &path, Some(body)).await;
            assert_eq!(refused.status, 422, "{}", refused.text());
            assert!(refused.text().contains(part), "{}", refused.text());
        }
    }
    for version in ["latest", "^1.0.0", "1.0"] {
        let path = format!("{BLOCKS}/{version}");
        let refused = call(&server, Method::PUT, &path, Some(json!({"reason": "x"}))).await;
        assert_eq!(refused.status, 422, "{version}");
        assert_eq!(server.fetch(&path).await.status, 404, "{version}");
    }
    let odd = call(
        &server,
        Method::PUT,
        "/-/package/..%2fx/blocks",
        Some(json!({"reason": "x"})),
    );
    assert_eq!(odd.await.status, 422);
    let trail = audit::list_of(server.content.db.read(), "block.set", 10).await;
    assert!(trail.expect("readable").is_empty(), "nothing was done");
    assert_eq!(statuses(&server).await[..8], [200; 8]);
}
