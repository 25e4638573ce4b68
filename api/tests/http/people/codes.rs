//! What asks for a one-time password, who may take the factor away, and that a code is spent by
//! the request that signs in, or makes something, and by no other.

use http::Method;
use serde_json::{Value, json};
use weir_config::Shares;
use weir_testkit::{
    Browser,
    client::{Call, Reply, get},
};

use super::{
    PASSWORD, assert_asked_for_code, assert_refused, call, change, document, few, sent, start,
    token, user, whoami, with_shares,
};
use crate::{
    server::{ADMIN, ALICE, Server},
    web_logins::{Login, begin},
};

use super::profiles::enable;

/// Makes a token in both of the ways that programs have.
fn making(server: &Server, bearer: &str) -> [Call; 2] {
    let bodies = [
        ("/api/v1/tokens", json!({"name": "ci"})),
        ("/-/npm/v1/tokens", json!({"password": PASSWORD})),
    ];
    bodies.map(|(path, body)| {
        let call = call(server, Method::POST, path).bearer(bearer);
        call.json(&body)
    })
}

/// Checks that a code is asked for, in whatever words of the two surfaces.
#[track_caller]
fn assert_challenged(reply: &Reply) {
    let challenge = reply.header("www-authenticate");
    assert_eq!((reply.status, challenge), (401, "OTP"), "{}", reply.text());
    assert!(reply.text().contains("one-time password"));
}

async fn tokens(server: &Server, bearer: &str) -> usize {
    let page = sent(server.get("/api/v1/tokens").bearer(bearer)).await;
    page.json()["data"].as_array().expect("a list").len()
}

#[tokio::test]
async fn who_has_a_second_factor_brings_a_code_for_every_token() {
    let server = start().await;
    user(&server, "john").await;
    let bearer = token(&server, "john").await;
    for making in making(&server, &bearer) {
        assert_eq!(sent(making).await.status, 200, "who has none brings none");
    }
    let (_, codes) = enable(&server, &bearer).await;
    let before = tokens(&server, &bearer).await;
    for (n, code) in codes.iter().take(2).enumerate() {
        let making = || making(&server, &bearer).into_iter().nth(n).expect("two");
        assert_challenged(&sent(making()).await);
        for wrong in ["", "000000", &"0".repeat(64)] {
            assert_challenged(&sent(making().header("npm-otp", wrong)).await);
        }
        let made = sent(making().header("npm-otp", code)).await;
        assert_eq!(made.status, 200, "{}", made.text());
        assert_challenged(&sent(making().header("npm-otp", code)).await);
    }
    assert_eq!(tokens(&server, &bearer).await, before + 2);
    let [alice, _] = making(&server, ALICE);
    assert_eq!(sent(alice).await.status, 200, "nobody else is asked");
}

/// Signs john in to the site with this code; returns the browser.
async fn browser(server: &Server, code: &str) -> Browser {
    let browser = Browser::default();
    let page = browser.open(&server.url("/-/login")).await;
    let fields = [("name", "john"), ("password", PASSWORD), ("otp", code)];
    let page = browser.submit(&page, "/-/login", &fields).await;
    assert_eq!(page.url.path(), "/-/account", "{}", page.text());
    browser
}

