//! Signing in with GitHub: who gets in as whom.

use weir_api::Settings;
use weir_domain::token::TokenSecret;
use weir_store::tokens::NewToken;
use weir_testkit::{
    Browser, Github,
    browser::Page,
    client::{Call, Reply},
    github::{CLIENT_ID, CLIENT_SECRET},
};
use weir_upstream::GithubApp;

use crate::{
    server::{ALICE, Server, plain},
    site::{PASSWORD, sign_in},
};

/// Returns settings with this GitHub, for members of these organisations.
pub fn with_github(github: &Github, orgs: &[&str]) -> Settings {
    let url = |text: String| text.parse().expect("a URL");
    Settings {
        github: Some(GithubApp {
            url: url(github.url()),
            api_url: url(github.api_url()),
            client_id: CLIENT_ID.to_owned(),
            client_secret: TokenSecret::from_text(CLIENT_SECRET),
            orgs: orgs.iter().map(|org| (*org).to_owned()).collect(),
        }),
        ..plain()
    }
}

/// Starts a server that lets whoever is new in.
pub async fn open(github: &Github) -> Server {
    Server::with(Settings {
        allows_registration: true,
        ..with_github(github, &[])
    })
    .await
}

/// Sends a browser to GitHub and back.
pub async fn by_github(server: &Server, browser: &Browser) -> Page {
    let page = browser.open(&server.url("/-/login")).await;
    browser.submit(&page, "/-/login/github", &[]).await
}

/// Returns whom a browser is signed in as.
pub async fn signed_in_as(server: &Server, browser: &Browser) -> Option<String> {
    let page = browser.get(&server.url("/-/whoami")).await;
    let name = page.reply.json()["username"].as_str().map(str::to_owned);
    assert_eq!(name.is_some(), page.reply.status == 200);
    name
}

/// What whoever links an account types.
const PROOF: [(&str, &str); 1] = [("password", PASSWORD)];

#[tokio::test]
async fn a_member_signs_in_and_stays_who_they_are() {
    let github = Github::start().await;
    let server = Server::with(with_github(&github, &["other", "Weir"])).await;
    github.member("OctoCat", "weir", "active");
    github.at_browser(583_231, "OctoCat");
    let browser = Browser::default();
    let page = by_github(&server, &browser).await;
    assert_eq!((page.reply.status, page.url.path()), (200, "/-/account"));
    assert_eq!(
        signed_in_as(&server, &browser).await.as_deref(),
        Some("octocat")
    );
    assert!(page.text().contains("<strong>OctoCat</strong> at GitHub"));

    // The login changes, the person does not.
    github.member("hubot", "weir", "active");
    github.at_browser(583_231, "hubot");
    let other = Browser::default();
    let page = by_github(&server, &other).await;
    assert!(page.text().contains("<strong>hubot</strong> at GitHub"));
    assert_eq!(
        signed_in_as(&server, &other).await.as_deref(),
        Some("octocat")
    );

    // The login is somebody else's now, and they are somebody else.
    github.at_browser(99, "OctoCat");
    let third = Browser::default();
    by_github(&server, &third).await;
    assert_eq!(
        signed_in_as(&server, &third).await.as_deref(),
        Some("octocat-99")
    );
}

#[tokio::test]
async fn a_browser_is_sent_with_what_it_needs_and_no_secret() {
    for orgs in [&[][..], &["weir"]] {
        let github = Github::below("/ghe").await;
        let server = Server::with(with_github(&github, orgs)).await;
        let browser = Browser::default();
        let page = browser.open(&server.url("/-/login?next=/-/docs")).await;
        let origin = github.url().replace("/ghe", "");
        let policy = page.reply.header("content-security-policy");
        assert!(
            policy.contains(&format!("form-action 'self' {origin};")),
            "{policy}"
        );
        let sent = browser.press(&page, "/-/login/github", &[]).await;
        let target: url::Url = sent.reply.header("location").parse().expect("a URL");
        assert!(target.as_str().starts_with(&github.url()), "{target}");
        let query: std::collections::BTreeMap<_, _> = target.query_pairs().collect();
        let get = |name: &str| query.get(name).map_or("", |value| value.as_ref());
        assert_eq!(get("client_id"), CLIENT_ID);
        assert_eq!(get("redirect_uri"), server.url("/-/login/github/done"));
        let scope = if orgs.is_empty() { "" } else { "read:org" };
        assert_eq!(
            (get("scope"), get("code_challenge_method")),
            (scope, "S256")
        );
        assert_eq!((get("state").len(), get("code_challenge").len()), (43, 43));
        assert!(!target.as_str().contains(CLIENT_SECRET));
    }
}

