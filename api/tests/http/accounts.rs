//! Who is asking: tokens, challenges, what a token may do.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use weir_api::Settings;
use weir_domain::Digest;
use weir_store::{Topic, clock, invalidations, tokens::NewToken};
use weir_testkit::client::Reply;

use crate::{
    packages::package,
    server::{ADMIN, ALICE, Server, plain},
};

fn assert_challenged(reply: &Reply) {
    assert_eq!(reply.status, 401);
    let challenges: Vec<_> = reply.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges, ["Bearer"], "exactly one");
    assert!(
        reply.json()["error"]
            .as_str()
            .expect("a text")
            .starts_with("[UNAUTHORIZED] ")
    );
}

async fn whoami(server: &Server, authorization: &str) -> Reply {
    let call = server
        .get("/-/whoami")
        .header("authorization", authorization);
    call.send().await.expect("answered")
}

#[tokio::test]
async fn a_token_is_shown_as_bearer_or_as_the_password_of_basic() {
    let server = Server::start().await;
    let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
    for (authorization, name) in [
        (format!("Bearer {ALICE}"), "alice"),
        (format!("bearer {ADMIN}"), "admin"),
        (basic(format!("anything:{ALICE}")), "alice"),
        (basic(format!(":{ALICE}")), "alice"),
    ] {
        let reply = whoami(&server, &authorization).await;
        assert_eq!(
            (reply.status, reply.json()),
            (200, json!({"username": name})),
            "{authorization}"
        );
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    assert_challenged(&server.fetch("/-/whoami").await);
}

#[tokio::test]
async fn a_bad_token_is_refused_even_where_nobody_needs_one() {
    let server = Server::start().await;
    package("a").version("1.0.0", "x").publish(&server).await;
    let expired = NewToken {
        expires_at: Some(weir_domain::Timestamp(1)),
        ..NewToken::default()
    };
    server.token("bob", "npm_expired-token", expired).await;
    // Warm: what lies ready in memory is no way around.
    assert_eq!(server.fetch("/a").await.status, 200);
    for authorization in [
        "Bearer wrong",
        "Bearer npm_expired-token",
        "Bearer ${NPM_TOKEN}",
        "Basic !!!",
        "Basic YWxpY2U6d3Jvbmc=",
        "Digest x",
        "nonsense",
    ] {
        for path in [
            "/a",
            "/a/1.0.0",
            "/a/-/a-1.0.0.tgz",
            "/-/ping",
            "/",
            "/nothing",
            "/-/whoami",
        ] {
            let call = server.get(path).header("authorization", authorization);
            assert_challenged(&call.send().await.expect("answered"));
        }
    }
    let twice = server.get("/a").bearer(ALICE).bearer(ALICE);
    assert_challenged(&twice.send().await.expect("answered"));
}

#[tokio::test]
async fn a_readonly_token_reads_and_does_nothing_else() {
    let server = Server::start().await;
    package("a").version("1.0.0", "x").publish(&server).await;
    let readonly = NewToken {
        is_readonly: true,
        ..NewToken::default()
    };
    server.token("alice", "npm_readonly-token", readonly).await;
    let get = server
        .get("/a")
        .bearer("npm_readonly-token")
        .send()
        .await
        .expect("answered");
    assert_eq!(get.status, 200);
    let put = server
        .put("/-/package/a/syncs")
        .bearer("npm_readonly-token");
    let put = put.send().await.expect("answered");
    assert_eq!(
        (put.status, &put.text()[..22]),
        (403, "{\"error\":\"[FORBIDDEN] ")
    );
}

#[tokio::test]
async fn a_token_that_is_taken_away_stops_working_at_once() {
    let server = Server::start().await;
    server
        .token("bob", "npm_short-lived", NewToken::default())
        .await;
    assert_eq!(whoami(&server, "Bearer npm_short-lived").await.status, 200);
    let replaced = server.content.db.write(|tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            // What a revocation does: the row goes, and its key is announced.
            let secret = weir_domain::token::TokenSecret::from_text("npm_short-lived");
            let admin = weir_store::users::find_by_name(&**tx, "admin")
                .await?
                .expect("seeded");
            weir_store::tokens::seed_admin(tx, admin.id, &secret, now).await?;
            let hash = Digest::of(b"npm_short-lived").to_string();
            invalidations::insert(tx, Topic::Token, &hash, now).await
        })
    });
    replaced.await.expect("replaced");
    // The same text is the administrator's now: nothing remembered bob.
    let reply = whoami(&server, "Bearer npm_short-lived").await;
    assert_eq!(reply.json(), json!({"username": "admin"}));
}

#[tokio::test]
async fn a_change_that_nobody_announced_is_noticed_within_a_second() {
    let server = Server::start().await;
    assert_eq!(whoami(&server, "Bearer npm_late").await.status, 401);
    // Another process writes straight to the database: no signal reaches this one.
    let config = weir_store::DatabaseConfig::new(server.database_url());
    let other = weir_store::Db::open(&config, std::sync::Arc::new(weir_store::NoListener));
    let other = other.await.expect("the same file");
    server
        .token_in(&other, "bob", "npm_late", NewToken::default())
        .await;
    weir_testkit::until("the token to work", Duration::from_secs(3), async || {
        whoami(&server, "Bearer npm_late").await.status == 200
    })
    .await;
}

#[tokio::test]
async fn syncs_need_a_user_unless_the_operator_says_otherwise() {
    let server = Server::start().await;
    for path in ["/-/package/a/syncs", "/a/sync"] {
        assert_challenged(&server.put(path).send().await.expect("answered"));
    }
    let open = Server::with(Settings {
        allows_anonymous_sync: true,
        ..plain()
    })
    .await;
    for path in ["/-/package/a/syncs", "/a/sync"] {
        assert_eq!(
            open.put(path).send().await.expect("answered").status,
            201,
            "{path}"
        );
        let wrong = open
            .put(path)
            .bearer("wrong")
            .send()
            .await
            .expect("answered");
        assert_challenged(&wrong);
    }
}

#[tokio::test]
async fn every_answer_carries_the_name_of_its_request() {
    let server = Server::start().await;
    for path in [
        "/-/ping",
        "/nothing",
        "/-/whoami",
        "/-/nope/x/y/z",
        "/-/docs",
    ] {
        let own = server
            .get(path)
            .header("x-request-id", "Mine_1.2-x")
            .send()
            .await
            .expect("answered");
        assert_eq!(own.header("x-request-id"), "Mine_1.2-x", "{path}");
        let given = server
            .get(path)
            .header("x-request-id", "not mine!")
            .send()
            .await
            .expect("answered");
        assert!(!given.header("x-request-id").is_empty(), "{path}");
        assert_ne!(given.header("x-request-id"), "not mine!", "{path}");
    }
}
