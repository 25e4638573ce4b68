//! The audit trail, as administrators read it.

use http::Method;
use serde_json::{Value, json};
use weir_testkit::client::{Call, Reply};

use crate::server::{ADMIN, ALICE, Server};

async fn ask(server: &Server, method: Method, path: &str, body: Option<&Value>) -> Reply {
    let call = Call::new(method, server.url(path)).bearer(ADMIN);
    let call = match body {
        Some(body) => call.json(body),
        None => call,
    };
    call.send().await.expect("answered")
}

async fn trail(server: &Server, query: &str) -> Value {
    let reply = ask(server, Method::GET, &format!("/-/admin/audit{query}"), None).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    reply.json()
}

fn actions(page: &Value) -> Vec<String> {
    let events = page["data"].as_array().expect("a list").iter();
    events
        .map(|event| event["action"].as_str().expect("a word").to_owned())
        .collect()
}

#[tokio::test]
async fn an_event_says_who_from_where_with_which_token_and_by_which_request() {
    let server = Server::start().await;
    let block = server.put("/-/package/a/blocks").bearer(ADMIN);
    let block = block
        .header("x-request-id", "mine-1")
        .json(&json!({"reason": "why"}));
    assert_eq!(block.send().await.expect("answered").status, 201);
    let page = trail(&server, "").await;
    let event = &page["data"][0];
    let user = event["userId"].as_str().expect("an id");
    let expected = json!({
        "id": event["id"], "at": event["at"], "action": "block.set", "target": "a",
        "detail": format!("why (operator: admin/{user})"), "user": "admin", "userId": user,
        "tokenId": event["tokenId"], "address": "127.0.0.1", "requestId": "mine-1",
    });
    assert_eq!(event, &expected);
    assert!(event["tokenId"].is_string());
    assert_eq!(page["pagination"]["nextCursor"], Value::Null);
}

#[tokio::test]
async fn everything_that_administrators_do_is_in_the_trail() {
    let server = Server::start().await;
    let task = server.submit("a").await;
    let forced = json!({"force": true, "skipDependencies": true});
    for (method, path, body) in [
        (
            Method::PUT,
            "/-/package/a/blocks/1.0.0",
            json!({"reason": "x"}),
        ),
        (Method::DELETE, "/-/package/a/blocks/1.0.0", json!({})),
        (Method::POST, "/-/admin/queues/drill/pause", json!({})),
        (Method::POST, "/-/admin/queues/drill/resume", json!({})),
        (Method::POST, "/-/admin/verify", json!({})),
        (Method::POST, "/-/admin/collect", json!({})),
        (Method::POST, "/-/admin/drills", json!({})),
        (
            Method::PATCH,
            &format!("/syncs/{task}"),
            json!({"priority": 50}),
        ),
        (Method::DELETE, &format!("/syncs/{task}"), json!({})),
        (Method::POST, &format!("/syncs/{task}/retry"), json!({})),
        (Method::PUT, "/-/org", json!({"name": "acme"})),
        (
            Method::POST,
            "/-/package/a/access",
            json!({"access": "restricted"}),
        ),
        (Method::PUT, "/-/package/a/syncs", forced),
    ] {
        let body = (method != Method::DELETE).then_some(&body);
        let reply = ask(&server, method, path, body).await;
        assert!(
            (200..300).contains(&reply.status),
            "{path}: {}",
            reply.text()
        );
    }
    let mut seen = actions(&trail(&server, "").await);
    seen.reverse();
    assert_eq!(
        seen,
        [
            "block.set",
            "block.lift",
            "queue.pause",
            "queue.resume",
            "storage.verify_blobs",
            "storage.collect_blobs",
            "drill.create",
            "task.prioritise",
            "task.cancel",
            "task.retry",
            "org.create",
            "access.set",
            "task.force",
        ]
    );
}

#[tokio::test]
async fn the_trail_is_filtered_and_paged() {
    let server = Server::start().await;
    for name in ["a", "b", "c"] {
        for method in [Method::PUT, Method::DELETE] {
            let path = format!("/-/package/{name}/blocks");
            let body = json!({"reason": "x"});
            let body = (method == Method::PUT).then_some(&body);
            ask(&server, method, &path, body).await;
        }
    }
    let count = async |query: &str| actions(&trail(&server, query).await).len();
    assert_eq!(count("?action=block.set").await, 3);
    assert_eq!(count("?action=block&target=b").await, 2);
    assert_eq!(count("?user=ADMIN").await, 6);
    assert_eq!(count("?user=alice").await, 0);
    assert_eq!(
        count("?since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z").await,
        0
    );
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = trail(&server, &format!("?limit=4{cursor}")).await;
        seen.extend(
            page["data"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|one| one["id"].clone()),
        );
        let Some(next) = page["pagination"]["nextCursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen.len(), 6);
    for (query, part) in [
        ("?user=nobody", "user: must be"),
        ("?cursor=x", "cursor: must be"),
        ("?limit=0", "limit: must be"),
        (
            "?since=yesterday&until=x",
            "since: must be an RFC 3339 instant; until: must be",
        ),
    ] {
        let refused = ask(
            &server,
            Method::GET,
            &format!("/-/admin/audit{query}"),
            None,
        )
        .await;
        assert_eq!(refused.status, 422, "{query}");
        assert!(refused.text().contains(part), "{}", refused.text());
    }
}

#[tokio::test]
async fn the_trail_is_for_administrators() {
    let server = Server::start().await;
    let user = server.get("/-/admin/audit").bearer(ALICE);
    assert_eq!(user.send().await.expect("answered").status, 403);
    assert_eq!(server.fetch("/-/admin/audit").await.status, 401);
}
