//! What users say of themselves, and second factors, in npm's words.

use http::Method;
use serde_json::{Value, json};
use weir_config::Shares;

use super::{
    App, PASSWORD, assert_asked_for_code, assert_refused, assert_wrong, call, change, few, login,
    sent, start, token, user, with_shares,
};
use crate::server::{ADMIN, ALICE, Server};

async fn shown(server: &Server, token: &str) -> Value {
    let reply = sent(server.get("/-/npm/v1/user").bearer(token)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    reply.json()
}

fn posting(server: &Server, token: &str, body: &Value) -> weir_testkit::client::Call {
    let call = call(server, Method::POST, "/-/npm/v1/user").bearer(token);
    call.json(body)
}

async fn post(server: &Server, token: &str, body: Value) -> weir_testkit::client::Reply {
    sent(posting(server, token, &body)).await
}

/// Gives a user a second factor; returns the app that makes its codes, and the recovery codes.
pub async fn enable(server: &Server, token: &str) -> (App, Vec<String>) {
    let wish = json!({"tfa": {"password": PASSWORD, "mode": "auth-only"}});
    let begun = post(server, token, wish).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let address = begun.json()["tfa"].as_str().expect("an address").to_owned();
    assert!(
        address.starts_with("otpauth://totp/127.0.0.1:john?secret="),
        "{address}"
    );
    let app = App::new(&address);
    App::settle().await;
    let confirmed = post(server, token, json!({"tfa": [app.code(-1)]})).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    let codes = confirmed.json()["tfa"].clone();
    let codes: Vec<String> = serde_json::from_value(codes).expect("a list of texts");
    assert_eq!(codes.len(), 10);
    let is_hexadecimal =
        |code: &String| code.len() == 64 && code.bytes().all(|b| b.is_ascii_hexdigit());
    assert!(codes.iter().all(is_hexadecimal), "what npm lets one type");
    (app, codes)
}

#[tokio::test]
async fn a_profile_is_read_and_changed_as_npm_does_it() {
    let server = start().await;
    user(&server, "john").await;
    let token = token(&server, "john").await;
    let profile = shown(&server, &token).await;
    for (field, value) in [
        ("name", json!("john")),
        ("email", json!("john@example.com")),
        ("email_verified", json!(false)),
        ("tfa", json!(false)),
        ("fullname", Value::Null),
        ("github", Value::Null),
    ] {
        assert_eq!(profile[field], value, "{field}");
    }
    assert!(profile["created"].as_str().expect("a time").ends_with('Z'));
    // npm sends every field back, the one that changes among them.
    let all = json!({
        "email": "john@example.com", "fullname": "John Doe", "homepage": "https://john.example",
        "freenode": null, "twitter": "", "github": "john",
    });
    let set = post(&server, &token, all).await;
    assert_eq!(set.status, 200, "{}", set.text());
    assert_eq!(set.json()["fullname"], "John Doe");
    let profile = shown(&server, &token).await;
    assert_eq!(
        (
            &profile["homepage"],
            &profile["github"],
            &profile["twitter"]
        ),
        (&json!("https://john.example"), &json!("john"), &Value::Null)
    );
    post(
        &server,
        &token,
        json!({"github": null, "email": "j@example.com"}),
    )
    .await;
    let profile = shown(&server, &token).await;
    assert_eq!(
        (&profile["homepage"], &profile["github"], &profile["email"]),
        (
            &json!("https://john.example"),
            &Value::Null,
            &json!("j@example.com")
        )
    );
    for bad in [
        json!({"email": "nowhere"}),
        json!({"fullname": "a\r\nx-injected: 1"}),
        json!({"fullname": "x".repeat(201)}),
        json!({"homepage": 7}),
        json!({"password": "new-password"}),
        json!({"password": {"old": PASSWORD, "new": "short"}}),
        json!({"tfa": {"mode": "sometimes", "password": PASSWORD}}),
        json!({"tfa": {"mode": "auth-only"}}),
        json!({"tfa": ["1", "2"]}),
        json!({"tfa": "disable"}),
    ] {
        assert_refused(&post(&server, &token, bad).await, 422, "INVALID_PARAM");
    }
    let nobody = call(&server, Method::POST, "/-/npm/v1/user").json(&json!({}));
    assert_refused(&sent(nobody).await, 401, "UNAUTHORIZED");
    assert_refused(
        &sent(server.get("/-/npm/v1/user")).await,
        401,
        "UNAUTHORIZED",
    );
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_the_old_one() {
    let server = start().await;
    user(&server, "john").await;
    let token = token(&server, "john").await;
    let new = "another password";
    let wrong = json!({"password": {"old": "wrong password", "new": new}});
    assert_wrong(&post(&server, &token, wrong).await);
    let both = json!({
        "password": {"old": PASSWORD, "new": new},
        "tfa": {"password": PASSWORD, "mode": "auth-only"},
    });
    assert_refused(&post(&server, &token, both).await, 422, "INVALID_PARAM");
    let change = json!({"password": {"old": PASSWORD, "new": new}});
    let changed = post(&server, &token, change).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert!(!changed.text().contains(new));
    assert_wrong(&sent(login(&server, "john", PASSWORD)).await);
    assert_eq!(sent(login(&server, "john", new)).await.status, 201);
    // Who has no password proves nothing with one.
    let alice = json!({"password": {"old": PASSWORD, "new": new}});
    assert_wrong(&post(&server, ALICE, alice).await);
}

#[tokio::test]
async fn a_code_lets_in_once_and_none_lets_in_without() {
    let server = start().await;
    user(&server, "john").await;
    let bearer = token(&server, "john").await;
    let (app, _) = enable(&server, &bearer).await;
    let tfa = &shown(&server, &bearer).await["tfa"];
    assert_eq!(*tfa, json!({"mode": "auth-only", "pending": false}));

    assert_asked_for_code(&sent(login(&server, "john", PASSWORD)).await);
    assert_wrong(&sent(login(&server, "john", "wrong password")).await);
    let with = async |code: &str| {
        let call = login(&server, "john", PASSWORD).header("npm-otp", code);
        sent(call).await
    };
    assert_asked_for_code(&with(&app.code(-1)).await);
    for wrong in [
        "",
        "000",
        "abcdef",
        "١٢٣٤٥٦",
        &app.code(40),
        &"0".repeat(64),
    ] {
        assert_asked_for_code(&with(wrong).await);
    }
    let code = app.code(0);
    // One of those who bring the same code at once gets in.
    let replies = futures::future::join_all((0..5).map(|_| with(&code))).await;
    let entered = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(entered, 1);
    assert_asked_for_code(&with(&code).await);

    // The account asks for one with every change.
    assert_asked_for_code(&post(&server, &bearer, json!({"fullname": "J"})).await);
    let change = json!({"password": {"old": PASSWORD, "new": "another password"}});
    assert_asked_for_code(&post(&server, &bearer, change.clone()).await);
    let changing = posting(&server, &bearer, &change).header("npm-otp", &app.code(1));
    assert_eq!(sent(changing).await.status, 200);
}

#[tokio::test]
async fn a_recovery_code_lets_in_once() {
    let server = start().await;
    user(&server, "john").await;
    let bearer = token(&server, "john").await;
    let (_, codes) = enable(&server, &bearer).await;
    let with = async |code: &str| {
        let call = login(&server, "john", PASSWORD).header("npm-otp", code);
        sent(call).await
    };
    assert_eq!(with(&codes[0]).await.status, 201);
    assert_asked_for_code(&with(&codes[0]).await);
    assert_eq!(with(&codes[1].to_uppercase()).await.status, 201);
    // It takes the factor away, too.
    let off = json!({"tfa": {"password": PASSWORD, "mode": "disable"}});
    assert_asked_for_code(&post(&server, &bearer, off.clone()).await);
    let off = posting(&server, &bearer, &off).header("npm-otp", &codes[2]);
    let off = sent(off).await;
    assert_eq!((off.status, &off.json()["tfa"]), (200, &json!(false)));
    assert_eq!(sent(login(&server, "john", PASSWORD)).await.status, 201);
}

#[tokio::test]
async fn a_second_factor_counts_once_it_is_confirmed() {
    let server = start().await;
    user(&server, "john").await;
    let bearer = token(&server, "john").await;
    let early = post(&server, &bearer, json!({"tfa": ["123456"]})).await;
    assert_refused(&early, 409, "CONFLICT");
    let wish = |mode: &str| json!({"tfa": {"password": PASSWORD, "mode": mode}});
    let wrong = json!({"tfa": {"password": "wrong password", "mode": "auth-only"}});
    assert_wrong(&post(&server, &bearer, wrong).await);
    let begun = post(&server, &bearer, wish("auth-and-writes")).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let pending = json!({"mode": "auth-and-writes", "pending": true});
    assert_eq!(shown(&server, &bearer).await["tfa"], pending);
    assert_eq!(sent(login(&server, "john", PASSWORD)).await.status, 201);
    let unlike = post(&server, &bearer, json!({"tfa": ["000000"]})).await;
    assert_asked_for_code(&unlike);
    // npm takes a pending one back before it asks for another.
    let off = post(&server, &bearer, wish("disable")).await;
    assert_eq!(off.json()["tfa"], json!(false));
    let (app, _) = enable(&server, &bearer).await;
    let mode = posting(&server, &bearer, &wish("auth-and-writes"));
    let mode = sent(mode.header("npm-otp", &app.code(0))).await;
    assert_eq!((mode.status, &mode.json()["tfa"]), (200, &Value::Null));
    let kept = json!({"mode": "auth-and-writes", "pending": false});
    assert_eq!(shown(&server, &bearer).await["tfa"], kept);
    // An administrator can take it away from whoever lost it.
    let removed = change(&server, "john", &json!({"twoFactor": false})).await;
    assert_eq!(
        (removed.status, &removed.json()["twoFactor"]),
        (200, &json!(false))
    );
    assert_eq!(sent(login(&server, "john", PASSWORD)).await.status, 201);
}

#[tokio::test]
async fn without_a_key_there_is_no_second_factor() {
    let server = Server::start().await;
    user(&server, "john").await;
    let bearer = token(&server, "john").await;
    let wish = json!({"tfa": {"password": PASSWORD, "mode": "auth-only"}});
    let refused = post(&server, &bearer, wish).await;
    assert_refused(&refused, 501, "NOT_IMPLEMENTED");
    assert!(
        refused.text().contains("WEIR_SECRET_KEY"),
        "{}",
        refused.text()
    );
    assert_eq!(shown(&server, &bearer).await["tfa"], json!(false));
    assert_eq!(shown(&server, ADMIN).await["name"], "admin");
}

/// Three wrong codes, then no more.
async fn strict() -> (Server, String) {
    let server = with_shares(Shares {
        login_failures: Some(few(3)),
        ..Shares::default()
    });
    let server = server.await;
    user(&server, "john").await;
    let bearer = token(&server, "john").await;
    (server, bearer)
}

#[tokio::test]
async fn the_first_code_is_not_guessed() {
    let (server, bearer) = strict().await;
    let wish = json!({"tfa": {"password": PASSWORD, "mode": "auth-only"}});
    assert_eq!(post(&server, &bearer, wish).await.status, 200);
    let guess = async || post(&server, &bearer, json!({"tfa": ["000000"]})).await;
    for _ in 0..3 {
        assert_asked_for_code(&guess().await);
    }
    assert_refused(&guess().await, 429, "TOO_MANY_REQUESTS");
}

#[tokio::test]
async fn a_wrong_code_with_the_right_password_is_in_the_trail() {
    let server = start().await;
    user(&server, "john").await;
    let bearer = token(&server, "john").await;
    let (app, _) = enable(&server, &bearer).await;
    let fails = async || {
        let trail = weir_store::audit::list(server.content.db.read(), 100).await;
        let trail = trail.expect("rows").into_iter();
        trail.filter(|event| event.action == "login.fail").count()
    };
    assert_asked_for_code(&sent(login(&server, "john", PASSWORD)).await);
    assert_eq!(fails().await, 0, "npm asks for the code after that");
    let wrong = login(&server, "john", PASSWORD).header("npm-otp", "000000");
    assert_asked_for_code(&sent(wrong).await);
    assert_eq!(fails().await, 1);
    let right = login(&server, "john", PASSWORD).header("npm-otp", &app.code(0));
    assert_eq!(sent(right).await.status, 201);
}

#[tokio::test]
async fn whoever_only_has_a_token_uses_up_no_tries_of_the_owner() {
    let (server, bearer) = strict().await;
    let (app, _) = enable(&server, &bearer).await;
    let guess = async || {
        let call = posting(&server, &bearer, &json!({"fullname": "Mallory"}));
        sent(call.header("npm-otp", "000000")).await
    };
    for _ in 0..3 {
        assert_asked_for_code(&guess().await);
    }
    assert_refused(&guess().await, 429, "TOO_MANY_REQUESTS");
    let owner = login(&server, "john", PASSWORD).header("npm-otp", &app.code(0));
    assert_eq!(sent(owner).await.status, 201);
}
