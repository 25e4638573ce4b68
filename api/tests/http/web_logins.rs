//! Web logins: begun by a program, confirmed in a browser, fetched once.

use http::Method;
use weir_api::Settings;
use weir_config::Shares;
use weir_testkit::{
    Browser,
    browser::Page,
    client::{Call, Reply, get},
};

use crate::{
    server::{ALICE, Server, plain},
    site::sign_in,
};

/// Where a login is confirmed and fetched.
pub struct Login {
    pub login_url: String,
    pub done_url: String,
}

/// Begins a login as a program that calls itself so.
async fn begin_as(server: &Server, program: &str) -> Login {
    let call = Call::new(Method::POST, server.url("/-/v1/login"));
    let call = call.header("user-agent", program);
    let reply = call.json(&serde_json::json!({})).send().await;
    let reply = reply.expect("answered");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    let text = |name: &str| reply.json()[name].as_str().expect("a URL").to_owned();
    Login {
        login_url: text("loginUrl"),
        done_url: text("doneUrl"),
    }
}

/// Begins a login.
pub async fn begin(server: &Server) -> Login {
    begin_as(server, "npm/12.2.0 node/v22 linux x64").await
}

impl Login {
    async fn ask(&self) -> Reply {
        get(&self.done_url).send().await.expect("answered")
    }

    /// Fails the test unless nobody has answered yet.
    async fn assert_waiting(&self) {
        let reply = self.ask().await;
        assert_eq!(reply.status, 202, "{}", reply.text());
        assert_eq!(reply.header("retry-after"), "1");
        assert_eq!(reply.json(), serde_json::json!({ "token": null }));
    }

    /// Returns the token that was confirmed.
    async fn token(&self) -> String {
        let reply = self.ask().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("cache-control"), "no-store");
        reply.json()["token"].as_str().expect("a token").to_owned()
    }

    async fn assert_gone(&self) {
        assert_eq!(self.ask().await.status, 404);
    }
}

async fn confirm(browser: &Browser, page: &Page, fields: &[(&str, &str)]) -> Page {
    let fields = [&[("answer", "yes")], fields].concat();
    browser.submit(page, "/-/login/web", &fields).await
}

#[tokio::test]
async fn a_program_gets_a_token_once_somebody_confirms() {
    let server = Server::start().await;
    let login = begin(&server).await;
    login.assert_waiting().await;
    let browser = Browser::default();
    server.password("alice", "correct horse").await;
    // Whoever is not signed in is led there, and back.
    let page = browser.open(&login.login_url).await;
    assert_eq!(page.url.path(), "/-/login");
    let fields = [("name", "alice"), ("password", "correct horse")];
    let page = browser.submit(&page, "/-/login", &fields).await;
    assert_eq!(page.url.as_str(), login.login_url);
    for shown in [
        "<strong>alice</strong>",
        "npm/12.2.0",
        "127.0.0.1",
        "<time>20",
    ] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    assert!(
        !page.text().contains("role=\"alert\""),
        "it is the same machine"
    );
    login.assert_waiting().await;
    let done = confirm(&browser, &page, &[]).await;
    assert_eq!(done.reply.status, 200);
    assert!(done.text().contains("signed in"));

    let token = login.token().await;
    login.assert_gone().await;
    let whoami = server.get("/-/whoami").bearer(&token).send().await.unwrap();
    assert_eq!(whoami.json()["username"], "alice");
    let again = browser.open(&login.login_url).await;
    assert_eq!(again.reply.status, 404, "answered");
    let again = confirm(&browser, &page, &[]).await;
    assert_eq!(again.reply.status, 404);
}

#[tokio::test]
async fn a_login_that_is_not_mine_is_turned_away() {
    let server = Server::start().await;
    let login = begin(&server).await;
    let browser = Browser::default();
    sign_in(&server, &browser, "alice").await;
    let page = browser.open(&login.login_url).await;
    let fields = [("answer", "no")];
    let done = browser.submit(&page, "/-/login/web", &fields).await;
    assert!(done.text().contains("turned away"));
    login.assert_gone().await;
}

