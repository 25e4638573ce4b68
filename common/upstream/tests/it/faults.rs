//! Upstreams that break off, stall, lie or refuse: each has its class.

use std::time::Duration;

use tokio::time::timeout;
use weir_domain::{Clock, Decision, Retryable, SystemClock, task::ErrorCode};
use weir_upstream::{Phase, UpstreamError};

use crate::{
    setup::{config, fetch, gzip, npm, outline, packument, registry_at, registry_of, upstreams},
    wire::{Act, Wire, head, reply},
};

/// Far beyond every limit of `setup::config`.
const DEADLINE: Duration = Duration::from_secs(20);

async fn error_of(wire: &Wire) -> UpstreamError {
    let npm = npm(wire);
    let outcome = timeout(DEADLINE, outline(&npm));
    let outcome = outcome.await.expect("an outcome before the deadline");
    outcome.expect_err("a fault")
}

fn assert_retried(error: &UpstreamError) {
    assert_eq!(error.decision(), Decision::Retry(None), "{error}");
    assert_eq!(error.code(), ErrorCode::UpstreamUnavailable, "{error}");
    assert!(error.to_string().starts_with("up.example:"), "{error}");
}

#[tokio::test]
async fn a_truncated_answer_is_retried_however_it_is_framed() {
    let document = packument(30, 100);
    let half = &document.as_bytes()[..document.len() / 2];
    let zipped = gzip(document.as_bytes());
    let gz = [("content-encoding", "gzip")];
    let chunk = [format!("{:x}\r\n", half.len()).as_bytes(), half, b"\r\n"].concat();
    let cases = [
        [head("200 OK", &[], Some(document.len())), half.to_vec()].concat(),
        [
            head("200 OK", &[("transfer-encoding", "chunked")], None),
            chunk,
        ]
        .concat(),
        [head("200 OK", &[], None), half.to_vec()].concat(),
        reply("200 OK", &gz, &zipped[..zipped.len() / 2]),
        reply("200 OK", &gz, &zipped[..zipped.len() - 4]),
        reply("200 OK", &gz, b""),
        reply("200 OK", &[], b" \n "),
    ];
    for (number, bytes) in cases.into_iter().enumerate() {
        let error = error_of(&Wire::saying(bytes)).await;
        let is_interrupted = matches!(error, UpstreamError::Interrupted { .. });
        assert!(is_interrupted, "case {number}: {error:?}");
        assert_retried(&error);
    }
}

#[tokio::test]
async fn damaged_gzip_is_retried() {
    let mut zipped = gzip(packument(30, 100).as_bytes());
    let end = zipped.len() - 6;
    zipped[end] ^= 0xff; // the checksum
    let gz = [("content-encoding", "gzip")];
    assert_retried(&error_of(&Wire::saying(reply("200 OK", &gz, &zipped))).await);
    assert_retried(&error_of(&Wire::saying(reply("200 OK", &gz, b"{\"name\":\"a\"}"))).await);
}

#[tokio::test]
async fn an_encoding_we_did_not_offer_is_refused() {
    for encoding in ["br", "gzip, gzip", "deflate"] {
        let wire = Wire::saying(reply("200 OK", &[("content-encoding", encoding)], b"{}"));
        let error = error_of(&wire).await;
        assert_eq!(error.code(), ErrorCode::UpstreamInvalid, "{error}");
        assert!(error.to_string().contains(encoding), "{error}");
    }
}

type Script = fn(Vec<Act>) -> Vec<Act>;

