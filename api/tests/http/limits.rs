//! What each caller may have: requests at a rate, by user and by address, and logs to follow.

use std::time::{Duration, Instant};

use http::Method;
use weir_api::Settings;
use weir_config::{Allowance, Shares};
use weir_store::{task_logs::Chunk, tasks::Outcome, tokens::NewToken};
use weir_testkit::{
    client::{Call, Reply},
    until,
};

use crate::{
    packages::package,
    server::{ADMIN, ALICE, Server, plain},
};

const BOB: &str = "npm_bob-token-of-the-tests-9876543210";
const SOON: Duration = Duration::from_secs(10);

/// Three at once, and one more each second.
const FEW: Option<Allowance> = Some(Allowance {
    per_minute: 60,
    burst: 3,
});

async fn limited(shares: Shares) -> Server {
    let server = Server::with(Settings { shares, ..plain() }).await;
    server.token("bob", BOB, NewToken::default()).await;
    server
}

async fn sent(call: Call) -> Reply {
    call.send().await.expect("answered")
}

fn call(server: &Server, method: Method, path: &str) -> Call {
    Call::new(method, server.url(path))
}

/// Checks a refusal; returns after how many seconds to come back.
fn refused(reply: &Reply) -> u64 {
    assert_eq!(reply.status, 429, "{}", reply.text());
    let body = reply.json();
    let reason = body["reason"].as_str().expect("a text");
    assert_eq!(body["error"], format!("[TOO_MANY_REQUESTS] {reason}"));
    reply.header("retry-after").parse().expect("whole seconds")
}

#[tokio::test]
async fn each_user_has_a_share_and_the_wait_is_true() {
    let server = limited(Shares {
        tasks: FEW,
        ..Shares::default()
    })
    .await;
    let wish = |n: usize, token: &str| server.put(&format!("/-/package/p{n}/syncs")).bearer(token);
    for n in 0..3 {
        assert_eq!(sent(wish(n, ALICE)).await.status, 201);
    }
    let seconds = refused(&sent(wish(3, ALICE)).await);
    let told = Instant::now();
    assert_eq!(seconds, 1);
    assert_eq!(sent(wish(3, BOB)).await.status, 201, "another user's own");
    for n in 0..20 {
        assert_eq!(sent(wish(n, ADMIN)).await.status, 201, "no limit");
    }
    until("the wait to be over", SOON, async || {
        told.elapsed() >= Duration::from_secs(seconds)
    })
    .await;
    assert_eq!(sent(wish(3, ALICE)).await.status, 201, "as was told");
}

#[tokio::test]
async fn each_class_has_its_own_share_and_what_is_read_has_none() {
    let server = limited(Shares {
        writes: FEW,
        tasks: FEW,
        search: FEW,
        logs: FEW,
        ..Shares::default()
    })
    .await;
    package("a").version("1.0.0", "x").publish(&server).await;
    let task = server.submit("b").await;
    let log = format!("/syncs/{task}/log");
    let package_log = format!("/-/package/b/syncs/{task}/log");
    let legacy_log = format!("/b/sync/log/{task}");
    let cancel = format!("/syncs/{task}");
    let classes = [
        (Method::GET, vec!["/-/v1/search?text=a", "/-/v1/search"], 3),
        (
            Method::GET,
            vec![log.as_str(), &package_log, &legacy_log],
            3,
        ),
        (Method::DELETE, vec![cancel.as_str()], 3),
        // One of them was taken above.
        (Method::PUT, vec!["/-/package/b/syncs", "/b/sync"], 2),
    ];
    for (method, paths, count) in classes {
        let mut paths = paths.iter().cycle();
        for _ in 0..count {
            let path = paths.next().expect("a cycle");
            let reply = sent(call(&server, method.clone(), path).bearer(ALICE)).await;
            assert_ne!(reply.status, 429, "{method} {path}");
        }
        let path = paths.next().expect("a cycle");
        refused(&sent(call(&server, method.clone(), path).bearer(ALICE)).await);
    }
    for path in [
        "/a",
        "/a/1.0.0",
        "/a/-/a-1.0.0.tgz",
        "/-/package/a/dist-tags",
        "/-/ping",
        "/-/whoami",
        "/-/health",
        "/-/ready",
        cancel.as_str(),
    ] {
        for _ in 0..10 {
            let reply = sent(server.get(path).bearer(ALICE)).await;
            assert_eq!(reply.status, 200, "{path}");
        }
    }
    let page = sent(server.get("/-/metrics").bearer(ADMIN)).await;
    for class in ["writes", "tasks", "search", "logs"] {
        let sample = format!("weir_http_limited_total{{class=\"{class}\"}} 1");
        assert!(page.text().contains(&sample), "{}", page.text());
    }
}