#[tokio::test]
async fn an_administrators_rights_are_given_only_when_asked_for_and_had() {
    let server = Server::start().await;
    for (name, fields, status) in [
        ("admin", &[][..], 403),
        ("admin", &[("admin", "on")], 200),
        ("alice", &[("admin", "on")], 403),
    ] {
        let login = begin(&server).await;
        let browser = Browser::default();
        sign_in(&server, &browser, name).await;
        let page = browser.open(&login.login_url).await;
        assert_eq!(page.text().contains("name=\"admin\""), name == "admin");
        confirm(&browser, &page, fields).await;
        let call = server.get("/-/metrics").bearer(&login.token().await);
        assert_eq!(
            call.send().await.unwrap().status,
            status,
            "{name} {fields:?}"
        );
    }
}

#[tokio::test]
async fn who_asks_cannot_choose_what_is_shown_of_them() {
    let server = Server::with(Settings {
        shares: Shares {
            trusted_proxies: vec!["127.0.0.0/8".parse().expect("a network")],
            ..Shares::default()
        },
        ..plain()
    });
    let server = server.await;
    let evil = "\"><script>alert(1)</script><b title='x' onmouseover=`y` \u{1b}";
    let call = Call::new(Method::POST, server.url("/-/v1/login"));
    let call = call
        .header("user-agent", evil.trim_end_matches('\u{1b}'))
        .header("x-forwarded-for", "198.51.100.7")
        .header("host", "evil.example");
    let reply = call.send().await.expect("answered").json();
    let url = reply["loginUrl"].as_str().expect("a URL");
    assert!(url.starts_with(&server.url("/-/login/web?")), "{url}");
    let browser = Browser::default();
    sign_in(&server, &browser, "alice").await;
    let page = browser.open(url).await;
    assert_eq!(page.reply.status, 200, "{}", page.text());
    assert!(page.text().contains("198.51.100.7"));
    assert!(
        page.text().contains("at another address"),
        "{}",
        page.text()
    );
    for tag in ["<script", "<b ", "onmouseover=`"] {
        assert!(!page.text().contains(tag), "{}", page.text());
    }
    assert!(page.text().contains("&quot;&gt;&lt;script&gt;alert(1)"));
}

#[tokio::test]
async fn whatever_token_is_shown_beside_it_plays_no_part() {
    let server = Server::start().await;
    for shown in ["Bearer npm_expired", "Basic !!", "Bearer", ALICE] {
        let call = Call::new(Method::POST, server.url("/-/v1/login"));
        let call = call.header("authorization", shown);
        let reply = call.send().await.expect("answered");
        assert_eq!(reply.status, 200, "{shown}");
        let done = reply.json()["doneUrl"].as_str().expect("a URL").to_owned();
        let call = get(done).header("authorization", shown);
        assert_eq!(call.send().await.unwrap().status, 202, "{shown}");
    }
}

#[tokio::test]
async fn a_login_waits_five_minutes() {
    let server = Server::start().await;
    let (unanswered, confirmed) = (begin(&server).await, begin(&server).await);
    let browser = Browser::default();
    sign_in(&server, &browser, "alice").await;
    let page = browser.open(&confirmed.login_url).await;
    let late = browser.open(&unanswered.login_url).await;
    confirm(&browser, &page, &[]).await;
    server
        .meddle("UPDATE web_logins SET expires_at = expires_at - 300000")
        .await;
    unanswered.assert_gone().await;
    confirmed.assert_gone().await;
    assert_eq!(browser.open(&unanswered.login_url).await.reply.status, 404);
    assert_eq!(confirm(&browser, &late, &[]).await.reply.status, 404);
}

#[tokio::test]
async fn nothing_is_confirmed_by_following_a_link() {
    let server = Server::start().await;
    let login = begin(&server).await;
    let browser = Browser::default();
    sign_in(&server, &browser, "alice").await;
    let url = format!("{}&answer=yes", login.login_url);
    assert_eq!(browser.open(&url).await.reply.status, 200);
    login.assert_waiting().await;
    for session in ["", "x", &"A".repeat(43), &"é".repeat(20), &"A".repeat(65)] {
        let url = server.url(&format!(
            "/-/v1/login/done?session={}",
            session.replace('é', "%C3%A9")
        ));
        assert_eq!(get(url).send().await.unwrap().status, 404, "{session}");
    }
    let none = server.fetch("/-/v1/login/done").await;
    assert_eq!(none.status, 404);
    // Neither secret does the other's work.
    let swapped = login.done_url.replace("/-/v1/login/done", "/-/login/web");
    assert_eq!(browser.open(&swapped).await.reply.status, 404);
    let swapped = login.login_url.replace("/-/login/web", "/-/v1/login/done");
    assert_eq!(get(swapped).send().await.unwrap().status, 404);
}
