//! The calls of the mirror's document about users, run as they are written: by bash, with curl.
//! Only its host is put in its place, and for each error what makes it one.

use serde_json::Value;
use tokio::process::Command;
use weir_tests::{System, command, environment};

const LOG_IN: &str = r#"curl -X PUT \
  -H "Content-Type: application/json" \
  -d '{
    "_id": "org.couchdb.user:johndoe",
    "name": "johndoe",
    "password": "securepassword123",
    "email": "john@example.com",
    "type": "user",
    "roles": []
  }' \
  https://your-registry.com/-/user/org.couchdb.user:johndoe"#;

/// Runs a script; returns the status and the body.
async fn run(system: &System, script: &str) -> (u16, Value) {
    let script = script
        .replace("https://your-registry.com", &system.url())
        .replace("curl ", "curl -s -w '%{http_code}' ");
    let mut bash = Command::new("bash");
    let search_path = environment::variable("PATH").unwrap_or_default();
    let bash = bash.args(["-c", &script]).env_clear();
    let said = command::run(bash.env("PATH", search_path)).await.out;
    let (body, status) = said.split_at(said.len() - 3);
    let body = serde_json::from_str(body).unwrap_or_else(|_| panic!("{script}\n{said}"));
    (status.parse().expect("a status"), body)
}

#[tokio::test]
async fn the_documents_call_makes_a_user_and_signs_in() {
    let system = System::builder()
        .setting("WEIR_PUBLIC_REGISTRATION", "true")
        .start()
        .await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let (status, body) = run(&system, LOG_IN).await;
        assert_eq!((status, &body["ok"]), (201, &true.into()), "{body}");
        assert_eq!(body["id"], "org.couchdb.user:johndoe");
        let rev = body["rev"].as_str().expect("a text");
        assert!(rev.starts_with("1-"), "{rev}");
        assert_eq!(body.as_object().map(serde_json::Map::len), Some(4));
        let token = body["token"].as_str().expect("a text").to_owned();
        let call = system.call("/-/whoami").bearer(&token);
        let whoami = call.send().await.expect("an answer").json();
        assert_eq!(whoami["username"], "johndoe");
        tokens.push(token);
    }
    assert_ne!(tokens[0], tokens[1]);
    for (script, status, code) in [
        (
            LOG_IN.replace("securepassword123", "wrong-password"),
            401,
            "UNAUTHORIZED",
        ),
        (
            LOG_IN.replace("john@example.com", "other@example.com"),
            409,
            "CONFLICT",
        ),
        (
            LOG_IN.replace("user:johndoe\"", "user:janedoe\""),
            422,
            "INVALID_PARAM",
        ),
        (
            LOG_IN.replace("\"name\": \"johndoe\"", "\"name\": \"jane\""),
            422,
            "INVALID_PARAM",
        ),
    ] {
        assert_refused(run(&system, &script).await, (status, code));
    }
    system.end().await;
}

#[tokio::test]
async fn the_documents_call_is_refused_where_nobody_registers() {
    let system = System::start([]).await;
    assert_refused(run(&system, LOG_IN).await, (403, "FORBIDDEN"));
    system.end().await;
}

#[track_caller]
fn assert_refused((status, body): (u16, Value), expected: (u16, &str)) {
    assert_eq!(status, expected.0, "{body}");
    let reason = body["reason"].as_str().expect("a sentence");
    assert_eq!(body["error"], format!("[{}] {reason}", expected.1));
}