#[tokio::test]
async fn a_server_that_stalls_is_left() {
    let started = || vec![Act::Send(head("200 OK", &[], Some(1_000_000)))];
    let cases: [(Script, Phase); 4] = [
        (|_| vec![Act::Hang], Phase::Headers),
        (
            |_| {
                vec![
                    Act::Send(b"HTTP/1.1 200 OK\r\nx: ".to_vec()),
                    Act::Drip(b'x', 50),
                ]
            },
            Phase::Headers,
        ),
        (
            |mut acts| {
                acts.extend([Act::Send(b"{".to_vec()), Act::Hang]);
                acts
            },
            Phase::Silence,
        ),
        (
            |mut acts| {
                acts.push(Act::Drip(b' ', 50));
                acts
            },
            Phase::Rate,
        ),
    ];
    for (script, expected) in cases {
        let wire = Wire::start(move |_| script(started()));
        let error = error_of(&wire).await;
        assert_retried(&error);
        let UpstreamError::TimedOut { phase, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(phase, expected);
    }
}

#[tokio::test]
async fn a_port_without_a_server_is_retried_and_says_why() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let registry = registry_at(&format!("http://up.example:{port}/"), true);
    let npm = upstreams(config()).registry(&registry);
    let error = fetch(&npm, "a").await.expect_err("nobody there");
    assert_retried(&error);
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn statuses_have_their_classes() {
    let gone = (Decision::GiveUp, ErrorCode::NotFound);
    let refused = (Decision::GiveUp, ErrorCode::UpstreamInvalid);
    let failed = (Decision::Retry(None), ErrorCode::UpstreamUnavailable);
    for (status, expected) in [
        ("404 Not Found", gone),
        ("410 Gone", gone),
        ("400 Bad Request", refused),
        ("401 Unauthorized", refused),
        ("403 Forbidden", refused),
        ("451 Legal", refused),
        ("204 No Content", refused),
        ("206 Partial Content", refused),
        ("300 Many", refused),
        ("408 Slow", failed),
        ("425 Early", failed),
        ("500 Oops", failed),
        ("502 Oops", failed),
        ("522 Oops", failed),
        ("599 Oops", failed),
    ] {
        let error = error_of(&Wire::saying(reply(status, &[], b""))).await;
        assert_eq!(
            (error.decision(), error.code()),
            expected,
            "{status}: {error}"
        );
        assert!(error.to_string().contains("/a"), "{error}");
    }
}

#[tokio::test]
async fn a_429_closes_its_host_for_as_long_as_it_says_within_reason() {
    let date = SystemClock
        .now()
        .plus(Duration::from_mins(2))
        .to_http_date();
    for (retry_after, at_least, at_most) in [
        (Some("120"), 119, 120),
        (Some(date.as_str()), 110, 120),
        (Some("999999"), 899, 900),
        (Some("soon"), 29, 30),
        (Some("-5"), 29, 30),
        (None, 29, 30),
    ] {
        let headers: Vec<_> = retry_after
            .map(|value| ("retry-after", value))
            .into_iter()
            .collect();
        let wire = Wire::saying(reply("429 Too Many Requests", &headers, b""));
        let npm = npm(&wire);
        for _ in 0..2 {
            let error = outline(&npm).await.expect_err("busy, then closed");
            let Decision::Wait(wait) = error.decision() else {
                panic!("{error:?}");
            };
            let allowed = Duration::from_secs(at_least)..=Duration::from_secs(at_most);
            assert!(allowed.contains(&wait), "{retry_after:?}: {wait:?}");
            assert_eq!(error.code(), ErrorCode::UpstreamUnavailable);
        }
        assert_eq!(wire.seen().len(), 1, "the second was not sent");
    }
}

#[tokio::test]
async fn a_503_that_names_a_time_is_an_attempt_and_closes_the_host() {
    let wire = Wire::saying(reply("503 Busy", &[("retry-after", "60")], b""));
    let npm = npm(&wire);
    let error = outline(&npm).await.expect_err("failed");
    assert_eq!(
        error.decision(),
        Decision::Retry(Some(Duration::from_mins(1)))
    );
    let error = outline(&npm).await.expect_err("closed");
    assert!(
        matches!(error, UpstreamError::HostClosed { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn after_many_failures_a_host_is_left_alone_and_other_hosts_are_not() {
    let wire = Wire::saying(reply("500 Oops", &[], b""));
    let well = Wire::saying(reply("200 OK", &[], b"{\"name\":\"a\"}"));
    let upstreams = upstreams(config());
    let npm = upstreams.registry(&registry_of(&wire));
    let opens_after = config().hosts.failures_to_open as usize;
    for _ in 0..opens_after {
        assert!(matches!(
            outline(&npm).await,
            Err(UpstreamError::Failed { .. })
        ));
    }
    let error = outline(&npm).await.expect_err("closed");
    assert!(matches!(error.decision(), Decision::Wait(_)), "{error:?}");
    assert_eq!(wire.seen().len(), opens_after);
    outline(&upstreams.registry(&registry_of(&well)))
        .await
        .expect("another host");
}