#[tokio::test]
async fn a_browser_goes_where_it_wanted_to_go_and_nowhere_else() {
    let github = Github::start().await;
    let server = open(&github).await;
    github.at_browser(1, "octocat");
    for (next, expected) in [
        ("/-/whoami", "/-/whoami"),
        ("//evil.example", "/-/account"),
        ("/\\evil.example", "/-/account"),
    ] {
        let browser = Browser::default();
        let mut url = url::Url::parse(&server.url("/-/login")).unwrap();
        url.query_pairs_mut().append_pair("next", next);
        let page = browser.open(url.as_str()).await;
        let page = browser.submit(&page, "/-/login/github", &[]).await;
        assert_eq!(page.url.path(), expected);
        assert_eq!(page.url.host_str(), Some("127.0.0.1"));
    }
}

#[tokio::test]
async fn whoever_is_new_gets_in_only_where_that_is_wanted() {
    let github = Github::start().await;
    github.at_browser(7, "stranger");
    let closed = Server::with(with_github(&github, &[])).await;
    let browser = Browser::default();
    let page = by_github(&closed, &browser).await;
    assert_eq!(page.reply.status, 403);
    assert!(
        page.text()
            .contains("No user who may sign in here has linked stranger")
    );
    assert_eq!(signed_in_as(&closed, &browser).await, None);

    let open = open(&github).await;
    by_github(&open, &browser).await;
    assert_eq!(
        signed_in_as(&open, &browser).await.as_deref(),
        Some("stranger")
    );

    // Membership is asked for even where anybody may register.
    let members = Server::with(Settings {
        allows_registration: true,
        ..with_github(&github, &["weir"])
    });
    let members = members.await;
    for standing in [None, Some("pending")] {
        if let Some(standing) = standing {
            github.member("stranger", "weir", standing);
        }
        let page = by_github(&members, &browser).await;
        assert_eq!(page.reply.status, 403, "{standing:?}");
        assert!(page.text().contains("none of the organisations"));
        assert_eq!(signed_in_as(&members, &browser).await, None);
    }
}

#[tokio::test]
async fn a_name_links_nobody() {
    let github = Github::start().await;
    let server = open(&github).await;
    // Whose first letter is not a Latin one.
    let likeness = "\u{430}bel";
    let made = server.content.db.write(move |tx| {
        Box::pin(async move {
            let now = weir_store::clock::now(&**tx).await?;
            weir_store::users::insert(tx, likeness, now).await
        })
    });
    made.await.expect("made");
    let people = [
        (8, "Alice", "alice-8"),
        (9, "ADMIN", "admin-9"),
        (10, "Abel", "abel-10"),
    ];
    for (id, login, expected) in people {
        github.at_browser(id, login);
        let browser = Browser::default();
        by_github(&server, &browser).await;
        assert_eq!(
            signed_in_as(&server, &browser).await.as_deref(),
            Some(expected)
        );
        let page = browser.get(&server.url("/-/metrics")).await;
        assert_eq!(page.reply.status, 403);
    }
}

