//! Tokens over HTTP: making, listing, revoking them, and what becomes of odd wishes.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::{Value, json};
use weir_domain::{Timestamp, token::TokenSecret};
use weir_store::{
    audit, clock,
    tokens::{self, NewToken},
    users,
};
use weir_testkit::{
    client::{Call, Reply},
    until,
};

use crate::server::{ADMIN, ALICE, Server, plain};

const PASSWORD: &str = "correct horse";
const NPM: &str = "/-/npm/v1/tokens";
const CATALOGUE: &str = "/api/v1/tokens";
const BOB: &str = "npm_bob-token-of-the-token-tests-01234567";

async fn start() -> Server {
    let server = Server::start().await;
    ready(&server).await;
    server
}

async fn ready(server: &Server) {
    for user in ["alice", "admin", "bob"] {
        server.password(user, PASSWORD).await;
    }
    server.token("bob", BOB, NewToken::default()).await;
}

async fn ask(server: &Server, call: &str, token: Option<&str>, body: &Value) -> Reply {
    let (method, path) = call.split_once(' ').expect("a method and a path");
    let call = Call::new(method.parse().expect("a method"), server.url(path));
    let call = match token {
        Some(token) => call.bearer(token),
        None => call,
    };
    let call = if body.is_null() {
        call
    } else {
        call.json(body)
    };
    call.send().await.expect("answered")
}

async fn post(server: &Server, token: &str, body: &Value) -> Reply {
    ask(server, &format!("POST {NPM}"), Some(token), body).await
}

/// Makes a token as npm does; `body` lacks the password.
async fn make(server: &Server, token: &str, mut body: Value) -> Value {
    body["password"] = PASSWORD.into();
    let reply = post(server, token, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

async fn whoami(server: &Server, token: &str) -> u16 {
    ask(server, "GET /-/whoami", Some(token), &Value::Null)
        .await
        .status
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("{value}"))
}

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
async fn a_limited_token_stays_so_for_what_does_not_exist_yet() {
    let server = start().await;
    let limits = json!({"packages": ["not-yet"], "scopes": ["team"]});
    let made = make(&server, ALICE, limits).await;
    let token = text(&made, "token");
    for (call, status) in [
        ("PUT /-/package/not-yet/syncs", 201),
        ("PUT /not-yet/sync", 201),
        ("PUT /-/package/@team/new/syncs", 201),
        ("PUT /-/package/@team%2fnew/syncs", 201),
        ("PUT /-/package/%40team/new/syncs", 201),
        ("PUT /-/package/other/syncs", 403),
        ("PUT /-/package/not-yet2/syncs", 403),
        ("PUT /-/package/@teams/new/syncs", 403),
        ("PUT /-/package/@team%2f..%2fother/syncs", 403),
        ("PUT /other/sync", 403),
        ("GET /other", 404),
        ("GET /not-yet", 404),
        ("GET /-/whoami", 200),
        ("GET /-/npm/v1/tokens", 403),
        ("POST /-/npm/v1/tokens", 403),
        ("POST /api/v1/tokens", 403),
        ("GET /-/admin/queues", 403),
    ] {
        let reply = ask(&server, call, Some(token), &Value::Null).await;
        assert_eq!(reply.status, status, "{call}: {}", reply.text());
    }
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

#[tokio::test]
async fn lists_have_pages() {
    let server = start().await;
    for _ in 0..4 {
        make(&server, ALICE, json!({})).await;
    }
    let mut path = format!("{NPM}?perPage=2");
    let mut keys = Vec::new();
    for left in [2, 2, 1] {
        let page = ask(&server, &format!("GET {path}"), Some(ALICE), &Value::Null).await;
        let page = page.json();
        assert_eq!(page["total"], 5);
        let objects = page["objects"].as_array().expect("a list");
        assert_eq!(objects.len(), left);
        keys.extend(objects.iter().map(|one| text(one, "key").to_owned()));
        let next = page["urls"]["next"].as_str().unwrap_or_default();
        path = next
            .strip_prefix(&server.url(""))
            .unwrap_or_default()
            .to_owned();
    }
    assert_eq!(path, "", "it ends");
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 5);
    for query in ["perPage=0", "perPage=1001", "page=-1", "page=x"] {
        let call = format!("GET {NPM}?{query}");
        assert_eq!(
            ask(&server, &call, Some(ALICE), &Value::Null).await.status,
            422
        );
    }
}

#[tokio::test]
async fn a_token_is_revoked_by_key_by_its_beginning_or_by_text() {
    let server = start().await;
    for by in ["key", "beginning", "text"] {
        let made = make(&server, ALICE, json!({})).await;
        let (secret, key) = (text(&made, "token"), text(&made, "key"));
        assert_eq!(whoami(&server, secret).await, 200);
        let named = match by {
            "key" => key,
            "beginning" => &key[..6],
            _ => secret,
        };
        let call = format!("DELETE {NPM}/token/{named}");
        let reply = ask(&server, &call, Some(ALICE), &Value::Null).await;
        assert_eq!(
            (reply.status, reply.json()),
            (200, json!({"ok": true})),
            "{by}"
        );
        assert_eq!(whoami(&server, secret).await, 401, "at once");
        let again = ask(&server, &call, Some(ALICE), &Value::Null).await;
        assert_eq!(again.status, 404);
    }
    let trail = audit::list(server.content.db.read(), 1)
        .await
        .expect("readable");
    assert_eq!(
        (trail[0].action.as_str(), trail[0].detail.as_str()),
        ("token.revoke", "")
    );
    // A token may end itself.
    let made = make(&server, ALICE, json!({})).await;
    let secret = text(&made, "token");
    let call = format!("DELETE {NPM}/token/{secret}");
    assert_eq!(
        ask(&server, &call, Some(secret), &Value::Null).await.status,
        200
    );
    assert_eq!(whoami(&server, secret).await, 401);
}

#[tokio::test]
async fn anothers_token_is_not_there_and_nothing_is_repeated() {
    let server = start().await;
    let made = make(&server, ALICE, json!({"name": "mine"})).await;
    let (secret, key) = (text(&made, "token"), text(&made, "key"));
    let id = ask(
        &server,
        &format!("GET {CATALOGUE}"),
        Some(ALICE),
        &Value::Null,
    )
    .await;
    let id = text(&id.json()["data"][0], "id").to_owned();
    for named in [
        secret,
        key,
        &key[..6],
        &key[..5],
        "npm_unknown-secret",
        "%00",
        "..%2f",
    ] {
        for token in [BOB, ADMIN] {
            let call = format!("DELETE {NPM}/token/{named}");
            let reply = ask(&server, &call, Some(token), &Value::Null).await;
            assert_eq!(reply.status, 404, "{named}: {}", reply.text());
            assert!(!reply.text().contains(named), "{}", reply.text());
        }
    }
    for named in [
        id.as_str(),
        "018f0000-0000-7000-8000-000000000000",
        "nonsense",
    ] {
        let call = format!("DELETE {CATALOGUE}/{named}");
        let reply = ask(&server, &call, Some(BOB), &Value::Null).await;
        let said = json!({"error": "You have no such token", "statusCode": 404, "details": {}});
        assert_eq!((reply.status, reply.json()), (404, said));
    }
    assert_eq!(whoami(&server, secret).await, 200, "it is as it was");
}

#[tokio::test]
async fn keys_that_begin_alike_are_not_guessed_between() {
    let server = start().await;
    let mut seen = std::collections::HashMap::new();
    let pair = (0..).find_map(|n| {
        let secret = TokenSecret::from_text(format!("npm_{n}"));
        let start = secret.hash().to_string()[..6].to_owned();
        let former = seen.insert(start.clone(), secret.clone())?;
        Some((start, former, secret))
    });
    let (start, one, other) = pair.expect("there are only so many beginnings");
    let made = server.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let alice = users::find_by_name(&**tx, "alice").await?.expect("there");
            for secret in [one, other] {
                tokens::insert(tx, alice.id, &secret, NewToken::default(), now).await?;
            }
            Ok(())
        })
    });
    made.await.expect("made");
    let call = format!("DELETE {NPM}/token/{start}");
    let reply = ask(&server, &call, Some(ALICE), &Value::Null).await;
    assert_eq!(reply.status, 409, "{}", reply.text());
}

