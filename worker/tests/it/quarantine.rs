//! Tarballs that do not match their digest: hidden, chosen without, and back when mended.

use weir_domain::{
    TarballPolicy,
    task::{ErrorCode, SyncOptions, TaskState},
};
use weir_render::Form;
use weir_testkit::{Fault, until};

use crate::setup::{DEADLINE, Mirror, alone, package};

#[tokio::test]
async fn a_corrupt_tarball_hides_its_version_and_repairs_the_tags() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0"])]).await;
    mirror.upstream.tarball("a", "1.1.0").always(Fault::Corrupt);
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert!(
        task.warnings[0].contains("Version 1.1.0 is quarantined: integrity mismatch: sha512-"),
        "{:?}",
        task.warnings
    );
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.0.0"));
    // What is `latest` now is held, though it was not chosen at first.
    assert_eq!(mirror.held("a").await, ["1.0.0"]);
    assert_eq!(
        mirror.upstream.tarball("a", "1.1.0").requests(),
        3,
        "two more tries"
    );
    mirror
        .log_says(
            task.id,
            &[
                "Tag latest is now 1.1.0",
                "Version 1.1.0 is quarantined",
                "Tag latest points to 1.1.0, which is not here; it is left out",
                "Tag latest is now 1.0.0",
                "Tarball of 1.0.0 verified and stored",
            ],
        )
        .await;
    mirror.close().await;
}

#[tokio::test]
async fn what_was_shown_before_is_shown_until_the_corrupt_version_is_out() {
    let mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    mirror.sync("a").await;
    mirror.upstream.publish("a", "1.1.0", |v| v.size(5_000));
    mirror.upstream.tarball("a", "1.1.0").always(Fault::Corrupt);
    let id = mirror.submit("a", alone()).await;
    let mut seen = Vec::new();
    until("the end", DEADLINE, async || {
        let versions = mirror.versions("a").await;
        if seen.last() != Some(&versions) {
            seen.push(versions);
        }
        mirror.task(id).await.state.is_final()
    })
    .await;
    for versions in &seen {
        assert!(
            versions == &["1.0.0"] || versions == &["1.0.0", "1.1.0"],
            "{seen:?}"
        );
    }
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    assert_eq!(mirror.held("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_quarantined_version_comes_back_when_upstream_is_mended() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0"])]).await;
    mirror.upstream.tarball("a", "1.1.0").always(Fault::Corrupt);
    mirror.sync("a").await;
    let still = mirror.sync("a").await;
    assert!(still.warnings.iter().any(|w| w.contains("is quarantined")));
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);

    mirror.upstream.tarball("a", "1.1.0").clear();
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success);
    mirror
        .log_says(
            task.id,
            &[
                "Tarball of 1.1.0 verified and stored",
                "Version 1.1.0 is shown again",
                "Tag latest is now 1.1.0",
            ],
        )
        .await;
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.1.0"));

    let clean = mirror.sync("a").await;
    assert!(clean.warnings.is_empty(), "{:?}", clean.warnings);
    let unchanged = mirror.sync("a").await;
    assert!(unchanged.report.expect("a report").unchanged);
    mirror.close().await;
}

#[tokio::test]
async fn a_quarantined_version_that_upstream_publishes_anew_comes_back() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0"])]).await;
    mirror.upstream.tarball("a", "1.1.0").always(Fault::Corrupt);
    mirror.sync("a").await;
    mirror.upstream.tarball("a", "1.1.0").clear();
    mirror.upstream.replace_bytes("a", "1.1.0");
    let task = mirror.sync("a").await;
    assert!(task.warnings.is_empty(), "{:?}", task.warnings);
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn many_corrupt_tarballs_are_hidden_at_once_and_the_rest_is_held() {
    let mirror = Mirror::with([weir_testkit::presets::history("a", 20, 600)], |options| {
        options.tarballs = TarballPolicy::All;
    })
    .await;
    for number in ["1.0.3", "1.1.9", "1.1.8"] {
        mirror.upstream.tarball("a", number).always(Fault::Corrupt);
    }
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success);
    assert_eq!(mirror.held("a").await.len(), 17);
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.1.7"));
    assert_eq!(
        mirror.row("a").await.revision,
        2,
        "one more revision for all three"
    );
    mirror.close().await;
}

