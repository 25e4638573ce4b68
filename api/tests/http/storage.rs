//! What is stored, as administrators see it; and damaged bytes, which nobody sees.

use std::{fs, time::Duration};

use http::Method;
use serde_json::{Value, json};
use weir_testkit::{
    PackageSpec, StandIn,
    client::{Call, Reply},
    until,
};

use crate::{
    packages::{package, publish_lazily},
    server::{ADMIN, ALICE, Server},
};

const SOON: Duration = Duration::from_secs(20);

async fn post(server: &Server, token: &str, path: &str, body: &Value) -> Reply {
    let call = Call::new(Method::POST, server.url(path));
    let reply = call.bearer(token).json(body).send().await;
    reply.expect("answered")
}

async fn storage(server: &Server) -> Value {
    let reply = server.get("/-/admin/storage").bearer(ADMIN).send().await;
    let reply = reply.expect("answered");
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[tokio::test]
async fn administrators_have_blobs_verified_and_collected() {
    let server = Server::start().await;
    for (path, body, kind, target) in [
        ("/-/admin/verify", json!({}), "verify_blobs", "blobs"),
        (
            "/-/admin/verify",
            json!({"packages": ["left-pad"], "repair": true}),
            "verify_blobs",
            "left-pad",
        ),
        (
            "/-/admin/collect",
            json!({"dryRun": true}),
            "collect_blobs",
            "blobs",
        ),
    ] {
        assert_eq!(post(&server, ALICE, path, &body).await.status, 403);
        let reply = post(&server, ADMIN, path, &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        let id = reply.json()["id"].as_str().expect("an id").to_owned();
        let again = post(&server, ADMIN, path, &body).await.json();
        assert_eq!(again["id"], id, "one that has not begun is joined");
        let task = server
            .get(&format!("/syncs/{id}"))
            .bearer(ADMIN)
            .send()
            .await;
        let task = task.expect("answered").json();
        assert_eq!(
            (&task["kind"], &task["target"]),
            (&json!(kind), &json!(target))
        );
    }
    for body in [
        json!({"packages": "left-pad"}),
        json!({"packages": ["../x"]}),
        json!({"repair": 1}),
    ] {
        let reply = post(&server, ADMIN, "/-/admin/verify", &body).await;
        assert_eq!(reply.status, 422, "{body}");
    }
}

#[tokio::test]
async fn damaged_bytes_are_not_served_but_mended_and_reported() {
    let server = Server::start().await;
    let spec = PackageSpec::new("held").version("1.0.0", |version| version.size(3_000));
    let large = PackageSpec::new("large").version("1.0.0", |version| version.size(3_000_000));
    let stand_in = StandIn::start([spec, large]).await;
    for name in ["held", "large"] {
        publish_lazily(&server, &stand_in, name).await;
    }
    assert_eq!(storage(&server).await["damaged"], json!([]));
    for name in ["held", "large"] {
        let path = format!("/{name}/-/{name}-1.0.0.tgz");
        let whole = stand_in.tarball_of(name, "1.0.0").bytes;
        let known: Vec<_> = server.blob_files();
        assert!(server.fetch(&path).await.body == whole);
        until("it to be held", SOON, async || {
            server.blob_files().len() > known.len()
        })
        .await;
        let file = server
            .blob_files()
            .into_iter()
            .find(|file| !known.contains(file));
        let file = file.expect("just stored");
        // Another process than the one that stored it: it never saw the bytes.
        let other = server.another().await;
        fs::write(&file, vec![b'x'; whole.len()]).expect("written");
        for range in [None, Some("bytes=0-9")] {
            let call = other.get(&path);
            let call = match range {
                Some(range) => call.header("range", range),
                None => call,
            };
            let reply = call.send().await.expect("answered");
            let expected = if range.is_some() {
                &whole[..10]
            } else {
                &whole[..]
            };
            assert!(
                reply.body == *expected,
                "{name} {range:?}: {}",
                reply.status
            );
        }
        until("the first process to forget", SOON, async || {
            server.fetch(&path).await.body == whole
        })
        .await;
    }
    let damaged = storage(&server).await["damaged"].to_string();
    for name in ["held", "large"] {
        assert!(
            damaged.contains(&format!("tarball of {name}@1.0.0")),
            "{damaged}"
        );
    }
}

#[tokio::test]
async fn a_damaged_document_is_rendered_anew() {
    let server = Server::start().await;
    package("shown")
        .version("1.0.0", "bytes")
        .publish(&server)
        .await;
    for file in server.blob_files() {
        let len = fs::metadata(&file).expect("there").len();
        fs::write(&file, vec![b'x'; usize::try_from(len).expect("small")]).expect("written");
    }
    for _ in 0..2 {
        let packument = server.fetch("/shown").await;
        assert_eq!(packument.status, 200, "{}", packument.text());
        assert_eq!(packument.json()["name"], "shown");
    }
    let damaged = storage(&server).await["damaged"].to_string();
    assert!(damaged.contains("document of shown"), "{damaged}");
}

#[tokio::test]
async fn a_task_that_is_gone_is_not_found_nor_is_its_log() {
    let server = Server::start().await;
    let gone = "018f0000-0000-7000-8000-000000000000";
    for path in [
        format!("/syncs/{gone}"),
        format!("/syncs/{gone}/log"),
        format!("/syncs/{gone}/log?follow=true"),
        format!("/-/package/x/syncs/{gone}/log"),
    ] {
        assert_eq!(server.fetch(&path).await.status, 404, "{path}");
    }
}
