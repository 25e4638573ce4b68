//! Whoever tries passwords: how often, from where, and whom that keeps out.

use std::time::Instant;

use serde_json::json;
use weir_config::Shares;
use weir_testkit::{
    client::{Call, Reply},
    is_long,
};

use super::{
    PASSWORD, assert_refused, assert_wrong, few, hashes, login, sent, start, token, user, whoami,
    with_shares,
};
use crate::server::Server;

fn from(call: Call, address: &str) -> Call {
    call.header("x-forwarded-for", address)
}

/// Checks that it was too much, and that when to come back is said.
#[track_caller]
fn assert_too_many(reply: &Reply) {
    assert_refused(reply, 429, "TOO_MANY_REQUESTS");
    let seconds: u64 = reply.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&seconds), "{seconds}");
}

/// Whose word is taken: the tests' own.
fn proxies() -> Vec<ipnet::IpNet> {
    vec!["127.0.0.0/8".parse().expect("a network")]
}

#[tokio::test]
async fn wrong_passwords_keep_only_their_own_address_waiting() {
    let server = with_shares(Shares {
        trusted_proxies: proxies(),
        login_failures: Some(few(3)),
        ..Shares::default()
    })
    .await;
    user(&server, "john").await;
    user(&server, "jane").await;
    let before = token(&server, "john").await;
    let (attacker, owner) = ("198.51.100.1", "192.0.2.1");
    let hashed = hashes(&server).await;
    for _ in 0..3 {
        assert_wrong(&sent(from(login(&server, "john", "wrong password"), attacker)).await);
    }
    for password in ["wrong password", PASSWORD] {
        assert_too_many(&sent(from(login(&server, "john", password), attacker)).await);
        assert_too_many(&sent(from(login(&server, "JOHN", password), attacker)).await);
    }
    assert_eq!(
        hashes(&server).await,
        hashed + 3,
        "what waits is not hashed"
    );
    // Its owner elsewhere, whatever they showed before, and others there.
    for _ in 0..5 {
        let own = sent(from(login(&server, "john", PASSWORD), owner)).await;
        assert_eq!(own.status, 201, "{}", own.text());
        let jane = sent(from(login(&server, "jane", PASSWORD), attacker)).await;
        assert_eq!(jane.status, 201, "{}", jane.text());
    }
    assert_eq!(whoami(&server, &before).await.status, 200);
    // Names of nobody are limited alike: being limited tells nothing.
    for _ in 0..3 {
        assert_wrong(&sent(from(login(&server, "nobody", PASSWORD), attacker)).await);
    }
    assert_too_many(&sent(from(login(&server, "nobody", PASSWORD), attacker)).await);
}

#[tokio::test]
async fn a_flood_from_everywhere_keeps_nobody_out_where_they_are_known() {
    for shares in [
        Shares {
            account_logins: Some(few(5)),
            ..Shares::default()
        },
        Shares {
            all_logins: Some(few(6)),
            ..Shares::default()
        },
    ] {
        let server = with_shares(Shares {
            trusted_proxies: proxies(),
            ..shares
        })
        .await;
        user(&server, "john").await;
        let home = "192.0.2.1";
        let first = sent(from(login(&server, "john", PASSWORD), home)).await;
        assert_eq!(first.status, 201, "{}", first.text());
        for n in 0..5 {
            let attacker = format!("198.51.100.{n}");
            assert_wrong(&sent(from(login(&server, "john", "wrong password"), &attacker)).await);
        }
        let strange = sent(from(login(&server, "john", PASSWORD), "203.0.113.9")).await;
        assert_too_many(&strange);
        for _ in 0..3 {
            let own = sent(from(login(&server, "john", PASSWORD), home)).await;
            assert_eq!(own.status, 201, "{}", own.text());
        }
    }
}