#[tokio::test]
async fn a_package_of_which_nothing_is_whole_ends_in_integrity_mismatch() {
    let mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    mirror.upstream.tarball("a", "1.0.0").always(Fault::Corrupt);
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Error);
    assert_eq!(task.error_code, Some(ErrorCode::IntegrityMismatch));
    mirror
        .log_says(
            task.id,
            &["No version is left whose tarball matches its digest"],
        )
        .await;
    // No empty document: the version stays shown, and lazy.
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    mirror.upstream.tarball("a", "1.0.0").clear();
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(mirror.held("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_tree_takes_what_its_range_chooses_without_the_corrupt_version() {
    let root = package("root", &[]).version("1.0.0", |v| v.dependency("b", "^1.0.0"));
    let b = package("b", &[])
        .version("1.0.0", |v| v.dependency("c", "*"))
        .version("1.1.0", |v| v)
        .version("2.0.0", |v| v);
    let mirror = Mirror::of([root, b, package("c", &["1.0.0"])]).await;
    mirror.upstream.tarball("b", "1.1.0").always(Fault::Corrupt);
    let id = mirror.submit("root", SyncOptions::default()).await;
    assert!(mirror.end_of_tree(id).await.is_empty());
    assert_eq!(mirror.held("b").await, ["1.0.0", "2.0.0"]);
    assert_eq!(mirror.held("c").await, ["1.0.0"], "what 1.0.0 depends on");
    let shown = mirror.shown("b", Form::Abbreviated).await;
    assert!(shown["versions"].get("1.1.0").is_none());
    mirror.close().await;
}

/// A mirror of tarballs of at most this many bytes.
async fn small_mirror(spec: weir_testkit::PackageSpec, most: u64) -> Mirror {
    Mirror::with([spec], |options| options.sizes.tarball_bytes = most).await
}

#[tokio::test]
async fn a_version_whose_tarball_is_too_large_is_skipped_and_no_other() {
    let spec = package("a", &["1.0.0"]).version("1.1.0", |v| v.size(50_000));
    let mirror = small_mirror(spec, 20_000).await;
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert!(
        task.warnings[0].starts_with("Version 1.1.0 is skipped, for its tarball is beyond"),
        "{:?}",
        task.warnings
    );
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.0.0"));
    assert_eq!(mirror.held("a").await, ["1.0.0"]);
    assert_eq!(
        mirror.upstream.tarball("a", "1.1.0").requests(),
        1,
        "a second try mends nothing"
    );
    mirror.close().await;
}

#[tokio::test]
async fn a_tarball_without_a_length_is_cut_where_it_is_too_large() {
    let spec = package("a", &["1.0.0"]).version("1.1.0", |v| v.size(200_000));
    let mirror = small_mirror(spec, 20_000).await;
    // Chunked: nothing announces how much there is.
    let fault = Fault::TruncatedChunked;
    mirror.upstream.tarball("a", "1.1.0").always(fault);
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert!(
        task.warnings[0].contains("limited to 20000"),
        "{:?}",
        task.warnings
    );
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_package_of_which_everything_is_too_large_ends_so() {
    let mirror = small_mirror(package("a", &["1.0.0"]), 1_000).await;
    let task = mirror.sync("a").await;
    assert_eq!(task.error_code, Some(ErrorCode::TooLarge), "{task:?}");
    mirror.close().await;
}

#[tokio::test]
async fn a_packument_that_is_too_large_is_too_large_for_good_and_what_was_shown_stays() {
    let mirror = Mirror::with([package("a", &["1.0.0"])], |options| {
        options.sizes.packument_bytes = 8_000;
    })
    .await;
    mirror.sync("a").await;
    let before = mirror.document("a", Form::Full).await;
    let readme = "long ".repeat(4_000);
    mirror.upstream.change("a", |spec| spec.readme(&readme));
    let task = mirror.sync("a").await;
    assert_eq!(task.error_code, Some(ErrorCode::TooLarge), "{task:?}");
    assert_eq!(task.attempts, 1);
    assert_eq!(mirror.document("a", Form::Full).await, before);
    mirror.close().await;
}