#[tokio::test]
async fn the_catalogues_routes_are_as_its_document_says() {
    let server = start().await;
    let call = |method: &str| format!("{method} {CATALOGUE}");
    let body = json!({"name": "CI/CD Token", "expiresIn": 90});
    let anonymous = ask(&server, &call("POST"), None, &body).await;
    assert_eq!(
        (anonymous.status, &anonymous.json()["statusCode"]),
        (401, &json!(401))
    );
    assert_eq!(
        ask(&server, &call("GET"), None, &Value::Null).await.status,
        401
    );
    let reply = ask(&server, &call("POST"), Some(ALICE), &body).await;
    assert_eq!(
        (reply.status, reply.header("cache-control")),
        (200, "no-store")
    );
    let made = reply.json()["data"].clone();
    let secret = text(&made, "token");
    assert_eq!(made["name"], "CI/CD Token");
    let end = Timestamp::parse(text(&made, "expiresAt")).expect("a time");
    let from = Timestamp::parse(text(&made, "createdAt")).expect("a time");
    assert!(end.since(from).abs_diff(Duration::from_secs(90 * 86_400)) < Duration::from_secs(5));
    assert_eq!(whoami(&server, secret).await, 200, "it is good everywhere");
    let list = ask(&server, &call("GET"), Some(secret), &Value::Null).await;
    assert!(!list.text().contains(secret));
    let list = list.json();
    assert_eq!(list["data"][0]["id"], made["id"]);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    let delete = format!("DELETE {CATALOGUE}/{}", text(&made, "id"));
    let gone = ask(&server, &delete, Some(ALICE), &Value::Null).await;
    let data = gone.json()["data"].clone();
    assert_eq!((gone.status, &data["id"]), (200, &made["id"]));
    assert!(Timestamp::parse(text(&data, "revokedAt")).is_some());
    assert_eq!(whoami(&server, secret).await, 401);
    assert_eq!(
        ask(&server, &delete, Some(ALICE), &Value::Null)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn the_catalogue_names_everything_that_is_wrong() {
    let server = start().await;
    let post = format!("POST {CATALOGUE}");
    for (body, wrong) in [
        (json!({}), &["name"][..]),
        (
            json!({"name": null, "expiresIn": 0}),
            &["expiresIn", "name"],
        ),
        (
            json!({"name": " ", "expiresIn": 3651}),
            &["expiresIn", "name"],
        ),
        (
            json!({"name": "a\nb", "expiresIn": "90"}),
            &["expiresIn", "name"],
        ),
        (json!({"name": "x".repeat(101)}), &["name"]),
        (
            json!({"name": 1, "readonly": 1, "admin": 1}),
            &["admin", "name", "readonly"],
        ),
    ] {
        let reply = ask(&server, &post, Some(ALICE), &body).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        let said = reply.json();
        let details = said["details"].as_object().expect("details");
        assert_eq!(details.keys().collect::<Vec<_>>(), wrong, "{body}");
        assert_eq!(said["statusCode"], 400);
    }
}

#[tokio::test]
async fn where_a_token_may_be_used_is_where_the_connection_comes_from() {
    let server = start().await;
    let here = make(&server, ALICE, json!({"cidr_whitelist": ["127.0.0.1"]})).await;
    let mapped = make(
        &server,
        ALICE,
        json!({"cidr_whitelist": ["::ffff:127.0.0.0/104"]}),
    )
    .await;
    let there = make(&server, ALICE, json!({"cidr_whitelist": ["192.0.2.1"]})).await;
    let (here, mapped, there) = (
        text(&here, "token"),
        text(&mapped, "token"),
        text(&there, "token"),
    );
    let from = async |server: &Server, token: &str, forwarded: &str| {
        let call = server.get("/-/ping").bearer(token);
        let call = call.header("x-forwarded-for", forwarded);
        let reply = call.send().await.expect("answered");
        let challenge = reply.header("www-authenticate").to_owned();
        (reply.status, challenge)
    };
    let fine = (200, String::new());
    let foreign = (401, "ipaddress".to_owned());
    // Anybody may write the header; nobody believes it.
    assert_eq!(from(&server, here, "192.0.2.1").await, fine);
    assert_eq!(from(&server, mapped, "192.0.2.1").await, fine);
    for claimed in ["192.0.2.1", "192.0.2.1, 127.0.0.1", "::ffff:192.0.2.1"] {
        assert_eq!(from(&server, there, claimed).await, foreign, "{claimed}");
    }
    // A proxy that is trusted is believed as far as it goes.
    let mut settings = plain();
    settings.shares.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    let behind = server.another_with(settings).await;
    assert_eq!(from(&behind, there, "192.0.2.1").await, fine);
    assert_eq!(from(&behind, there, "::ffff:192.0.2.1").await, fine);
    assert_eq!(
        from(&behind, there, "192.0.2.1, 198.51.100.1").await,
        foreign
    );
    assert_eq!(from(&behind, here, "198.51.100.1").await, foreign);
}

#[tokio::test]
async fn credentials_in_an_address_are_nobodys() {
    let server = start().await;
    for query in [
        "token",
        "access_token",
        "authorization",
        "_authToken",
        "password",
    ] {
        for path in ["/-/whoami", NPM, CATALOGUE] {
            let call = format!("GET {path}?{query}={ALICE}");
            assert_eq!(
                ask(&server, &call, None, &Value::Null).await.status,
                401,
                "{call}"
            );
        }
    }
}

#[tokio::test]
async fn that_a_token_is_used_is_written_down_beside_requests() {
    let server = start().await;
    let made = make(&server, ALICE, json!({})).await;
    let (secret, key) = (text(&made, "token"), text(&made, "key"));
    let used = async || {
        let list = ask(&server, &format!("GET {NPM}"), Some(ALICE), &Value::Null).await;
        let list = list.json();
        let mut objects = list["objects"].as_array().expect("a list").iter();
        let one = objects.find(|one| one["key"] == key).expect("it is there");
        one["lastUsedAt"].clone()
    };
    assert_eq!(used().await, Value::Null);
    for _ in 0..3 {
        assert_eq!(whoami(&server, secret).await, 200);
    }
    let first = until(
        "its use to be written down",
        Duration::from_secs(10),
        async || {
            let at = used().await;
            if at.is_null() { Err(at) } else { Ok(at) }
        },
    )
    .await;
    // Another process saw it as well, within the minute.
    let another = server.another().await;
    assert_eq!(whoami(&another, secret).await, 200);
    another.stop();
    assert_eq!(whoami(&server, secret).await, 200);
    assert_eq!(used().await, first);
}
