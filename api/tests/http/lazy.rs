//! Tarballs that were not fetched yet: fetched, proven and kept by their first reader.

use bytes::Bytes;
use http::Method;
use weir_testkit::{
    Fault, PackageSpec, StandIn,
    client::{Call, Reply},
};

use crate::{packages::publish_lazily, server::Server};

const PATH: &str = "/a/-/a-1.0.0.tgz";

/// A package whose tarball is larger than what is held back until it is proven.
async fn start() -> (Server, StandIn, Bytes) {
    let spec = PackageSpec::new("a").version("1.0.0", |version| version.size(400_000));
    let stand_in = StandIn::start([spec]).await;
    let server = Server::start().await;
    publish_lazily(&server, &stand_in, "a").await;
    let bytes = stand_in.tarball_of("a", "1.0.0").bytes.clone();
    (server, stand_in, bytes)
}

async fn sent(call: Call) -> Reply {
    call.send().await.expect("answered")
}

#[tokio::test]
async fn the_first_reader_fetches_and_the_next_finds() {
    let (server, stand_in, bytes) = start().await;
    let first = server.fetch(PATH).await;
    assert_eq!((first.status, first.body == bytes), (200, true));
    assert_eq!(first.header("content-length"), bytes.len().to_string());
    assert_eq!(
        first.header("cache-control"),
        "public, immutable, max-age=31536000"
    );
    let second = server.fetch(PATH).await;
    assert!(second.body == bytes);
    assert!(first.header("etag").starts_with('"'), "{:?}", first.headers);
    assert_eq!(
        second.header("etag"),
        first.header("etag"),
        "while it came and once it is here"
    );
    assert_eq!(stand_in.tarball("a", "1.0.0").requests(), 1);
    stand_in.stop().await;
    assert!(
        server.fetch(PATH).await.body == bytes,
        "held, whatever upstream does"
    );
}

#[tokio::test]
async fn head_and_range_wait_for_the_proof() {
    let (server, stand_in, bytes) = start().await;
    let head = sent(Call::new(Method::HEAD, server.url(PATH))).await;
    assert_eq!(head.status, 200);
    let etag = server.fetch(PATH).await.header("etag").to_owned();
    assert_eq!((head.header("etag"), etag.is_empty()), (&*etag, false));
    assert_eq!(head.header("content-length"), bytes.len().to_string());
    let (server, _second, _) = start().await;
    let part = sent(server.get(PATH).header("range", "bytes=10-19")).await;
    assert_eq!((part.status, &part.body[..]), (206, &bytes[10..20]));
    drop(stand_in);
}

#[tokio::test]
async fn a_crowd_of_readers_is_one_fetch() {
    let (server, stand_in, bytes) = start().await;
    let hold = stand_in.tarball("a", "1.0.0").hold();
    let readers = (0..20).map(|_| server.get(PATH).send());
    let release = async {
        stand_in.tarball("a", "1.0.0").wait_for_requests(1).await;
        hold.release();
    };
    let (replies, ()) = tokio::join!(futures::future::join_all(readers), release);
    for reply in replies {
        assert!(reply.expect("answered").body == bytes);
    }
    assert_eq!(stand_in.tarball("a", "1.0.0").requests(), 1);
}

#[tokio::test]
async fn bytes_that_do_not_match_are_never_served_whole_nor_kept() {
    let (server, stand_in, bytes) = start().await;
    for fault in [Fault::Corrupt, Fault::Truncated] {
        stand_in.tarball("a", "1.0.0").once(fault.clone());
        match server.get(PATH).send().await {
            // Nothing was sent yet, so there was room for an error; or the connection broke.
            Ok(reply) => assert!(reply.status >= 500, "{fault:?}: {}", reply.status),
            Err(broken) => assert!(format!("{broken:#}").contains("body"), "{broken:#}"),
        }
    }
    stand_in.tarball("a", "1.0.0").once(Fault::Corrupt);
    let part = sent(server.get(PATH).header("range", "bytes=0-9")).await;
    assert_eq!(
        (part.status, &part.text()[..24]),
        (502, "{\"error\":\"[BAD_GATEWAY] ")
    );
    assert!(
        server.fetch(PATH).await.body == bytes,
        "the right bytes were not held back by it"
    );
}

#[tokio::test]
async fn one_failure_of_the_upstream_is_not_seen() {
    let (server, stand_in, bytes) = start().await;
    stand_in.tarball("a", "1.0.0").once(Fault::status(502));
    let reply = server.fetch(PATH).await;
    assert_eq!((reply.status, reply.body == bytes), (200, true));
    assert_eq!(stand_in.tarball("a", "1.0.0").requests(), 2);
}

#[tokio::test]
async fn an_upstream_that_is_away_is_503_and_one_without_the_file_is_404() {
    let (server, stand_in, _) = start().await;
    stand_in.tarball("a", "1.0.0").always(Fault::not_found());
    let missing = server.fetch(PATH).await;
    assert_eq!(missing.status, 404, "{}", missing.text());
    stand_in.tarball("a", "1.0.0").clear();
    stand_in.tarball("a", "1.0.0").always(Fault::status(500));
    let away = server.fetch(PATH).await;
    assert_eq!(away.status, 503, "{}", away.text());
    assert!(!away.header("retry-after").is_empty());
    let shown = away.json();
    let reason = shown["reason"].as_str().expect("a text");
    assert!(reason.contains(away.header("x-request-id")), "{reason}");
}
