//! Real packuments, and handwritten ones of shapes that could not be fetched, through the
//! wire and both passes.

use std::{collections::HashSet, path::Path};

use weir_domain::{Version, packument::PackumentOutline};
use weir_testkit::{StandIn, fixtures};
use weir_upstream::FetchedPackument;

use crate::setup::{config, fetch, registry_at, upstreams};

/// Reads every wanted manifest of a document.
async fn texts(fetched: &FetchedPackument, wanted: HashSet<Version>) -> Vec<String> {
    let mut batches = fetched.manifests(wanted);
    let mut texts = Vec::new();
    while let Some(batch) = batches.next().await {
        texts.extend(batch.expect("readable").into_iter().map(|(_, raw)| raw));
    }
    texts
}

/// Outlines every document of a folder, and compares the second pass with the first.
async fn read_all(folder: &Path) -> Vec<(String, PackumentOutline)> {
    let stand_in = StandIn::builder().fixtures(folder).start().await;
    let registry = registry_at(&format!("{}/", stand_in.url()), true);
    let npm = upstreams(config()).registry(&registry);
    let mut all = Vec::new();
    for (name, _) in fixtures::read(folder) {
        let fetched = fetch(&npm, &name).await.expect(&name);
        let outline = fetched.outline().await.expect(&name);
        let wanted = outline.versions.iter().map(|f| f.version.clone());
        let texts = texts(&fetched, wanted.collect()).await;
        assert_eq!(texts.len(), outline.versions.len(), "{name}");
        for (facts, text) in outline.versions.iter().zip(&texts) {
            let value: serde_json::Value = serde_json::from_str(text).expect("a manifest");
            assert_eq!(value["version"], facts.version.as_str(), "{name}");
            assert_eq!(
                value["dist"]["tarball"],
                facts.tarball_url.as_str(),
                "{name}"
            );
        }
        all.push((name, outline));
    }
    stand_in.ledger().assert_nothing_unexpected();
    all
}

#[tokio::test]
async fn every_real_packument_is_read_and_its_manifests_come_back_as_written() {
    let all = read_all(&fixtures::folder()).await;
    assert!(all.len() >= 10);
    for (name, outline) in all {
        assert!(
            outline.unreadable.is_empty(),
            "{name}: {:?}",
            outline.unreadable
        );
        assert!(!outline.is_unpublished, "{name}");
        assert_eq!(
            outline.versions.is_empty(),
            name == "flatmap-stream",
            "{name}"
        );
    }
}

#[tokio::test]
async fn odd_handwritten_packuments_are_read_as_far_as_they_go() {
    let all = read_all(&fixtures::handwritten()).await;
    let find = |wanted: &str| {
        let found = all.iter().find(|(name, _)| name == wanted);
        &found.unwrap_or_else(|| panic!("no fixture {wanted}")).1
    };
    assert!(find("written-tombstone").is_unpublished);
    assert!(find("written-tombstone").versions.is_empty());
    let deprecated = &find("written-deprecated").versions;
    let flags: HashSet<bool> = deprecated.iter().map(|f| f.is_deprecated).collect();
    assert_eq!(flags, HashSet::from([true, false]));
    let history = find("written-history");
    assert_eq!(history.unreadable.len(), 1, "{:?}", history.unreadable);
    let undigested = history.versions.iter().filter(|f| f.integrity.is_none());
    assert_eq!(undigested.count(), 1);
    let attested = history
        .versions
        .iter()
        .filter(|f| f.spans.attestations.is_some());
    assert_eq!(attested.count(), 1);
}
