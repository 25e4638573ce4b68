//! Tarballs: three paths, ranges, HEAD, and the headers that let clients keep them.

use bytes::Bytes;
use weir_domain::Timestamp;
use weir_store::{
    packages::{self, Flip},
    versions,
};
use weir_testkit::client::{Call, Reply};

use crate::{packages::package, server::Server};

async fn sent(call: Call) -> Reply {
    call.send().await.expect("answered")
}

/// More than is kept in memory, and not the same everywhere.
fn large() -> Bytes {
    (0..3_000_000_u32).map(|n| (n % 251) as u8).collect()
}

#[tokio::test]
async fn a_tarball_is_found_by_every_path() {
    let server = Server::start().await;
    package("@s/n")
        .version("1.0.0-rc.1", "bytes")
        .publish(&server)
        .await;
    package("n")
        .version("1.0.0", "bytes")
        .publish(&server)
        .await;
    for path in [
        "/@s/n/-/n-1.0.0-rc.1.tgz",
        "/@s%2fn/-/n-1.0.0-rc.1.tgz",
        "/@s/n/-/@s/n-1.0.0-rc.1.tgz",
        "/@s%2fn/-/@s%2fn-1.0.0-rc.1.tgz",
        "/@s/n/download/n-1.0.0-rc.1.tgz",
        "/n/-/n-1.0.0.tgz",
        "/n/download/n-1.0.0.tgz",
    ] {
        let reply = server.fetch(path).await;
        assert_eq!(
            (reply.status, &reply.body[..]),
            (200, &b"bytes"[..]),
            "{path}"
        );
        assert_eq!(reply.header("content-type"), "application/octet-stream");
        assert_eq!(
            reply.header("cache-control"),
            "public, immutable, max-age=31536000"
        );
        let etag = reply.header("etag");
        assert_eq!((etag.len(), &etag[..1]), (66, "\""), "strong: {etag}");
        assert_eq!(reply.header("content-encoding"), "");
    }
    for path in [
        "/n/-/n-2.0.0.tgz",
        "/n/-/m-1.0.0.tgz",
        "/n/-/@s/n-1.0.0.tgz",
        "/@s/n/-/@t/n-1.0.0-rc.1.tgz",
        "/m/-/m-1.0.0.tgz",
        "/n/-/..%2f..%2fetc%2fpasswd",
        "/n/-/n-1.0.0.tgz%00",
    ] {
        assert_eq!(server.fetch(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn parts_of_small_and_large_tarballs_are_sent_alike() {
    let server = Server::start().await;
    let bytes = [Bytes::from_static(b"0123456789"), large()];
    package("a")
        .version("1.0.0", bytes[0].clone())
        .version("2.0.0", bytes[1].clone())
        .publish(&server)
        .await;
    for (path, bytes) in ["/a/-/a-1.0.0.tgz", "/a/-/a-2.0.0.tgz"]
        .into_iter()
        .zip(bytes)
    {
        let size = bytes.len();
        // Twice: from the store, then as the shelf knows it.
        for _ in 0..2 {
            let whole = server.fetch(path).await;
            assert!(whole.body == bytes, "{path}");
            assert_eq!(whole.header("content-length"), size.to_string());
            assert_eq!(whole.header("accept-ranges"), "bytes");
        }
        let part = sent(server.get(path).header("range", "bytes=2-4")).await;
        assert_eq!((part.status, &part.body[..]), (206, &bytes[2..5]));
        assert_eq!(part.header("content-range"), format!("bytes 2-4/{size}"));
        assert_eq!(part.header("content-length"), "3");
        let rest = sent(
            server
                .get(path)
                .header("range", &format!("bytes={}-", size - 3)),
        )
        .await;
        assert_eq!((rest.status, &rest.body[..]), (206, &bytes[size - 3..]));
        let outside = sent(server.get(path).header("range", &format!("bytes={size}-"))).await;
        assert_eq!(outside.status, 416);
        assert_eq!(outside.header("content-range"), format!("bytes */{size}"));
        assert_eq!(
            outside.json()["error"].as_str().map(|text| &text[..23]),
            Some("[RANGE_NOT_SATISFIABLE]")
        );
        let head = sent(Call::new(http::Method::HEAD, server.url(path))).await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("content-length"), size.to_string());
        let parted = Call::new(http::Method::HEAD, server.url(path)).header("range", "bytes=2-4");
        let parted = sent(parted).await;
        assert_eq!(parted.status, 200, "only GET has parts");
        assert_eq!(parted.header("content-length"), size.to_string());
        let etag = head.header("etag").to_owned();
        let known = sent(server.get(path).header("if-none-match", &etag)).await;
        assert_eq!((known.status, known.body.len()), (304, 0));
        let resumed = server
            .get(path)
            .header("range", "bytes=1-")
            .header("if-range", &etag);
        assert_eq!(sent(resumed).await.status, 206);
        let other = server
            .get(path)
            .header("range", "bytes=1-")
            .header("if-range", "\"x\"");
        assert_eq!(sent(other).await.status, 200);
    }
}

#[tokio::test]
async fn a_quarantined_version_is_not_there() {
    let server = Server::start().await;
    let made = package("a")
        .version("1.0.0", "x")
        .version("2.0.0", "y")
        .publish(&server)
        .await;
    let marked = server.content.db.write(move |tx| {
        Box::pin(async move {
            let version = weir_domain::Version::parse("2.0.0").expect("a version");
            let package = packages::find(&**tx, &made.name).await?.expect("made");
            let (next, why) = (package.revision + 1, Some("bad bytes"));
            versions::stage_quarantine(tx, package.id, next, (&version, why)).await?;
            let flip = Flip {
                package: package.id,
                name: package.name,
                from_revision: package.revision,
                policy_generation: package.policy_generation,
                head: package.head,
                upstream: package.upstream,
            };
            packages::flip(tx, &flip, &[], Timestamp(1)).await
        })
    });
    marked.await.expect("marked");
    assert_eq!(server.fetch("/a/-/a-2.0.0.tgz").await.status, 404);
    assert_eq!(server.fetch("/a/2.0.0").await.status, 404);
    assert_eq!(server.fetch("/a/-/a-1.0.0.tgz").await.status, 200);
}