#[tokio::test]
async fn without_credentials_the_address_counts_as_trusted_proxies_tell_it() {
    let search = |server: &Server, forwarded: &str| {
        let call = server.get("/-/v1/search");
        call.header("x-forwarded-for", forwarded)
    };
    let shares = Shares {
        search: FEW,
        ..Shares::default()
    };
    // Nobody is trusted: what the header says is nobody's address.
    let server = limited(shares.clone()).await;
    for n in 0..3 {
        let reply = sent(search(&server, &format!("198.51.100.{n}"))).await;
        assert_eq!(reply.status, 200);
    }
    refused(&sent(search(&server, "198.51.100.9")).await);
    assert_eq!(sent(search(&server, "").bearer(ALICE)).await.status, 200);

    let trusted = ["127.0.0.0/8", "10.0.0.0/8"].map(|net| net.parse().expect("a network"));
    let server = limited(Shares {
        trusted_proxies: trusted.to_vec(),
        ..shares
    })
    .await;
    for n in 0..3 {
        // Each of one network, whatever its client made up.
        let forwarded = format!("1.1.1.{n}, 2001:db8:0:1::{n}, 10.0.0.1");
        assert_eq!(sent(search(&server, &forwarded)).await.status, 200);
    }
    refused(&sent(search(&server, "2001:db8:0:1:ffff::")).await);
    assert_eq!(sent(search(&server, "2001:db8:0:2::")).await.status, 200);
    assert_eq!(sent(search(&server, "198.51.100.1")).await.status, 200);
}

async fn followers(server: &Server) -> String {
    let page = sent(server.get("/-/metrics").bearer(ADMIN)).await;
    let mut lines = page.text().lines();
    let line = lines.find(|line| line.starts_with("weir_log_followers "));
    line.expect("a figure").to_owned()
}

#[tokio::test]
async fn only_so_many_follow_and_who_leaves_makes_room() {
    let server = limited(Shares {
        followers: 4,
        followers_per_caller: 2,
        ..Shares::default()
    })
    .await;
    let task = server.submit("a").await;
    let fence = server.claim().await;
    let chunk = server.log(fence, &Chunk::default(), &["first"]).await;
    let path = format!("/syncs/{task}/log?follow=true");
    let log = format!("/syncs/{task}/log");
    let follow = |token: &str| server.get(&path).bearer(token);
    let events = |token: &str| {
        let call = server.get(&log).bearer(token);
        call.header("accept", "text/event-stream")
    };
    let first = follow(ALICE).open().await.expect("answered");
    let second = events(ALICE).open().await.expect("answered");
    assert_eq!(
        (first.status(), second.status()),
        (http::StatusCode::OK, http::StatusCode::OK)
    );
    for call in [follow(ALICE), events(ALICE)] {
        assert!(refused(&sent(call).await) >= 1);
    }
    let whole = sent(server.get(&log).bearer(ALICE)).await;
    assert_eq!(whole.status, 200, "what is there may be read");
    // An administrator may have more than others, but not more than there are.
    let mut held = Vec::new();
    for _ in 0..2 {
        let answer = follow(ADMIN).open().await.expect("answered");
        assert_eq!(answer.status(), 200);
        held.push(answer);
    }
    let full = sent(follow(BOB)).await;
    assert_eq!(full.status, 503, "{}", full.text());
    assert!(full.header("retry-after").parse::<u64>().is_ok());
    assert_eq!(followers(&server).await, "weir_log_followers 4");
    drop((first, held));
    until("the places to be free again", SOON, async || {
        // A reader that left is noticed when there is something to send.
        server.log(fence, &chunk, &[]).await;
        followers(&server).await == "weir_log_followers 1"
    })
    .await;
    let again = follow(ALICE).open().await.expect("answered");
    assert_eq!(again.status(), 200);
    server.finish(fence, Outcome::default()).await;
    until("all to have ended", SOON, async || {
        followers(&server).await == "weir_log_followers 0"
    })
    .await;
}
