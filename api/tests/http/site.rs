//! The site's pages: signing in and out, and whoever would do so for somebody else.

use std::time::Duration;

use weir_api::Settings;
use weir_domain::PublicBase;
use weir_store::tokens::NewToken;
use weir_testkit::{
    Browser,
    browser::Page,
    client::{Call, Reply},
};

use crate::server::{ALICE, Server, plain};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse";

/// Signs a user in, who is at their account then.
pub async fn sign_in(server: &Server, browser: &Browser, name: &'static str) -> Page {
    server.password(name, PASSWORD).await;
    let page = browser.open(&server.url("/-/login")).await;
    let fields = [("name", name), ("password", PASSWORD)];
    let page = browser.submit(&page, "/-/login", &fields).await;
    assert_eq!(page.reply.status, 200, "{}", page.text());
    assert_eq!(page.url.path(), "/-/account");
    page
}

/// Fails the test unless nobody can put the page into theirs, or keep it.
#[track_caller]
fn assert_guarded(reply: &Reply) {
    let policy = reply.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("script"));
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(reply.header(name), value, "{name}");
    }
    let cors = "access-control-allow-origin";
    assert!(!reply.headers.contains_key(cors), "for nobody else to read");
    let text = reply.text();
    let is_handler = |rest: &str| {
        rest.trim_start_matches(char::is_alphabetic)
            .starts_with('=')
    };
    let has_handler = text.split(" on").skip(1).any(is_handler);
    assert!(!text.contains("<script") && !has_handler, "{text}");
}

#[track_caller]
fn assert_refused(page: &Page, status: u16) {
    assert_eq!(page.reply.status, status, "{}", page.text());
    assert_guarded(&page.reply);
    assert!(page.text().contains("role=\"alert\""), "{}", page.text());
}

#[tokio::test]
async fn somebody_signs_in_and_out() {
    let server = Server::start().await;
    server.password("alice", PASSWORD).await;
    let browser = Browser::default();
    let page = browser.open(&server.url("/-/account")).await;
    assert_eq!(page.url.path(), "/-/login", "first things first");
    assert_guarded(&page.reply);
    for (name, password) in [("alice", "wrong"), ("nobody", PASSWORD), ("", "")] {
        let fields = [("name", name), ("password", password)];
        let refused = browser.submit(&page, "/-/login", &fields).await;
        assert_refused(&refused, 401);
        assert_eq!(refused.reply.header("www-authenticate"), "Bearer");
        assert_eq!(browser.cookie("weir-session"), None);
    }
    let fields = [("name", "ALICE"), ("password", PASSWORD)];
    let account = browser.submit(&page, "/-/login", &fields).await;
    assert_eq!(
        (account.reply.status, account.url.path()),
        (200, "/-/account")
    );
    assert_guarded(&account.reply);
    assert!(account.text().contains("<strong>alice</strong>"));
    assert!(!account.text().contains("administrator"));
    assert_eq!(browser.cookie("weir-browser"), None, "of no more use");
    let again = browser.open(&server.url("/-/login?next=/-/whoami")).await;
    assert_eq!(again.reply.json()["username"], "alice");

    let key = browser.cookie("weir-session").expect("signed in");
    let left = browser.submit(&account, "/-/logout", &[]).await;
    assert_eq!(left.url.path(), "/-/login");
    assert_eq!(browser.cookie("weir-session"), None);
    browser.plant("127.0.0.1", "weir-session", &key);
    let page = browser.open(&server.url("/-/account")).await;
    assert_eq!(page.url.path(), "/-/login", "it is over here, too");
}

#[tokio::test]
async fn cookies_are_kept_from_scripts_and_from_other_sites() {
    let server = Server::start().await;
    server.password("alice", PASSWORD).await;
    let browser = Browser::default();
    let page = browser.open(&server.url("/-/login")).await;
    let line = page.reply.header("set-cookie");
    let rest = line.split_once("; ").map(|(_, rest)| rest);
    assert_eq!(
        rest,
        Some("Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"),
        "{line}"
    );
    let fields = [("name", "alice"), ("password", PASSWORD)];
    let signed_in = browser.press(&page, "/-/login", &fields).await;
    assert_eq!(signed_in.reply.status, 303);
    let lines = signed_in.reply.headers.get_all("set-cookie");
    let lines: Vec<_> = lines.iter().map(|line| line.to_str().unwrap()).collect();
    assert!(lines[0].starts_with("weir-session="), "{lines:?}");
    assert!(lines[0].ends_with("; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax"));
    assert_eq!(lines.len(), 2);
}

/// Sends a request by another name than the listener's.
async fn ask_by(server: &Server, host: &str, path: &str) -> Reply {
    let call = server.get(path).header("host", host);
    call.send().await.expect("answered")
}

