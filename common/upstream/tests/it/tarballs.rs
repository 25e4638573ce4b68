//! Tarballs: raw bytes from wherever upstream's data says, if the guard lets us.

use std::time::Duration;

use futures::StreamExt;
use weir_domain::{Decision, Retryable, task::ErrorCode};
use weir_upstream::{NpmRegistry, TarballBody, UpstreamError};

use crate::{
    setup::{config, gzip, npm, registry_of, upstreams},
    wire::{Act, Wire, head, reply},
};

async fn all(body: TarballBody) -> Result<Vec<u8>, UpstreamError> {
    let mut stream = body.stream;
    let mut bytes = Vec::new();
    while let Some(piece) = stream.next().await {
        bytes.extend_from_slice(&piece?);
    }
    Ok(bytes)
}

async fn tarball(npm: &NpmRegistry, wire: &Wire) -> Result<TarballBody, UpstreamError> {
    npm.tarball(&format!("{}a/-/a-1.0.0.tgz?x=1", wire.url("up.example")))
        .await
}

#[tokio::test]
async fn a_tarball_is_its_raw_bytes_whatever_the_headers_say() {
    let bytes = gzip(b"a tarball");
    for encoding in ["gzip", "x-gzip", "br"] {
        let wire = Wire::saying(reply("200 OK", &[("content-encoding", encoding)], &bytes));
        let body = tarball(&npm(&wire), &wire).await.expect("an answer");
        assert_eq!(body.content_length, Some(bytes.len() as u64));
        assert_eq!(all(body).await.expect("whole"), bytes);
        assert_eq!(wire.seen()[0].header("accept-encoding"), Some("identity"));
        assert_eq!(wire.seen()[0].path(), "/a/-/a-1.0.0.tgz?x=1");
    }
}

#[tokio::test]
async fn a_tarball_that_breaks_off_ends_in_an_error() {
    let chunked = [("transfer-encoding", "chunked")];
    for bytes in [
        [head("200 OK", &[], Some(100)), b"half".to_vec()].concat(),
        [head("200 OK", &chunked, None), b"4\r\nhalf\r\n".to_vec()].concat(),
    ] {
        let wire = Wire::saying(bytes);
        let body = tarball(&npm(&wire), &wire).await.expect("an answer");
        let error = all(body).await.expect_err("broken off");
        assert!(
            matches!(
                error,
                UpstreamError::Interrupted {
                    received_bytes: 4,
                    ..
                }
            ),
            "{error:?}"
        );
        assert_eq!(error.decision(), Decision::Retry(None));
    }
}

#[tokio::test]
async fn a_missing_tarball_is_not_found_and_nothing_secret_of_its_url_is_shown_or_sent() {
    let wire = Wire::saying(reply("404 Not Found", &[], b""));
    let url = format!("{}a.tgz?token=hunter2", wire.url("user:hunter2@up.example"));
    let error = npm(&wire).tarball(&url).await.expect_err("missing");
    assert!(error.is_not_found());
    assert_eq!(wire.seen()[0].header("authorization"), None);
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[tokio::test]
async fn upstreams_data_does_not_lead_anywhere_private() {
    let inside = Wire::saying(reply("200 OK", &[], b"secret"));
    let wire = Wire::saying(reply("200 OK", &[], b"x"));
    let npm = npm(&wire);
    for (url, code) in [
        (inside.url("127.0.0.1"), ErrorCode::Blocked),
        (inside.url("inside.example"), ErrorCode::Blocked),
        (
            "http://169.254.169.254/x.tgz".to_owned(),
            ErrorCode::Blocked,
        ),
        ("file:///etc/passwd".to_owned(), ErrorCode::UpstreamInvalid),
        ("a/-/a.tgz".to_owned(), ErrorCode::UpstreamInvalid),
        (String::new(), ErrorCode::UpstreamInvalid),
    ] {
        let error = npm.tarball(&url).await.expect_err(&url);
        assert_eq!(
            (error.code(), error.decision()),
            (code, Decision::GiveUp),
            "{url}"
        );
    }
    assert!(inside.seen().is_empty());
}

#[tokio::test]
async fn a_body_keeps_its_place_at_the_host_until_it_is_dropped() {
    let mut config = config();
    config.hosts.max_concurrent = 1;
    config.hosts.max_wait = Duration::from_millis(50);
    let wire = Wire::start(|_| vec![Act::Send(head("200 OK", &[], Some(9))), Act::Hang]);
    let npm = upstreams(config).registry(&registry_of(&wire));
    let body = tarball(&npm, &wire).await.expect("the place");
    let error = tarball(&npm, &wire).await.expect_err("no place");
    assert!(matches!(error.decision(), Decision::Wait(_)), "{error:?}");
    drop(body);
    tarball(&npm, &wire).await.expect("the place came back");
}

#[tokio::test]
async fn a_slow_reader_does_not_make_upstream_look_slow() {
    let mut left = 40;
    let wire = Wire::start(move |_| {
        let next = move || {
            left -= 1;
            (left > 0).then(|| vec![b'x'; 1 << 20])
        };
        vec![
            Act::Send(head("200 OK", &[], Some(39 << 20))),
            Act::Stream(Box::new(next)),
        ]
    });
    let mut config = config();
    config.timeouts.silence = Duration::from_millis(200);
    config.timeouts.rate_window = Duration::from_millis(200);
    config.timeouts.min_bytes_per_second = 50 << 20;
    let npm = upstreams(config).registry(&registry_of(&wire));
    let mut stream = tarball(&npm, &wire).await.expect("an answer").stream;
    let mut received = 0;
    let mut pauses = 0;
    while let Some(piece) = stream.next().await {
        received += piece.expect("fast enough").len();
        if received > (pauses + 1) * (10 << 20) {
            pauses += 1;
            // Not a wait for a condition: the pause is the reader's slowness under test.
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
    assert_eq!((received, pauses), (39 << 20, 3));
}
