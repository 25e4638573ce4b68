//! The calls that the mirror's document shows for package syncs, blocks and errors, run as they are
//! written: by bash, with curl. Only its host, its tokens and its task are put in their place.

use serde_json::Value;
use tokio::process::Command;
use weir_testkit::presets;
use weir_tests::{System, Task, command, environment, system::ADMIN_TOKEN};

const CREATE: &str = r#"curl -X PUT \
  -H "Authorization: Bearer your-token-here" \
  -H "Content-Type: application/json" \
  -d '{
    "skipDependencies": false,
    "syncDownloadData": false,
    "force": false,
    "tips": "Manual sync from API"
  }' \
  https://your-registry.com/-/package/lodash/syncs"#;
const CREATE_WITH_TIPS: &str = r#"curl -X PUT \
  -H "Authorization: Bearer your-token" \
  -H "Content-Type: application/json" \
  -d '{"tips": "API sync request"}' \
  https://your-registry.com/-/package/lodash/syncs"#;
const CREATE_LEGACY: &str = r#"curl -X PUT \
  -H "Authorization: Bearer your-token-here" \
  "https://your-registry.com/lodash/sync?nodeps=false""#;
const SHOW: &str = r#"curl -H "Authorization: Bearer your-token-here" \
  https://your-registry.com/-/package/lodash/syncs/sync-task-uuid"#;
const SHOW_BRIEFLY: &str = r#"curl -H "Authorization: Bearer your-token" \
  https://your-registry.com/-/package/lodash/syncs/task-id"#;
const SHOW_LOG: &str = r#"curl -H "Authorization: Bearer your-token-here" \
  https://your-registry.com/-/package/lodash/syncs/sync-task-uuid/log"#;
const SHOW_LOG_BRIEFLY: &str = r#"curl -H "Authorization: Bearer your-token" \
  https://your-registry.com/-/package/lodash/syncs/task-id/log"#;
const SHOW_LEGACY: &str = r#"curl -H "Authorization: Bearer your-token-here" \
  https://your-registry.com/lodash/sync/log/sync-task-uuid"#;
const HANDLE_ERRORS: &str = r#"response=$(curl -s -w "%{http_code}" -H "Authorization: Bearer token" \
  https://your-registry.com/-/package/nonexistent/syncs)
http_code=$(echo "$response" | tail -c 4)
body=$(echo "$response" | sed 's/...$//')

if [ "$http_code" -ne 201 ]; then
  echo "Error: $body"
  exit 1
fi"#;

const BLOCK: &str = r#"curl -X PUT \
  -H "Authorization: Bearer admin-token" \
  -H "Content-Type: application/json" \
  -d '{
    "reason": "Package contains malicious code"
  }' \
  https://your-registry.com/-/package/malicious-package/blocks"#;
const UNBLOCK: &str = r#"curl -X DELETE \
  -H "Authorization: Bearer admin-token" \
  https://your-registry.com/-/package/malicious-package/blocks"#;
const SHOW_BLOCK: &str = "curl https://your-registry.com/-/package/some-package/blocks";

async fn start() -> System {
    System::start([presets::history("lodash", 2, 2_000)]).await
}

/// Runs a script; returns what it prints.
async fn run(system: &System, script: &str, task: &str) -> String {
    let script = script
        .replace("https://your-registry.com", &system.url())
        .replace("your-token-here", ADMIN_TOKEN)
        .replace("your-token", ADMIN_TOKEN)
        .replace("admin-token", ADMIN_TOKEN)
        .replace("sync-task-uuid", task)
        .replace("task-id", task);
    let mut bash = Command::new("bash");
    let search_path = environment::variable("PATH").unwrap_or_default();
    let bash = bash.args(["-c", &script]).env_clear();
    command::run(bash.env("PATH", search_path)).await.out
}

async fn json(system: &System, script: &str, task: &str) -> Value {
    let said = run(system, script, task).await;
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{script}\n{said}"))
}

/// Waits for the task that `field` of an answer names to succeed; returns its id.
async fn succeeded(system: &System, made: &Value, field: &str) -> String {
    let id = made[field].as_str().unwrap_or_else(|| panic!("{made}"));
    let task = Task {
        id: id.to_owned(),
        name: "lodash".to_owned(),
    };
    system.succeeded(&task).await;
    task.id
}

