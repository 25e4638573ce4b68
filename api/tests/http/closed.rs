//! Packages that are bound to teams: served to their readers, and for nobody else there.

use http::Method;
use serde_json::{Value, json};
use weir_testkit::{client::Reply, until};

use crate::{
    orgs::{BOB, SAM, acme, ask},
    packages::package,
    server::{ADMIN, ALICE, Server},
};

/// Everything that is read of `@acme/tool`.
const READS: [&str; 8] = [
    "/@acme/tool",
    "/-/pkg/@acme/tool",
    "/@acme/tool/latest",
    "/@acme/tool/1.0.0",
    "/@acme/tool/-/tool-1.0.0.tgz",
    "/-/package/@acme/tool/dist-tags",
    "/downloads/point/last-day/@acme/tool",
    "/-/package/@acme/tool/visibility",
];
const BINDINGS: &str = "/-/team/acme/devs/package";

async fn bound() -> Server {
    let server = acme().await;
    let tool = package("@acme/tool").version("1.0.0", "one");
    tool.tag("latest", "1.0.0").publish(&server).await;
    // Warm: what lies ready in memory is no way around.
    for path in READS {
        assert_eq!(server.fetch(path).await.status, 200, "{path}");
    }
    bind(&server).await;
    server
}

async fn bind(server: &Server) {
    let body = json!({"package": "@acme/tool", "permissions": "read-write"});
    let done = ask(server, ALICE, Method::PUT, BINDINGS, body).await;
    assert_eq!(done.status, 200, "{}", done.text());
}

async fn get(server: &Server, token: &str, path: &str) -> Reply {
    ask(server, token, Method::GET, path, Value::Null).await
}

#[tokio::test]
async fn a_bound_package_is_read_by_its_team_and_is_not_there_for_others() {
    let server = bound().await;
    for path in READS {
        for (token, status) in [
            ("", 404),
            (SAM, 404),
            (BOB, 200),
            (ALICE, 200),
            (ADMIN, 200),
        ] {
            let reply = get(&server, token, path).await;
            assert_eq!(reply.status, status, "{path} {token}: {}", reply.text());
        }
        // What its readers read is not there for the next in line.
        assert_eq!(get(&server, "", path).await.status, 404, "{path}");
        let unknown = path.replace("tool", "gone");
        let (closed, unknown) = (
            get(&server, SAM, path).await,
            get(&server, SAM, &unknown).await,
        );
        assert_eq!(
            closed.text().replace("tool", "gone"),
            unknown.text(),
            "{path}"
        );
        assert_eq!(
            closed.headers["content-type"],
            unknown.headers["content-type"]
        );
        assert_eq!(closed.header("cache-control"), "no-store");
    }
    let attested = "/-/npm/v1/attestations/@acme/tool@1.0.0";
    let reply = get(&server, SAM, attested).await;
    assert_eq!(reply.status, 404);
    assert!(
        reply
            .text()
            .contains("There are no attestations of @acme/tool@1.0.0")
    );
}

#[tokio::test]
async fn what_only_some_may_read_is_kept_by_nobody_in_between() {
    let server = bound().await;
    for (path, kept) in [
        ("/@acme/tool", "private, max-age=0"),
        ("/@acme/tool/1.0.0", "private, max-age=0"),
        (
            "/@acme/tool/-/tool-1.0.0.tgz",
            "private, immutable, max-age=31536000",
        ),
        ("/-/package/@acme/tool/dist-tags", "private, max-age=0"),
        (
            "/downloads/range/last-week/@acme/tool",
            "private, max-age=0",
        ),
    ] {
        let reply = get(&server, BOB, path).await;
        assert_eq!(
            (reply.status, reply.header("cache-control")),
            (200, kept),
            "{path}"
        );
        let vary = reply.header("vary").to_owned();
        assert!(vary.contains("authorization"), "{path}: {vary}");
    }
    let first = get(&server, BOB, "/@acme/tool").await;
    let etag = first.header("etag").to_owned();
    let again = server
        .get("/@acme/tool")
        .bearer(BOB)
        .header("if-none-match", &etag);
    assert_eq!(again.send().await.expect("answered").status, 304);
    let part = server
        .get("/@acme/tool/-/tool-1.0.0.tgz")
        .bearer(BOB)
        .header("range", "bytes=0-0");
    assert_eq!(part.send().await.expect("answered").status, 206);
    package("open").version("1.0.0", "x").publish(&server).await;
    for token in ["", BOB] {
        let reply = get(&server, token, "/open").await;
        assert_eq!(
            reply.header("cache-control"),
            "public, max-age=0",
            "{token}"
        );
        assert_eq!(reply.header("vary"), "accept, accept-encoding");
    }
}

