//! Packuments, manifests and dist-tags as package managers read them.

use std::io::Read;

use serde_json::{Value, json};
use weir_api::Settings;
use weir_domain::{PublicBase, Timestamp};
use weir_testkit::client::{Call, Reply};

use crate::{
    packages::{MODIFIED, package},
    server::{Server, plain},
};

const SHORT: &str = "application/vnd.npm.install-v1+json";

async fn sent(call: Call) -> Reply {
    call.send().await.expect("answered")
}

fn unzipped(reply: &Reply) -> Value {
    assert_eq!(reply.header("content-encoding"), "gzip");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&reply.body[..])
        .read_to_string(&mut text)
        .expect("gzip");
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test]
async fn four_spellings_of_a_scoped_name_are_one_package() {
    let server = Server::start().await;
    package("@s/n").version("1.0.0", "x").publish(&server).await;
    for path in [
        "/@s/n",
        "/@s%2fn",
        "/@s%2Fn",
        "/%40s%2fn",
        "/%40s/n",
        "/-/pkg/@s/n",
        "/-/pkg/@s%2fn",
    ] {
        let reply = server.fetch(path).await;
        assert_eq!(
            (reply.status, &reply.json()["name"]),
            (200, &json!("@s/n")),
            "{path}"
        );
    }
    for path in [
        "/@s/n/1.0.0",
        "/@s%2fn/1.0.0",
        "/%40s/n/latest",
        "/@s/n/%5E1",
        "/@s/n/1.x",
    ] {
        let reply = server.fetch(path).await;
        assert_eq!(
            (reply.status, &reply.json()["version"]),
            (200, &json!("1.0.0")),
            "{path}"
        );
    }
    assert_eq!(
        server.fetch("/-/package/@s/n/dist-tags").await.json(),
        json!({"latest": "1.0.0"})
    );
}

#[tokio::test]
async fn each_form_has_its_type_and_tag_and_both_have_every_time() {
    let server = Server::start().await;
    package("a").version("1.0.0", "x").publish(&server).await;
    let full = server.fetch("/a").await;
    let short = sent(server.get("/a").header("accept", SHORT)).await;
    assert_eq!(full.header("content-type"), "application/json");
    assert_eq!(short.header("content-type"), SHORT);
    assert_ne!(full.header("etag"), short.header("etag"));
    for reply in [&full, &short] {
        assert!(
            reply.header("etag").starts_with("W/\""),
            "{}",
            reply.header("etag")
        );
        assert_eq!(reply.header("vary"), "accept, accept-encoding");
        assert_eq!(reply.header("cache-control"), "public, max-age=0");
        let changed = Timestamp::parse_http_date(reply.header("last-modified"));
        assert!(
            changed > Timestamp::parse(MODIFIED),
            "what is shown changed here, after it did upstream: {changed:?}"
        );
        assert_eq!(reply.header("content-length"), reply.body.len().to_string());
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert_eq!(reply.json()["time"]["1.0.0"], MODIFIED);
    }
    let shown = full.json();
    assert_eq!(shown["readme"], "# Read me");
    assert_eq!(shown["versions"]["1.0.0"]["odd"], json!([1, {"x": null}]));
    let tarball = shown["versions"]["1.0.0"]["dist"]["tarball"]
        .as_str()
        .expect("a URL");
    assert_eq!(tarball, server.url("/a/-/a-1.0.0.tgz"));
    assert!(short.json().get("readme").is_none());
}