#[tokio::test]
async fn the_documents_calls_make_watch_and_read_a_sync() {
    let system = start().await;
    for (create, show, show_log) in [
        (CREATE, SHOW, SHOW_LOG),
        (CREATE_WITH_TIPS, SHOW_BRIEFLY, SHOW_LOG_BRIEFLY),
    ] {
        let made = json(&system, create, "").await;
        assert_eq!(
            (&made["ok"], &made["type"]),
            (&true.into(), &"package".into()),
            "{made}"
        );
        assert_eq!(made["state"], "waiting");
        let id = &succeeded(&system, &made, "id").await;
        let shown = json(&system, show, id).await;
        assert_eq!((&shown["ok"], &shown["id"]), (&true.into(), &made["id"]));
        assert_eq!(
            (&shown["type"], &shown["state"]),
            (&"package".into(), &"success".into())
        );
        let path = format!("/-/package/lodash/syncs/{id}/log");
        assert_eq!(shown["logUrl"], format!("{}{path}", system.url()));
        let log = run(&system, show_log, id).await;
        assert_eq!(log, system.get_as_admin(&path).await.text());
        assert!(log.lines().count() > 2, "{log}");
    }
    system.end().await;
}

#[tokio::test]
async fn the_documents_older_calls_do_the_same() {
    let system = start().await;
    let made = json(&system, CREATE_LEGACY, "").await;
    assert_eq!(made["ok"], true, "{made}");
    let id = &succeeded(&system, &made, "logId").await;
    let shown = json(&system, SHOW_LEGACY, id).await;
    assert_eq!(
        (&shown["ok"], &shown["syncDone"]),
        (&true.into(), &true.into())
    );
    assert_eq!(shown["log"], run(&system, SHOW_LOG, id).await);
    let log_url = format!("/-/package/lodash/syncs/{id}/log");
    assert_eq!(shown["logUrl"], format!("{}{log_url}", system.url()));
    system.end().await;
}

#[tokio::test]
async fn the_documents_way_to_find_an_error_finds_it() {
    let system = start().await;
    // A token that nobody has, as it stands there; then a route that cannot be read.
    let good = HANDLE_ERRORS.replace("Bearer token", "Bearer your-token");
    for (script, code) in [
        (HANDLE_ERRORS, "UNAUTHORIZED"),
        (&good, "METHOD_NOT_ALLOWED"),
    ] {
        let said = run(&system, script, "").await;
        let body = said
            .strip_prefix("Error: ")
            .unwrap_or_else(|| panic!("{said}"));
        let body: Value = serde_json::from_str(body).expect("the body is JSON");
        let error = body["error"].as_str().expect("a sentence");
        assert!(error.starts_with(&format!("[{code}] ")), "{error}");
        assert!(body["reason"].is_string(), "{body}");
    }
    system.end().await;
}

#[tokio::test]
async fn the_documents_calls_block_show_and_unblock_a_package() {
    let system = start().await;
    let is_id = |value: &Value| {
        let text = value.as_str().unwrap_or_else(|| panic!("{value}"));
        text.parse::<weir_domain::PackageId>().is_ok()
    };
    let made = json(&system, BLOCK, "").await;
    assert_eq!(
        made.as_object().map(serde_json::Map::len),
        Some(3),
        "{made}"
    );
    assert_eq!(made["ok"], true);
    assert!(is_id(&made["id"]) && is_id(&made["package_id"]), "{made}");
    assert_eq!(system.get("/malicious-package").await.status, 451);

    let free = json(&system, SHOW_BLOCK, "").await;
    assert_eq!(
        (&free["blocked"], &free["reason"]),
        (&false.into(), &Value::Null)
    );
    let same = SHOW_BLOCK.replace("some-package", "malicious-package");
    let shown = json(&system, &same, "").await;
    assert_eq!(shown["blocked"], true);
    let reason = shown["reason"].as_str().expect("a sentence");
    let operator = reason.strip_prefix("Package contains malicious code (operator: admin/");
    let operator = operator.and_then(|rest| rest.strip_suffix(')'));
    let operator = operator.unwrap_or_else(|| panic!("{reason}"));
    assert!(operator.parse::<weir_domain::UserId>().is_ok(), "{reason}");
    let at = shown["createdAt"].as_str().expect("an instant");
    let parsed = weir_domain::Timestamp::parse(at).expect("an instant");
    assert_eq!(parsed.to_string(), at, "with milliseconds and Z");

    for _ in 0..2 {
        assert_eq!(
            json(&system, UNBLOCK, "").await,
            serde_json::json!({"ok": true})
        );
    }
    assert_eq!(json(&system, &same, "").await["blocked"], false);
    system.end().await;
}
