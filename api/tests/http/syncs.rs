//! Asking for syncs and looking at tasks.

use serde_json::{Value, json};
use weir_domain::{
    Registry, TaskId,
    task::{ErrorCode, Report},
};
use weir_store::{
    clock, registries, scopes, settings, task_logs::Chunk, task_requests, tasks::Outcome,
};
use weir_testkit::client::{Call, Reply};

use crate::{
    packages::package,
    server::{ADMIN, ALICE, Server},
};

async fn sent(call: Call) -> Reply {
    call.send().await.expect("answered")
}

async fn wish(server: &Server, token: &str, body: Value) -> Reply {
    sent(server.put("/-/package/a/syncs").bearer(token).json(&body)).await
}

#[tokio::test]
async fn a_sync_is_accepted_with_every_field_of_the_document() {
    let server = Server::start().await;
    let body = json!({
        "skipDependencies": true,
        "syncDownloadData": false,
        "force": true,
        "forceSyncHistory": true,
        "tips": "needed",
        "registryName": "default",
        "specificVersions": "[\"1.0.0\", \"2.0.0\"]",
        "unknown": {"is": "ignored"},
    });
    let call = server
        .put("/-/package/@s%2fn/syncs")
        .bearer(ADMIN)
        .header("x-request-id", "wish-1");
    let reply = sent(call.json(&body)).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    let answer = reply.json();
    let id: TaskId = answer["id"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("a UUID");
    assert_eq!(
        answer,
        json!({"ok": true, "id": id, "type": "package", "state": "waiting"})
    );
    let requests = task_requests::live(server.content.db.read(), id)
        .await
        .expect("read");
    let [request] = &requests[..] else {
        panic!("{requests:?}")
    };
    assert_eq!(request.tips.as_deref(), Some("needed"));
    assert_eq!(request.requester.as_deref(), Some("admin"));
    assert_eq!(request.request_id.as_deref(), Some("wish-1"));
    assert!(request.options.force && request.options.force_sync_history);
    assert!(request.options.skip_dependencies);
    let versions: Vec<_> = request
        .options
        .specific_versions
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(versions, ["1.0.0", "2.0.0"]);
}

#[tokio::test]
async fn a_body_may_be_absent_with_and_without_a_content_type() {
    let server = Server::start().await;
    let url = "/-/package/a/syncs";
    let bare = sent(server.put(url).bearer(ALICE)).await;
    let typed = sent(
        server
            .put(url)
            .bearer(ALICE)
            .header("content-type", "application/json"),
    )
    .await;
    let form = server
        .put(url)
        .bearer(ALICE)
        .header("content-type", "application/x-www-form-urlencoded");
    let form = sent(form).await;
    let untyped = sent(server.put(url).bearer(ALICE).body("{\"tips\":\"x\"}")).await;
    for reply in [bare, typed, form, untyped] {
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
}

#[tokio::test]
async fn asking_twice_is_one_task() {
    let server = Server::start().await;
    let first = server.submit("a").await;
    assert_eq!(server.submit("a").await, first);
    let legacy = sent(server.put("/a/sync?nodeps=true").bearer(ALICE)).await;
    assert_eq!(
        (legacy.status, legacy.json()),
        (201, json!({"ok": true, "logId": first}))
    );
    for loosely in ["nodeps=", "nodeps=perhaps", "nodeps"] {
        let reply = sent(server.put(&format!("/a/sync?{loosely}")).bearer(ALICE)).await;
        assert_eq!(reply.status, 201, "{loosely}: {}", reply.text());
    }
    let listed = server.fetch("/syncs").await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        listed["counts"],
        json!({"waiting": 1, "processing": 0, "success": 0, "error": 0})
    );
}

#[tokio::test]
async fn what_a_caller_may_not_wish_is_said_and_not_dropped() {
    let server = Server::start().await;
    for field in ["force", "forceSyncHistory"] {
        assert_eq!(
            wish(&server, ALICE, json!({field: true})).await.status,
            403,
            "{field}"
        );
        assert_eq!(
            wish(&server, ALICE, json!({field: false})).await.status,
            201,
            "{field}"
        );
        assert_eq!(
            wish(&server, ADMIN, json!({field: true})).await.status,
            201,
            "{field}"
        );
    }
    assert_eq!(
        wish(&server, ADMIN, json!({"syncDownloadData": true}))
            .await
            .status,
        403
    );
    assert_eq!(
        wish(&server, ALICE, json!({"registryName": "nowhere"}))
            .await
            .status,
        404
    );
    for word in ["default", "Default", &server.registry.id.to_string()] {
        assert_eq!(
            wish(&server, ALICE, json!({"registryName": word}))
                .await
                .status,
            201,
            "{word}"
        );
    }
}

#[tokio::test]
async fn a_registry_is_named_by_any_of_its_words_and_a_bound_package_has_but_one() {
    let server = Server::start().await;
    let other = server.second_registry("other").await;
    package("a").version("1.0.0", "x").publish(&server).await;
    let ask = async |name: &str, word: &str| {
        let call = server
            .put(&format!("/-/package/{name}/syncs"))
            .bearer(ALICE);
        let reply = sent(call.json(&json!({"registryName": word}))).await;
        (reply.status, reply.text().to_owned())
    };
    for word in ["other", other.name.as_str(), &other.id.to_string()] {
        let (status, text) = ask("a", word).await;
        assert_eq!(status, 409, "{word}: {text}");
        assert!(text.contains("is copied from another registry"), "{text}");
        assert_eq!(ask("unbound", word).await.0, 201, "{word}");
    }
    // Its task copies it from there, and from nowhere else.
    assert_eq!(ask("unbound", "default").await.0, 409);
    for word in ["Other", "OTHER ", "defaults", "%"] {
        assert_eq!(ask("unbound", word).await.0, 404, "{word}");
    }
    assert_eq!(ask("a", "default").await.0, 201);
}

#[tokio::test]
async fn counts_of_downloads_are_copied_only_where_a_registry_counts_them() {
    let server = Server::start().await;
    let ask = async || {
        let call = server.put("/-/package/a/syncs").bearer(ALICE);
        sent(call.json(&json!({"syncDownloadData": true})))
            .await
            .status
    };
    assert_eq!(ask().await, 403);
    let counting = Registry {
        downloads: Some("http://127.0.0.1:9/".parse().expect("a URL")),
        ..server.registry.clone()
    };
    let seeded = server.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            registries::seed(tx, &counting, now).await
        })
    });
    seeded.await.expect("written");
    assert_eq!(ask().await, 201);
}

