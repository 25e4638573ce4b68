//! Users, as administrators make, list and change them.

use http::Method;
use serde_json::{Value, json};
use weir_store::audit;

use super::{
    PASSWORD, assert_refused, assert_wrong, call, change, login, sent, start, token, user, whoami,
};
use crate::server::{ADMIN, ALICE, Server};

async fn made(server: &Server, body: Value) -> weir_testkit::client::Reply {
    let call = call(server, Method::POST, "/-/admin/users").bearer(ADMIN);
    sent(call.json(&body)).await
}

async fn listed(server: &Server, query: &str) -> (Vec<String>, Value) {
    let path = format!("/-/admin/users{query}");
    let page = sent(server.get(&path).bearer(ADMIN)).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let page = page.json();
    let names = page["data"].as_array().expect("a list").iter();
    let names = names.map(|user| user["name"].as_str().expect("a name").to_owned());
    (names.collect(), page["pagination"]["nextCursor"].clone())
}

#[tokio::test]
async fn users_are_made_and_listed() {
    let server = start().await;
    let reply = made(
        &server,
        json!({"name": "ju\u{308}rgen", "password": PASSWORD, "email": "j@example.com",
            "displayName": "Jürgen", "admin": true}),
    )
    .await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let body = reply.json();
    for (field, value) in [
        ("name", json!("jürgen")),
        ("displayName", json!("Jürgen")),
        ("email", json!("j@example.com")),
        ("admin", json!(true)),
        ("disabled", json!(false)),
        ("twoFactor", json!(false)),
    ] {
        assert_eq!(body[field], value, "{field}");
    }
    assert!(!reply.text().contains("argon2id") && !reply.text().contains(PASSWORD));
    assert_eq!(made(&server, json!({"name": "robot"})).await.status, 201);
    assert_wrong(&sent(login(&server, "robot", PASSWORD)).await);
    let (names, next) = listed(&server, "").await;
    assert_eq!(names, ["admin", "alice", "jürgen", "robot"]);
    assert_eq!(next, Value::Null);
    let (names, next) = listed(&server, "?limit=2").await;
    assert_eq!(
        (names, &next),
        (vec!["admin".into(), "alice".into()], &json!("alice"))
    );
    let (names, _) = listed(&server, "?limit=2&cursor=alice").await;
    assert_eq!(names, ["jürgen", "robot"]);
    for bad in ["?limit=0", "?limit=101", "?limit=x"] {
        let reply = sent(server.get(&format!("/-/admin/users{bad}")).bearer(ADMIN)).await;
        assert_refused(&reply, 422, "INVALID_PARAM");
    }
}

#[tokio::test]
async fn a_name_that_is_taken_or_looks_so_is_refused() {
    let server = start().await;
    for name in ["alice", "ALICE", "аlice", "ａｌｉｃｅ", "admın"] {
        let reply = made(&server, json!({"name": name})).await;
        assert_refused(&reply, 422, "INVALID_PARAM");
        assert!(reply.text().contains("looks like one that is"), "{name}");
    }
    for body in [
        json!({}),
        json!({"name": "a:b"}),
        json!({"name": "a b"}),
        json!({"name": "a\r\nb"}),
        json!({"name": "x".repeat(101)}),
        json!({"name": "x", "password": "short"}),
        json!({"name": "x", "email": "x"}),
        json!({"name": "x", "admin": "yes"}),
        json!({"name": "x", "displayName": "a\nb"}),
    ] {
        assert_refused(&made(&server, body).await, 422, "INVALID_PARAM");
    }
    for name in ["constructor", "__proto__", "toString"] {
        let reply = made(&server, json!({"name": name, "password": PASSWORD})).await;
        assert_eq!((reply.status, &reply.json()["admin"]), (201, &json!(false)));
        let token = token(&server, name).await;
        let forbidden = sent(server.get("/-/admin/users").bearer(&token)).await;
        assert_refused(&forbidden, 403, "FORBIDDEN");
        assert_eq!(whoami(&server, &token).await.json()["username"], name);
    }
}

#[tokio::test]
async fn what_a_user_may_changes_with_their_tokens() {
    let server = start().await;
    user(&server, "john").await;
    let promoted = change(&server, "john", &json!({"admin": true})).await;
    assert_eq!(promoted.json()["admin"], true);
    let token = token(&server, "john").await;
    let lists = async || {
        sent(server.get("/-/admin/users").bearer(&token))
            .await
            .status
    };
    assert_eq!(lists().await, 200);
    change(&server, "john", &json!({"admin": false})).await;
    assert_eq!(lists().await, 403, "at once");
    let renamed = change(&server, "JOHN", &json!({"displayName": "J"})).await;
    assert_eq!(
        (&renamed.json()["displayName"], &renamed.json()["email"]),
        (&json!("J"), &json!("john@example.com"))
    );
    change(&server, "john", &json!({"password": "another password"})).await;
    assert_wrong(&sent(login(&server, "john", PASSWORD)).await);
    assert_eq!(
        sent(login(&server, "john", "another password"))
            .await
            .status,
        201
    );

    for own in [json!({"disabled": true}), json!({"admin": false})] {
        assert_refused(&change(&server, "admin", &own).await, 422, "INVALID_PARAM");
    }
    assert_refused(
        &change(&server, "nobody", &json!({})).await,
        404,
        "NOT_FOUND",
    );
    assert_refused(
        &change(&server, "a%3Ab", &json!({})).await,
        404,
        "NOT_FOUND",
    );
    let on = change(&server, "john", &json!({"twoFactor": true})).await;
    assert_refused(&on, 422, "INVALID_PARAM");
    for (method, path) in [
        (Method::GET, "/-/admin/users"),
        (Method::POST, "/-/admin/users"),
        (Method::PATCH, "/-/admin/users/john"),
    ] {
        let alice = sent(call(&server, method.clone(), path).bearer(ALICE)).await;
        assert_refused(&alice, 403, "FORBIDDEN");
        let nobody = sent(call(&server, method, path)).await;
        assert_refused(&nobody, 401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn what_is_done_to_accounts_is_in_the_trail() {
    let server = start().await;
    user(&server, "john").await;
    let token = token(&server, "john").await;
    assert_wrong(&sent(login(&server, "john", "wrong password")).await);
    change(&server, "john", &json!({"disabled": true})).await;
    change(
        &server,
        "john",
        &json!({"disabled": false, "admin": true, "password": PASSWORD}),
    )
    .await;
    let path = format!("/-/user/token/{token}");
    sent(call(&server, Method::DELETE, &path).bearer(&token)).await;
    let trail = audit::list(server.content.db.read(), 100)
        .await
        .expect("rows");
    let mut actions: Vec<_> = trail.iter().map(|event| event.action.as_str()).collect();
    actions.sort_unstable();
    assert_eq!(
        actions,
        [
            "login.fail",
            "token.create",
            "token.revoke",
            "user.create",
            "user.disable",
            "user.enable",
            "user.password",
            "user.role",
        ]
    );
    let of_accounts = trail
        .iter()
        .filter(|event| !event.action.starts_with("token."));
    assert!(of_accounts.into_iter().all(|event| event.target == "john"));
    let text = format!("{trail:?}");
    for secret in [token.as_str(), PASSWORD, "wrong password", "argon2id"] {
        assert!(!text.contains(secret), "{text}");
    }
}
