//! What somebody has in order on their page: tokens and sessions.

use weir_testkit::{Browser, browser::Page};

use crate::{
    server::{ALICE, Server},
    site::sign_in,
};

const ACCOUNT: &str = "/-/account";

/// Returns the hidden fields of the forms with this action, one by one.
fn ids(page: &Page, action: &str) -> Vec<String> {
    let mark = format!("action=\"{action}\"");
    let forms = page.text().split(&mark).skip(1);
    let id = |form: &str| {
        let rest = form.split("name=\"id\" value=\"").nth(1)?;
        rest.split('"').next().map(str::to_owned)
    };
    forms.filter_map(id).collect()
}

async fn whoami(server: &Server, token: &str) -> u16 {
    let call = server.get("/-/whoami").bearer(token);
    call.send().await.expect("answered").status
}

#[tokio::test]
async fn a_token_is_made_shown_once_and_revoked() {
    let server = Server::start().await;
    let browser = Browser::default();
    let account = sign_in(&server, &browser, "alice").await;
    let before = ids(&account, "/-/account/tokens/revoke");
    let fields = [
        ("name", "CI <b>\"1\"</b>"),
        ("days", "90"),
        ("readonly", "on"),
    ];
    let made = browser.submit(&account, "/-/account/tokens", &fields).await;
    assert_eq!(made.reply.status, 200);
    assert_eq!(made.reply.header("cache-control"), "no-store");
    let token = made.inside("code");
    assert_eq!(whoami(&server, &token).await, 200);
    let write = server.put("/-/package/a/syncs").bearer(&token);
    assert_eq!(write.send().await.unwrap().status, 403, "only to read");

    let account = browser.open(&server.url(ACCOUNT)).await;
    assert!(!account.text().contains(&token), "once");
    assert!(
        account
            .text()
            .contains("CI &lt;b&gt;&quot;1&quot;&lt;/b&gt;")
    );
    assert!(account.text().contains("read only"));
    let after = ids(&account, "/-/account/tokens/revoke");
    let new: Vec<_> = after.iter().filter(|id| !before.contains(id)).collect();
    assert_eq!(new.len(), 1);
    let fields = [("id", new[0].as_str())];
    // A page shows a form a token; of two fields with one name the first counts.
    let target = server.url("/-/account/tokens/revoke").parse().unwrap();
    let csrf = account.form("/-/logout")[0].clone();
    let sent = vec![
        csrf.clone(),
        (fields[0].0.to_owned(), fields[0].1.to_owned()),
    ];
    let page = browser.post(&target, &sent).await;
    assert_eq!(page.reply.header("location"), ACCOUNT);
    assert_eq!(whoami(&server, &token).await, 401);
    let page = browser.post(&target, &sent).await;
    assert_eq!(page.reply.status, 404, "once");
    assert_eq!(whoami(&server, ALICE).await, 200);
}

#[tokio::test]
async fn a_token_has_a_name_and_a_bounded_life() {
    let server = Server::start().await;
    let browser = Browser::default();
    let account = sign_in(&server, &browser, "alice").await;
    let long = "n".repeat(101);
    for (name, days) in [
        ("", "1"),
        (" ", ""),
        (&long, ""),
        ("n", "0"),
        ("n", "3651"),
        ("n", "x"),
    ] {
        let fields = [("name", name), ("days", days)];
        let refused = browser.submit(&account, "/-/account/tokens", &fields).await;
        assert_eq!(refused.reply.status, 422, "{name} {days}");
    }
    for days in ["1", "3650", ""] {
        let fields = [("name", "n"), ("days", days)];
        let made = browser.submit(&account, "/-/account/tokens", &fields).await;
        assert_eq!(made.reply.status, 200, "{days}");
    }
}

