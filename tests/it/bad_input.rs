//! Requests that are wrong, byte by byte as they come over the wire: each gets the
//! contract's error, changes nothing, and leaves the server as well as it was.

use serde_json::{Value, json};
use weir_testkit::presets;
use weir_tests::{
    System, Task,
    raw::{self, RawReply},
    system::ADMIN_TOKEN,
};

const UNKNOWN_TASK: &str = "018f0000-0000-7000-8000-000000000000";
const JSON: (&str, &str) = ("content-type", "application/json");

/// A system that has `a` and the task that brought it.
struct Ready {
    system: System,
    task: Task,
    before: Value,
}

impl Ready {
    async fn new() -> Self {
        let system = System::start(["a", "b"].map(|name| presets::history(name, 2, 200))).await;
        let task = system.ask("a").await;
        system.succeeded(&task).await;
        let before = system.get_as_admin("/syncs").await.json()["counts"].clone();
        Self {
            system,
            task,
            before,
        }
    }

    /// Sends a call with the administrator's token.
    async fn call(&self, call: &str, headers: &[(&str, &str)], body: &[u8]) -> RawReply {
        let bearer = format!("Bearer {ADMIN_TOKEN}");
        let headers = [&[("authorization", bearer.as_str())], headers].concat();
        raw::call(self.system.address(), call, &headers, body).await
    }

    /// Sends a wish for `a` with this body.
    async fn wish(&self, body: &str) -> RawReply {
        self.call("PUT /-/package/a/syncs", &[JSON], body.as_bytes())
            .await
    }

    /// Fails the test if anything was lost or begun; then ends it.
    async fn end(self) {
        let after = self.system.get_as_admin("/syncs").await.json()["counts"].clone();
        assert_eq!(after, self.before, "a refused request left a task");
        assert_eq!(self.system.get("/a").await.status, 200);
        self.system.end().await;
    }
}

/// Fails the test unless the answer is this error in the contract's shape.
#[track_caller]
fn assert_error(reply: &RawReply, status: u16, code: &str, what: &str) {
    let body = String::from_utf8_lossy(&reply.body);
    assert_eq!(reply.status, status, "{what}: {}\n{body}", reply.head);
    let json = reply.json();
    let error = json["error"].as_str().unwrap_or_default();
    assert!(error.starts_with(&format!("[{code}] ")), "{what}: {body}");
    let reason = json["reason"].as_str().unwrap_or_default();
    assert!(
        !reason.is_empty() && !reason.starts_with('['),
        "{what}: {body}"
    );
    assert!(
        reply.header("content-type").starts_with("application/json"),
        "{what}: {}",
        reply.head
    );
    assert!(
        !reply.header("x-request-id").is_empty(),
        "{what}: {}",
        reply.head
    );
}

#[tokio::test]
async fn json_that_is_none_is_a_bad_request() {
    let ready = Ready::new().await;
    for body in [
        "{",
        "{]",
        "nul",
        "{\"tips\":}",
        "{\"tips\":\"a\"} {}",
        "\u{0}",
        "{\"tips\":\"\\ud800\"}",
        "'a'",
    ] {
        assert_error(&ready.wish(body).await, 400, "BAD_REQUEST", body);
    }
    let reply = ready
        .call(
            "PUT /-/package/a/syncs",
            &[JSON],
            b"{\"tips\":\"\xff\xfe\"}",
        )
        .await;
    assert_error(&reply, 400, "BAD_REQUEST", "not UTF-8");
    let deep = "[".repeat(100_000);
    let reply = ready.wish(&deep).await;
    assert!(matches!(reply.status, 400 | 413 | 422), "{}", reply.head);
    ready.end().await;
}

