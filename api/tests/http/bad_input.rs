//! Bad input: each with the contract's error, in the contract's shape, and nothing lost.

use http::Method;
use serde_json::{Value, json};
use weir_domain::TaskId;
use weir_testkit::client::{Call, Reply};

use crate::{
    packages::package,
    server::{ADMIN, ALICE, Server},
};

/// Asserts the status, the code, and that the body is exactly the mirror shape.
fn assert_refused(reply: &Reply, status: u16, code: &str, what: &str) {
    assert_eq!(
        reply.status,
        status,
        "{what}: {}",
        String::from_utf8_lossy(&reply.body)
    );
    assert_eq!(
        reply.header("content-type"),
        "application/json; charset=utf-8",
        "{what}"
    );
    assert!(!reply.header("x-request-id").is_empty(), "{what}");
    let body = reply.json();
    let (error, reason) = (&body["error"], body["reason"].as_str().expect("a sentence"));
    assert_eq!(*error, json!(format!("[{code}] {reason}")), "{what}");
    assert_eq!(
        body.as_object().map(serde_json::Map::len),
        Some(2),
        "{what}: {body}"
    );
}

async fn assert_each(server: &Server, table: Vec<(Call, u16, &str)>) {
    for (call, status, code) in table {
        let what = format!("{call:?}");
        let reply = call.send().await.expect("answered");
        assert_refused(&reply, status, code, &what);
    }
    // Nothing is lost: the process still does what it is for.
    assert_eq!(server.fetch("/kept").await.json()["name"], "kept");
}

async fn start() -> Server {
    let server = Server::start().await;
    package("kept").version("1.0.0", "x").publish(&server).await;
    server
}

#[tokio::test]
async fn bad_names_are_absent_to_readers_and_refused_to_writers() {
    let server = start().await;
    let long = "a".repeat(215);
    let names = [
        "..",
        "..%2fx",
        "%2e%2e%2fx",
        "@a%2fb%2fc",
        "@a/b%2fc",
        "@a",
        "@",
        "@/b",
        "@a%2f",
        "a%00b",
        "a%5cb",
        "%25",
        "a%2525b",
        "a%2fb",
        "a%20b",
        "a%0ab",
        "a%09",
        "-",
        "%ff",
        "a@b",
        "%22",
        &long,
    ];
    let mut table = Vec::new();
    for name in names {
        for read in [
            format!("/{name}"),
            format!("/{name}/1.0.0"),
            format!("/{name}/-/x-1.0.0.tgz"),
            format!("/-/pkg/{name}"),
            format!("/-/package/{name}/dist-tags"),
            format!("/-/package/{name}/syncs/{}", TaskId::new()),
            format!("/{name}/sync/log/{}", TaskId::new()),
        ] {
            table.push((server.get(&read), 404, "NOT_FOUND"));
        }
        // A lone scope takes the next part for its name, so these two are other paths.
        if !matches!(name, "@a" | "@") {
            for write in [format!("/-/package/{name}/syncs"), format!("/{name}/sync")] {
                table.push((server.put(&write).bearer(ALICE), 422, "INVALID_PARAM"));
            }
        }
    }
    assert_each(&server, table).await;
}

#[tokio::test]
async fn bodies_are_refused_for_what_is_wrong_with_them() {
    let server = start().await;
    let url = "/-/package/kept/syncs";
    let put = |body: &str| {
        let call = server
            .put(url)
            .bearer(ADMIN)
            .header("content-type", "application/json");
        call.body(body.to_owned())
    };
    let mut table = Vec::new();
    for malformed in [
        "{",
        "{\"tips\":",
        "{'tips':1}",
        "tips",
        "{} {}",
        "\u{0}",
        "[1,",
        "{\"a\":1,}",
    ] {
        table.push((put(malformed), 400, "BAD_REQUEST"));
    }
    table.push((put(&"[".repeat(1000)), 400, "BAD_REQUEST"));
    let versions: Vec<_> = (0..1001).map(|n| format!("1.0.{n}")).collect();
    let refused = [
        json!([]),
        json!("text"),
        json!(1),
        Value::Null,
        json!({"tips": 1}),
        json!({"tips": "x".repeat(1025)}),
        json!({"force": "true"}),
        json!({"force": 1}),
        json!({"skipDependencies": []}),
        json!({"registryName": {}}),
        json!({"registryName": "x".repeat(215)}),
        json!({"specificVersions": 1}),
        json!({"specificVersions": "1.0.0"}),
        json!({"specificVersions": ["latest"]}),
        json!({"specificVersions": ["1.0.0", "1.0.0"]}),
        json!({"specificVersions": versions}),
    ];
    for body in refused {
        table.push((put(&body.to_string()), 422, "INVALID_PARAM"));
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "nonsense",
    ] {
        let call = server.put(url).bearer(ADMIN).header("content-type", kind);
        table.push((call.body("{}"), 415, "UNSUPPORTED_MEDIA_TYPE"));
    }
    assert_each(&server, table).await;
    assert_eq!(
        server.fetch("/syncs").await.json()["data"],
        json!([]),
        "nothing was submitted"
    );
}

