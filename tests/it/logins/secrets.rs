//! Every secret of a run, looked for wherever it must not be: what the server says and what it
//! keeps, in every file and column.

use std::fmt::Write;

use http::Method;
use serde_json::json;
use weir_testkit::client::Call;
use weir_tests::{System, system::ADMIN_TOKEN};

use super::{login, post, user};

const PASSWORD: &str = "first-marker-password";
const SECOND: &str = "second-marker-password";
const WRONG: &str = "wrong-marker-password";
const OF_ADMIN: &str = "admin-marker-password";
/// 32 bytes that are found again in base64 and as they are.
const KEY: &str = "c2VhbGluZy1rZXktbWFya2VyLTAxMjM0NTY3ODkwMTI=";
const KEY_BYTES: &str = "sealing-key-marker-0123456789012";

/// Returns the text of the column of every row of the tables about users.
async fn kept(system: &System) -> String {
    let db = system.database().await;
    let mut all = String::new();
    for name in ["john", "admin"] {
        let account = weir_store::users::password::find(db.read(), name).await;
        let account = account.expect("readable").expect("there is one");
        let otp = weir_store::users::otp::find(db.read(), account.user.id).await;
        let otp = otp.expect("readable");
        write!(all, "{account:?} {otp:?}").expect("a text takes more");
        let hash = account.hash.expect("a hash");
        assert!(hash.reveal().starts_with("$argon2id$"));
        all.push_str(hash.reveal());
    }
    let trail = weir_store::audit::list(db.read(), 1_000).await;
    let trail = trail.expect("readable");
    write!(all, "{trail:?}").expect("a text takes more");
    db.close().await;
    all
}

/// Returns every byte of every file of the data folder, but those made to hold secrets.
fn files(system: &System) -> Vec<u8> {
    let (mut all, mut folders) = (Vec::new(), vec![system.data().to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.extend(std::fs::read(&path).unwrap_or_default());
            }
        }
    }
    all
}

#[tokio::test]
async fn no_secret_is_said_or_kept_in_clear() {
    let mut system = System::builder()
        .setting("WEIR_LOG", "trace")
        .setting("WEIR_ADMIN_PASSWORD", OF_ADMIN)
        .setting("WEIR_SECRET_KEY", KEY)
        .start()
        .await;
    user(&system, "john", PASSWORD).await;
    let (mut secrets, mut said) = (Vec::new(), String::new());
    for (name, password) in [
        ("john", PASSWORD),
        ("john", WRONG),
        ("nobody", WRONG),
        ("admin", OF_ADMIN),
    ] {
        let reply = login(&system, name, password)
            .send()
            .await
            .expect("an answer");
        if let Some(token) = reply.json()["token"].as_str() {
            secrets.push(token.to_owned());
        } else {
            said.push_str(reply.text());
        }
    }
    assert_eq!(secrets.len(), 2, "two passwords are right");
    let token = secrets[0].clone();
    let change = json!({"password": {"old": PASSWORD, "new": SECOND}});
    let changed = post(&system, "/-/npm/v1/user", &token, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let wish = json!({"tfa": {"password": SECOND, "mode": "auth-only"}});
    let begun = post(&system, "/-/npm/v1/user", &token, &wish).await;
    let address = begun.json()["tfa"].as_str().expect("an address").to_owned();
    let secret = address.split("secret=").nth(1).expect("a secret");
    secrets.push(secret.split('&').next().expect("some").to_owned());
    for text in [token.as_str(), "npm_nobodys-marker-token"] {
        let url = format!("{}/-/user/token/{text}", system.url());
        let reply = Call::new(Method::DELETE, url)
            .bearer(ADMIN_TOKEN)
            .send()
            .await;
        said.push_str(reply.expect("an answer").text());
    }
    secrets.extend(
        [
            PASSWORD,
            SECOND,
            WRONG,
            OF_ADMIN,
            KEY,
            KEY_BYTES,
            "npm_nobodys-marker-token",
        ]
        .map(str::to_owned),
    );
    said.push_str(&kept(&system).await);
    said.push_str(&system.process().output());
    let files = files(&system);
    for secret in &secrets {
        assert!(!said.contains(secret), "{secret} was said");
        let is_kept = files
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!is_kept, "{secret} is kept in clear");
    }
    system.end().await;
}
