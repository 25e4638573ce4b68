//! Drills: who may submit them, who sees them, and what they become.

use http::Method;
use serde_json::{Value, json};
use weir_testkit::client::{Call, Reply};

use crate::server::{ADMIN, ALICE, Server};

async fn drill(server: &Server, token: &str, body: &Value) -> Reply {
    let call = Call::new(Method::POST, server.url("/-/admin/drills"));
    let reply = call.bearer(token).json(body).send().await;
    reply.expect("answered")
}

#[tokio::test]
async fn drills_become_tasks_that_users_see_and_strangers_do_not() {
    let server = Server::start().await;
    let reply = drill(&server, ADMIN, &json!({ "count": 3, "lines": 5 })).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let made = reply.json();
    assert_eq!(made["ids"].as_array().map(Vec::len), Some(3), "{made}");
    let id = made["ids"][0].as_str().expect("an id");

    for (path, strangers) in [
        (format!("/syncs/{id}"), 404),
        (format!("/syncs/{id}/log"), 404),
        ("/syncs?kind=drill".to_owned(), 401),
    ] {
        assert_eq!(server.fetch(&path).await.status, strangers, "{path}");
        let seen = server.get(&path).bearer(ALICE).send().await;
        assert_eq!(seen.expect("answered").status, 200, "{path}");
    }
    let all = server.fetch("/syncs").await.json();
    assert_eq!(all["data"], json!([]));
    assert_eq!(all["counts"]["waiting"], 0);
    let seen = server.get("/syncs").bearer(ALICE).send().await;
    let seen = seen.expect("answered").json();
    assert_eq!(seen["counts"]["waiting"], 3);
    assert_eq!(seen["data"][0]["kind"], "drill");
    let claimed = server.try_claim().await.expect("a drill is ready");
    assert_eq!(claimed.task.to_string(), id, "in the order of their making");
}

#[tokio::test]
async fn only_administrators_drill_and_only_within_bounds() {
    let server = Server::start().await;
    let fine = json!({});
    assert_eq!(drill(&server, ALICE, &fine).await.status, 403);
    assert_eq!(drill(&server, ADMIN, &fine).await.status, 201);
    for body in [
        json!({ "count": 0 }),
        json!({ "count": 1_001 }),
        json!({ "lines": -1 }),
        json!({ "lines": 1.5 }),
        json!({ "everyMs": "soon" }),
    ] {
        let reply = drill(&server, ADMIN, &body).await;
        assert_eq!(reply.status, 422, "{body}: {}", reply.text());
    }
}