#[tokio::test]
async fn a_private_scope_is_refused_before_a_registry_is_looked_for() {
    let server = Server::start().await;
    let told = server.content.db.write(|tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            settings::put(tx, scopes::PRIVATE_SETTING, "[\"@acme\"]", now).await
        })
    });
    told.await.expect("told");
    for path in ["/-/package/@acme/a/syncs", "/@acme/a/sync"] {
        let reply = sent(server.put(path).bearer(ADMIN)).await;
        assert_eq!(reply.status, 403, "{path}: {}", reply.text());
    }
    let elsewhere = json!({"registryName": "nowhere"});
    let call = server.put("/-/package/@acme/a/syncs").bearer(ADMIN);
    assert_eq!(sent(call.json(&elsewhere)).await.status, 403);
    let other = sent(server.put("/-/package/@acme2/a/syncs").bearer(ALICE)).await;
    assert_eq!(other.status, 201, "{}", other.text());
}

#[tokio::test]
async fn a_package_stays_with_its_registry() {
    let server = Server::start().await;
    package("a").version("1.0.0", "x").publish(&server).await;
    server.second_registry("other").await;
    assert_eq!(
        wish(&server, ALICE, json!({"registryName": "other"}))
            .await
            .status,
        409
    );
    assert_eq!(
        wish(&server, ALICE, json!({"registryName": "default"}))
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn a_status_follows_its_task_to_the_end() {
    let server = Server::start().await;
    let id = server.submit("@s/n").await;
    let path = format!("/-/package/@s/n/syncs/{id}");
    let waiting = server.fetch(&path).await;
    assert_eq!(waiting.header("cache-control"), "no-store");
    let shown = waiting.json();
    assert_eq!(shown["state"], "waiting");
    assert_eq!(shown["type"], "package");
    assert_eq!(shown["queuePosition"], 0);
    assert_eq!(shown["startedAt"], Value::Null);
    assert_eq!(
        shown["logUrl"],
        server.url(&format!("/-/package/@s/n/syncs/{id}/log"))
    );
    let fence = server.claim().await;
    let shown = server.fetch(&path).await.json();
    assert_eq!(
        (&shown["state"], &shown["attempts"]),
        (&json!("processing"), &json!(1))
    );
    assert_eq!(shown["queuePosition"], Value::Null);
    assert!(shown["startedAt"].is_string() && shown.get("error").is_none());
    let mut failed = Outcome::failed(ErrorCode::NotFound, "upstream has no @s/n");
    failed.warnings = vec!["1.0.0 was skipped".to_owned()];
    failed.report = Some(Report::default());
    server.finish(fence, failed).await;
    let shown = server.fetch(&path).await.json();
    assert_eq!(shown["state"], "error");
    assert_eq!(
        (&shown["error"], &shown["errorCode"]),
        (&json!("upstream has no @s/n"), &json!("not_found"))
    );
    assert_eq!(shown["warnings"], json!(["1.0.0 was skipped"]));
    assert!(shown["finishedAt"].is_string());
    assert_eq!(
        shown["children"],
        json!({"waiting": 0, "processing": 0, "success": 0, "error": 0})
    );
}

#[tokio::test]
async fn a_task_is_shown_only_below_its_own_package() {
    let server = Server::start().await;
    let id = server.submit("a").await;
    let unknown = TaskId::new();
    for path in [
        format!("/-/package/b/syncs/{id}"),
        format!("/-/package/b/syncs/{id}/log"),
        format!("/b/sync/log/{id}"),
        format!("/-/package/a/syncs/{unknown}"),
        "/-/package/a/syncs/not-an-id".to_owned(),
        "/-/package/a/syncs/%00".to_owned(),
        format!("/syncs/{unknown}"),
        format!("/syncs/{unknown}/log"),
        "/syncs/not-an-id".to_owned(),
    ] {
        let reply = server.fetch(&path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(
            reply.json()["error"]
                .as_str()
                .expect("a text")
                .starts_with("[NOT_FOUND] "),
            "{path}"
        );
    }
    assert_eq!(
        server
            .fetch(&format!("/-/package/a/syncs/{id}"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn operators_see_who_asked_and_strangers_do_not() {
    let server = Server::start().await;
    let id = server.submit("a").await;
    let path = format!("/syncs/{id}");
    let open = server.fetch(&path).await.json();
    assert_eq!(
        (&open["kind"], &open["target"]),
        (&json!("sync_package"), &json!("a"))
    );
    assert!(
        open.get("requestedBy").is_none() && open.get("requests").is_none(),
        "{open}"
    );
    let known = sent(server.get(&path).bearer(ALICE)).await.json();
    assert_eq!(known["requestedBy"], "alice");
    assert_eq!(known["requests"][0]["rootId"], json!(id));
    assert_eq!(known["requestsTotal"], 1);
    assert!(open.get("requestsTotal").is_none(), "{open}");
    let strangers = server.fetch("/syncs").await.text().to_owned();
    assert!(!strangers.contains("alice"), "{strangers}");
}

#[tokio::test]
async fn of_many_wishes_a_hundred_are_shown_and_all_are_counted() {
    let server = Server::start().await;
    let id = server.submit("a").await;
    for _ in 0..102 {
        assert_eq!(server.submit("a").await, id);
    }
    let path = format!("/syncs/{id}");
    let shown = sent(server.get(&path).bearer(ALICE)).await.json();
    assert_eq!(shown["requests"].as_array().map(Vec::len), Some(100));
    assert_eq!(shown["requestsTotal"], 103);
}

#[tokio::test]
async fn a_log_too_long_for_one_answer_is_not_done() {
    let server = Server::start().await;
    let id = server.submit("a").await;
    let fence = server.claim().await;
    let text = "x".repeat(1_000);
    let mut chunk = Chunk::default();
    for _ in 0..150 {
        chunk = server.log(fence, &chunk, &[&*text; 60]).await;
    }
    server.finish(fence, Outcome::default()).await;
    let path = format!("/a/sync/log/{id}");
    let first = server.fetch(&path).await.json();
    assert_eq!(first["syncDone"], false, "there is more to ask for");
    let lines = first["log"].as_str().expect("a text").lines().count();
    assert!((1..9_000).contains(&lines), "{lines}");
    let rest = server.fetch(&format!("{path}?offset={lines}")).await;
    let rest = rest.json();
    assert_eq!(rest["syncDone"], true);
    let more = rest["log"].as_str().expect("a text").lines().count();
    assert_eq!(lines + more, 9_000);
}

#[tokio::test]
async fn a_list_is_filtered_and_paged_without_gap_or_repeat() {
    let server = Server::start().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        ids.push(server.submit(name).await.to_string());
    }
    let fence = server.claim().await;
    server.finish(fence, Outcome::default()).await;
    let mut seen = Vec::new();
    let mut path = "/syncs?limit=2".to_owned();
    loop {
        let page = server.fetch(&path).await.json();
        let data = page["data"].as_array().expect("a list").clone();
        assert!(data.len() <= 2);
        seen.extend(
            data.iter()
                .map(|task| task["id"].as_str().expect("an id").to_owned()),
        );
        let Some(cursor) = page["pagination"]["nextCursor"].as_str() else {
            break;
        };
        path = format!("/syncs?limit=2&cursor={cursor}");
    }
    ids.reverse();
    assert_eq!(seen, ids, "newest first, each once");
    let count = async |query: &str| {
        let page = server.fetch(&format!("/syncs?{query}")).await.json();
        page["data"].as_array().expect("a list").len()
    };
    assert_eq!(count("state=success").await, 1);
    assert_eq!(count("state=waiting").await, 4);
    assert_eq!(count("target=c").await, 1);
    assert_eq!(count("target=c&state=error").await, 0);
    assert_eq!(count("kind=sync_package&registry=default").await, 5);
    assert_eq!(count("until=2001-01-01T00:00:00Z").await, 0);
    assert_eq!(count("since=2001-01-01T00:00:00Z").await, 5);
}

#[tokio::test]
async fn the_legacy_log_is_the_real_text() {
    let server = Server::start().await;
    let id = server.submit("a").await;
    let path = format!("/a/sync/log/{id}");
    let waiting = server.fetch(&path).await.json();
    let log_url = server.url(&format!("/-/package/a/syncs/{id}/log"));
    assert_eq!(
        waiting,
        json!({"ok": true, "syncDone": false, "log": "", "logUrl": log_url})
    );
    let fence = server.claim().await;
    server
        .log(fence, &Chunk::default(), &["one", "two", "three"])
        .await;
    server.finish(fence, Outcome::default()).await;
    let done = server.fetch(&path).await.json();
    assert_eq!(done["syncDone"], true);
    assert_eq!(done["log"].as_str().expect("a text").lines().count(), 3);
    let rest = server.fetch(&format!("{path}?offset=2")).await.json();
    assert_eq!(rest["log"], "1970-01-01T00:00:00.000Z INFO three\n");
}
