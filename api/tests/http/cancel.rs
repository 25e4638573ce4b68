//! Withdrawing and cancelling over HTTP: who may, what is answered, what is left behind.

use serde_json::json;
use weir_domain::{
    TaskId, Timestamp,
    task::{Priority, SyncPackage, TaskSpec},
};
use weir_store::{
    audit, clock, task_requests, task_runs,
    tasks::{self, NewRequest, NewTask, Outcome},
    tokens::NewToken,
};
use weir_testkit::client::{Call, Reply};

use crate::server::{ADMIN, ALICE, Server};

const BOB: &str = "npm_bob-token-of-the-cancel-tests-012345678";

async fn delete(server: &Server, path: &str, token: Option<&str>) -> Reply {
    let call = Call::new(http::Method::DELETE, server.url(path));
    let call = match token {
        Some(token) => call.bearer(token),
        None => call,
    };
    call.send().await.expect("answered")
}

async fn wish(server: &Server, name: &str, token: &str) -> TaskId {
    let call = server.put(&format!("/-/package/{name}/syncs"));
    let reply = call.bearer(token).send().await.expect("answered");
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["id"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("a UUID")
}

async fn with_bob() -> Server {
    let server = Server::start().await;
    server.token("bob", BOB, NewToken::default()).await;
    server
}

#[tokio::test]
async fn a_task_is_cancelled_when_the_last_wish_is_withdrawn() {
    let server = with_bob().await;
    let id = wish(&server, "@s/n", ALICE).await;
    assert_eq!(wish(&server, "@s/n", BOB).await, id);
    let path = format!("/-/package/@s%2fn/syncs/{id}");
    for _ in 0..2 {
        let withdrawn = delete(&server, &path, Some(ALICE)).await;
        assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
        assert_eq!(withdrawn.json(), json!({"ok": true, "state": "waiting"}));
        assert_eq!(withdrawn.header("cache-control"), "no-store");
    }
    let ended = delete(&server, &path, Some(BOB)).await;
    assert_eq!(
        (ended.status, ended.json()),
        (200, json!({"ok": true, "state": "error"}))
    );
    let status = server.fetch(&path).await.json();
    assert_eq!(
        (&status["state"], &status["errorCode"]),
        (&json!("error"), &json!("cancelled"))
    );
    let log = server.fetch(&format!("{path}/log")).await;
    assert!(
        log.text().ends_with("WARN Cancelled by who asked for it\n"),
        "{}",
        log.text()
    );
    for token in [ALICE, BOB, ADMIN] {
        let late = delete(&server, &path, Some(token)).await;
        assert_eq!(late.status, 409, "{}", late.text());
    }
    assert_ne!(
        wish(&server, "@s/n", ALICE).await,
        id,
        "a new wish is a new task"
    );
}

#[tokio::test]
async fn an_administrator_cancels_whoever_asked() {
    let server = Server::start().await;
    let id = wish(&server, "a", ALICE).await;
    let fence = server.claim().await;
    let told = delete(&server, &format!("/syncs/{id}"), Some(ADMIN)).await;
    assert_eq!(
        (told.status, told.json()),
        (200, json!({"ok": true, "state": "processing"}))
    );
    let db = server.content.db.clone();
    let beat = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let lease = (now, std::time::Duration::from_secs(30));
            task_runs::heartbeat(tx, &fence, None, None, lease).await
        })
    });
    let order = beat.await.expect("a beat").order();
    assert_eq!(order.as_deref(), Some("Cancelled by an administrator"));
    let trail = audit::list(db.read(), 10).await.expect("readable");
    assert_eq!(
        (trail[0].action.as_str(), trail[0].target.as_str()),
        ("task.cancel", &*id.to_string())
    );
    server.finish(fence, Outcome::default()).await;
}

#[tokio::test]
async fn who_did_not_ask_cancels_nothing() {
    let server = with_bob().await;
    let id = wish(&server, "a", ALICE).await;
    for (path, token, status) in [
        (format!("/-/package/a/syncs/{id}"), None, 401),
        (format!("/syncs/{id}"), None, 401),
        (format!("/-/package/a/syncs/{id}"), Some(BOB), 403),
        (format!("/syncs/{id}"), Some(BOB), 403),
        (format!("/-/package/b/syncs/{id}"), Some(ADMIN), 404),
        (format!("/-/package/..%2fa/syncs/{id}"), Some(ADMIN), 422),
        (format!("/syncs/{}", TaskId::new()), Some(ADMIN), 404),
        ("/syncs/not-an-id".to_owned(), Some(ADMIN), 404),
    ] {
        let reply = delete(&server, &path, token).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text());
    }
    let requests = task_requests::live(server.content.db.read(), id).await;
    assert_eq!(requests.expect("readable").len(), 1);
    assert_eq!(
        server.fetch(&format!("/syncs/{id}")).await.json()["state"],
        "waiting"
    );
}

#[tokio::test]
async fn what_only_a_cancelled_tree_wanted_ends_with_it() {
    let server = with_bob().await;
    let root = wish(&server, "root", ALICE).await;
    let (only, shared) = (
        server.submit_under(root, "only").await,
        server.submit_under(root, "shared").await,
    );
    assert_eq!(wish(&server, "shared", BOB).await, shared);
    // Its wish is the tree's, not hers.
    assert_eq!(
        delete(&server, &format!("/syncs/{only}"), Some(ALICE))
            .await
            .status,
        403
    );
    assert_eq!(
        delete(&server, &format!("/syncs/{root}"), Some(ALICE))
            .await
            .status,
        200
    );
    let state = async |id| server.fetch(&format!("/syncs/{id}")).await.json()["state"].clone();
    assert_eq!(state(only).await, "error");
    assert_eq!(state(shared).await, "waiting");
    let children = server.fetch(&format!("/syncs/{root}")).await.json()["children"].clone();
    assert_eq!(
        children,
        json!({"waiting": 1, "processing": 0, "success": 0, "error": 1})
    );
}

impl Server {
    /// Submits a sync for the tree of `root`, as its worker would.
    pub async fn submit_under(&self, root: TaskId, name: &str) -> TaskId {
        let new = NewTask {
            spec: TaskSpec::SyncPackage(SyncPackage {
                package: crate::server::name(name),
                registry: self.registry.id,
            }),
            priority: Priority::DEPENDENCY,
            fair_key: 0,
            run_after: Timestamp(0),
            retry_of: None,
        };
        let request = NewRequest {
            root: Some(root),
            ..NewRequest::default()
        };
        let submitted = self.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                tasks::submit(tx, &new, &request, now).await
            })
        });
        submitted.await.expect("submitted").task
    }
}
