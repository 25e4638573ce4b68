//! GitHub says no, or nonsense, or nothing; and browsers that are not the one that was sent.

use serde_json::json;
use weir_api::Settings;
use weir_testkit::{Browser, Github, GithubFault, browser::Page, client::Call};

use crate::{
    github::{by_github, open, signed_in_as, with_github},
    server::Server,
};

const TOKEN: &str = "POST /login/oauth/access_token";

#[track_caller]
fn assert_refused(page: &Page, status: u16, says: &str) {
    assert_eq!(page.reply.status, status, "{}", page.text());
    assert!(page.text().contains(says), "{}", page.text());
    assert!(
        page.reply
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
}

#[tokio::test]
async fn every_refusal_of_githubs_is_said_alike() {
    let github = Github::start().await;
    let server = open(&github).await;
    let browser = Browser::default();
    for word in [
        "access_denied",
        "application_suspended",
        "redirect_uri_mismatch",
        "<script>alert(1)</script>",
    ] {
        github.at_browser(1, "octocat");
        github.deny(word);
        let page = by_github(&server, &browser).await;
        assert_refused(&page, 403, "GitHub did not sign you in");
        assert!(!page.text().contains(word));
    }
    github.at_browser(1, "octocat");
    for word in [
        "incorrect_client_credentials",
        "redirect_uri_mismatch",
        "bad_verification_code",
        "unverified_user_email",
        "something_new",
    ] {
        github.next(TOKEN, GithubFault::Error(word));
        let page = by_github(&server, &browser).await;
        assert_refused(&page, 403, "GitHub did not sign you in");
        assert!(!page.text().contains(word), "{word} is for the log");
    }
    assert_eq!(signed_in_as(&server, &browser).await, None);
    by_github(&server, &browser).await;
    assert!(
        signed_in_as(&server, &browser).await.is_some(),
        "all is well"
    );
}

#[tokio::test]
async fn an_answer_counts_for_what_it_says_and_not_for_its_status() {
    let github = Github::start().await;
    let server = open(&github).await;
    github.at_browser(1, "octocat");
    github.next(TOKEN, GithubFault::Form);
    let browser = Browser::default();
    by_github(&server, &browser).await;
    assert!(
        signed_in_as(&server, &browser).await.is_some(),
        "a form is read"
    );

    let limited = vec![
        ("x-ratelimit-remaining".to_owned(), "0".to_owned()),
        ("x-ratelimit-reset".to_owned(), "4102444800".to_owned()),
    ];
    let waiting = vec![("retry-after".to_owned(), "7".to_owned())];
    for (what, fault, status) in [
        (TOKEN, GithubFault::Json("{}"), 502),
        (TOKEN, GithubFault::Json("[]"), 502),
        (TOKEN, GithubFault::Json("<html>"), 502),
        (TOKEN, GithubFault::Json(r#"{"access_token":""}"#), 502),
        (TOKEN, GithubFault::Json(r#"{"access_token":"a\nb"}"#), 502),
        (TOKEN, GithubFault::Status(404, vec![]), 502),
        (TOKEN, GithubFault::Status(302, vec![]), 502),
        (TOKEN, GithubFault::Status(500, vec![]), 503),
        (TOKEN, GithubFault::Status(429, waiting.clone()), 503),
        (TOKEN, GithubFault::Dropped, 503),
        ("GET /api/v3/user", GithubFault::Json("{}"), 502),
        (
            "GET /api/v3/user",
            GithubFault::Json(r#"{"id":-1,"login":"a"}"#),
            502,
        ),
        (
            "GET /api/v3/user",
            GithubFault::Json(r#"{"id":1,"login":"a b"}"#),
            502,
        ),
        (
            "GET /api/v3/user",
            GithubFault::Json(r#"{"id":"x","login":"a"}"#),
            502,
        ),
        ("GET /api/v3/user", GithubFault::Status(401, vec![]), 502),
        (
            "GET /api/v3/user",
            GithubFault::Status(403, limited.clone()),
            503,
        ),
        ("GET /api/v3/user", GithubFault::Status(502, vec![]), 503),
    ] {
        let said = format!("{what} {fault:?}");
        github.next(what, fault);
        let browser = Browser::default();
        let page = by_github(&server, &browser).await;
        assert_refused(&page, status, "GitHub does not answer as it should");
        assert_eq!(signed_in_as(&server, &browser).await, None, "{said}");
    }
    // What one person is told to wait for, nobody else waits for.
    let browser = Browser::default();
    by_github(&server, &browser).await;
    assert!(signed_in_as(&server, &browser).await.is_some());
}

#[tokio::test]
async fn nobody_is_a_member_because_github_does_not_say() {
    let github = Github::start().await;
    let server = Server::with(with_github(&github, &["weir"])).await;
    github.at_browser(1, "octocat");
    github.member("octocat", "weir", "active");
    let membership = "GET /api/v3/user/memberships/orgs/weir";
    for (fault, status) in [
        (GithubFault::Json("{}"), 403),
        (GithubFault::Json(r#"{"state":"pending"}"#), 403),
        (GithubFault::Status(403, vec![]), 403),
        (GithubFault::Status(500, vec![]), 503),
        (GithubFault::Dropped, 503),
    ] {
        github.next(membership, fault);
        let browser = Browser::default();
        let page = by_github(&server, &browser).await;
        assert_eq!(page.reply.status, status, "{}", page.text());
        assert_eq!(signed_in_as(&server, &browser).await, None);
    }
}

/// Sends a browser to GitHub, and returns the way back instead of going it.
async fn way_back(server: &Server, browser: &Browser) -> String {
    let page = browser.open(&server.url("/-/login")).await;
    let sent = browser.press(&page, "/-/login/github", &[]).await;
    let back = browser.get(sent.reply.header("location")).await;
    back.reply.header("location").to_owned()
}

#[tokio::test]
async fn a_way_back_is_gone_once_in_time_and_by_its_own_browser() {
    let github = Github::start().await;
    let server = open(&github).await;
    github.at_browser(666, "mallory");
    let (mallory, victim) = (Browser::default(), Browser::default());
    let lost = "another browser";

    // Into somebody else's account: the victim is to be signed in as Mallory.
    let back = way_back(&server, &mallory).await;
    assert_refused(&victim.open(&back).await, 400, lost);
    victim.open(&server.url("/-/login")).await;
    assert_refused(&victim.open(&back).await, 400, lost);
    assert_eq!(signed_in_as(&server, &victim).await, None);
    // It was not used up by that.
    assert_eq!(mallory.open(&back).await.reply.status, 200);
    assert_refused(&mallory.open(&back).await, 400, lost);

    // With another state, or none.
    let back = way_back(&server, &victim).await;
    let (path, _) = back.split_once("&state=").expect("a state");
    for state in ["", &"A".repeat(43), "x", "%00"] {
        let page = victim.open(&format!("{path}&state={state}")).await;
        assert_refused(&page, 400, lost);
    }
    server
        .meddle("UPDATE github_sign_ins SET expires_at = expires_at - 600000")
        .await;
    assert_refused(&victim.open(&back).await, 400, lost);
    assert_eq!(signed_in_as(&server, &victim).await, None);
}

#[tokio::test]
async fn a_code_is_good_with_its_own_state_and_verifier_only() {
    let github = Github::start().await;
    let server = open(&github).await;
    let (mallory, victim) = (Browser::default(), Browser::default());
    github.at_browser(1, "victim");
    let hers = way_back(&server, &victim).await;
    github.at_browser(666, "mallory");
    let his = way_back(&server, &mallory).await;
    // He saw her code, and shows it with his own state.
    let code = |back: &str| {
        let (_, rest) = back.split_once("code=").expect("a code");
        rest.split('&').next().expect("it").to_owned()
    };
    let mixed = his.replace(&code(&his), &code(&hers));
    let page = mallory.open(&mixed).await;
    assert_refused(&page, 403, "GitHub did not sign you in");
    assert_eq!(signed_in_as(&server, &mallory).await, None);
    // A code is used up by whoever brings it.
    let page = victim.open(&hers).await;
    assert_refused(&page, 403, "GitHub did not sign you in");
    // One that is too old, or too long to be one.
    let old = way_back(&server, &victim).await;
    github.expire_codes();
    assert_refused(&victim.open(&old).await, 403, "GitHub did not sign you in");
    let back = way_back(&server, &victim).await;
    let long = back.replace(&code(&back), &"c".repeat(300));
    assert_refused(&victim.open(&long).await, 403, "GitHub did not sign you in");
}

#[tokio::test]
async fn a_programs_code_is_refused_as_github_refuses_it() {
    let github = Github::start().await;
    let server = open(&github).await;
    let ask = async |path: &str, body: &serde_json::Value| {
        let call = Call::new(http::Method::POST, server.url(path)).json(body);
        call.send().await.expect("answered")
    };
    let begin = async || ask("/-/v1/login/device", &json!({})).await;
    for word in [
        "expired_token",
        "access_denied",
        "incorrect_device_code",
        "unsupported_grant_type",
    ] {
        let begun = begin().await.json();
        github.answer_device(begun["userCode"].as_str().expect("a code"), word);
        let question = json!({ "deviceCode": begun["deviceCode"] });
        let reply = ask("/-/v1/login/device/done", &question).await;
        assert_eq!(reply.status, 403, "{word}");
        let reason = "GitHub did not sign you in; try again";
        assert_eq!(reply.json()["reason"], reason);
    }
    for (body, status) in [
        (json!({}), 422),
        (json!({ "deviceCode": "" }), 422),
        (json!({ "deviceCode": 1 }), 422),
        (json!({ "deviceCode": "d".repeat(201) }), 422),
        (json!({ "deviceCode": "unknown" }), 403),
    ] {
        let reply = ask("/-/v1/login/device/done", &body).await;
        assert_eq!(reply.status, status, "{body}");
    }
    let code = "POST /login/device/code";
    for (fault, status) in [
        (GithubFault::Error("device_flow_disabled"), 403),
        (GithubFault::Json("{}"), 502),
        (GithubFault::Status(404, vec![]), 502),
        (GithubFault::Status(503, vec![]), 503),
    ] {
        github.next(code, fault);
        assert_eq!(begin().await.status, status);
    }
    assert_eq!(begin().await.status, 200);
}

#[tokio::test]
async fn without_a_github_nobody_goes_there() {
    let server = Server::start().await;
    let browser = Browser::default();
    let page = browser.open(&server.url("/-/login")).await;
    assert!(!page.has_form("/-/login/github"));
    let policy = page.reply.header("content-security-policy");
    assert!(policy.contains("form-action 'self';"), "{policy}");
    let csrf = page.form("/-/login");
    let target = server.url("/-/login/github").parse().expect("an address");
    assert_eq!(browser.post(&target, &csrf).await.reply.status, 404);
    let call = Call::new(http::Method::POST, server.url("/-/v1/login/device"));
    assert_eq!(call.send().await.unwrap().status, 404);
}

#[tokio::test]
async fn what_github_is_asked_shows_who_asks() {
    let github = Github::start().await;
    let server = Server::with(Settings {
        allows_registration: true,
        ..with_github(&github, &[])
    });
    let server = server.await;
    github.at_browser(1, "octocat");
    by_github(&server, &Browser::default()).await;
    let asked = github.asked();
    let of = |what: &str| {
        let mut found = asked.iter().filter(|one| one.what == what);
        found
            .next()
            .unwrap_or_else(|| panic!("{what} was not asked"))
            .clone()
    };
    let token = of(TOKEN);
    assert_eq!(token.headers["accept"], "application/json");
    assert!(!token.headers.contains_key("authorization"));
    assert_eq!(token.fields["code_verifier"].len(), 43);
    assert!(!token.fields.contains_key("state"));
    let user = of("GET /api/v3/user");
    assert_eq!(user.headers["accept"], "application/vnd.github+json");
    assert_eq!(user.headers["x-github-api-version"], "2022-11-28");
    let agent = user.headers["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("weir/"), "{agent}");
}