#[tokio::test]
async fn every_violation_of_a_body_is_named() {
    let server = start().await;
    let body = json!({"tips": 1, "force": "x", "specificVersions": ["x"], "registryName": 2});
    let reply = server
        .put("/-/package/kept/syncs")
        .bearer(ADMIN)
        .json(&body);
    let reply = reply.send().await.expect("answered");
    let shown = reply.json();
    let reason = shown["reason"].as_str().expect("a text");
    for field in ["tips: ", "force: ", "specificVersions: ", "registryName: "] {
        assert!(reason.contains(field), "{reason}");
    }
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused_declared_or_not() {
    let server = start().await;
    let big = vec![b' '; 1024 * 1024 + 1];
    for path in ["/-/package/kept/syncs", "/kept/sync", "/kept"] {
        let declared = server.put(path).bearer(ALICE).body(big.clone());
        let declared = declared.send().await.expect("answered, not reset");
        assert_refused(&declared, 413, "PAYLOAD_TOO_LARGE", path);
    }
    let mut chunked = format!(
        "PUT /-/package/kept/syncs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ALICE}\r\n\
         connection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    .into_bytes();
    // More than the sockets between us hold: whoever does not read it on resets us.
    for _ in 0..110 {
        chunked.extend_from_slice(b"10000\r\n");
        chunked.extend_from_slice(&vec![b' '; 0x10000]);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let reply = server.raw(&chunked).await;
    assert_refused(&reply, 413, "PAYLOAD_TOO_LARGE", "chunked");
    let announced = format!(
        "PUT /-/package/kept/syncs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ALICE}\r\n\
         connection: close\r\nexpect: 100-continue\r\ncontent-length: 99999999\r\n\r\n"
    );
    let reply = server.raw(announced.as_bytes()).await;
    assert_refused(&reply, 413, "PAYLOAD_TOO_LARGE", "announced");
    let exact = server
        .put("/-/package/kept/syncs")
        .bearer(ALICE)
        .body(vec![b' '; 1024 * 1024]);
    assert_eq!(
        exact.send().await.expect("answered").status,
        201,
        "the limit itself is allowed"
    );
}

#[tokio::test]
async fn a_refusal_is_told_although_the_body_was_not_read() {
    let server = start().await;
    let body = vec![b'x'; 900 * 1024];
    for (call, status) in [
        (Call::new(Method::POST, server.url("/kept")), 405),
        (server.put("/-/package/kept/syncs"), 401),
        (
            server.put("/-/package/kept/syncs").bearer("npm_nobody"),
            401,
        ),
        (server.put("/-/nothing/here/at/all").bearer(ALICE), 404),
    ] {
        let reply = call
            .body(body.clone())
            .send()
            .await
            .expect("answered, not reset");
        assert_eq!(reply.status, status, "{}", reply.text());
    }
}

#[tokio::test]
async fn wrong_methods_and_unknown_routes_have_the_same_shape() {
    let server = start().await;
    let id = server.submit("kept").await;
    let call = |method: Method, path: &str| Call::new(method, server.url(path)).bearer(ADMIN);
    let table = vec![
        (call(Method::POST, "/kept"), 405, "METHOD_NOT_ALLOWED"),
        (call(Method::DELETE, "/-/ping"), 405, "METHOD_NOT_ALLOWED"),
        (call(Method::PATCH, "/syncs"), 405, "METHOD_NOT_ALLOWED"),
        (
            call(Method::POST, "/-/package/kept/syncs"),
            405,
            "METHOD_NOT_ALLOWED",
        ),
        (call(Method::PUT, "/-/docs"), 405, "METHOD_NOT_ALLOWED"),
        (call(Method::OPTIONS, "/kept"), 405, "METHOD_NOT_ALLOWED"),
        (call(Method::GET, "/-/nope"), 404, "NOT_FOUND"),
        (call(Method::PUT, "/-/nope"), 404, "NOT_FOUND"),
        (call(Method::POST, "/-/nope"), 404, "NOT_FOUND"),
        (
            call(Method::DELETE, "/-/-/nope-1.0.0.tgz"),
            404,
            "NOT_FOUND",
        ),
        (call(Method::GET, "/-/nope/x/y/z"), 404, "NOT_FOUND"),
        (call(Method::GET, "/kept/1.0.0/x/y/z"), 404, "NOT_FOUND"),
        (call(Method::GET, "//kept"), 404, "NOT_FOUND"),
        (call(Method::GET, "/kept/"), 404, "NOT_FOUND"),
        (call(Method::POST, "/-/nope/x/y/z"), 404, "NOT_FOUND"),
        (
            call(Method::GET, &format!("/-/package/other/syncs/{id}")),
            404,
            "NOT_FOUND",
        ),
        (
            call(Method::GET, "/-/package/kept/syncs/../../x"),
            404,
            "NOT_FOUND",
        ),
    ];
    assert_each(&server, table).await;
    let refused = call(Method::POST, "/-/package/kept/syncs")
        .send()
        .await
        .expect("answered");
    assert_eq!(refused.header("allow"), "PUT");
}

#[tokio::test]
async fn the_catalogue_has_its_own_shape() {
    let server = start().await;
    for (method, path) in [
        (Method::GET, "/api/v1/nothing"),
        (Method::POST, "/api/v1/x/y"),
    ] {
        let reply = Call::new(method, server.url(path))
            .send()
            .await
            .expect("answered");
        let body = reply.json();
        assert_eq!(
            (reply.status, &body["statusCode"], &body["details"]),
            (404, &json!(404), &json!({}))
        );
        assert_eq!(
            body.as_object().map(serde_json::Map::len),
            Some(3),
            "{body}"
        );
    }
}

#[tokio::test]
async fn bad_queries_and_ranges_are_refused() {
    let server = start().await;
    let id = server.submit("kept").await;
    let log = format!("/syncs/{id}/log");
    let refused = |query: &str| (server.get(&format!("/syncs?{query}")), 422, "INVALID_PARAM");
    let mut table: Vec<_> = [
        "state=failed",
        "state=",
        "kind=x",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=1.5",
        "limit=x",
        "since=yesterday",
        "until=2026-13-01T00:00:00Z",
        "cursor=x",
        "registry=nowhere",
    ]
    .map(refused)
    .into();
    for range in ["bytes=5-", "bytes=9-5", "bytes=x-y", "bytes=-0"] {
        let call = server.get(&log).header("range", range);
        table.push((call, 416, "RANGE_NOT_SATISFIABLE"));
        let call = server.get("/kept/-/kept-1.0.0.tgz").header("range", range);
        table.push((call, 416, "RANGE_NOT_SATISFIABLE"));
    }
    assert_each(&server, table).await;
    let all = server
        .fetch("/syncs?state=x&kind=x&limit=x&since=x&until=x&cursor=x&registry=x")
        .await;
    let shown = all.json();
    let reason = shown["reason"].as_str().expect("a text");
    for field in [
        "state", "kind", "limit", "since", "until", "cursor", "registry",
    ] {
        assert!(reason.contains(&format!("{field}: ")), "{reason}");
    }
}

#[tokio::test]
async fn text_from_outside_comes_back_harmless() {
    let server = start().await;
    for path in [
        "/-/x%1b%5b31m/y/z/%e2%80%ae",
        "/kept/%1b%5b2J",
        "/kept/%0a%0dset-cookie:x",
    ] {
        let reply = server.fetch(path).await;
        assert_eq!(reply.status, 404);
        let text = reply.text();
        assert!(
            !text.contains(['\u{1b}', '\u{202e}', '\n', '\r']),
            "{text:?}"
        );
        assert!(reply.header("set-cookie").is_empty());
    }
}
