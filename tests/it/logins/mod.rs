//! Signing in, against the whole server: the document's own calls, a flood of wrong passwords, and
//! where secrets are never found.

mod documented;
mod flood;
mod keys;
mod secrets;

use http::Method;
use serde_json::{Value, json};
use weir_testkit::client::{Call, Reply};
use weir_tests::{System, system::ADMIN_TOKEN};

/// Begins a login, as npm sends it.
fn login(system: &System, name: &str, password: &str) -> Call {
    let url = format!("{}/-/user/org.couchdb.user:{name}", system.url());
    let body = json!({"name": name, "password": password, "type": "user"});
    weir_testkit::client::put(url).json(&body)
}

/// Makes a user as the administrator.
async fn user(system: &System, name: &str, password: &str) {
    let body = json!({"name": name, "password": password});
    let made = post(system, "/-/admin/users", ADMIN_TOKEN, &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
}

async fn post(system: &System, path: &str, token: &str, body: &Value) -> Reply {
    let call = Call::new(Method::POST, format!("{}{path}", system.url()));
    let call = call.bearer(token).json(body);
    call.send().await.expect("an answer")
}
