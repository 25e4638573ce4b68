//! What is read from a document, and which documents are refused.

use std::collections::{BTreeMap, HashSet};

use weir_domain::{
    Decision, Retryable, Timestamp, Version, packument::PackumentOutline, task::ErrorCode,
};
use weir_upstream::{PackumentReply, UpstreamError, Validators};

use crate::{
    setup::{config, fetch, gzip, manifest, name, npm, outline, packument, registry_of, upstreams},
    wire::{Act, Wire, reply},
};

fn serving(document: &str) -> Wire {
    Wire::saying(reply("200 OK", &[], document.as_bytes()))
}

async fn refusal(document: &str) -> UpstreamError {
    let wire = serving(document);
    outline(&npm(&wire)).await.expect_err("refused")
}

#[tokio::test]
async fn an_outline_holds_everything_but_the_versions_text() {
    let document =
        packument(3, 10).replace(r#""readme""#, r#""maintainers":[{"name":"x"}],"readme""#);
    let wire = Wire::saying(reply(
        "200 OK",
        &[
            ("content-encoding", "gzip"),
            ("etag", "\"e1\""),
            ("last-modified", "Fri, 02 Jan 2026 03:04:05 GMT"),
        ],
        &gzip(document.as_bytes()),
    ));
    let fetched = fetch(&npm(&wire), "a").await.expect("fetched");
    let outline = fetched.outline().await.expect("an outline");
    assert_eq!(fetched.validators().etag.as_deref(), Some("\"e1\""));
    assert_eq!(
        fetched.received_bytes(),
        gzip(document.as_bytes()).len() as u64
    );
    assert_eq!(outline.name.as_deref(), Some("a"));
    assert_eq!(outline.revision.as_deref(), Some("7-x"));
    assert_eq!(
        outline.modified,
        Timestamp::parse("2026-01-02T03:04:05.678Z")
    );
    assert_eq!(outline.dist_tags["latest"], "1.0.2");
    assert_eq!(outline.time.len(), 2);
    let versions: Vec<_> = outline
        .versions
        .iter()
        .map(|f| f.version.as_str())
        .collect();
    assert_eq!(versions, ["1.0.0", "1.0.1", "1.0.2"]);
    let root: Vec<_> = outline
        .root
        .iter()
        .map(|(k, v)| (k.as_str(), v.get()))
        .collect();
    assert_eq!(
        root,
        [
            ("maintainers", r#"[{"name":"x"}]"#),
            ("readme", r#""hello""#)
        ]
    );
    let seen = &wire.seen()[0];
    assert_eq!(seen.path(), "/a");
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert_eq!(seen.header("accept-encoding"), Some("gzip"));
    assert!(
        seen.header("user-agent")
            .is_some_and(|agent| agent.starts_with("weir/"))
    );
    assert_eq!(seen.header("authorization"), None);
}

#[tokio::test]
async fn a_scoped_name_is_asked_for_as_one_segment() {
    let wire = serving("{}");
    fetch(&npm(&wire), "@s/JSON'x").await.expect("fetched");
    assert_eq!(wire.seen()[0].path(), "/@s%2fJSON'x");
}

#[tokio::test]
async fn an_unchanged_document_is_not_sent_again() {
    let wire = Wire::start(|seen| {
        let is_known = seen.header("if-none-match") == Some("W/\"e1\"")
            && seen.header("if-modified-since").is_some();
        let status = if is_known {
            "304 Not Modified"
        } else {
            "500 Oops"
        };
        vec![Act::Send(reply(status, &[("etag", "W/\"e1\"")], b""))]
    });
    let validators = Validators {
        etag: Some("W/\"e1\"".to_owned()),
        last_modified: Some("Fri, 02 Jan 2026 03:04:05 GMT".to_owned()),
    };
    let reply = npm(&wire).packument(&name("a"), &validators, |_| {}).await;
    assert!(
        matches!(reply, Ok(PackumentReply::NotModified)),
        "{reply:?}"
    );
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_refused() {
    let wire = Wire::saying(reply("304 Not Modified", &[], b""));
    let error = fetch(&npm(&wire), "a").await.expect_err("refused");
    assert_eq!(error.code(), ErrorCode::UpstreamInvalid);
}

#[tokio::test]
async fn manifests_come_in_document_order_and_bounded_batches() {
    let document = packument(1_203, 20);
    let wire = serving(&document);
    let fetched = fetch(&npm(&wire), "a").await.expect("fetched");
    let outline = fetched.outline().await.expect("an outline");
    let wanted: HashSet<Version> = outline.versions.iter().map(|f| f.version.clone()).collect();
    let mut batches = fetched.manifests(wanted);
    let (mut sizes, mut texts) = (Vec::new(), Vec::new());
    while let Some(batch) = batches.next().await {
        let batch = batch.expect("readable");
        sizes.push(batch.len());
        texts.extend(batch.into_iter().map(|(_, raw)| raw));
    }
    assert_eq!(sizes, [500, 500, 203]);
    assert_eq!(texts[0], manifest("1.0.0", 20));
    assert_eq!(texts[1_202], manifest("1.0.1202", 20));
}

#[tokio::test]
async fn only_wanted_manifests_are_read_and_large_ones_come_alone() {
    let wire = serving(&packument(60, 200_000).replace("up.example", "x.example"));
    let mut config = config();
    config.sizes.packument_bytes = 64 << 20;
    let npm = upstreams(config).registry(&registry_of(&wire));
    let fetched = fetch(&npm, "a").await.expect("fetched");
    let version = |n: usize| Version::parse(&format!("1.0.{n}")).expect("valid");
    let wanted = (0..50)
        .map(version)
        .chain([Version::parse("9.9.9").expect("valid")]);
    let mut batches = fetched.manifests(wanted.collect());
    let mut sizes = Vec::new();
    while let Some(batch) = batches.next().await {
        sizes.push(batch.expect("readable").len());
    }
    assert_eq!(sizes, [20, 20, 10]);
}

#[tokio::test]
async fn a_document_beyond_memory_is_read_from_its_file() {
    let document = packument(500, 7_000);
    let wire = serving(&document);
    let fetched = fetch(&npm(&wire), "a").await.expect("fetched");
    assert_eq!(fetched.received_bytes(), document.len() as u64);
    let (one, two) = tokio::join!(fetched.outline(), fetched.outline());
    let digests = |outline: PackumentOutline| -> Vec<_> {
        outline
            .versions
            .iter()
            .map(|f| f.canonical_digest)
            .collect()
    };
    let mut config = config();
    config.sizes.spool_memory_bytes = document.len();
    let in_memory = outline(&upstreams(config).registry(&registry_of(&wire))).await;
    let expected = digests(in_memory.expect("from memory"));
    assert_eq!(expected.len(), 500);
    assert_eq!(digests(one.expect("from the file")), expected);
    assert_eq!(digests(two.expect("from the file, at once")), expected);
    let folder = crate::setup::config().spool_folder;
    let left = std::fs::read_dir(folder).expect("the folder").count();
    assert_eq!(left, 0, "spool files have no names");
}

#[tokio::test]
async fn odd_historical_shapes_are_read() {
    let document = r#" {"name":"a","dist-tags":{"latest":"1.0.0","odd":3,"none":null},
        "time":{"1.0.0":"2020-01-01T00:00:00.000Z","unpublished":{"name":"x"},"odd":[1],"modified":"nonsense"},
        "modified":"2026-01-02T03:04:05Z","readme":"one","readme":"two","_attachments":{"x":1},
        "versions":{"1.0.0":$1,"1.0":{"name":"a"},"__proto__":{},"2.0.0":[],"3.0.0":{"name":"b","version":"3.0.0"}}}"#;
    let wire = serving(&document.replace("$1", &manifest("1.0.0", 0)));
    let outline = outline(&npm(&wire)).await.expect("an outline");
    assert_eq!(
        outline.dist_tags,
        BTreeMap::from([("latest".to_owned(), "1.0.0".to_owned())])
    );
    assert_eq!(outline.time["modified"], "nonsense");
    assert!(!outline.time.contains_key("unpublished") && !outline.time.contains_key("odd"));
    assert_eq!(outline.modified, Timestamp::parse("2026-01-02T03:04:05Z"));
    assert!(!outline.is_unpublished, "it has versions");
    assert_eq!(outline.versions.len(), 1);
    let unreadable: Vec<_> = outline.unreadable.iter().map(|(v, _)| v.as_str()).collect();
    assert_eq!(unreadable, ["1.0", "__proto__", "2.0.0", "3.0.0"]);
    let root: Vec<_> = outline
        .root
        .iter()
        .map(|(k, v)| (k.as_str(), v.get()))
        .collect();
    assert_eq!(
        root,
        [
            ("modified", r#""2026-01-02T03:04:05Z""#),
            ("readme", r#""two""#)
        ]
    );
}

#[tokio::test]
async fn versions_of_any_shape_are_no_versions() {
    for versions in [
        "null", "[]", "[1,{}]", "\"x\"", "7", "1.5", "-1", "true", "{}",
    ] {
        let wire = serving(&format!(
            r#"{{"versions":{versions},"dist-tags":[],"time":{{"unpublished":{{}}}},"name":"a"}}"#
        ));
        let outline = outline(&npm(&wire)).await.expect(versions);
        assert!(outline.versions.is_empty() && outline.dist_tags.is_empty());
        assert!(outline.is_unpublished, "{versions}");
    }
    let wire = serving(r#"{"name":"a","time":null}"#);
    assert!(!outline(&npm(&wire)).await.expect("readable").is_unpublished);
}

#[tokio::test]
async fn the_first_of_equal_keys_counts_in_both_passes() {
    let (first, second) = (manifest("1.0.0", 1), manifest("1.0.0", 2));
    let document =
        format!(r#"{{"name":"a","versions":{{"1.0.0":{{}},"1.0.0":{first},"1.0.0":{second}}}}}"#);
    let wire = serving(&document);
    let fetched = fetch(&npm(&wire), "a").await.expect("fetched");
    let outline = fetched.outline().await.expect("an outline");
    let reasons: Vec<_> = outline
        .unreadable
        .iter()
        .map(|(_, why)| why.as_str())
        .collect();
    assert_eq!(reasons.len(), 2);
    assert_eq!(reasons[1], "listed twice");
    let digest = outline.versions[0].canonical_digest;
    let wanted = HashSet::from([outline.versions[0].version.clone()]);
    let mut batches = fetched.manifests(wanted);
    let batch = batches.next().await.expect("one batch").expect("readable");
    assert_eq!(
        (batch[0].0.canonical_digest, batch[0].1.as_str()),
        (digest, first.as_str())
    );
    assert!(batch.len() == 1 && batches.next().await.is_none());
}

#[tokio::test]
async fn what_is_no_packument_of_this_package_is_refused_for_good() {
    let deep = format!(
        r#"{{"name":"a","x":{}1{}}}"#,
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    let deep_version = format!(
        r#"{{"name":"a","versions":{{"1.0.0":{}1{}}}}}"#,
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    for (document, part) in [
        ("\n <!doctype html><html>", "web page"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        (r#"{"name":"b","versions":{}}"#, "packument of \"b\""),
        (r#"{"versions":{}}"#, "names no package"),
        (r#"{"name":7}"#, "names no package"),
        (
            r#"{"error":"not_found","reason":"document not found"}"#,
            "not_found",
        ),
        (r#"{"name":"a","versions":{},"versions":{}}"#, "twice"),
        (r#"{"name":"a",}"#, "not a packument"),
        (r#"{"name":"a"} trailing"#, "not a packument"),
        (deep.as_str(), "nested"),
    ] {
        let error = refusal(document).await;
        let shown = &document[..document.len().min(40)];
        assert_eq!(error.code(), ErrorCode::UpstreamInvalid, "{shown}: {error}");
        assert_eq!(error.decision(), Decision::GiveUp, "{shown}");
        assert!(error.to_string().contains(part), "{shown}: {error}");
    }
    let wire = serving(&deep_version);
    let outline = outline(&npm(&wire))
        .await
        .expect("one bad version does not matter");
    assert_eq!(outline.unreadable.len(), 1);
}

#[tokio::test]
async fn invalid_utf8_is_refused() {
    let wire = Wire::saying(reply("200 OK", &[], b"{\"name\":\"a\",\"x\":\"\xff\"}"));
    let error = outline(&npm(&wire)).await.expect_err("refused");
    assert_eq!(error.code(), ErrorCode::UpstreamInvalid, "{error}");
}

#[tokio::test]
async fn foreign_text_in_a_message_is_disarmed() {
    let error = refusal("{\"error\":\"\\u001b[31m\u{202e}evil\"}").await;
    assert!(!error.to_string().contains('\u{202e}'), "{error:?}");
}