#[tokio::test]
async fn the_sites_forms_ask_who_has_a_second_factor_for_a_code() {
    let server = start().await;
    user(&server, "john").await;
    let bearer = token(&server, "john").await;
    let plain = browser(&server, "").await;
    let account = plain.open(&server.url("/-/account")).await;
    assert!(
        !account.text().contains("One-time password"),
        "who has none"
    );
    let fields = [("name", "ci")];
    let made = plain.submit(&account, "/-/account/tokens", &fields).await;
    assert_eq!(made.reply.status, 200);

    let (_, codes) = enable(&server, &bearer).await;
    let browser = browser(&server, &codes[0]).await;
    let account = browser.open(&server.url("/-/account")).await;
    assert!(account.text().contains("<label for=\"token-otp\">"));
    for wrong in ["", "000000", &codes[0]] {
        let fields = [("name", "ci"), ("otp", wrong)];
        let refused = browser.submit(&account, "/-/account/tokens", &fields).await;
        assert_eq!(refused.reply.status, 401);
        assert_eq!(refused.reply.header("www-authenticate"), "OTP");
        assert!(refused.text().contains("role=\"alert\""));
    }
    let fields = [("name", "ci"), ("otp", codes[1].as_str())];
    let made = browser.submit(&account, "/-/account/tokens", &fields).await;
    assert_eq!(whoami(&server, &made.inside("code")).await.status, 200);

    // A session that is young is a proof of the password, and of nothing else.
    let csrf = account.form("/-/logout")[0].1.clone();
    let cookie = format!("weir-session={}", browser.cookie("weir-session").unwrap());
    let making = || {
        let call = call(&server, Method::POST, "/-/npm/v1/tokens").json(&json!({}));
        call.header("cookie", &cookie).header("x-csrf-token", &csrf)
    };
    assert_asked_for_code(&sent(making()).await);
    assert_eq!(
        sent(making().header("npm-otp", &codes[2])).await.status,
        200
    );
}

#[tokio::test]
async fn who_says_yes_to_a_program_brings_a_code() {
    let server = start().await;
    user(&server, "john").await;
    let bearer = token(&server, "john").await;
    let (_, codes) = enable(&server, &bearer).await;
    let browser = browser(&server, &codes[0]).await;
    let (login, other) = (begin(&server).await, begin(&server).await);
    let fetched = async |login: &Login| sent(get(&login.done_url)).await.status;
    let (page, stranger) = (
        browser.open(&login.login_url).await,
        browser.open(&other.login_url).await,
    );
    assert!(!page.text().contains("confirm-otp"), "they just signed in");
    server
        .meddle("UPDATE sessions SET created_at = created_at - 300000")
        .await;
    let page = browser.open(&login.login_url).await;
    for shown in ["<label for=\"confirm-otp\">", "value=\"no\" formnovalidate"] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    let answer = async |page, fields: &[(&str, &str)]| {
        let answered = browser.submit(page, "/-/login/web", fields).await;
        answered.reply
    };
    for wrong in ["", "000000", &codes[0]] {
        assert_challenged(&answer(&page, &[("answer", "yes"), ("otp", wrong)]).await);
        assert_eq!(fetched(&login).await, 202, "nobody has answered");
    }
    assert_eq!(answer(&stranger, &[("answer", "no")]).await.status, 200);
    // A code is not spent on a login that nobody waits for.
    let yes = [("answer", "yes"), ("otp", codes[1].as_str())];
    assert_eq!(answer(&stranger, &yes).await.status, 404);
    let done = answer(&page, &yes).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!((fetched(&login).await, fetched(&other).await), (200, 404));
}

#[tokio::test]
async fn a_token_that_is_refused_spends_no_code() {
    let server = start().await;
    user(&server, "john").await;
    let bearer = token(&server, "john").await;
    let (_, codes) = enable(&server, &bearer).await;
    for (n, code) in codes.iter().take(2).enumerate() {
        let path = ["/api/v1/tokens", "/-/npm/v1/tokens"][n];
        let make = async |is_admin: bool| {
            let body = json!({"name": "ci", "password": PASSWORD, "admin": is_admin});
            let making = call(&server, Method::POST, path).bearer(&bearer);
            sent(making.json(&body).header("npm-otp", code))
                .await
                .status
        };
        assert_eq!(make(true).await, 403, "{path}: more than john has");
        assert_eq!(make(false).await, 200, "{path}: the code is still good");
        assert_eq!(make(false).await, 401, "{path}: and is so once");
    }
}