#[tokio::test]
async fn only_an_administrator_makes_an_administrators_token() {
    let server = Server::start().await;
    for (name, is_admin) in [("alice", false), ("admin", true)] {
        let browser = Browser::default();
        let account = sign_in(&server, &browser, name).await;
        assert_eq!(account.text().contains("name=\"admin\""), is_admin);
        let fields = [("name", "n"), ("admin", "on")];
        let made = browser.submit(&account, "/-/account/tokens", &fields).await;
        let token = made.inside("code");
        let metrics = server.get("/-/metrics").bearer(&token).send().await;
        let status = if is_admin { 200 } else { 403 };
        assert_eq!(metrics.unwrap().status, status, "{name}");
        let made = browser
            .submit(&account, "/-/account/tokens", &fields[..1])
            .await;
        let plain = server.get("/-/metrics").bearer(&made.inside("code"));
        assert_eq!(plain.send().await.unwrap().status, 403, "not unasked");
    }
}

#[tokio::test]
async fn nobody_revokes_what_is_somebody_elses() {
    let server = Server::start().await;
    let (alice, admin) = (Browser::default(), Browser::default());
    let hers = sign_in(&server, &alice, "alice").await;
    let theirs = sign_in(&server, &admin, "admin").await;
    for action in ["/-/account/tokens/revoke", "/-/account/sessions/revoke"] {
        let mut foreign = ids(&hers, action);
        foreign.extend([
            "018f0000-0000-7000-8000-000000000000".to_owned(),
            "x".to_owned(),
        ]);
        let csrf = theirs.form("/-/logout")[0].clone();
        for id in foreign {
            let target = server.url(action).parse().unwrap();
            let sent = vec![csrf.clone(), ("id".to_owned(), id)];
            let page = admin.post(&target, &sent).await;
            assert_eq!(page.reply.status, 404, "{action}");
        }
    }
    assert_eq!(whoami(&server, ALICE).await, 200);
    let page = alice.open(&server.url(ACCOUNT)).await;
    assert_eq!(page.url.path(), ACCOUNT);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_on_every_process_at_once() {
    let server = Server::start().await;
    let another = server.another().await;
    let here = Browser::default();
    let there = Browser::named("<script>alert(1)</script>\u{202e}");
    let account = sign_in(&server, &here, "alice").await;
    assert_eq!(ids(&account, "/-/account/sessions/revoke").len(), 0);
    sign_in(&server, &there, "alice").await;
    let cookie = format!("weir-session={}", there.cookie("weir-session").unwrap());
    let ask = async || {
        let call = another.get("/-/whoami").header("cookie", &cookie);
        call.send().await.expect("answered").status
    };
    assert_eq!(ask().await, 200);
    let account = here.open(&server.url(ACCOUNT)).await;
    assert!(account.text().contains("&lt;script&gt;alert(1)"));
    assert!(!account.text().contains("<script"));
    assert!(account.text().contains("this one"));
    let gone = here
        .submit(&account, "/-/account/sessions/revoke", &[])
        .await;
    assert_eq!(gone.url.path(), ACCOUNT);
    assert_eq!(ask().await, 401);
    let page = there.open(&server.url(ACCOUNT)).await;
    assert_eq!(page.url.path(), "/-/login");
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let server = Server::start().await;
    let browser = Browser::default();
    for statement in [
        "UPDATE sessions SET used_at = used_at - 86400000",
        "UPDATE sessions SET expires_at = expires_at - 1209600000",
    ] {
        sign_in(&server, &browser, "alice").await;
        server.meddle(statement).await;
        let page = browser.open(&server.url(ACCOUNT)).await;
        assert_eq!(page.url.path(), "/-/login", "{statement}");
    }
    // Using it keeps it.
    sign_in(&server, &browser, "alice").await;
    server
        .meddle("UPDATE sessions SET used_at = used_at - 86340000")
        .await;
    for _ in 0..2 {
        let page = browser.open(&server.url(ACCOUNT)).await;
        assert_eq!(page.url.path(), ACCOUNT);
        server
            .meddle("UPDATE sessions SET used_at = used_at - 60000")
            .await;
    }
}
