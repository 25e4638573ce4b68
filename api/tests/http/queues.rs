//! What administrators do to queues and to single tasks in them.

use http::Method;
use serde_json::{Value, json};
use weir_domain::TaskId;
use weir_store::audit;
use weir_testkit::client::{Call, Reply};

use crate::server::{ADMIN, ALICE, Server};

const QUEUE: &str = "/-/admin/queues/sync_package";

async fn call(
    server: &Server,
    method: Method,
    path: &str,
    token: &str,
    body: Option<Value>,
) -> Reply {
    let call = Call::new(method, server.url(path)).bearer(token);
    let call = match body {
        Some(body) => call.json(&body),
        None => call,
    };
    call.send().await.expect("answered")
}

async fn post(server: &Server, path: &str, token: &str) -> Reply {
    call(server, Method::POST, path, token, None).await
}

async fn patch(server: &Server, task: TaskId, body: Value) -> Reply {
    let path = format!("/syncs/{task}");
    call(server, Method::PATCH, &path, ADMIN, Some(body)).await
}

async fn is_ready(server: &Server) -> bool {
    let place = server.fetch("/syncs").await.json();
    !place["data"][0]["queuePosition"].is_null()
}

#[tokio::test]
async fn a_paused_queue_is_left_alone_until_it_is_resumed() {
    let server = Server::start().await;
    let before = call(&server, Method::GET, QUEUE, ADMIN, None).await;
    let expected = json!({
        "ok": true, "kind": "sync_package", "paused": false, "changedAt": null, "changedBy": null,
        "counts": {"waiting": 0, "processing": 0, "success": 0, "error": 0},
    });
    assert_eq!((before.status, before.json()), (200, expected));
    assert_eq!(before.header("cache-control"), "no-store");
    let paused = post(&server, &format!("{QUEUE}/pause"), ADMIN).await;
    assert_eq!(
        (paused.status, &paused.json()["paused"]),
        (200, &json!(true))
    );
    assert_eq!(paused.json()["changedBy"], "admin");
    server.submit("a").await;
    assert!(is_ready(&server).await && server.try_claim().await.is_none());
    let again = post(&server, &format!("{QUEUE}/pause"), ADMIN).await;
    assert_eq!(again.json()["changedAt"], paused.json()["changedAt"]);
    assert_eq!(again.json()["counts"]["waiting"], 1);
    let list = call(&server, Method::GET, "/-/admin/queues", ADMIN, None)
        .await
        .json();
    let states: Vec<_> = list["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|queue| {
            (
                queue["kind"].as_str().expect("a word"),
                queue["paused"].as_bool(),
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            ("sync_package", Some(true)),
            ("drill", Some(false)),
            ("verify_blobs", Some(false)),
            ("collect_blobs", Some(false)),
            ("sync_catalogue", Some(false)),
            ("sync_catalogues", Some(false)),
        ]
    );
    let resumed = post(&server, &format!("{QUEUE}/resume"), ADMIN).await;
    assert_eq!(resumed.json()["paused"], false);
    assert!(server.try_claim().await.is_some());
    let trail = audit::list(server.content.db.read(), 10)
        .await
        .expect("a trail");
    let actions: Vec<_> = trail
        .iter()
        .map(|event| event.action.as_str())
        .filter(|action| action.starts_with("queue"))
        .collect();
    assert_eq!(
        actions,
        ["queue.resume", "queue.pause"],
        "newest first, each once"
    );
}

#[tokio::test]
async fn queues_are_for_administrators() {
    let server = Server::start().await;
    for (method, path) in [
        (Method::GET, "/-/admin/queues".to_owned()),
        (Method::GET, QUEUE.to_owned()),
        (Method::POST, format!("{QUEUE}/pause")),
        (Method::POST, format!("{QUEUE}/resume")),
        (Method::PATCH, format!("/syncs/{}", TaskId::new())),
    ] {
        let user = call(&server, method.clone(), &path, ALICE, None).await;
        assert_eq!(user.status, 403, "{path}: {}", user.text());
        let nobody = Call::new(method, server.url(&path))
            .send()
            .await
            .expect("answered");
        assert_eq!(nobody.status, 401, "{path}");
    }
    for path in ["/-/admin/queues/nothing", "/-/admin/queues/nothing/pause"] {
        let method = if path.ends_with("pause") {
            Method::POST
        } else {
            Method::GET
        };
        assert_eq!(
            call(&server, method, path, ADMIN, None).await.status,
            404,
            "{path}"
        );
    }
    assert_eq!(
        call(&server, Method::PUT, &format!("{QUEUE}/pause"), ADMIN, None)
            .await
            .status,
        405
    );
}

#[tokio::test]
async fn a_waiting_task_gets_another_priority() {
    let server = Server::start().await;
    let (first, second) = (server.submit("a").await, server.submit("b").await);
    let moved = patch(&server, second, json!({"priority": 45})).await;
    assert_eq!(
        (moved.status, &moved.json()["priority"]),
        (200, &json!(45)),
        "{}",
        moved.text()
    );
    assert_eq!(moved.json()["queuePosition"], 0);
    assert_eq!(server.claim().await.task, second);
    let refused = patch(&server, second, json!({"priority": 10})).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    for (body, part) in [
        (json!({}), "priority: must be given"),
        (
            json!({"priority": 101}),
            "priority: must be a whole number from 0 to 100",
        ),
        (
            json!({"priority": "high"}),
            "priority: must be a whole number from 0 to 100",
        ),
        (
            json!({"priority": 1.5}),
            "priority: must be a whole number from 0 to 100",
        ),
    ] {
        let refused = patch(&server, first, body).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains(part), "{}", refused.text());
    }
    let unknown = patch(&server, TaskId::new(), json!({"priority": 1})).await;
    assert_eq!(unknown.status, 404);
    let trail = audit::list(server.content.db.read(), 10)
        .await
        .expect("a trail");
    let event = trail
        .iter()
        .find(|event| event.action == "task.prioritise")
        .expect("noted");
    assert_eq!(
        (event.target.as_str(), event.detail.as_str()),
        (second.to_string().as_str(), "30 → 45")
    );
}