#[tokio::test]
async fn a_user_links_an_account_by_their_own_act() {
    let github = Github::start().await;
    let server = Server::with(with_github(&github, &[])).await;
    github.at_browser(8, "octocat");
    let browser = Browser::default();
    let account = sign_in(&server, &browser, "alice").await;
    let unproved = [("password", "wrong password")];
    let refused = browser
        .press(&account, "/-/account/github", &unproved)
        .await;
    assert_eq!(refused.reply.status, 401, "{}", refused.text());
    let linked = browser.submit(&account, "/-/account/github", &PROOF).await;
    assert_eq!(linked.url.path(), "/-/account");
    assert!(linked.text().contains("<strong>octocat</strong> at GitHub"));
    assert!(!linked.has_form("/-/account/github"), "one is enough");
    assert_eq!(
        signed_in_as(&server, &browser).await.as_deref(),
        Some("alice")
    );

    let other = Browser::default();
    by_github(&server, &other).await;
    assert_eq!(
        signed_in_as(&server, &other).await.as_deref(),
        Some("alice")
    );

    // Neither another account for her, nor hers for another.
    github.at_browser(9, "hubot");
    let again = browser.submit(&account, "/-/account/github", &PROOF).await;
    assert_eq!(again.reply.status, 409);
    github.at_browser(8, "octocat");
    let admin = Browser::default();
    let account = sign_in(&server, &admin, "admin").await;
    let taken = admin.submit(&account, "/-/account/github", &PROOF).await;
    assert_eq!(taken.reply.status, 409);
}

/// Asks to be unlinked as whoever has this token.
async fn unlink(server: &Server, token: &str) -> Reply {
    let url = server.url("/-/npm/v1/user/github");
    let call = Call::new(http::Method::DELETE, url).bearer(token);
    call.send().await.expect("answered")
}

const UNLINK: &str = "/-/account/github/unlink";

#[tokio::test]
async fn a_user_unlinks_an_account_by_their_own_act() {
    let github = Github::start().await;
    let server = Server::with(with_github(&github, &[])).await;
    github.at_browser(8, "octocat");
    let browser = Browser::default();
    let mut account = sign_in(&server, &browser, "alice").await;
    assert_eq!(unlink(&server, ALICE).await.status, 404, "none is linked");
    assert!(!account.has_form(UNLINK));
    for by_program in [false, true] {
        let linked = browser.submit(&account, "/-/account/github", &PROOF).await;
        assert!(linked.has_form(UNLINK), "{}", linked.text());
        if by_program {
            let unlinked = unlink(&server, ALICE).await;
            assert_eq!(
                (unlinked.status, &unlinked.json()["ok"]),
                (200, &true.into())
            );
            account = browser.open(&server.url("/-/account")).await;
        } else {
            account = browser.submit(&linked, UNLINK, &[]).await;
            assert_eq!(account.url.path(), "/-/account");
        }
        assert!(account.has_form("/-/account/github") && !account.has_form(UNLINK));
        let other = Browser::default();
        assert_eq!(by_github(&server, &other).await.reply.status, 403);
        assert_eq!(
            signed_in_as(&server, &other).await,
            None,
            "it lets nobody in"
        );
    }
    let trail = weir_store::audit::list(server.content.db.read(), 100).await;
    let trail = trail.expect("rows").into_iter();
    let unlinked = trail.filter(|event| event.action == "github.unlink");
    let details: Vec<_> = unlinked.map(|event| event.detail).collect();
    assert_eq!(details, ["octocat (8) of GitHub"; 2]);
    let stranger = Call::new(http::Method::DELETE, server.url("/-/npm/v1/user/github"));
    assert_eq!(stranger.send().await.expect("answered").status, 401);
}

#[tokio::test]
async fn sessions_that_came_by_an_account_end_when_it_is_unlinked() {
    let github = Github::start().await;
    let server = Server::with(with_github(&github, &[])).await;
    github.at_browser(8, "octocat");
    let [own, here, there] = [(); 3].map(|()| Browser::default());
    let account = sign_in(&server, &own, "alice").await;
    own.submit(&account, "/-/account/github", &PROOF).await;
    let account = by_github(&server, &here).await;
    by_github(&server, &there).await;
    assert!(signed_in_as(&server, &there).await.is_some());
    here.submit(&account, UNLINK, &[]).await;
    for (browser, expected, what) in [
        (&own, Some("alice"), "it came by the password"),
        (&here, Some("alice"), "it asked"),
        (&there, None, "it came by GitHub"),
    ] {
        let found = signed_in_as(&server, browser).await;
        assert_eq!(found.as_deref(), expected, "{what}");
    }
}

