//! Real packuments and odd ones, as registries wrote them over the years.

use serde_json::Value;
use weir_domain::task::{ErrorCode, TaskState};
use weir_testkit::{StandIn, fixtures};

use crate::setup::{Mirror, alone};

/// A fixture's fate does not hang on tarballs, which the stand-in does not have.
async fn mirror_of(folder: std::path::PathBuf) -> (Mirror, Vec<(String, Value)>) {
    let packuments = fixtures::read(&folder);
    let packuments = packuments
        .into_iter()
        .map(|(name, text)| (name, serde_json::from_str(&text).expect("JSON")))
        .collect();
    let upstream = StandIn::builder().fixtures(folder).start().await;
    let mirror = Mirror::beside(upstream, |options| {
        options.tarballs = weir_domain::TarballPolicy::Requested;
        options.allows_undigested = true;
    })
    .await;
    (mirror, packuments)
}

#[tokio::test]
async fn every_real_packument_syncs_and_loses_nothing() {
    let (mirror, packuments) = mirror_of(fixtures::folder()).await;
    for (name, upstream) in packuments {
        let task = mirror.sync_with(&name, alone()).await;
        let theirs = upstream["versions"].as_object();
        if theirs.is_none_or(serde_json::Map::is_empty) {
            assert_eq!(task.error_code, Some(ErrorCode::UpstreamInvalid), "{name}");
            continue;
        }
        assert_eq!(task.state, TaskState::Success, "{name}: {task:?}");
        assert!(task.warnings.is_empty(), "{name}: {:?}", task.warnings);
        let shown = mirror.packument(&name).await;
        compare(&name, &shown, &upstream);
    }
    mirror.close().await;
}

/// Everything is as upstream wrote it but the two URLs and what is ours to say.
fn compare(name: &str, shown: &Value, upstream: &Value) {
    for (field, theirs) in upstream.as_object().expect("an object") {
        if !matches!(field.as_str(), "_id" | "_rev" | "versions" | "_attachments") {
            assert_eq!(&shown[field], theirs, "{name} {field}");
        }
    }
    let theirs = upstream["versions"].as_object().expect("versions");
    let ours = shown["versions"].as_object().expect("versions");
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (version, theirs) in theirs {
        let (mut ours, mut theirs) = (ours[version].clone(), theirs.clone());
        for manifest in [&mut ours, &mut theirs] {
            let dist = manifest["dist"].as_object_mut().expect("dist");
            dist.remove("tarball");
            dist.remove("attestations");
        }
        assert_eq!(ours, theirs, "{name}@{version}");
    }
}

#[tokio::test]
async fn odd_documents_are_taken_as_far_as_they_go() {
    let folder = fixtures::folder().join("../handwritten");
    let (mirror, packuments) = mirror_of(folder).await;
    for (name, _) in packuments {
        let task = mirror.sync_with(&name, alone()).await;
        match name.as_str() {
            "written-tombstone" => assert_eq!(task.error_code, Some(ErrorCode::NotFound)),
            "written-deprecated" => {
                assert_eq!(task.state, TaskState::Success);
                assert!(task.warnings.is_empty(), "{:?}", task.warnings);
                let outlines = mirror.outlines(&name).await;
                let deprecated = outlines.iter().filter(|outline| outline.is_deprecated);
                assert_eq!(deprecated.count(), 2, "a text and `true`");
            }
            "written-history" => {
                assert_eq!(task.state, TaskState::Success, "{task:?}");
                let is_skipped = |w: &&String| w.contains("is skipped");
                let skipped = task.warnings.iter().filter(is_skipped);
                assert_eq!(skipped.count(), 1, "{:?}", task.warnings);
                assert!(task.warnings.iter().any(|w| w.starts_with("Tag ")));
            }
            other => panic!("a new fixture, {other}: say what is expected of it"),
        }
    }
    mirror.close().await;
}