#[tokio::test]
async fn over_https_only_this_host_sets_the_cookies() {
    let bases = ["https://weir.example", "https://npm.example/mirror"];
    let bases = bases.map(|text| PublicBase::parse(text).expect("a base"));
    let server = Server::with(Settings {
        public_urls: bases.to_vec(),
        ..plain()
    });
    let server = server.await;
    let page = ask_by(&server, "weir.example", "/-/login").await;
    let line = page.header("set-cookie");
    assert!(line.starts_with("__Host-weir-browser="), "{line}");
    assert!(
        line.ends_with("; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"),
        "{line}"
    );
    for path in ["/mirror/-/login", "/-/login"] {
        let page = ask_by(&server, "npm.example", path).await;
        let line = page.header("set-cookie");
        assert!(line.starts_with("__Secure-weir-browser="), "{line}");
        assert!(line.contains("; Path=/mirror; "), "{line}");
        assert!(page.text().contains("action=\"/mirror/-/login\""));
    }
    let page = ask_by(&server, "npm.example", "/mirror/-/account").await;
    assert_eq!(
        page.header("location"),
        "/mirror/-/login?next=%2F-%2Faccount"
    );
}

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    let server = Server::start().await;
    server.password("alice", PASSWORD).await;
    let evil = [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/%0d%0aset-cookie:%20a=b\r\nx: y",
        "/a\nlocation: https://evil.example",
        "evil.example",
        "/..//evil.example",
    ];
    for next in evil {
        let browser = Browser::default();
        let mut url = url::Url::parse(&server.url("/-/login")).unwrap();
        url.query_pairs_mut().append_pair("next", next);
        let page = browser.open(url.as_str()).await;
        let fields = [("name", "alice"), ("password", PASSWORD)];
        let gone = browser.press(&page, "/-/login", &fields).await;
        assert_eq!(gone.reply.status, 303, "{next}");
        assert_eq!(gone.reply.header("location"), "/-/account", "{next}");
        assert!(!gone.reply.headers.contains_key("x"));
        let gone = browser.get(url.as_str()).await;
        assert_eq!(gone.reply.header("location"), "/-/account", "{next}");
    }
    // Encoded twice, it is a path of ours that leads nowhere.
    let browser = Browser::default();
    let page = browser
        .open(&server.url("/-/login?next=/%252f%252fevil.example"))
        .await;
    let fields = [("name", "alice"), ("password", PASSWORD)];
    let gone = browser.press(&page, "/-/login", &fields).await;
    assert_eq!(gone.reply.header("location"), "/%2f%2fevil.example");
}