#[tokio::test]
async fn gzip_is_the_same_document_under_the_same_tag_with_and_without_memory() {
    for cache_bytes in [0, 1 << 20] {
        let server = Server::with(Settings {
            cache_bytes,
            ..plain()
        })
        .await;
        package("a").version("1.0.0", "x").publish(&server).await;
        for accept in ["application/json", SHORT] {
            // Twice: from the store, then (if there is room) from memory.
            for _ in 0..2 {
                let call = || server.get("/a").header("accept", accept);
                let plain = sent(call()).await;
                let zipped = sent(call().header("accept-encoding", "gzip, deflate")).await;
                assert_eq!(unzipped(&zipped), plain.json());
                assert_eq!(zipped.header("etag"), plain.header("etag"));
                assert_eq!(
                    zipped.header("content-length"),
                    zipped.body.len().to_string()
                );
                assert_eq!(plain.header("content-length"), plain.body.len().to_string());
                assert_eq!(plain.header("content-encoding"), "");
                let head = Call::new(http::Method::HEAD, server.url("/a")).header("accept", accept);
                assert_eq!(
                    sent(head).await.header("content-length"),
                    plain.body.len().to_string()
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_unchanged_is_a_304_and_head_is_get_without_a_body() {
    let server = Server::start().await;
    package("a").version("1.0.0", "x").publish(&server).await;
    let first = server.fetch("/a").await;
    let etag = first.header("etag").to_owned();
    let conditions = [
        ("if-none-match", etag.as_str()),
        ("if-none-match", "\"x\", *"),
        ("if-modified-since", first.header("last-modified")),
    ];
    for path in ["/a", "/a/latest"] {
        let etag = server.fetch(path).await.header("etag").to_owned();
        let reply = sent(server.get(path).header("if-none-match", &etag)).await;
        assert_eq!((reply.status, reply.body.len()), (304, 0), "{path}");
        assert_eq!(reply.header("etag"), etag);
    }
    for (name, value) in conditions {
        for _ in 0..2 {
            let reply = sent(server.get("/a").header(name, value)).await;
            assert_eq!(
                (reply.status, reply.body.len()),
                (304, 0),
                "{name}: {value}"
            );
            assert_eq!(reply.header("vary"), "accept, accept-encoding");
        }
    }
    for path in [
        "/a",
        "/a/1.0.0",
        "/-/package/a/dist-tags",
        "/-/ping",
        "/",
        "/nothing",
    ] {
        let get = server.fetch(path).await;
        let head = sent(Call::new(http::Method::HEAD, server.url(path))).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        for name in ["content-type", "content-length", "etag", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn a_new_revision_is_seen_at_once() {
    let server = Server::start().await;
    package("a").version("1.0.0", "x").publish(&server).await;
    for number in ["1.1.0", "1.2.0"] {
        let before = server.fetch("/a").await;
        package("a")
            .version("1.0.0", "x")
            .version(number, "y")
            .publish(&server)
            .await;
        let after = server.fetch("/a").await;
        assert_ne!(before.header("etag"), after.header("etag"));
        assert!(after.json()["versions"].get(number).is_some());
    }
}

#[tokio::test]
async fn a_version_is_found_by_number_tag_and_range() {
    let server = Server::start().await;
    package("a")
        .version("1.0.0", "x")
        .version("1.5.0", "x")
        .version("2.0.0", "x")
        .version("3.0.0-rc.1", "x")
        .tag("latest", "1.5.0")
        .tag("next", "3.0.0-rc.1")
        .tag("2", "1.0.0")
        .publish(&server)
        .await;
    let table = [
        ("1.0.0", Some("1.0.0")),
        ("latest", Some("1.5.0")),
        ("next", Some("3.0.0-rc.1")),
        ("^1.0.0", Some("1.5.0")),
        (">=1.0.0", Some("1.5.0")),
        (">1.5.0", Some("2.0.0")),
        ("2", Some("1.0.0")),
        ("*", Some("1.5.0")),
        ("^9", None),
        ("9.9.9", None),
        ("beta", None),
        ("file:..", None),
    ];
    for (spec, expected) in table {
        let path = format!("/a/{}", spec.replace('^', "%5E").replace('>', "%3E"));
        let reply = server.fetch(&path).await;
        match expected {
            Some(version) => assert_eq!(reply.json()["version"], version, "{spec}"),
            None => assert_eq!(
                (reply.status, reply.json()["error"].as_str().is_some()),
                (404, true),
                "{spec}"
            ),
        }
    }
}

#[tokio::test]
async fn literal_segments_beside_a_version_are_still_versions() {
    let server = Server::start().await;
    package("a")
        .version("1.0.0", "x")
        .tag("sync", "1.0.0")
        .publish(&server)
        .await;
    assert_eq!(server.fetch("/a/sync").await.json()["version"], "1.0.0");
    package("api").version("1.0.0", "x").publish(&server).await;
    assert_eq!(server.fetch("/api").await.json()["name"], "api");
    assert_eq!(server.fetch("/api/1.0.0").await.json()["name"], "api");
    package("syncs")
        .version("1.0.0", "x")
        .publish(&server)
        .await;
    assert_eq!(server.fetch("/-/pkg/syncs").await.json()["name"], "syncs");
    assert!(server.fetch("/syncs").await.json().get("data").is_some());
}

#[tokio::test]
async fn every_public_base_has_its_own_document() {
    let settings = Settings {
        public_urls: vec![
            PublicBase::parse("https://npm.example/mirror").expect("a base"),
            PublicBase::parse("http://other.example").expect("a base"),
        ],
        ..plain()
    };
    let server = Server::with(settings).await;
    package("@s/n").version("1.0.0", "x").publish(&server).await;
    let port = server.address.port();
    let table = [
        (
            "npm.example",
            "/mirror/@s/n",
            "https://npm.example/mirror".to_owned(),
        ),
        (
            "npm.example",
            "/@s/n",
            "https://npm.example/mirror".to_owned(),
        ),
        ("other.example", "/@s/n", "http://other.example".to_owned()),
        (
            "stranger.example",
            "/@s/n",
            "https://npm.example/mirror".to_owned(),
        ),
        (
            "localhost",
            "/@s/n",
            "https://npm.example/mirror".to_owned(),
        ),
    ];
    let tarball = |reply: &Reply| {
        let url = &reply.json()["versions"]["1.0.0"]["dist"]["tarball"];
        url.as_str().map(str::to_owned).expect("a URL")
    };
    for (host, path, base) in table {
        // Twice: rendered, then from memory.
        for _ in 0..2 {
            let reply = server.ask(host, path).await;
            assert_eq!(
                tarball(&reply),
                format!("{base}/@s/n/-/n-1.0.0.tgz"),
                "{host}{path}"
            );
        }
    }
    let document = server
        .ask("npm.example", "/mirror/-/openapi.json")
        .await
        .json();
    assert_eq!(document["servers"][0]["url"], "/mirror");
    let redirect = server.ask("npm.example", "/mirror/docs").await;
    assert_eq!(redirect.header("location"), "/mirror/-/docs");
    let local = server.ask(&format!("localhost:{port}"), "/@s/n").await;
    assert_eq!(
        tarball(&local),
        format!("http://localhost:{port}/@s/n/-/n-1.0.0.tgz")
    );
}

#[tokio::test]
async fn the_names_of_our_pages_are_packages_first() {
    let server = Server::start().await;
    for (path, target) in [("/docs", "/-/docs"), ("/openapi.json", "/-/openapi.json")] {
        let reply = server.fetch(path).await;
        assert_eq!((reply.status, reply.header("location")), (302, target));
        let npm = sent(server.get(path).header("npm-command", "install")).await;
        assert_eq!(npm.status, 404, "a package manager is told the truth");
    }
    package("docs").version("1.0.0", "x").publish(&server).await;
    assert_eq!(server.fetch("/docs").await.json()["name"], "docs");
}

#[tokio::test]
async fn other_sites_may_read_what_anybody_may_and_no_more() {
    let server = Server::start().await;
    let preflight = |method: &str| {
        Call::new(http::Method::OPTIONS, server.url("/a"))
            .header("origin", "https://site.example")
            .header("access-control-request-method", method)
    };
    let reply = sent(preflight("GET")).await;
    assert_eq!(
        (reply.status, reply.header("access-control-allow-origin")),
        (204, "*")
    );
    let reply = sent(preflight("PUT")).await;
    assert_eq!(
        (reply.status, reply.header("access-control-allow-origin")),
        (405, "")
    );
    let signed = sent(server.get("/-/whoami").bearer(crate::server::ALICE)).await;
    assert_eq!(
        (signed.status, signed.header("access-control-allow-origin")),
        (200, "")
    );
}
