//! Signing in and out, in the words of the mirror's document and of old clients.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::json;
use weir_api::Settings;
use weir_testkit::client::Call;

use super::{
    PASSWORD, assert_refused, assert_wrong, call, change, document, hashes, login, sent, start,
    token, user, whoami, with,
};
use crate::server::{ADMIN, ALICE, Server};

fn basic(call: Call, name: &str, password: &str) -> Call {
    let pair = STANDARD.encode(format!("{name}:{password}"));
    call.header("authorization", &format!("Basic {pair}"))
}

#[tokio::test]
async fn a_login_answers_with_a_token_that_works() {
    let server = start().await;
    user(&server, "john").await;
    let reply = sent(login(&server, "john", PASSWORD)).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    let body = reply.json();
    assert_eq!(
        (&body["ok"], &body["id"]),
        (&json!(true), &json!("org.couchdb.user:john"))
    );
    let rev = body["rev"].as_str().expect("a revision");
    assert!(rev.starts_with("1-") && rev.len() == 34, "{rev}");
    let token = body["token"].as_str().expect("a token");
    assert!(token.starts_with("npm_") && token.len() >= 44, "{token}");
    assert_eq!(whoami(&server, token).await.json()["username"], "john");
    let again = sent(login(&server, "john", PASSWORD)).await.json();
    assert_ne!(again["token"], body["token"]);
    assert_eq!(again["rev"], body["rev"], "nothing changed");
    let shouted = server.put("/-/user/org.couchdb.user%3AJOHN");
    let shouted = shouted.json(&json!({"name": "JOHN", "password": PASSWORD}));
    let shouted = sent(shouted).await;
    assert_eq!(shouted.json()["id"], "org.couchdb.user:john");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_and_cost_the_same() {
    let server = start().await;
    user(&server, "john").await;
    let before = hashes(&server).await;
    for (n, (name, password)) in [
        ("john", "wrong password"),
        ("nobody", PASSWORD),
        // There is one, who has no password.
        ("alice", PASSWORD),
    ]
    .into_iter()
    .enumerate()
    {
        assert_wrong(&sent(login(&server, name, password)).await);
        let so_far = u64::try_from(n).expect("few") + 1;
        assert_eq!(hashes(&server).await, before + so_far, "{name}");
    }
}

#[tokio::test]
async fn nobody_registers_unless_the_operator_lets_anybody() {
    let mut body = document("new", PASSWORD);
    body["email"] = json!("new@example.com");
    let register = |server: &Server| server.put("/-/user/org.couchdb.user:new").json(&body);
    let closed = start().await;
    user(&closed, "john").await;
    assert_refused(&sent(register(&closed)).await, 403, "FORBIDDEN");
    assert_wrong(&sent(login(&closed, "new", PASSWORD)).await);
    token(&closed, "john").await;

    let open = with(|settings| Settings {
        allows_registration: true,
        ..settings
    })
    .await;
    assert_wrong(&sent(login(&open, "new", PASSWORD)).await);
    let made = sent(register(&open)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let text = made.json()["token"].as_str().expect("a token").to_owned();
    assert_eq!(whoami(&open, &text).await.json()["username"], "new");
    let admin = sent(open.get("/-/admin/users").bearer(&text)).await;
    assert_refused(&admin, 403, "FORBIDDEN");
    assert_eq!(
        sent(register(&open)).await.status,
        201,
        "the same is a login"
    );
    body["password"] = json!("another password");
    let other = open.put("/-/user/org.couchdb.user:new").json(&body);
    assert_wrong(&sent(other).await);
}

#[tokio::test]
async fn another_address_is_a_conflict_that_old_clients_solve() {
    let server = start().await;
    user(&server, "john").await;
    let path = "/-/user/org.couchdb.user:john";
    let mut body = document("john", PASSWORD);
    body["email"] = json!("JOHN@example.com");
    assert_eq!(sent(server.put(path).json(&body)).await.status, 201);
    body["email"] = json!("new@example.com");
    assert_refused(&sent(server.put(path).json(&body)).await, 409, "CONFLICT");
    let wrong = server.put(path).json(&{
        let mut wrong = body.clone();
        wrong["password"] = json!("wrong password");
        wrong
    });
    assert_wrong(&sent(wrong).await);

    let read = async || {
        let shown = sent(server.get(&format!("{path}?write=true"))).await;
        shown.json()["_rev"]
            .as_str()
            .expect("a revision")
            .to_owned()
    };
    let rev = read().await;
    let put = |rev: &str| server.put(&format!("{path}/-rev/{rev}")).json(&body);
    assert_wrong(&sent(basic(put(&rev), "john", "wrong password")).await);
    let other = sent(basic(put(&rev), "alice", PASSWORD)).await;
    assert_refused(&other, 401, "UNAUTHORIZED");
    let stale = sent(basic(put("1-0"), "john", PASSWORD)).await;
    assert_refused(&stale, 409, "CONFLICT");
    let done = sent(basic(put(&rev), "john", PASSWORD)).await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert_ne!(done.json()["rev"], rev);
    let shown = sent(server.get(path).bearer(ALICE)).await.json();
    assert_eq!(shown["email"], "new@example.com");
    assert_refused(&sent(put(&rev)).await, 409, "CONFLICT");
    assert_eq!(
        sent(put(&read().await)).await.status,
        201,
        "the body's password does"
    );

    // With both, the body's is the new one.
    body["password"] = json!("another password");
    let rev = read().await;
    let put = server.put(&format!("{path}/-rev/{rev}")).json(&body);
    assert_eq!(sent(basic(put, "john", PASSWORD)).await.status, 201);
    assert_wrong(&sent(login(&server, "john", PASSWORD)).await);
    let login = sent(login(&server, "john", "another password")).await;
    assert_eq!(login.status, 201);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_field_by_field() {
    let server = start().await;
    user(&server, "john").await;
    let put = async |path: &str, field: &str, value: serde_json::Value| {
        let mut body = document("john", PASSWORD);
        body[field] = value;
        sent(server.put(path).json(&body)).await
    };
    let before = hashes(&server).await;
    let john = "/-/user/org.couchdb.user:john";
    for (field, value) in [
        ("name", json!("jane")),
        ("name", json!(null)),
        ("name", json!("j".repeat(101))),
        ("name", json!(7)),
        ("_id", json!("org.couchdb.user:jane")),
        ("_id", json!("john")),
        ("type", json!("admin")),
        ("password", json!(null)),
        ("password", json!("1234567")),
        ("password", json!("p".repeat(101))),
        ("password", json!("p".repeat(500_000))),
        ("password", json!(["array"])),
        ("email", json!("not an address")),
        ("email", json!("a@b\r\nbcc: c@d")),
    ] {
        let reply = put(john, field, value).await;
        assert_refused(&reply, 422, "INVALID_PARAM");
        let reason = reply.json()["reason"].as_str().expect("text").to_owned();
        assert!(reason.starts_with(&format!("{field}: ")), "{reason}");
    }
    for bad in ["a%3Ab", "a%20b", "a%0d%0ab", "a%2fb", "%E2%80%AE", ""] {
        let path = format!("/-/user/org.couchdb.user:{bad}");
        assert_refused(&put(&path, "x", json!(1)).await, 422, "INVALID_PARAM");
        assert_refused(&sent(server.get(&path)).await, 404, "NOT_FOUND");
    }
    assert_refused(&put("/-/user/john", "x", json!(1)).await, 404, "NOT_FOUND");
    let malformed = sent(server.put(john).body("{")).await;
    assert_refused(&malformed, 400, "BAD_REQUEST");
    let huge = put(john, "password", json!("p".repeat(2_000_000))).await;
    assert_refused(&huge, 413, "PAYLOAD_TOO_LARGE");
    assert_eq!(hashes(&server).await, before, "none of it was hashed");
    // What is not said does not matter; roles and dates are never kept.
    let brief = json!({"name": "john", "password": PASSWORD, "roles": ["admin"], "_rev": "1-x"});
    let brief = sent(server.put(john).json(&brief)).await;
    assert_eq!(brief.status, 201, "{}", brief.text());
    let shown = sent(server.get(john).bearer(ADMIN)).await.json();
    assert_eq!(shown["roles"], json!([]));
}

#[tokio::test]
async fn old_credentials_keep_nobody_from_getting_new_ones() {
    let server = start().await;
    user(&server, "john").await;
    for authorization in ["Bearer npm_expired-long-ago", "Basic !!!", "nonsense"] {
        let call = login(&server, "john", PASSWORD).header("authorization", authorization);
        assert_eq!(sent(call).await.status, 201, "{authorization}");
    }
    let twice = basic(login(&server, "john", PASSWORD), "john", PASSWORD);
    assert_eq!(sent(twice).await.status, 201, "pnpm shows both");
    assert_wrong(
        &sent(basic(
            login(&server, "john", "wrong password"),
            "john",
            PASSWORD,
        ))
        .await,
    );
}

#[tokio::test]
async fn a_logout_ends_the_token_and_echoes_nothing() {
    let server = start().await;
    user(&server, "john").await;
    let (mine, other) = (token(&server, "john").await, token(&server, "john").await);
    let out = |text: &str, as_who: &str| {
        let path = format!("/-/user/token/{text}");
        call(&server, Method::DELETE, &path).bearer(as_who)
    };
    for foreign in [ALICE, ADMIN, "npm_nobodys-token-0123456789abcdef"] {
        let refused = sent(out(foreign, &mine)).await;
        assert_refused(&refused, 404, "NOT_FOUND");
        assert!(!refused.text().contains(foreign), "{}", refused.text());
    }
    let left = sent(out(&other, &mine)).await;
    assert_eq!((left.status, left.json()), (200, json!({"ok": true})));
    assert_eq!(whoami(&server, &other).await.status, 401);
    assert_eq!(sent(out(&mine, &mine)).await.status, 200);
    assert_eq!(whoami(&server, &mine).await.status, 401);
    assert_eq!(sent(out(&mine, &mine)).await.status, 401);
    let john = token(&server, "john").await;
    assert_eq!(sent(out(&john, ADMIN)).await.status, 200);
    assert_eq!(whoami(&server, &john).await.status, 401);
    assert_eq!(whoami(&server, ALICE).await.status, 200);
}

#[tokio::test]
async fn a_user_is_looked_up_by_name() {
    let server = start().await;
    user(&server, "john").await;
    let path = "/-/user/org.couchdb.user:john";
    let stranger = sent(server.get(path)).await;
    assert_eq!(stranger.status, 200, "{}", stranger.text());
    let body = stranger.json();
    assert_eq!(
        (&body["_id"], &body["name"], &body["type"]),
        (
            &json!("org.couchdb.user:john"),
            &json!("john"),
            &json!("user")
        )
    );
    assert_eq!(body.get("email"), None, "not for strangers");
    assert_eq!(
        sent(server.get(path).bearer(ALICE)).await.json()["email"],
        "john@example.com"
    );
    let own = sent(basic(server.get(path), "john", PASSWORD)).await;
    assert_eq!(
        own.json()["email"],
        "john@example.com",
        "a password does here"
    );
    let nobody = sent(server.get("/-/user/org.couchdb.user:nobody")).await;
    assert_refused(&nobody, 404, "NOT_FOUND");
}

#[tokio::test]
async fn a_password_is_no_credential_elsewhere() {
    let server = start().await;
    user(&server, "john").await;
    let path = "/-/user/org.couchdb.user:john";
    assert_wrong(&sent(basic(server.get(path), "john", "wrong password")).await);
    let before = hashes(&server).await;
    for path in ["/-/whoami", "/-/npm/v1/user", "/lodash", "/-/ping"] {
        let refused = sent(basic(server.get(path), "john", PASSWORD)).await;
        assert_refused(&refused, 401, "UNAUTHORIZED");
    }
    let path = format!("/-/user/token/{ALICE}");
    let out = basic(call(&server, Method::DELETE, &path), "john", PASSWORD);
    assert_refused(&sent(out).await, 401, "UNAUTHORIZED");
    assert_eq!(hashes(&server).await, before, "nor tried as one");
    let whoami = basic(server.get("/-/whoami"), "x", &token(&server, "john").await);
    assert_eq!(sent(whoami).await.status, 200, "a token is");
}

#[tokio::test]
async fn who_is_disabled_is_let_in_by_nothing() {
    let server = start().await;
    user(&server, "john").await;
    let other = server.another().await;
    let token = token(&server, "john").await;
    assert_eq!(whoami(&other, &token).await.status, 200);
    let disabled = change(&server, "john", &json!({"disabled": true})).await;
    assert_eq!(disabled.json()["disabled"], true);
    assert_eq!(whoami(&server, &token).await.status, 401, "at once");
    let soon = std::time::Duration::from_secs(3);
    weir_testkit::until("the other process to hear of it", soon, async || {
        whoami(&other, &token).await.status == 401
    })
    .await;
    assert_wrong(&sent(login(&server, "john", PASSWORD)).await);
    let enabled = change(&server, "john", &json!({"disabled": false})).await;
    assert_eq!(enabled.status, 200);
    assert_eq!(whoami(&server, &token).await.status, 200);
    assert_eq!(sent(login(&server, "john", PASSWORD)).await.status, 201);
}