#[tokio::test]
async fn signing_in_adopts_no_session() {
    let server = Server::start().await;
    let browser = Browser::default();
    let chosen = "A".repeat(43);
    browser.plant("127.0.0.1", "weir-session", &chosen);
    sign_in(&server, &browser, "alice").await;
    let first = browser.cookie("weir-session").expect("signed in");
    assert_ne!(first, chosen);
    // The attacker's own session is not the victim's, and ends where the victim signs in.
    let (attacker, victim) = (Browser::default(), Browser::default());
    server
        .token("mallory", "npm_mallory", NewToken::default())
        .await;
    sign_in(&server, &attacker, "mallory").await;
    let planted = attacker.cookie("weir-session").expect("signed in");
    victim.plant("127.0.0.1", "weir-session", &planted);
    let page = victim.open(&server.url("/-/account")).await;
    assert!(page.text().contains("mallory"), "that is the attack");
    server.password("alice", PASSWORD).await;
    let mut fields = page.form("/-/logout");
    let typed = [("name", "alice"), ("password", PASSWORD)];
    fields.extend(typed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let target = server.url("/-/login").parse().expect("an address");
    let signed_in = victim.post(&target, &fields).await;
    assert_eq!(signed_in.reply.status, 303, "{}", signed_in.text());
    assert_ne!(victim.cookie("weir-session"), Some(planted));
    let page = attacker.open(&server.url("/-/account")).await;
    assert_eq!(page.url.path(), "/-/login");
}

#[tokio::test]
async fn a_form_is_taken_from_its_own_page_only() {
    let server = Server::start().await;
    let (alice, other) = (Browser::default(), Browser::default());
    let account = sign_in(&server, &alice, "alice").await;
    let foreign = other.open(&server.url("/-/login")).await;
    let foreign = foreign.form("/-/login");
    let id = account.form("/-/account/tokens/revoke");
    let id = id.iter().find(|(name, _)| name == "id").expect("a token");
    for action in [
        "/-/login",
        "/-/login/web",
        "/-/logout",
        "/-/account/tokens",
        "/-/account/tokens/revoke",
        "/-/account/sessions/revoke",
        "/-/account/github",
        "/-/account/github/unlink",
        "/-/login/github",
    ] {
        let target = server.url(action).parse().expect("an address");
        let wanted = |csrf: Option<&(String, String)>| {
            let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            let mut fields = vec![
                pair("name", "evil"),
                pair("session", &"A".repeat(43)),
                pair("answer", "yes"),
                id.clone(),
            ];
            fields.extend(csrf.cloned());
            fields
        };
        let csrf = foreign.iter().find(|(name, _)| name == "csrf");
        assert!(csrf.is_some());
        for fields in [wanted(None), wanted(csrf)] {
            let page = alice.post(&target, &fields).await;
            assert_refused(&page, 403);
        }
        // A stranger's browser has no session to abuse, and is not given one.
        let page = other.post(&target, &wanted(None)).await;
        assert!([403, 303].contains(&page.reply.status), "{action}");
        assert_eq!(other.cookie("weir-session"), None);
    }
    let after = alice.open(&server.url("/-/account")).await;
    assert!(
        after.has_form("/-/account/tokens/revoke"),
        "nothing changed"
    );
    assert!(!after.text().contains("evil"));
    let call = server.get("/-/whoami").bearer(ALICE);
    assert_eq!(call.send().await.unwrap().status, 200);
}

#[tokio::test]
async fn what_a_session_changes_elsewhere_needs_its_token_too() {
    let server = Server::start().await;
    let browser = Browser::default();
    let account = sign_in(&server, &browser, "alice").await;
    let cookie = format!("weir-session={}", browser.cookie("weir-session").unwrap());
    let csrf = account.form("/-/logout")[0].1.clone();
    let ask = async |headers: &[(&str, &str)]| {
        let call = server.put("/-/package/a/syncs").header("cookie", &cookie);
        let add = |call: Call, (name, value): &(&str, &str)| call.header(name, value);
        let call = headers.iter().fold(call, add);
        call.send().await.expect("answered")
    };
    for headers in [
        &[][..],
        &[("x-csrf-token", "")],
        &[("x-csrf-token", "wrong")],
        &[("origin", "https://evil.example")],
    ] {
        let reply = ask(headers).await;
        assert_eq!(reply.status, 403, "{headers:?}");
        assert!(reply.json()["reason"].as_str().unwrap().contains("CSRF"));
    }
    assert_eq!(ask(&[("x-csrf-token", &csrf)]).await.status, 201);
    // A token that is shown counts alone, and needs no other proof.
    assert_eq!(
        ask(&[("authorization", &format!("Bearer {ALICE}"))])
            .await
            .status,
        201
    );
    let call = server.get("/-/whoami").header("cookie", &cookie);
    let whoami = call.send().await.unwrap();
    assert_eq!(whoami.json()["username"], "alice");
    assert!(!whoami.headers.contains_key("access-control-allow-origin"));
    let lie = server.get("/-/whoami").header("cookie", &cookie);
    assert_eq!(lie.bearer("npm_nobody").send().await.unwrap().status, 401);
}

#[tokio::test]
async fn what_a_page_refuses_it_refuses_as_a_page() {
    let server = Server::start().await;
    let call = |method: &str, path: &str| Call::new(method.parse().unwrap(), server.url(path));
    let lie = call("GET", "/-/account").bearer("npm_nobody");
    let json = call("POST", "/-/login").json(&serde_json::json!({}));
    for (call, status) in [
        (lie, 401),
        (json, 415),
        (call("POST", "/-/login"), 403),
        (call("DELETE", "/-/login"), 405),
        (call("GET", "/-/logout"), 405),
        (call("GET", "/-/login/web?session=nonsense"), 404),
        (call("GET", "/-/login/github/done?state=x"), 404),
    ] {
        let reply = call.send().await.expect("answered");
        assert_eq!(reply.status, status, "{}", reply.text());
        assert_guarded(&reply);
        assert!(reply.text().contains("role=\"alert\""));
    }
    let reply = call("GET", "/-/login/more").send().await.unwrap();
    assert_eq!(reply.status, 404);
    let head = call("HEAD", "/-/login").send().await.unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
    // A token signs nobody in to the pages.
    let reply = call("GET", "/-/account")
        .bearer(ALICE)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status, 303);
}

#[tokio::test]
async fn secrets_of_the_site_are_not_in_the_database() {
    let server = Server::start().await;
    let browser = Browser::default();
    browser.open(&server.url("/-/login")).await;
    let mut secrets = vec![browser.cookie("weir-browser").expect("a cookie")];
    sign_in(&server, &browser, "alice").await;
    secrets.push(browser.cookie("weir-session").expect("a cookie"));
    let login = crate::web_logins::begin(&server).await;
    for url in [&login.login_url, &login.done_url] {
        secrets.push(url.rsplit('=').next().expect("a secret").to_owned());
    }
    let Some(file) = server.database_url().strip_prefix("sqlite://") else {
        return;
    };
    tokio::time::timeout(Duration::from_secs(5), async {
        for suffix in ["", "-wal"] {
            let file = format!("{}{suffix}", file.split('?').next().unwrap());
            let bytes = tokio::fs::read(file).await.unwrap_or_default();
            for secret in &secrets {
                let found = bytes
                    .windows(secret.len())
                    .any(|at| at == secret.as_bytes());
                assert!(!found, "a secret is stored");
            }
        }
    })
    .await
    .expect("a file is read");
}