#[tokio::test]
async fn the_only_way_in_is_not_taken_away() {
    let github = Github::start().await;
    let server = open(&github).await;
    github.at_browser(3, "hubot");
    let browser = Browser::default();
    let account = by_github(&server, &browser).await;
    assert!(!account.has_form(UNLINK));
    assert!(account.text().contains("only way to sign in"));
    // Whoever sends the form all the same.
    let target = server.url(UNLINK).parse().expect("an address");
    let csrf = account.form("/-/logout")[0].clone();
    let refused = browser.post(&target, &[csrf]).await;
    assert_eq!(refused.reply.status, 409, "{}", refused.text());
    let token = "npm_of-hubot-0123456789";
    server.token("hubot", token, NewToken::default()).await;
    let refused = unlink(&server, token).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.text().contains("get a password first"));
    let other = Browser::default();
    by_github(&server, &other).await;
    assert_eq!(
        signed_in_as(&server, &other).await.as_deref(),
        Some("hubot")
    );
    server.password("hubot", PASSWORD).await;
    assert_eq!(unlink(&server, token).await.status, 200);
}

#[tokio::test]
async fn a_link_that_somebody_else_began_links_nothing() {
    let github = Github::start().await;
    let server = Server::with(with_github(&github, &[])).await;
    // Mallory goes to GitHub to link, and sends the way back to Alice.
    github.at_browser(666, "mallory");
    let (mallory, alice) = (Browser::default(), Browser::default());
    let account = sign_in(&server, &mallory, "admin").await;
    let sent = mallory.press(&account, "/-/account/github", &PROOF).await;
    let back = mallory.get(sent.reply.header("location")).await;
    let back = back.reply.header("location").to_owned();
    sign_in(&server, &alice, "alice").await;
    let page = alice.open(&back).await;
    assert_eq!(page.reply.status, 400, "{}", page.text());
    let page = alice.open(&server.url("/-/account")).await;
    assert!(page.has_form("/-/account/github"), "nothing is linked");
}

async fn post(server: &Server, path: &str, body: &serde_json::Value) -> Reply {
    let call = Call::new(http::Method::POST, server.url(path)).json(body);
    call.send().await.expect("answered")
}

#[tokio::test]
async fn a_program_signs_in_by_a_code_that_its_user_types() {
    let github = Github::start().await;
    let server = open(&github).await;
    let begun = post(&server, "/-/v1/login/device", &serde_json::json!({})).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let begun = begun.json();
    assert_eq!(
        (&begun["expiresIn"], &begun["interval"]),
        (&900.into(), &1.into())
    );
    let user_code = begun["userCode"].as_str().expect("a code");
    let question = serde_json::json!({ "deviceCode": begun["deviceCode"] });
    let ask = async || post(&server, "/-/v1/login/device/done", &question).await;
    let waiting = ask().await;
    assert_eq!((waiting.status, waiting.header("retry-after")), (202, "5"));
    github.answer_device(user_code, "slow_down");
    let slower = ask().await;
    assert_eq!((slower.status, slower.header("retry-after")), (202, "6"));
    github.type_code(user_code, (3, "octocat"));
    let done = ask().await;
    assert_eq!(done.status, 200, "{}", done.text());
    let token = done.json()["token"].as_str().expect("a token").to_owned();
    let whoami = server.get("/-/whoami").bearer(&token).send().await.unwrap();
    assert_eq!(whoami.json()["username"], "octocat");
    assert_eq!(ask().await.status, 403, "once");
}
