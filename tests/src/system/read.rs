//! Reading packages as clients do.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use weir_testkit::client::Reply;

use super::System;

/// The media type that asks for the abbreviated form.
pub const ABBREVIATED: &str = "application/vnd.npm.install-v1+json";

/// Everything a reader can notice of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Both packuments, as bytes and entity tags.
    pub packuments: Vec<(String, Vec<u8>)>,
    /// Every tarball that was asked for, by version.
    pub tarballs: Vec<(String, Vec<u8>)>,
}

impl System {
    /// Returns the answer to a GET as nobody.
    pub async fn get(&self, path: &str) -> Reply {
        self.call(path).send().await.expect("the server answers")
    }

    /// Returns the full packument.
    pub async fn packument(&self, name: &str) -> Value {
        let reply = self.get(&format!("/{}", name.replace('/', "%2f"))).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    /// Returns the abbreviated packument.
    pub async fn abbreviated(&self, name: &str) -> Value {
        let call = self.call(&format!("/{}", name.replace('/', "%2f")));
        let reply = call
            .header("accept", ABBREVIATED)
            .send()
            .await
            .expect("an answer");
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("content-type"), ABBREVIATED);
        reply.json()
    }

    /// Returns the answer to a GET for a tarball.
    pub async fn tarball(&self, name: &str, version: &str) -> Reply {
        let file = name.rsplit('/').next().expect("a split has a last part");
        self.get(&format!("/{name}/-/{file}-{version}.tgz")).await
    }

    /// Returns what is served of a package: both packuments, and these tarballs.
    pub async fn served(&self, name: &str, versions: &[&str]) -> Served {
        let path = format!("/{}", name.replace('/', "%2f"));
        let mut packuments = Vec::new();
        for (accept, encoding) in [
            ("*/*", "identity"),
            (ABBREVIATED, "identity"),
            ("*/*", "gzip"),
        ] {
            let call = self
                .call(&path)
                .header("accept", accept)
                .header("accept-encoding", encoding);
            let reply = call.send().await.expect("an answer");
            assert_eq!(reply.status, 200, "{name}: {:?}", reply.body);
            packuments.push((reply.header("etag").to_owned(), reply.body.to_vec()));
        }
        let mut tarballs = Vec::new();
        for version in versions {
            let reply = self.tarball(name, version).await;
            assert_eq!(reply.status, 200, "{name}@{version}");
            tarballs.push(((*version).to_owned(), reply.body.to_vec()));
        }
        Served {
            packuments,
            tarballs,
        }
    }

    /// Fails the test unless this tarball is served, byte for byte the upstream's.
    pub async fn assert_tarball(&self, name: &str, version: &str) {
        let reply = self.tarball(name, version).await;
        assert_eq!(reply.status, 200, "{name}@{version}: {:?}", reply.body);
        let expected = self.upstream().tarball_of(name, version).bytes;
        assert_eq!(reply.header("content-length"), expected.len().to_string());
        assert!(
            reply.body == expected,
            "{name}@{version} has other bytes than upstream"
        );
    }
}

/// Returns the decoded body of an answer.
pub fn decoded(reply: &Reply) -> Vec<u8> {
    match reply.header("content-encoding") {
        "" => reply.body.to_vec(),
        "gzip" => {
            let mut plain = Vec::new();
            let read = MultiGzDecoder::new(&reply.body[..]).read_to_end(&mut plain);
            read.expect("the body is gzip");
            plain
        }
        other => panic!("an encoding nobody asked for: {other}"),
    }
}