#[tokio::test]
async fn whoever_stole_a_token_uses_up_no_tries_of_its_owner() {
    let server = with_shares(Shares {
        login_failures: Some(few(3)),
        ..Shares::default()
    })
    .await;
    user(&server, "john").await;
    let (stolen, own) = (token(&server, "john").await, token(&server, "john").await);
    let (_, codes) = enable(&server, &own).await;
    let make = async |bearer: &str, code: &str| {
        let [making, _] = making(&server, bearer);
        sent(making.header("npm-otp", code)).await.status
    };
    for status in [401, 401, 401, 429] {
        assert_eq!(make(&stolen, "000000").await, status);
    }
    assert_eq!(make(&own, &codes[0]).await, 200);
}

#[tokio::test]
async fn the_only_administrator_who_lost_their_factor_gets_back() {
    let server = start().await;
    user(&server, "john").await;
    change(&server, "john", &json!({"admin": true})).await;
    let bearer = token(&server, "john").await;
    enable(&server, &bearer).await;
    assert_asked_for_code(&sent(super::login(&server, "john", PASSWORD)).await);
    // What is configured makes another administrator, who signs in and takes the factor away.
    let helper = json!({"name": "helper", "password": PASSWORD, "admin": true});
    let made = call(&server, Method::POST, "/-/admin/users").bearer(&bearer);
    assert_eq!(sent(made.json(&helper)).await.status, 201);
    let helper = token(&server, "helper").await;
    let taken = call(&server, Method::PATCH, "/-/admin/users/john").bearer(&helper);
    let taken = sent(taken.json(&json!({"twoFactor": false}))).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    assert_eq!(
        sent(super::login(&server, "john", PASSWORD)).await.status,
        201
    );
}

#[tokio::test]
async fn administrators_take_others_second_factors_away_and_not_their_own() {
    let server = start().await;
    user(&server, "john").await;
    change(&server, "john", &json!({"admin": true})).await;
    let bearer = token(&server, "john").await;
    let (_, codes) = enable(&server, &bearer).await;
    for code in ["", &codes[0]] {
        let own = call(&server, Method::PATCH, "/-/admin/users/JOHN").bearer(&bearer);
        let own = own.json(&json!({"twoFactor": false, "displayName": "J"}));
        let refused = sent(own.header("npm-otp", code)).await;
        assert_refused(&refused, 422, "INVALID_PARAM");
        assert!(refused.text().contains("twoFactor: is yourself"));
    }
    assert_asked_for_code(&sent(super::login(&server, "john", PASSWORD)).await);
    let shown = sent(server.get("/-/npm/v1/user").bearer(&bearer))
        .await
        .json();
    assert_eq!(
        (&shown["tfa"]["pending"], &shown["fullname"]),
        (&json!(false), &Value::Null)
    );
    let other = change(&server, "john", &json!({"twoFactor": false})).await;
    assert_eq!(
        (other.status, &other.json()["twoFactor"]),
        (200, &json!(false))
    );
    assert_eq!(whoami(&server, ADMIN).await.status, 200);
}

#[tokio::test]
async fn a_code_is_spent_by_the_request_that_signs_in() {
    let server = start().await;
    user(&server, "john").await;
    let bearer = token(&server, "john").await;
    let (app, codes) = enable(&server, &bearer).await;
    let path = "/-/user/org.couchdb.user:john";
    let mut body = document("john", PASSWORD);
    for (n, code) in [app.code(0), codes[0].clone()].into_iter().enumerate() {
        body["email"] = json!(format!("john{n}@example.com"));
        let put = async |path: &str, code: &str| -> Reply {
            sent(server.put(path).json(&body).header("npm-otp", code)).await
        };
        assert_refused(&put(path, &code).await, 409, "CONFLICT");
        assert_asked_for_code(&put(path, "000000").await);
        let stale = put(&format!("{path}/-rev/1-0"), &code).await;
        assert_refused(&stale, 409, "CONFLICT");
        let shown = sent(server.get(&format!("{path}?write=true"))).await.json();
        let rev = shown["_rev"].as_str().expect("a revision");
        let revised = format!("{path}/-rev/{rev}");
        let done = put(&revised, &code).await;
        assert_eq!(done.status, 201, "{}", done.text());
        assert_asked_for_code(&put(path, &code).await);
        assert_asked_for_code(&put(&revised, &code).await);
    }
}