#[tokio::test]
async fn an_address_that_is_made_up_counts_for_nothing() {
    let server = with_shares(Shares {
        login_failures: Some(few(2)),
        ..Shares::default()
    })
    .await;
    user(&server, "john").await;
    for n in 0..2 {
        let call = from(
            login(&server, "john", "wrong password"),
            &format!("192.0.2.{n}"),
        );
        assert_wrong(&sent(call).await);
    }
    let call = from(login(&server, "john", "wrong password"), "192.0.2.9");
    assert_too_many(&sent(call).await);
}

#[tokio::test]
async fn many_at_once_are_many() {
    let server = with_shares(Shares {
        login_failures: Some(few(4)),
        ..Shares::default()
    })
    .await;
    user(&server, "john").await;
    let tries = (0..40).map(|n| {
        let password = format!("wrong password {n}");
        let call = login(&server, "john", &password);
        async move { sent(call).await.status }
    });
    let statuses = futures::future::join_all(tries).await;
    let wrong = statuses.iter().filter(|status| **status == 401).count();
    assert_eq!(wrong, 4, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 401 | 429)));
}

#[tokio::test]
async fn an_address_has_so_many_logins_whoever_it_is() {
    let server = with_shares(Shares {
        logins: Some(few(3)),
        ..Shares::default()
    })
    .await;
    user(&server, "john").await;
    for _ in 0..3 {
        assert_eq!(sent(login(&server, "john", PASSWORD)).await.status, 201);
    }
    assert_too_many(&sent(login(&server, "john", PASSWORD)).await);
    let register = server.put("/-/user/org.couchdb.user:new");
    let body = json!({"name": "new", "password": PASSWORD, "email": "new@example.com"});
    assert_refused(&sent(register.json(&body)).await, 403, "FORBIDDEN");
}

#[tokio::test]
async fn nothing_said_comes_back_in_a_header() {
    let server = start().await;
    user(&server, "john").await;
    let body = r#"{"name":"john","password":"x-injected: 1\r\nx-injected: 2"}"#;
    let head = format!(
        "PUT /-/user/org.couchdb.user:john%0d%0ax-injected:%201 HTTP/1.1\r\nhost: h\r\n\
         connection: close\r\nnpm-otp: 1 x-injected: 1\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let reply = server.raw(head.as_bytes()).await;
    assert_eq!(reply.status, 422, "{}", reply.text());
    assert!(
        reply
            .headers
            .keys()
            .all(|name| name.as_str() != "x-injected")
    );
    let query = sent(server.get(&format!("/-/whoami?token={}", crate::server::ALICE))).await;
    assert_refused(&query, 401, "UNAUTHORIZED");
}

/// Returns the middle of these times, in microseconds.
fn median(mut micros: Vec<u128>) -> u128 {
    micros.sort_unstable();
    micros[micros.len() / 2]
}

async fn medians(server: &Server, rounds: usize) -> [u128; 2] {
    let (mut unknown, mut wrong) = (Vec::new(), Vec::new());
    for n in 0..rounds {
        let order = if n % 2 == 0 {
            ["nobody", "john"]
        } else {
            ["john", "nobody"]
        };
        for name in order {
            let call = login(server, name, "wrong password");
            let began = Instant::now();
            let reply = sent(call).await;
            let took = began.elapsed().as_micros();
            assert_wrong(&reply);
            if name == "john" {
                &mut wrong
            } else {
                &mut unknown
            }
            .push(took);
        }
    }
    [median(unknown), median(wrong)]
}

/// The figures are for people; what is asserted is that the work is the same.
#[tokio::test]
#[expect(clippy::print_stdout, reason = "figures for people")]
async fn an_unknown_name_takes_as_long_as_a_wrong_password() {
    let rounds = if is_long() { 1_000 } else { 30 };
    let server = start().await;
    user(&server, "john").await;
    let before = hashes(&server).await;
    let [unknown, wrong] = medians(&server, rounds).await;
    let done = hashes(&server).await - before;
    assert_eq!(done, 2 * rounds as u64, "a hash for each");
    println!("medians of {rounds}: unknown name {unknown} µs, wrong password {wrong} µs");
}
