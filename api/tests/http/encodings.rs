//! Documents in br and zstd: made for whoever asks twice, and the same document as in gzip.

use std::{io::Read, path::PathBuf, time::Duration};

use serde_json::Value;
use weir_api::Settings;
use weir_domain::PublicBase;
use weir_store::{
    clock,
    documents::{self, Document},
};
use weir_testkit::{client::Reply, until};

use crate::{
    packages::package,
    server::{Server, name, plain},
};

/// What pnpm 12 sends, what Berry sends, what bun sends.
const ZSTD: &str = "zstd,gzip,deflate";
const BROTLI: &str = "gzip, deflate, br";
const EVERYTHING: &str = "gzip, deflate, br, zstd";

const SHORT: &str = "application/vnd.npm.install-v1+json";
const SOON: Duration = Duration::from_secs(20);

impl Server {
    /// Returns the document of `a` that is stored in this encoding.
    async fn stored_in(&self, encoding: &str) -> Option<Document> {
        let base = PublicBase::parse(&self.url("")).expect("a base");
        let (db, kind) = (self.content.db.read(), ("full", encoding));
        let now = clock::now(db).await.expect("a clock");
        let found = documents::find(db, &name("a"), kind, &base, now).await;
        let document = found.expect("readable").expect("there").document;
        document.filter(|document| document.encoding == encoding)
    }

    async fn ask_in(&self, path: &str, encodings: &str) -> Reply {
        let call = self.get(path).header("accept-encoding", encodings);
        call.send().await.expect("answered")
    }

    /// Asks until it comes in this encoding.
    async fn ask_until_in(&self, path: &str, encodings: &str, encoding: &str) -> Reply {
        until(format!("{path} in {encoding}"), SOON, async || {
            let reply = self.ask_in(path, encodings).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let is_in = reply.header("content-encoding").to_owned();
            if is_in == encoding {
                Ok(reply)
            } else {
                Err(is_in)
            }
        })
        .await
    }
}

fn document(reply: &Reply) -> Value {
    let body = &reply.body[..];
    let mut text = Vec::new();
    match reply.header("content-encoding") {
        "br" => brotli::Decompressor::new(body, 4096).read_to_end(&mut text),
        "zstd" => zstd::stream::read::Decoder::new(body).and_then(|mut d| d.read_to_end(&mut text)),
        "gzip" => flate2::read::GzDecoder::new(body).read_to_end(&mut text),
        _ => (&mut &body[..]).read_to_end(&mut text),
    }
    .expect("whole");
    serde_json::from_slice(&text).expect("JSON")
}

#[tokio::test]
async fn what_is_asked_for_twice_comes_in_the_encoding_that_is_wanted() {
    for cache_bytes in [0, 1 << 20] {
        let server = Server::with(Settings {
            cache_bytes,
            ..plain()
        })
        .await;
        package("@s/a").version("1.0.0", "x").publish(&server).await;
        let plain = server.fetch("/@s%2fa").await;
        for (wanted, encoding) in [(BROTLI, "br"), (ZSTD, "zstd")] {
            for _ in 0..2 {
                let first = server.ask_in("/@s%2fa", wanted).await;
                assert_eq!(first.header("content-encoding"), "gzip", "nobody waits");
            }
            let reply = server.ask_until_in("/@s%2fa", wanted, encoding).await;
            assert_eq!(document(&reply), plain.json());
            for header in ["etag", "last-modified", "vary", "cache-control"] {
                assert_eq!(reply.header(header), plain.header(header), "{header}");
            }
            assert_eq!(reply.header("vary"), "accept, accept-encoding");
            let length = reply.body.len().to_string();
            assert_eq!(reply.header("content-length"), length);
            assert_eq!(reply.header("content-type"), "application/json");
            let known = server.get("/@s%2fa").header("accept-encoding", wanted);
            let known = known.header("if-none-match", reply.header("etag"));
            assert_eq!(known.send().await.expect("answered").status, 304);
        }
        let both = server.ask_in("/@s%2fa", EVERYTHING).await;
        assert_eq!(both.header("content-encoding"), "br", "it is smaller");
        let gzip = server.ask_in("/@s%2fa", "gzip").await;
        assert_eq!(gzip.header("content-encoding"), "gzip");
        assert_eq!(document(&gzip), plain.json());
    }
}

#[tokio::test]
async fn who_takes_nothing_else_gets_a_document_as_it_is_until_it_is_made() {
    let server = Server::start().await;
    package("a").version("1.0.0", "x").publish(&server).await;
    let first = server.ask_in("/a", "br").await;
    assert_eq!(first.header("content-encoding"), "");
    let made = server.ask_until_in("/a", "br", "br").await;
    assert_eq!(document(&made), document(&first));
}

#[tokio::test]
async fn each_form_is_asked_for_by_itself_and_a_304_asks_for_nothing() {
    let server = Server::start().await;
    package("a").version("1.0.0", "x").publish(&server).await;
    let etag = server.fetch("/a").await.header("etag").to_owned();
    for _ in 0..4 {
        let call = server.get("/a").header("accept-encoding", BROTLI);
        let reply = call.header("if-none-match", &etag).send().await;
        assert_eq!(reply.expect("answered").status, 304);
    }
    let short = async || {
        let call = server.get("/a").header("accept", SHORT);
        let call = call.header("accept-encoding", BROTLI);
        call.send().await.expect("answered")
    };
    until("the abbreviated form", SOON, async || {
        short().await.header("content-encoding") == "br"
    })
    .await;
    let once = server.ask_in("/a", BROTLI).await;
    assert_eq!(once.header("content-encoding"), "gzip", "asked for once");
    assert_eq!(server.stored_in("br").await, None);
}

#[tokio::test]
async fn a_change_takes_what_was_made_along() {
    let server = Server::start().await;
    package("a").version("1.0.0", "x").publish(&server).await;
    for _ in 0..2 {
        server.ask_in("/a", BROTLI).await;
    }
    let before = server.ask_until_in("/a", BROTLI, "br").await;
    package("a")
        .version("1.0.0", "x")
        .version("1.0.1", "y")
        .publish(&server)
        .await;
    let after = server.ask_in("/a", BROTLI).await;
    assert_eq!(after.header("content-encoding"), "gzip");
    assert_eq!(server.stored_in("br").await, None);
    assert_ne!(after.header("etag"), before.header("etag"));
    let again = server.ask_until_in("/a", BROTLI, "br").await;
    assert!(document(&again)["versions"]["1.0.1"].is_object());
    assert_eq!(again.header("etag"), after.header("etag"));
}

#[tokio::test]
async fn a_damaged_document_is_made_anew() {
    let server = Server::with(Settings {
        cache_bytes: 0,
        ..plain()
    })
    .await;
    package("a").version("1.0.0", "x").publish(&server).await;
    server.ask_in("/a", ZSTD).await;
    let whole = server.ask_until_in("/a", ZSTD, "zstd").await;
    let blob = server.stored_in("zstd").await.expect("made").digest;
    let is_it = |file: &PathBuf| file.ends_with(blob.to_string());
    let file = server
        .blob_files()
        .into_iter()
        .find(is_it)
        .expect("its file");
    std::fs::write(file, b"x".repeat(whole.body.len())).expect("written");
    let reply = server.ask_in("/a", ZSTD).await;
    assert_eq!(reply.status, 200);
    assert_eq!(document(&reply), document(&whole));
    let again = server.ask_until_in("/a", ZSTD, "zstd").await;
    assert_eq!(document(&again), document(&whole));
}