#[tokio::test]
async fn well_formed_nonsense_is_refused_by_field() {
    let ready = Ready::new().await;
    let long = "é".repeat(1025);
    let many: Vec<_> = (0..1001).map(|n| format!("1.0.{n}")).collect();
    for (body, field) in [
        (json!({ "force": "yes" }), "force"),
        (json!({ "force": 1 }), "force"),
        (json!({ "skipDependencies": [] }), "skipDependencies"),
        (json!({ "forceSyncHistory": {} }), "forceSyncHistory"),
        (json!({ "tips": 17 }), "tips"),
        (json!({ "tips": long }), "tips"),
        (json!({ "registryName": false }), "registryName"),
        (json!({ "specificVersions": "1.0.0" }), "specificVersions"),
        (
            json!({ "specificVersions": "[\"1.0.0\"" }),
            "specificVersions",
        ),
        (json!({ "specificVersions": [1] }), "specificVersions"),
        (
            json!({ "specificVersions": ["not a version"] }),
            "specificVersions",
        ),
        (
            json!({ "specificVersions": ["1.0.0", "1.0.0"] }),
            "specificVersions",
        ),
        (json!({ "specificVersions": many }), "specificVersions"),
        (json!([]), "body"),
        (json!("text"), "body"),
        (json!(null), "body"),
    ] {
        let reply = ready.wish(&body.to_string()).await;
        assert_error(
            &reply,
            422,
            "INVALID_PARAM",
            &format!("{field}: {body:.60}"),
        );
        assert!(
            reply.json()["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains(field)),
            "{reply:?}"
        );
    }
    let reply = ready
        .wish(&json!({ "tips": 1, "force": 2 }).to_string())
        .await;
    let reason = reply.json()["reason"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(
        reason.contains("tips") && reason.contains("force"),
        "every violation: {reason}"
    );
    ready.end().await;
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_not_found() {
    let ready = Ready::new().await;
    let reply = ready.wish("{\"registryName\":\"elsewhere\"}").await;
    assert_error(&reply, 404, "NOT_FOUND", "registryName");
    ready.end().await;
}

#[tokio::test]
async fn a_body_of_another_kind_is_not_guessed_at() {
    let ready = Ready::new().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let reply = ready
            .call("PUT /-/package/a/syncs", &[("content-type", kind)], b"{}")
            .await;
        assert_error(&reply, 415, "UNSUPPORTED_MEDIA_TYPE", kind);
    }
    ready.end().await;
}

/// Names that no package has, as a path spells them.
fn bad_names() -> Vec<String> {
    let mut names: Vec<_> = [
        "..%2fx",
        "..%2Fx",
        "%2e%2e%2fx",
        "@a%2fb%2fc",
        "@a%2f..",
        "@%2fa",
        "@a%2f",
        "a%00b",
        "%00",
        "a%5cb",
        "a%25b",
        "%25",
        "a%0ab",
        "a%7fb",
        "%ff%fe",
        "@a%2fb%00",
        "%20",
        "a%20b%0d%0aset-cookie:%20x",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("n".repeat(215));
    names.push(format!("@s%2f{}", "n".repeat(212)));
    names
}

#[tokio::test]
async fn a_name_that_cannot_be_is_not_found_by_readers_and_refused_for_writers() {
    let ready = Ready::new().await;
    for name in bad_names() {
        for path in [
            format!("/{name}"),
            format!("/{name}/1.0.0"),
            format!("/{name}/-/x-1.0.0.tgz"),
        ] {
            let reply = raw::get(ready.system.address(), &path).await;
            assert_error(&reply, 404, "NOT_FOUND", &format!("GET {path:.80}"));
        }
        let path = format!("/-/package/{name}/syncs/{UNKNOWN_TASK}");
        let reply = ready.call(&format!("GET {path}"), &[], b"").await;
        assert_error(&reply, 404, "NOT_FOUND", &format!("GET {path:.80}"));
        for path in [format!("/-/package/{name}/syncs"), format!("/{name}/sync")] {
            let reply = ready.call(&format!("PUT {path}"), &[JSON], b"{}").await;
            assert_error(&reply, 422, "INVALID_PARAM", &format!("PUT {path:.80}"));
        }
    }
    ready.end().await;
}

#[tokio::test]
async fn a_path_that_climbs_reaches_nothing() {
    let ready = Ready::new().await;
    let secret = "/data/admin-token";
    for path in [
        "/../..",
        "/../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/a/-/..%2f..%2fweir.sqlite",
        "/a/-/../../a",
        "/a/-/a-1.0.0.tgz/..",
        "//etc/passwd",
        "/./..",
        "/%2e%2e/%2e%2e/x",
        "/-/..",
        "/a/-/%2e%2e",
        "/\\..\\..",
        "/a/-/a-1.0.0.tgz%00.png",
        "/a/-/b-1.0.0.tgz",
        "/a/-/a-9.9.9.tgz",
        "/a/-/a-1.0.0.tgz?x=../../y#z",
    ] {
        let reply = raw::get(ready.system.address(), path).await;
        let is_tarball = path.starts_with("/a/-/a-1.0.0.tgz?");
        let allowed = if is_tarball { 200..=200 } else { 300..=499 };
        assert!(allowed.contains(&reply.status), "{path}: {}", reply.head);
        let text = String::from_utf8_lossy(&reply.body);
        assert!(
            !text.contains("root:") && !text.contains("SQLite") && !text.contains(secret),
            "{path}"
        );
    }
    ready.end().await;
}

#[tokio::test]
async fn a_task_that_is_unknown_or_of_another_package_is_not_found() {
    let ready = Ready::new().await;
    let id = &ready.task.id;
    for path in [
        format!("/-/package/a/syncs/{UNKNOWN_TASK}"),
        format!("/-/package/a/syncs/{UNKNOWN_TASK}/log"),
        format!("/-/package/b/syncs/{id}"),
        format!("/-/package/b/syncs/{id}/log"),
        format!("/-/package/b/syncs/{id}/log?follow=true"),
        format!("/b/sync/log/{id}"),
        format!("/a/sync/log/{UNKNOWN_TASK}"),
        format!("/syncs/{UNKNOWN_TASK}"),
        format!("/syncs/{UNKNOWN_TASK}/log"),
        "/-/package/a/syncs/17".to_owned(),
        "/-/package/a/syncs/not-a-task/log".to_owned(),
        "/-/package/a/syncs/%00".to_owned(),
        "/syncs/..".to_owned(),
        format!("/syncs/{id}0"),
    ] {
        let reply = ready.call(&format!("GET {path}"), &[], b"").await;
        assert_error(&reply, 404, "NOT_FOUND", &path);
    }
    ready.end().await;
}

#[tokio::test]
async fn a_part_of_a_log_that_cannot_be_is_refused() {
    let ready = Ready::new().await;
    let log = format!("/-/package/a/syncs/{}/log", ready.task.id);
    for query in [
        "offset=-1",
        "offset=x",
        "offset=1.5",
        "offset=99999999999999999999999",
        "tail=5001",
        "tail=-1",
        "tail=x",
        "offset=1&tail=1",
        "follow=perhaps",
    ] {
        let reply = ready.call(&format!("GET {log}?{query}"), &[], b"").await;
        assert_error(&reply, 422, "INVALID_PARAM", query);
    }
    let mixed = ready
        .call(
            &format!("GET {log}?offset=1"),
            &[("range", "bytes=0-1")],
            b"",
        )
        .await;
    assert_error(&mixed, 422, "INVALID_PARAM", "offset and a range");
    let far = ready
        .call(&format!("GET {log}?offset=999999999"), &[], b"")
        .await;
    assert_eq!(
        (far.status, far.body.len()),
        (200, 0),
        "behind the end there is nothing yet"
    );
    ready.end().await;
}

#[tokio::test]
async fn a_range_outside_cannot_be_satisfied_and_an_odd_one_is_ignored() {
    let ready = Ready::new().await;
    let size = ready.system.tarball("a", "1.0.1").await.body.len();
    let log = format!("/-/package/a/syncs/{}/log", ready.task.id);
    for path in ["/a/-/a-1.0.1.tgz", log.as_str()] {
        for range in ["bytes=99999999-", "bytes=99999999-99999999", "bytes=-0"] {
            let reply = ready
                .call(&format!("GET {path}"), &[("range", range)], b"")
                .await;
            assert_error(&reply, 416, "RANGE_NOT_SATISFIABLE", range);
            assert!(
                reply.header("content-range").starts_with("bytes */"),
                "{range}: {}",
                reply.head
            );
        }
        for range in [
            "bytes=",
            "bytes=a-b",
            "bytes=5-2",
            "lines=1-2",
            "bytes=0-1,3-4",
            "0-1",
            "bytes=18446744073709551616-",
        ] {
            let reply = ready
                .call(&format!("GET {path}"), &[("range", range)], b"")
                .await;
            assert!(
                matches!(reply.status, 200 | 206 | 416),
                "{range}: {}",
                reply.head
            );
        }
    }
    let part = ready
        .call("GET /a/-/a-1.0.1.tgz", &[("range", "bytes=10-19")], b"")
        .await;
    assert_eq!((part.status, part.body.len()), (206, 10));
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{size}"));
    ready.end().await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_or_not_it_says_its_length() {
    let ready = Ready::new().await;
    let large = format!("{{\"tips\":\"{}\"}}", "x".repeat(3 << 20));
    let reply = ready.wish(&large).await;
    assert_error(&reply, 413, "PAYLOAD_TOO_LARGE", "with a length");
    let chunk = "x".repeat(64 << 10);
    let mut request = format!(
        "PUT /-/package/a/syncs HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {ADMIN_TOKEN}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    for _ in 0..48 {
        request.extend([format!("{:x}\r\n", chunk.len()).as_str(), &chunk, "\r\n"]);
    }
    let reply = raw::send(ready.system.address(), request + "0\r\n\r\n").await;
    assert_error(&reply, 413, "PAYLOAD_TOO_LARGE", "in chunks");
    ready.end().await;
}

#[tokio::test]
async fn a_method_that_is_none_of_the_route_is_said_so() {
    let ready = Ready::new().await;
    let task = format!("/-/package/a/syncs/{}", ready.task.id);
    for call in [
        "POST /-/package/a/syncs".to_owned(),
        "PATCH /-/package/a/syncs".to_owned(),
        format!("POST {task}/log"),
        format!("PUT {task}"),
        "POST /syncs".to_owned(),
        "POST /-/ping".to_owned(),
        "DELETE /-/whoami".to_owned(),
        "BREW /a".to_owned(),
    ] {
        for headers in [&[][..], &[JSON]] {
            let reply = ready.call(&call, headers, b"{}").await;
            assert_error(&reply, 405, "METHOD_NOT_ALLOWED", &call);
        }
    }
    ready.end().await;
}

#[tokio::test]
async fn who_is_not_allowed_is_told_so() {
    let ready = Ready::new().await;
    let address = ready.system.address();
    let reply = raw::call(address, "PUT /-/package/a/syncs", &[JSON], b"{}").await;
    assert_error(&reply, 401, "UNAUTHORIZED", "nobody");
    assert!(
        reply.header("www-authenticate").starts_with("Bearer"),
        "{}",
        reply.head
    );
    for value in [
        "Bearer wrong",
        "Bearer",
        "Bearer ",
        "Basic %%%",
        "Digest x",
        "bearer npm_x y",
        &format!("Bearer {ADMIN_TOKEN}x"),
    ] {
        let headers = [("authorization", value)];
        let reply = raw::call(address, "PUT /-/package/a/syncs", &headers, b"{}").await;
        assert_error(&reply, 401, "UNAUTHORIZED", value);
        let reply = raw::call(address, "GET /a", &headers, b"").await;
        assert_error(&reply, 401, "UNAUTHORIZED", &format!("a read with {value}"));
    }
    let in_query =
        format!("GET /-/whoami?token={ADMIN_TOKEN}&authorization=Bearer%20{ADMIN_TOKEN}");
    let reply = raw::call(address, &in_query, &[], b"").await;
    assert_eq!(reply.status, 401, "credentials in a query: {}", reply.head);
    ready.end().await;
}

#[tokio::test]
async fn what_is_no_http_at_all_is_refused_quickly() {
    let ready = Ready::new().await;
    let address = ready.system.address();
    let long_header = format!(
        "GET /a HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n",
        "y".repeat(64 << 10)
    );
    let long_path = format!(
        "GET /{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        "p".repeat(60 << 10)
    );
    for request in [
        "nonsense\r\n\r\n",
        "GET\r\n\r\n",
        "GET /a\r\n\r\n",
        "GET /a HTTP/9.9\r\n\r\n",
        "\u{0}\u{0}\u{0}\r\n\r\n",
        "GET /a HTTP/1.1\r\nbad header\r\n\r\n",
        long_header.as_str(),
        long_path.as_str(),
        "PUT /-/package/a/syncs HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        "PUT /-/package/a/syncs HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
    ] {
        let reply = raw::send(address, request).await;
        assert!(
            matches!(reply.status, 0 | 400..=499),
            "{request:.60}: {}",
            reply.head
        );
    }
    ready.end().await;
}

#[tokio::test]
async fn lists_are_asked_for_within_bounds() {
    let ready = Ready::new().await;
    for query in [
        "limit=0",
        "limit=x",
        "limit=-1",
        "limit=100000",
        "state=odd",
        "kind=odd",
        "since=yesterday",
        "cursor=%00",
    ] {
        let reply = ready.call(&format!("GET /syncs?{query}"), &[], b"").await;
        assert_error(&reply, 422, "INVALID_PARAM", query);
    }
    ready.end().await;
}

#[tokio::test]
async fn a_remark_is_not_in_the_log_that_anybody_may_read() {
    let ready = Ready::new().await;
    let tips = "line\nbreak \u{1b}[31mred\u{1b}[0m \u{202e}back";
    let task = ready.system.ask_with("b", &json!({ "tips": tips })).await;
    ready.system.succeeded(&task).await;
    let text = ready.system.log_text(&task).await;
    assert!(
        !text.contains("break") && !text.contains('\u{1b}') && !text.contains('\u{202e}'),
        "{text:?}"
    );
    ready.system.log(&task).await;
    ready.system.end().await;
}
