//! Repeating what failed, over HTTP: one task, and many by a filter.

use serde_json::{Value, json};
use weir_domain::{TaskId, task::ErrorCode};
use weir_store::{audit, task_requests, tasks::Outcome, tokens::NewToken};
use weir_testkit::client::{Call, Reply};

use crate::server::{ADMIN, ALICE, Server};

async fn post(server: &Server, path: &str, token: Option<&str>) -> Reply {
    let call = Call::new(http::Method::POST, server.url(path));
    let call = match token {
        Some(token) => call.bearer(token),
        None => call,
    };
    call.send().await.expect("answered")
}

impl Server {
    /// Runs a task of this name to its failure.
    pub async fn fail(&self, name: &str, body: &Value, token: &str, code: ErrorCode) -> TaskId {
        let call = self.put(&format!("/-/package/{name}/syncs")).bearer(token);
        let reply = call.json(body).send().await.expect("answered");
        assert_eq!(reply.status, 201, "{}", reply.text());
        let fence = self.claim().await;
        self.finish(fence, Outcome::failed(code, "it did not work"))
            .await;
        fence.task
    }

    async fn shown(&self, id: &Value) -> Value {
        let path = format!("/syncs/{}", id.as_str().expect("an id"));
        let call = self.get(&path).bearer(ALICE);
        call.send().await.expect("answered").json()
    }
}

#[tokio::test]
async fn a_failed_task_is_repeated_as_a_new_one() {
    let server = Server::start().await;
    let body = json!({"skipDependencies": true, "tips": "mine", "specificVersions": ["1.0.0"]});
    let former = server
        .fail("a", &body, ADMIN, ErrorCode::UpstreamUnavailable)
        .await;
    let path = format!("/syncs/{former}/retry");
    let reply = post(&server, &path, Some(ALICE)).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    let again = reply.json();
    let id = again["id"].clone();
    assert_ne!(id, json!(former));
    assert_eq!(
        again,
        json!({"ok": true, "id": id, "type": "package", "state": "waiting", "retryOf": former})
    );
    let shown = server.shown(&id).await;
    assert_eq!(
        (&shown["retryOf"], &shown["requestedBy"]),
        (&json!(former), &json!("alice"))
    );
    assert_eq!(
        shown["requests"][0]["tips"],
        Value::Null,
        "it is her wish, not his"
    );
    let id: TaskId = id.as_str().expect("an id").parse().expect("a UUID");
    let requests = task_requests::live(server.content.db.read(), id)
        .await
        .expect("readable");
    assert!(requests[0].options.skip_dependencies, "wanted as before");
    assert_eq!(requests[0].options.specific_versions.len(), 1);
    let twice = post(&server, &path, Some(ALICE)).await;
    assert_eq!(
        (twice.status, &twice.json()["id"]),
        (201, &json!(id)),
        "joined"
    );
    assert_eq!(server.shown(&json!(former)).await["state"], "error");
}

#[tokio::test]
async fn only_what_failed_is_repeated_and_only_by_who_may_wish_it() {
    let server = Server::start().await;
    let waiting = server.submit("a").await;
    assert_eq!(
        post(&server, &format!("/syncs/{waiting}/retry"), Some(ALICE))
            .await
            .status,
        409
    );
    let fence = server.claim().await;
    assert_eq!(
        post(&server, &format!("/syncs/{waiting}/retry"), Some(ADMIN))
            .await
            .status,
        409
    );
    server.finish(fence, Outcome::default()).await;
    let done = post(&server, &format!("/syncs/{waiting}/retry"), Some(ALICE)).await;
    assert_eq!(done.status, 409);
    assert!(done.text().contains("success"), "{}", done.text());
    let forced = server
        .fail("b", &json!({"force": true}), ADMIN, ErrorCode::Internal)
        .await;
    for (path, token, status) in [
        (format!("/syncs/{forced}/retry"), None, 401),
        (format!("/syncs/{forced}/retry"), Some(ALICE), 403),
        (format!("/syncs/{forced}/retry"), Some(ADMIN), 201),
        (format!("/syncs/{}/retry", TaskId::new()), Some(ADMIN), 404),
        ("/syncs/nonsense/retry".to_owned(), Some(ADMIN), 404),
    ] {
        let reply = post(&server, &path, token).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text());
    }
}

