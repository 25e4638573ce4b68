//! Making tokens: what is asked, what is answered, what is refused.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::{Value, json};
use weir_domain::{Timestamp, token::TokenSecret};
use weir_store::audit;
use weir_testkit::client::Call;

use super::*;
use crate::server::plain;

#[tokio::test]
async fn a_token_is_made_as_the_document_says() {
    let server = start().await;
    let body = json!({"password": PASSWORD, "readonly": false, "automation": false,
        "cidr_whitelist": ["127.0.0.1", "192.168.1.0/24"]});
    let reply = post(&server, ALICE, &body).await;
    assert_eq!(
        (reply.status, reply.header("cache-control")),
        (200, "no-store")
    );
    let made = reply.json();
    let secret = TokenSecret::from_text(text(&made, "token"));
    assert!(secret.is_generated() && secret.reveal().starts_with("npm_"));
    assert_eq!(made["key"], secret.hash().to_string());
    assert_eq!(
        made["cidr_whitelist"],
        json!(["127.0.0.1", "192.168.1.0/24"])
    );
    assert_eq!(
        (&made["readonly"], &made["automation"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(made["created"], made["updated"]);
    assert!(Timestamp::parse(text(&made, "created")).is_some());
    assert_eq!(whoami(&server, secret.reveal()).await, 200);
    // Six characters of it are shown, and never again all.
    let list = ask(&server, &format!("GET {NPM}"), Some(ALICE), &Value::Null).await;
    assert!(!list.text().contains(secret.reveal()));
    let list = list.json();
    assert_eq!((&list["total"], &list["urls"]), (&json!(2), &json!({})));
    let listed = &list["objects"][0];
    assert_eq!(listed["token"], secret.masked());
    for field in [
        "key",
        "cidr_whitelist",
        "readonly",
        "automation",
        "created",
        "updated",
    ] {
        assert_eq!(listed[field], made[field], "{field}");
    }
    assert_eq!(list["objects"][1]["cidr_whitelist"], Value::Null);
    let trail = audit::list(server.content.db.read(), 1)
        .await
        .expect("readable");
    let event = &trail[0];
    assert_eq!(event.action, "token.create");
    assert_eq!(event.detail, "from 127.0.0.1 192.168.1.0/24");
}

#[tokio::test]
async fn the_operator_says_how_tokens_begin() {
    let server = Server::with(weir_api::Settings {
        token_prefix: "firm_".to_owned(),
        ..plain()
    })
    .await;
    ready(&server).await;
    let made = make(&server, ALICE, json!({})).await;
    let secret = TokenSecret::from_text(text(&made, "token"));
    assert!(secret.is_generated() && secret.reveal().starts_with("firm_"));
}

#[tokio::test]
async fn making_one_needs_a_caller_and_the_password() {
    let server = start().await;
    let with = |password: &str| json!({ "password": password });
    for (token, body, status, code) in [
        (None, with(PASSWORD), 401, "UNAUTHORIZED"),
        (Some("npm_nobody"), with(PASSWORD), 401, "UNAUTHORIZED"),
        (Some(ALICE), with("wrong password"), 401, "UNAUTHORIZED"),
        (Some(ALICE), with("1234567"), 422, "INVALID_PARAM"),
        (Some(ALICE), with(&"x".repeat(101)), 422, "INVALID_PARAM"),
        (Some(ALICE), json!({}), 422, "INVALID_PARAM"),
        (Some(ALICE), json!([]), 422, "INVALID_PARAM"),
    ] {
        let reply = ask(&server, &format!("POST {NPM}"), token, &body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.text());
        let said = reply.json();
        assert!(text(&said, "error").starts_with(&format!("[{code}] ")));
        assert!(!reply.text().contains("wrong password"), "no echo");
    }
    let malformed = Call::new(Method::POST, server.url(NPM)).bearer(ALICE);
    let malformed = malformed
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(malformed.send().await.expect("answered").status, 400);
    // Name and password in the header are a caller and a proof in one.
    let basic = |pair: &str| {
        let call = Call::new(Method::POST, server.url(NPM));
        call.header("authorization", &format!("Basic {}", STANDARD.encode(pair)))
    };
    let reply = basic(&format!("Alice:{PASSWORD}"))
        .send()
        .await
        .expect("answered");
    assert_eq!(reply.status, 200, "{}", reply.text());
    let wrong = basic("alice:wrong password")
        .send()
        .await
        .expect("answered");
    assert_eq!(wrong.status, 401);
    // Anywhere else a password is no token.
    let pair = STANDARD.encode(format!("alice:{PASSWORD}"));
    let read = server
        .get("/-/whoami")
        .header("authorization", &format!("Basic {pair}"));
    assert_eq!(read.send().await.expect("answered").status, 401);
}

#[tokio::test]
async fn every_wish_that_is_none_is_named() {
    let server = start().await;
    let eleven: Vec<_> = (0..11).map(|n| format!("192.0.2.{n}")).collect();
    let many: Vec<_> = (0..51).map(|n| format!("p{n}")).collect();
    for (field, value) in [
        ("readonly", json!("yes")),
        ("automation", json!(1)),
        ("admin", json!("true")),
        ("cidr_whitelist", json!("127.0.0.1")),
        ("cidr_whitelist", json!(["localhost"])),
        ("cidr_whitelist", json!(["192.0.2.1/33"])),
        ("cidr_whitelist", json!(["127.0.0.1\r\nx-injected: 1"])),
        ("cidr_whitelist", json!([1])),
        ("cidr_whitelist", json!(eleven)),
        ("name", json!("a\r\nx-injected: 1")),
        ("name", json!("x".repeat(256))),
        ("description", json!("\u{1b}[31m")),
        ("expires", json!(0)),
        ("expires", json!(3651)),
        ("expires", json!(1.5)),
        ("expires", json!("30")),
        ("packages", json!(["..\\etc"])),
        ("packages", json!(many)),
        ("scopes", json!(["@"])),
        ("scopes", json!(["a/b"])),
        ("orgs", json!(["a/b"])),
        ("packages_and_scopes_permission", json!("everything")),
        ("packages_and_scopes_permission", json!("read-write")),
        ("orgs_permission", json!("read-only")),
    ] {
        let mut body = json!({ "password": PASSWORD });
        body[field] = value;
        let reply = post(&server, ALICE, &body).await;
        assert_eq!(reply.status, 422, "{body}: {}", reply.text());
        assert_eq!(reply.header("x-injected"), "");
        let reason = reply.json();
        let reason = text(&reason, "reason");
        assert!(
            reason.starts_with(&format!("{field}: ")),
            "{body}: {reason}"
        );
    }
    let list = ask(&server, &format!("GET {NPM}"), Some(ALICE), &Value::Null).await;
    assert_eq!(list.json()["total"], 1, "nothing was made");
}

#[tokio::test]
async fn the_bodies_of_old_and_new_clients_are_understood() {
    let server = start().await;
    let old = make(
        &server,
        ALICE,
        json!({"readonly": true, "cidr_whitelist": []}),
    )
    .await;
    assert_eq!(
        (&old["readonly"], &old["cidr_whitelist"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(
        (&old["packages"], &old["expires"]),
        (&Value::Null, &Value::Null)
    );
    let new = json!({"name": "ci", "description": "builds", "expires": 30,
        "packages": ["@firm/a"], "scopes": ["@team", "other"], "orgs": ["firm"],
        "packages_and_scopes_permission": "read-write-stage-only",
        "orgs_permission": "read-only", "bypass_2fa": true});
    let new = make(&server, ALICE, new).await;
    assert_eq!(
        (&new["name"], &new["description"]),
        (&json!("ci"), &json!("builds"))
    );
    assert_eq!(new["packages"], json!(["@firm/a"]));
    assert_eq!(new["scopes"], json!(["@team", "@other"]));
    assert_eq!(new["orgs"], json!(["firm"]));
    assert_eq!(
        new["packages_and_scopes_permission"],
        "read-write-stage-only"
    );
    assert_eq!(new["orgs_permission"], "read-only");
    assert_eq!(
        (&new["automation"], &new["packages_all"]),
        (&json!(true), &json!(false))
    );
    let end = Timestamp::parse(text(&new, "expires")).expect("a time");
    let made = Timestamp::parse(text(&new, "created")).expect("a time");
    let days = end.since(made).as_secs_f64() / 86_400.0;
    assert!((29.99..=30.01).contains(&days), "{days}");
    // Named without a word on what it may: all of it.
    let whole = make(&server, ALICE, json!({"packages_all": true})).await;
    assert_eq!(whole["packages_and_scopes_permission"], "read-write");
    assert_eq!(whole["orgs_permission"], "no-access");
}

#[tokio::test]
async fn a_token_makes_none_that_is_more_than_itself() {
    let server = start().await;
    let short = make(
        &server,
        ALICE,
        json!({"expires": 2, "cidr_whitelist": ["127.0.0.0/8"]}),
    )
    .await;
    let token = text(&short, "token");
    let same = make(&server, token, json!({})).await;
    assert_eq!(same["cidr_whitelist"], json!(["127.0.0.0/8"]));
    assert_eq!(same["expires"], short["expires"]);
    let less = make(
        &server,
        token,
        json!({"expires": 1, "cidr_whitelist": ["127.0.0.1"]}),
    )
    .await;
    assert!(text(&less, "expires") < text(&short, "expires"));
    for more in [
        json!({"expires": 3}),
        json!({"cidr_whitelist": ["10.0.0.0/8"]}),
        json!({"cidr_whitelist": ["127.0.0.1", "::/0"]}),
        json!({"admin": true}),
    ] {
        let mut body = more.clone();
        body["password"] = PASSWORD.into();
        let reply = post(&server, token, &body).await;
        assert_eq!(reply.status, 403, "{more}: {}", reply.text());
    }
    let (call, body) = (
        format!("POST {CATALOGUE}"),
        json!({"name": "x", "expiresIn": 3}),
    );
    let api = ask(&server, &call, Some(token), &body).await;
    assert_eq!((api.status, &api.json()["statusCode"]), (403, &json!(403)));
    // Admin rights are not inherited, only given.
    let plain = make(&server, ADMIN, json!({})).await;
    let given = make(&server, ADMIN, json!({"admin": true})).await;
    for (made, status) in [(plain, 403), (given, 200)] {
        let reply = ask(
            &server,
            "GET /-/admin/queues",
            Some(text(&made, "token")),
            &Value::Null,
        );
        assert_eq!(reply.await.status, status);
    }
}
