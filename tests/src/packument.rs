//! What must hold for every packument that is served.

use serde_json::Value;

/// Fails the test unless `ours` is whole by itself: every dist-tag points into it, every
/// version has its time, and every tarball lies on `base`.
#[track_caller]
pub fn assert_whole(ours: &Value, base: &str) {
    let name = ours["name"].as_str().expect("a packument has a name");
    let versions = ours["versions"]
        .as_object()
        .expect("a packument has versions");
    assert!(!versions.is_empty(), "{name} has no versions");
    let tags = ours["dist-tags"]
        .as_object()
        .expect("a packument has dist-tags");
    assert!(
        tags.contains_key("latest"),
        "{name} has no latest: {tags:?}"
    );
    for (tag, target) in tags {
        let target = target.as_str().expect("a dist-tag is a version");
        assert!(
            versions.contains_key(target),
            "{name}: {tag} points at {target}, which is not there"
        );
    }
    let file = name.rsplit('/').next().expect("a split has a last part");
    for (version, manifest) in versions {
        assert_eq!(manifest["version"], version.as_str(), "{name}");
        assert_eq!(manifest["name"], name, "{version}");
        assert!(
            ours["time"][version].is_string(),
            "{name}@{version} has no time"
        );
        let place = format!("{base}/{name}/-/{file}-{version}.tgz");
        assert_eq!(
            manifest["dist"]["tarball"],
            place.as_str(),
            "{name}@{version}"
        );
    }
}

/// Fails the test unless `ours` says what `theirs` says, but for where the tarballs are.
///
/// `_rev` is our own: it counts what we show.
#[track_caller]
pub fn assert_mirrors(ours: &Value, theirs: &Value, base: &str) {
    assert_whole(ours, base);
    let (ours, theirs) = (comparable(ours), comparable(theirs));
    for field in ["versions", "dist-tags", "time"] {
        let none = serde_json::Map::new();
        let mine = ours[field].as_object().unwrap_or(&none);
        let upstream = theirs[field].as_object().unwrap_or(&none);
        for key in mine.keys().chain(upstream.keys()) {
            assert_eq!(
                mine.get(key),
                upstream.get(key),
                "{field} {key} of {}",
                ours["name"]
            );
        }
    }
    assert_eq!(ours, theirs);
}

fn comparable(packument: &Value) -> Value {
    let mut packument = packument.clone();
    let root = packument.as_object_mut().expect("a packument is an object");
    root.remove("_rev");
    let versions = packument["versions"].as_object_mut();
    for (_, manifest) in versions.into_iter().flatten() {
        let dist = manifest["dist"]
            .as_object_mut()
            .expect("a manifest has dist");
        dist.remove("tarball");
    }
    packument
}
