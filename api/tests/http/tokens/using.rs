//! What a token does where it is shown: at which packages, from where, and that it is seen.

use std::time::Duration;

use serde_json::{Value, json};
use weir_testkit::until;

use super::*;
use crate::server::plain;

#[tokio::test]
async fn a_limited_token_stays_so_for_what_does_not_exist_yet() {
    let server = start().await;
    let limits = json!({"packages": ["not-yet"], "scopes": ["team"]});
    let made = make(&server, ALICE, limits).await;
    let token = text(&made, "token");
    for (call, status) in [
        ("PUT /-/package/not-yet/syncs", 201),
        ("PUT /not-yet/sync", 201),
        ("PUT /-/package/@team/new/syncs", 201),
        ("PUT /-/package/@team%2fnew/syncs", 201),
        ("PUT /-/package/%40team/new/syncs", 201),
        ("PUT /-/package/other/syncs", 403),
        ("PUT /-/package/not-yet2/syncs", 403),
        ("PUT /-/package/@teams/new/syncs", 403),
        ("PUT /-/package/@team%2f..%2fother/syncs", 403),
        ("PUT /other/sync", 403),
        ("GET /other", 404),
        ("GET /not-yet", 404),
        ("GET /-/whoami", 200),
        ("GET /-/npm/v1/tokens", 403),
        ("POST /-/npm/v1/tokens", 403),
        ("POST /api/v1/tokens", 403),
        ("GET /-/admin/queues", 403),
    ] {
        let reply = ask(&server, call, Some(token), &Value::Null).await;
        assert_eq!(reply.status, status, "{call}: {}", reply.text());
    }
}

#[tokio::test]
async fn where_a_token_may_be_used_is_where_the_connection_comes_from() {
    let server = start().await;
    let here = make(&server, ALICE, json!({"cidr_whitelist": ["127.0.0.1"]})).await;
    let mapped = make(
        &server,
        ALICE,
        json!({"cidr_whitelist": ["::ffff:127.0.0.0/104"]}),
    )
    .await;
    let there = make(&server, ALICE, json!({"cidr_whitelist": ["192.0.2.1"]})).await;
    let (here, mapped, there) = (
        text(&here, "token"),
        text(&mapped, "token"),
        text(&there, "token"),
    );
    let from = async |server: &Server, token: &str, forwarded: &str| {
        let call = server.get("/-/ping").bearer(token);
        let call = call.header("x-forwarded-for", forwarded);
        let reply = call.send().await.expect("answered");
        let challenge = reply.header("www-authenticate").to_owned();
        (reply.status, challenge)
    };
    let fine = (200, String::new());
    let foreign = (401, "ipaddress".to_owned());
    // Anybody may write the header; nobody believes it.
    assert_eq!(from(&server, here, "192.0.2.1").await, fine);
    assert_eq!(from(&server, mapped, "192.0.2.1").await, fine);
    for claimed in ["192.0.2.1", "192.0.2.1, 127.0.0.1", "::ffff:192.0.2.1"] {
        assert_eq!(from(&server, there, claimed).await, foreign, "{claimed}");
    }
    // A proxy that is trusted is believed as far as it goes.
    let mut settings = plain();
    settings.shares.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    let behind = server.another_with(settings).await;
    assert_eq!(from(&behind, there, "192.0.2.1").await, fine);
    assert_eq!(from(&behind, there, "::ffff:192.0.2.1").await, fine);
    assert_eq!(
        from(&behind, there, "192.0.2.1, 198.51.100.1").await,
        foreign
    );
    assert_eq!(from(&behind, here, "198.51.100.1").await, foreign);
}

#[tokio::test]
async fn credentials_in_an_address_are_nobodys() {
    let server = start().await;
    for query in [
        "token",
        "access_token",
        "authorization",
        "_authToken",
        "password",
    ] {
        for path in ["/-/whoami", NPM, CATALOGUE] {
            let call = format!("GET {path}?{query}={ALICE}");
            assert_eq!(
                ask(&server, &call, None, &Value::Null).await.status,
                401,
                "{call}"
            );
        }
    }
}

#[tokio::test]
async fn that_a_token_is_used_is_written_down_beside_requests() {
    let server = start().await;
    let made = make(&server, ALICE, json!({})).await;
    let (secret, key) = (text(&made, "token"), text(&made, "key"));
    let used = async || {
        let list = ask(&server, &format!("GET {NPM}"), Some(ALICE), &Value::Null).await;
        let list = list.json();
        let mut objects = list["objects"].as_array().expect("a list").iter();
        let one = objects.find(|one| one["key"] == key).expect("it is there");
        one["lastUsedAt"].clone()
    };
    assert_eq!(used().await, Value::Null);
    for _ in 0..3 {
        assert_eq!(whoami(&server, secret).await, 200);
    }
    let first = until(
        "its use to be written down",
        Duration::from_secs(10),
        async || {
            let at = used().await;
            if at.is_null() { Err(at) } else { Ok(at) }
        },
    )
    .await;
    // Another process saw it as well, within the minute.
    let another = server.another().await;
    assert_eq!(whoami(&another, secret).await, 200);
    another.stop();
    assert_eq!(whoami(&server, secret).await, 200);
    assert_eq!(used().await, first);
}
