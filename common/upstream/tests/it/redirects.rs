//! Redirects are judged hop by hop; credentials stay at home.

use weir_domain::{Decision, Retryable, task::ErrorCode};
use weir_upstream::{Authorization, UpstreamError};

use crate::{
    setup::{config, fetch, npm, registry_at, registry_of, upstreams},
    wire::{Act, Seen, Wire, reply},
};

const BODY: &[u8] = b"{\"name\":\"a\"}";

fn to(location: &str) -> Vec<Act> {
    vec![Act::Send(reply(
        "302 Found",
        &[("location", location)],
        b"",
    ))]
}

fn hops(seen: &Seen) -> usize {
    seen.path()
        .rsplit("hop")
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0)
}

/// Redirects to itself until `last`, then answers.
fn chain(last: usize) -> Wire {
    Wire::start(move |seen| match hops(seen) {
        n if n < last => to(&format!("/hop{}", n + 1)),
        _ => vec![Act::Send(reply("200 OK", &[], BODY))],
    })
}

#[tokio::test]
async fn five_redirects_are_followed_and_a_sixth_is_not() {
    let wire = chain(5);
    fetch(&npm(&wire), "a").await.expect("five");
    assert_eq!(wire.seen().len(), 6);
    let wire = chain(6);
    let error = fetch(&npm(&wire), "a").await.expect_err("six");
    assert_eq!(error.code(), ErrorCode::UpstreamInvalid);
    assert_eq!(error.decision(), Decision::GiveUp);
    assert_eq!(wire.seen().len(), 6);
}

#[tokio::test]
async fn a_loop_ends() {
    let wire = Wire::start(|_| to("/a"));
    let error = fetch(&npm(&wire), "a").await.expect_err("a loop");
    assert!(matches!(error, UpstreamError::Redirect { .. }), "{error:?}");
    assert_eq!(wire.seen().len(), 6);
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused_without_a_connection() {
    let inside = Wire::saying(reply("200 OK", &[], BODY));
    let port = inside.address.port();
    for target in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://0177.0.0.1:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("//127.1:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        format!("http://inside.example:{port}/"),
        // The registry's own name on another port is another origin.
        format!("http://up.example:{port}/"),
    ] {
        let location = target.clone();
        let wire = Wire::start(move |_| to(&location));
        let error = fetch(&npm(&wire), "a").await.expect_err(&target);
        assert!(
            matches!(error, UpstreamError::RefusedAddress { .. }),
            "{target}: {error:?}"
        );
        assert_eq!(
            (error.decision(), error.code()),
            (Decision::GiveUp, ErrorCode::Blocked)
        );
    }
    assert!(inside.seen().is_empty());
}

#[tokio::test]
async fn a_registry_that_is_not_internal_may_not_be_private() {
    let wire = Wire::saying(reply("200 OK", &[], BODY));
    for host in ["up.example", "127.0.0.1", "[::ffff:7f00:1]"] {
        let npm = upstreams(config()).registry(&registry_at(&wire.url(host), false));
        let error = fetch(&npm, "a").await.expect_err(host);
        assert!(
            matches!(error, UpstreamError::RefusedAddress { .. }),
            "{host}: {error:?}"
        );
    }
    assert!(wire.seen().is_empty());
    let npm = upstreams(config()).registry(&registry_at(&wire.url("127.0.0.1"), true));
    fetch(&npm, "a")
        .await
        .expect("internal by its literal address");
}

#[tokio::test]
async fn odd_locations_are_refused() {
    for location in [
        "ftp://up.example/",
        "file:///etc/passwd",
        "http://",
        "data:,x",
        "http://[::1",
    ] {
        let wire = Wire::start(move |_| to(location));
        let error = fetch(&npm(&wire), "a").await.expect_err(location);
        assert_eq!(
            error.code(),
            ErrorCode::UpstreamInvalid,
            "{location}: {error}"
        );
        assert_eq!(wire.seen().len(), 1);
    }
    let wire = Wire::saying(reply("302 Found", &[], b""));
    fetch(&npm(&wire), "a").await.expect_err("no location");
}

#[tokio::test]
async fn credentials_go_to_their_own_origin_and_nowhere_else() {
    let other = Wire::saying(reply("200 OK", &[], BODY));
    let elsewhere = other.url("user:hunter2@up.example");
    let wire = Wire::start(move |seen| match seen.path() {
        "/npm/a" => to("/npm/moved"),
        "/npm/moved" => to(&elsewhere),
        _ => vec![Act::Send(reply("404 Not Found", &[], b""))],
    });
    // The other server is a registry too, so that the guard lets the redirect through.
    let mut config = config();
    config.outgoing_proxy = Some(other.url("127.0.0.1").parse().expect("a URL"));
    let registry = registry_at(&format!("{}npm/", wire.url("up.example")), true);
    let bearer = Authorization::bearer("hunter2").expect("a header");
    let npm = upstreams(config)
        .registry(&registry)
        .with_authorization(bearer);
    // Through the proxy every public name "resolves"; the other server is that proxy.
    fetch(&npm, "a").await.expect("arrived");
    let sent: Vec<_> = wire
        .seen()
        .iter()
        .map(|s| s.header("authorization").map(str::to_owned))
        .collect();
    assert_eq!(
        sent,
        [
            Some("Bearer hunter2".to_owned()),
            Some("Bearer hunter2".to_owned())
        ]
    );
    let leaked = format!("{:?}", other.seen());
    assert_eq!(other.seen().len(), 1);
    assert!(!leaked.contains("hunter2"), "{leaked}");
    assert!(!leaked.contains("authorization"), "{leaked}");
}

#[tokio::test]
async fn a_password_in_the_registry_url_becomes_a_header_and_is_never_shown() {
    let wire = Wire::saying(reply("500 Oops", &[], b""));
    let registry = registry_at(&wire.url("us%40er:hunt%2Ber2&@up.example"), true);
    let npm = upstreams(config()).registry(&registry);
    let error = fetch(&npm, "a").await.expect_err("failed");
    // base64 of "us@er:hunt+er2&"
    assert_eq!(
        wire.seen()[0].header("authorization"),
        Some("Basic dXNAZXI6aHVudCtlcjIm")
    );
    assert!(!format!("{error} {error:?} {npm:?}").contains("hunt"));
}

#[tokio::test]
async fn an_internal_registry_does_not_go_through_the_proxy() {
    let proxy = Wire::saying(reply("500 Oops", &[], b""));
    let wire = Wire::saying(reply("200 OK", &[], BODY));
    let mut config = config();
    config.outgoing_proxy = Some(proxy.url("127.0.0.1").parse().expect("a URL"));
    fetch(&upstreams(config).registry(&registry_of(&wire)), "a")
        .await
        .expect("direct");
    assert!(proxy.seen().is_empty());
}