#[tokio::test]
async fn searches_and_syncs_tell_of_it_only_to_its_readers() {
    let server = bound().await;
    let task = ask(
        &server,
        BOB,
        Method::PUT,
        "/-/package/@acme/tool/syncs",
        Value::Null,
    )
    .await;
    assert_eq!(task.status, 201, "{}", task.text());
    let id = task.json()["id"].as_str().expect("an id").to_owned();
    let paths = [
        format!("/syncs/{id}"),
        format!("/syncs/{id}/log"),
        format!("/-/package/@acme/tool/syncs/{id}"),
        format!("/-/package/@acme/tool/syncs/{id}/log"),
        format!("/@acme/tool/sync/log/{id}"),
    ];
    for (token, status, count) in [("", 404, 0), (SAM, 404, 0), (BOB, 200, 1), (ADMIN, 200, 1)] {
        for path in &paths {
            let reply = get(&server, token, path).await;
            assert_eq!(reply.status, status, "{path} {token}: {}", reply.text());
        }
        let listed = get(&server, token, "/syncs").await.json();
        assert_eq!(
            listed["data"].as_array().map(Vec::len),
            Some(count),
            "{token}"
        );
        for text in ["tool", ""] {
            let found = get(&server, token, &format!("/-/v1/search?text={text}"))
                .await
                .json();
            assert_eq!(found["total"], count, "{token} {text:?}");
        }
    }
    let ticket = ask(
        &server,
        SAM,
        Method::POST,
        &format!("/syncs/{id}/ticket"),
        Value::Null,
    )
    .await;
    assert_eq!(ticket.status, 404);
    for (method, path) in [
        (Method::PUT, "/-/package/@acme/tool/syncs".to_owned()),
        (Method::DELETE, format!("/syncs/{id}")),
        (Method::POST, format!("/syncs/{id}/retry")),
    ] {
        let reply = ask(&server, SAM, method, &path, Value::Null).await;
        assert_eq!(reply.status, 404, "{path}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_block_of_it_is_told_to_its_readers_only() {
    let server = bound().await;
    let path = "/-/package/@acme/tool/blocks";
    let block = ask(&server, ADMIN, Method::PUT, path, json!({"reason": "why"})).await;
    assert_eq!(block.status, 201);
    for (token, status, is_blocked) in [("", 404, false), (SAM, 404, false), (BOB, 451, true)] {
        assert_eq!(
            get(&server, token, "/@acme/tool").await.status,
            status,
            "{token}"
        );
        let shown = get(&server, token, path).await.json();
        assert_eq!(shown["blocked"], is_blocked, "{token}");
    }
}

#[tokio::test]
async fn a_package_is_opened_and_closed_by_those_who_manage_its_scope() {
    let server = bound().await;
    let access = "/-/package/@acme/tool/access";
    for (token, body, status) in [
        ("", json!({"access": "public"}), 401),
        (SAM, json!({"access": "public"}), 404),
        (BOB, json!({"access": "public"}), 403),
        (ALICE, json!({"access": "open"}), 422),
        (ALICE, json!({"publish_requires_tfa": true}), 422),
        (ALICE, json!({"access": "public"}), 200),
    ] {
        let reply = ask(&server, token, Method::POST, access, body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.text());
    }
    let visible = get(&server, "", "/-/package/@acme/tool/visibility")
        .await
        .json();
    assert_eq!(visible, json!({"public": true}));
    assert_eq!(
        get(&server, "", "/@acme/tool")
            .await
            .header("cache-control"),
        "public, max-age=0"
    );
    let close = json!({"access": "restricted"});
    assert_eq!(
        ask(&server, ALICE, Method::POST, access, close.clone())
            .await
            .status,
        200
    );
    assert_eq!(get(&server, "", "/@acme/tool").await.status, 404);
    let visible = get(&server, BOB, "/-/package/@acme/tool/visibility")
        .await
        .json();
    assert_eq!(visible, json!({"public": false}));
    // Nobody takes what is not theirs.
    let other = ask(
        &server,
        ALICE,
        Method::POST,
        "/-/package/lodash/access",
        close.clone(),
    )
    .await;
    assert_eq!(other.status, 403);
    let other = json!({"package": "lodash", "permissions": "read-only"});
    let refused = ask(&server, ALICE, Method::PUT, BINDINGS, other.clone()).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert_eq!(
        ask(&server, ADMIN, Method::PUT, BINDINGS, other)
            .await
            .status,
        200
    );
    assert_eq!(
        ask(
            &server,
            BOB,
            Method::PUT,
            BINDINGS,
            json!({"package": "@acme/x"})
        )
        .await
        .status,
        403
    );
}

#[tokio::test]
async fn bindings_are_listed_in_npms_words_and_released() {
    let server = bound().await;
    let other = json!({"package": "@acme/other", "permissions": "read-only"});
    assert_eq!(
        ask(&server, ALICE, Method::PUT, BINDINGS, other)
            .await
            .status,
        200
    );
    let both = json!({"@acme/other": "read", "@acme/tool": "write"});
    for path in [BINDINGS, "/-/org/acme/package", "/-/user/bob/package"] {
        assert_eq!(get(&server, BOB, path).await.json(), both, "{path}");
    }
    assert_eq!(get(&server, SAM, "/-/user/bob/package").await.status, 404);
    assert_eq!(
        get(&server, ADMIN, "/-/user/nobody/package").await.status,
        404
    );
    let who = "/-/package/@acme/tool/collaborators";
    assert_eq!(
        get(&server, ALICE, who).await.json(),
        json!({"bob": "write"})
    );
    assert_eq!(get(&server, SAM, who).await.status, 404);
    assert_eq!(
        get(&server, SAM, "/-/package/gone/collaborators")
            .await
            .status,
        404
    );
    for (body, status) in [
        (json!({"package": "@acme/tool"}), 200),
        (json!({"package": "@acme/tool"}), 404),
        (json!({"package": ".."}), 422),
        (json!({}), 422),
    ] {
        let reply = ask(&server, ALICE, Method::DELETE, BINDINGS, body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.text());
    }
    assert_eq!(
        get(&server, BOB, "/@acme/tool").await.status,
        404,
        "it stays closed"
    );
    assert_eq!(get(&server, ADMIN, "/@acme/tool").await.status, 200);
}

#[tokio::test]
async fn every_process_closes_and_blocks_within_a_second() {
    let server = acme().await;
    let tool = package("@acme/tool").version("1.0.0", "one");
    tool.tag("latest", "1.0.0").publish(&server).await;
    let other = server.another().await;
    let path = "/@acme/tool/-/tool-1.0.0.tgz";
    for _ in 0..2 {
        assert_eq!(get(&other, "", "/@acme/tool").await.status, 200);
        assert_eq!(get(&other, "", path).await.status, 200);
    }
    bind(&server).await;
    let bound = std::time::Duration::from_secs(1);
    until("it to be closed", bound, async || {
        get(&other, "", "/@acme/tool").await.status == 404
            && get(&other, "", path).await.status == 404
    })
    .await;
    assert_eq!(get(&other, BOB, path).await.status, 200);
    let block = json!({"reason": "why"});
    let done = ask(
        &server,
        ADMIN,
        Method::PUT,
        "/-/package/@acme/tool/blocks/1.0.0",
        block,
    )
    .await;
    assert_eq!(done.status, 201);
    until("it to be blocked", bound, async || {
        get(&other, BOB, path).await.status == 451
    })
    .await;
    // Whoever is taken out is out at once, everywhere.
    let leave = json!({"user": "bob"});
    ask(
        &server,
        ALICE,
        Method::DELETE,
        "/-/team/acme/devs/user",
        leave,
    )
    .await;
    assert_eq!(get(&other, BOB, "/@acme/tool").await.status, 404);
}