#[tokio::test]
async fn failures_are_repeated_by_filter_and_page() {
    let server = Server::start().await;
    let mut failed = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        let code = if name == "c" {
            ErrorCode::Timeout
        } else {
            ErrorCode::NotFound
        };
        failed.push(server.fail(name, &json!({}), ALICE, code).await);
    }
    let one = post(&server, "/syncs/retry?code=timeout", Some(ADMIN)).await;
    assert_eq!(one.status, 200, "{}", one.text());
    let one = one.json();
    assert_eq!(
        (&one["count"], &one["data"][0]["retryOf"]),
        (&json!(1), &json!(failed[2]))
    );
    let none = post(&server, "/syncs/retry?target=z", Some(ADMIN))
        .await
        .json();
    assert_eq!(
        (&none["count"], &none["pagination"]["nextCursor"]),
        (&json!(0), &Value::Null)
    );
    let mut path = "/syncs/retry?kind=sync_package&registry=default&limit=3".to_owned();
    let mut repeated = Vec::new();
    loop {
        let page = post(&server, &path, Some(ADMIN)).await.json();
        let data = page["data"].as_array().expect("a list");
        assert_eq!(page["count"], data.len());
        repeated.extend(data.iter().map(|task| task["retryOf"].clone()));
        let Some(cursor) = page["pagination"]["nextCursor"].as_str() else {
            break;
        };
        path = format!("/syncs/retry?kind=sync_package&registry=default&limit=3&cursor={cursor}");
    }
    assert_eq!(repeated, [4, 3, 1, 0].map(|at: usize| json!(failed[at])));
    let counts = server.fetch("/syncs").await.json()["counts"].clone();
    assert_eq!(
        (&counts["waiting"], &counts["error"]),
        (&json!(5), &json!(5))
    );
    let trail = audit::list(server.content.db.read(), 10)
        .await
        .expect("readable");
    assert_eq!((trail[0].action.as_str(), trail.len()), ("task.retry", 3));
    let listed = server.fetch("/syncs?code=timeout").await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn repeating_many_is_for_administrators_and_checked() {
    let server = Server::start().await;
    server
        .token(
            "bob",
            "npm_bob-token-of-the-retry-tests-0123456789",
            NewToken::default(),
        )
        .await;
    for (query, token, status) in [
        ("", None, 401),
        ("", Some(ALICE), 403),
        ("?limit=1000", Some(ADMIN), 200),
        ("?limit=1001", Some(ADMIN), 422),
        ("?limit=0", Some(ADMIN), 422),
        ("?code=nonsense", Some(ADMIN), 422),
        ("?kind=nonsense", Some(ADMIN), 422),
        ("?since=yesterday", Some(ADMIN), 422),
        ("?registry=nowhere", Some(ADMIN), 422),
        ("?cursor=%00", Some(ADMIN), 422),
    ] {
        let reply = post(&server, &format!("/syncs/retry{query}"), token).await;
        assert_eq!(reply.status, status, "{query}: {}", reply.text());
    }
}

#[tokio::test]
async fn anybody_repeats_what_anybody_may_wish_and_sees_no_more() {
    let server = Server::with(weir_api::Settings {
        allows_anonymous_sync: true,
        ..weir_api::Settings::default()
    })
    .await;
    let former = server
        .fail("a", &json!({}), ALICE, ErrorCode::NotFound)
        .await;
    let path = format!("/syncs/{former}/retry");
    let keyed = || Call::new(http::Method::POST, server.url(&path)).header("idempotency-key", "k");
    let first = keyed().send().await.expect("answered");
    assert_eq!(first.status, 201, "{}", first.text());
    let again = keyed().send().await.expect("answered");
    assert_eq!(again.text(), first.text(), "an address has keys too");
    let shown = server.fetch(&format!("/syncs/{former}")).await;
    assert!(!shown.text().contains("alice"), "{}", shown.text());
    let drill = post(&server, "/-/admin/drills", Some(ADMIN)).await.json()["ids"][0].clone();
    let drill = drill.as_str().expect("an id");
    for path in [format!("/syncs/{drill}/retry"), "/syncs/retry".to_owned()] {
        let reply = post(&server, &path, None).await;
        assert!(
            [401, 404].contains(&reply.status),
            "{path}: {}",
            reply.text()
        );
    }
    let reply = post(&server, &format!("/syncs/{drill}/retry"), Some(ALICE)).await;
    assert_eq!(reply.status, 409, "she may see it: {}", reply.text());
}
