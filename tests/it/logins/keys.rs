//! The key that seals secrets, and the administrator's password: across starts, and where one is
//! missing.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;
use weir_tests::{System, command};

use super::{login, post};

const PASSWORD: &str = "correct-horse-battery";
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const OTHER_KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

async fn token(system: &System) -> String {
    let reply = login(system, "admin", PASSWORD).send().await;
    let reply = reply.expect("an answer");
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["token"].as_str().expect("a token").to_owned()
}

/// Asks for a second factor; returns the status, and what is said of it afterwards.
async fn begin(system: &System, token: &str) -> u16 {
    let wish = json!({"tfa": {"password": PASSWORD, "mode": "auth-only"}});
    post(system, "/-/npm/v1/user", token, &wish).await.status
}

/// Brings a code that is wrong: with the right key that is all that is wrong.
async fn confirm(system: &System, token: &str) -> u16 {
    let wish = json!({"tfa": ["000000"]});
    post(system, "/-/npm/v1/user", token, &wish).await.status
}

#[tokio::test]
async fn what_was_sealed_is_sealed_anew_while_the_server_runs() {
    let mut system = System::builder()
        .setting("WEIR_ADMIN_PASSWORD", PASSWORD)
        .setting("WEIR_SECRET_KEY", KEY)
        .start()
        .await;
    let token = token(&system).await;
    assert_eq!(begin(&system, &token).await, 200);
    system.stop_server().await;
    let both = format!("{OTHER_KEY},{KEY}");
    system.set("WEIR_SECRET_KEY", &both);
    system.start_server().await;
    let rotate = async |keys: &str| {
        let mut weir = system.weir(&["secrets", "rotate"]);
        command::run(weir.env("WEIR_SECRET_KEY", keys)).await
    };
    let without = rotate(OTHER_KEY).await;
    assert_ne!(without.code, 0, "it cannot be read: {without:?}");
    for _ in 0..2 {
        let ran = rotate(&both).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ran.out, "1 secrets are sealed with the first key\n");
    }
    system.stop_server().await;
    system.set("WEIR_SECRET_KEY", OTHER_KEY);
    system.start_server().await;
    assert_eq!(confirm(&system, &token).await, 401, "the new one opens it");
    system.end().await;
}

#[tokio::test]
async fn keys_are_rotated_by_putting_a_new_one_first() {
    let mut system = System::builder()
        .setting("WEIR_ADMIN_PASSWORD", PASSWORD)
        .setting("WEIR_SECRET_KEY", KEY)
        .start()
        .await;
    let token = token(&system).await;
    assert_eq!(begin(&system, &token).await, 200);
    assert_eq!(confirm(&system, &token).await, 401);
    system.stop_server().await;
    system.set("WEIR_SECRET_KEY", &format!("{OTHER_KEY},{KEY}"));
    system.start_server().await;
    assert_eq!(confirm(&system, &token).await, 401, "an old seal opens");
    assert_eq!(begin(&system, &token).await, 200);
    system.stop_server().await;
    system.set("WEIR_SECRET_KEY", OTHER_KEY);
    system.start_server().await;
    assert_eq!(confirm(&system, &token).await, 401, "the new one sealed");
    system.stop_server().await;
    system.set("WEIR_SECRET_KEY", KEY);
    system.start_server().await;
    assert_eq!(
        confirm(&system, &token).await,
        500,
        "and the old one does not open it"
    );
    system.end().await;
}

#[tokio::test]
async fn alone_it_makes_its_own_key() {
    let mut system = System::builder()
        .setting("WEIR_ADMIN_PASSWORD", PASSWORD)
        .start()
        .await;
    let token = token(&system).await;
    let file = system.data().join("secret-key");
    let is_alone = system.data().join("weir.sqlite").exists();
    assert_eq!(
        file.exists(),
        is_alone,
        "with a server's database it is given"
    );
    if is_alone {
        let mode = file.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(begin(&system, &token).await, 200);
        system.stop_server().await;
        system.start_server().await;
        assert_eq!(confirm(&system, &token).await, 401, "kept across starts");
    } else {
        assert_eq!(begin(&system, &token).await, 501);
    }
    system.end().await;
}

#[tokio::test]
async fn the_configured_password_holds_from_every_start_on() {
    let mut system = System::builder()
        .setting("WEIR_ADMIN_PASSWORD", PASSWORD)
        .start()
        .await;
    let token = token(&system).await;
    let change = json!({"password": {"old": PASSWORD, "new": "another-password"}});
    let changed = post(&system, "/-/npm/v1/user", &token, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let status = async |system: &System, password: &str| {
        let reply = login(system, "admin", password).send().await;
        reply.expect("an answer").status
    };
    assert_eq!(status(&system, PASSWORD).await, 401);
    system.stop_server().await;
    system.start_server().await;
    assert_eq!(status(&system, PASSWORD).await, 201);
    assert_eq!(status(&system, "another-password").await, 401);
    let admin = system.call("/-/admin/users").bearer(&token).send().await;
    assert_eq!(admin.expect("an answer").status, 200, "it may administer");
    system.end().await;
}

#[tokio::test]
async fn what_is_no_key_or_password_is_refused_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    for (variable, value) in [
        ("WEIR_SECRET_KEY", "too-short-marker"),
        ("WEIR_SECRET_KEY_FILE", "/nowhere/marker"),
        ("WEIR_ADMIN_PASSWORD", "marker"),
    ] {
        let mut serve = command::weir(&["serve", "--listen", "127.0.0.1:0"]);
        let said = command::run(serve.env("WEIR_DATA", &data).env(variable, value)).await;
        assert_eq!(said.code, 2, "{variable}: {said:?}");
        let line = said
            .err
            .trim_end()
            .lines()
            .last()
            .unwrap_or_default()
            .to_owned();
        assert!(!line.is_empty(), "{said:?}");
        let is_secret = !variable.ends_with("FILE");
        assert!(!is_secret || !said.err.contains("marker"), "{said:?}");
    }
}
