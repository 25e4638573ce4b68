//! The calls that the documents show for tokens, run as they are written: by bash, with curl, each
//! field of each answer looked at. Only hosts, tokens and keys are put in their place.

use serde_json::{Value, json};
use tokio::process::Command;
use weir_domain::{Timestamp, token::TokenSecret};
use weir_testkit::PackageSpec;
use weir_tests::{System, command, environment, system::ADMIN_TOKEN};

/// The mirror's document, "Token Management API".
const CREATE: &str = r#"curl -X POST \
  -H "Authorization: Bearer existing-token" \
  -H "Content-Type: application/json" \
  -d '{
    "password": "my-password",
    "readonly": false,
    "cidr_whitelist": ["127.0.0.1"]
  }' \
  https://your-registry.com/-/npm/v1/tokens"#;
const LIST: &str = r#"curl -H "Authorization: Bearer your-token" \
  https://your-registry.com/-/npm/v1/tokens"#;
const DELETE: &str = r#"curl -X DELETE \
  -H "Authorization: Bearer your-token" \
  https://your-registry.com/-/npm/v1/tokens/token/token-key-hash"#;

/// The catalogue's document, "API Tokens Management"; it signs in by a cookie that curl has not.
const CREATE_API: &str = r#"curl -X POST \
  -H "Content-Type: application/json" \
  -d '{
    "name": "CI/CD Token",
    "expiresIn": 90
  }' \
  https://your-domain.com/api/v1/tokens"#;
const AUTHORIZED: &str = r#"curl -H "Authorization: Bearer YOUR_API_TOKEN" "#;

async fn start() -> System {
    let system = System::start(std::iter::empty::<PackageSpec>()).await;
    system.password("admin", "my-password").await;
    system
}

/// Runs a script; returns the JSON that it prints.
async fn run(system: &System, script: &str, token: &str, key: &str) -> Value {
    let script = script
        .replace("https://your-registry.com", &system.url())
        .replace("https://your-domain.com", &system.url())
        .replace("existing-token", token)
        .replace("your-token", token)
        .replace("YOUR_API_TOKEN", token)
        .replace("token-key-hash", key);
    let mut bash = Command::new("bash");
    let search_path = environment::variable("PATH").unwrap_or_default();
    let bash = bash.args(["-c", &script]).env_clear();
    let said = command::run(bash.env("PATH", search_path)).await.out;
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{script}\n{said}"))
}

fn assert_times(value: &Value, fields: &[&str]) {
    for field in fields {
        let text = value[field]
            .as_str()
            .unwrap_or_else(|| panic!("{field}: {value}"));
        let is_exact = text.len() == "2024-01-01T12:00:00.000Z".len() && text.ends_with('Z');
        assert!(
            is_exact && Timestamp::parse(text).is_some(),
            "{field}: {text}"
        );
    }
}

#[tokio::test]
async fn the_mirrors_document_makes_lists_and_deletes_tokens() {
    let system = start().await;
    let made = run(&system, CREATE, ADMIN_TOKEN, "").await;
    let secret = made["token"].as_str().expect("its text").to_owned();
    let key = made["key"].as_str().expect("its key").to_owned();
    assert!(secret.starts_with("npm_"), "{secret}");
    assert_eq!(made["cidr_whitelist"], json!(["127.0.0.1"]));
    assert_eq!(
        (&made["readonly"], &made["automation"]),
        (&json!(false), &json!(false))
    );
    assert_times(&made, &["created", "updated"]);

    // The new token is as good as the first.
    let listed = run(&system, LIST, &secret, "").await;
    assert_eq!((&listed["total"], &listed["urls"]), (&json!(2), &json!({})));
    let [new, first] = &listed["objects"].as_array().expect("a list")[..] else {
        panic!("{listed}")
    };
    let masked = TokenSecret::from_text(&secret).masked();
    assert_eq!((&new["token"], &new["key"]), (&json!(masked), &json!(key)));
    for field in [
        "cidr_whitelist",
        "readonly",
        "automation",
        "created",
        "updated",
    ] {
        assert_eq!(new[field], made[field], "{field}");
    }
    assert!(new.get("lastUsedAt").is_some());
    assert_eq!(first["cidr_whitelist"], Value::Null);

    let deleted = run(&system, DELETE, ADMIN_TOKEN, &key).await;
    assert_eq!(deleted, json!({"ok": true}));
    let refused = run(&system, LIST, &secret, "").await;
    let error = refused["error"].as_str().expect("a sentence");
    assert!(error.starts_with("[UNAUTHORIZED] "), "{error}");
    system.end().await;
}

#[tokio::test]
async fn the_catalogues_document_needs_somebody_and_then_makes_a_token() {
    let system = start().await;
    let refused = run(&system, CREATE_API, "", "").await;
    assert_eq!(refused["statusCode"], 401);
    assert!(refused["error"].is_string() && refused["details"].is_object());
    let authorized = |script: &str| script.replacen("curl ", AUTHORIZED, 1);
    let made = run(&system, &authorized(CREATE_API), ADMIN_TOKEN, "").await;
    let data = &made["data"];
    assert_eq!(data["name"], "CI/CD Token");
    assert_times(data, &["createdAt", "expiresAt"]);
    let secret = data["token"].as_str().expect("its text");
    let id = data["id"].as_str().expect("its id");
    let list = r"curl https://your-domain.com/api/v1/tokens";
    let listed = run(&system, &authorized(list), secret, "").await;
    assert_eq!(listed["data"][0]["id"], id);
    assert!(!listed.to_string().contains(secret));
    let delete = format!("curl -X DELETE https://your-domain.com/api/v1/tokens/{id}");
    let revoked = run(&system, &authorized(&delete), secret, "").await;
    assert_eq!(revoked["data"]["id"], id);
    assert_times(&revoked["data"], &["revokedAt"]);
    system.end().await;
}

#[tokio::test]
async fn a_tokens_text_is_in_no_file_and_in_no_line_of_the_log() {
    let builder = System::builder().setting("WEIR_LOG", "trace");
    let mut system = builder.start().await;
    system.password("admin", "my-password").await;
    let made = run(&system, CREATE, ADMIN_TOKEN, "").await;
    let secret = made["token"].as_str().expect("its text").to_owned();
    run(&system, LIST, &secret, "").await;
    // By its text, in the address: the worst that may be done to it.
    let deleted = run(&system, DELETE, ADMIN_TOKEN, &secret).await;
    assert_eq!(deleted, json!({"ok": true}));
    let unknown = TokenSecret::generate();
    run(&system, DELETE, ADMIN_TOKEN, unknown.reveal()).await;
    let log = system.process().output();
    assert!(
        log.contains("/-/npm/v1/tokens/token/"),
        "it is logged at all"
    );
    for text in [&secret, unknown.reveal()] {
        let body = &text["npm_".len()..];
        assert!(!log.contains(body), "the log has it");
        let files = weir_tests::stored::files_with(system.data(), body);
        assert_eq!(files, Vec::<std::path::PathBuf>::new());
    }
    system.end().await;
}
