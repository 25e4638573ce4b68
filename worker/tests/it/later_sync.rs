//! Syncing a package again: unchanged, changed, older, other bytes.

use weir_domain::task::{ErrorCode, TaskState};
use weir_render::Form;
use weir_testkit::{Fault, stand_in::Wanted};

use crate::setup::{Mirror, forced, package};

/// A mirror of `a` (1.0.0, 1.1.0), synced once, its upstream's ledger empty.
async fn mirrored() -> Mirror {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0"])]).await;
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    mirror.upstream.ledger().clear();
    mirror
}

#[tokio::test]
async fn an_unchanged_package_costs_one_conditional_request() {
    let mirror = mirrored().await;
    let before = mirror.document("a", Form::Full).await;
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success);
    let report = task.report.expect("a report");
    assert!(report.unchanged);
    assert_eq!((report.versions_added, report.tarballs_stored), (0, 0));
    let entries = mirror.upstream.ledger().entries();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].status, 304);
    assert!(entries[0].headers.contains_key("if-none-match"));
    mirror
        .log_says(task.id, &["Upstream says that nothing changed", "Done in"])
        .await;
    assert_eq!(mirror.document("a", Form::Full).await, before);
    mirror.close().await;
}

#[tokio::test]
async fn force_ignores_validators_and_still_finds_nothing_to_do() {
    let mirror = mirrored().await;
    let revision = mirror.row("a").await.revision;
    let task = mirror.sync_with("a", forced()).await;
    assert_eq!(task.state, TaskState::Success);
    let entries = mirror.upstream.ledger().entries();
    assert_eq!(entries.len(), 1, "no tarball is fetched again");
    assert_eq!(entries[0].status, 200);
    assert!(!entries[0].headers.contains_key("if-none-match"));
    assert_eq!(mirror.row("a").await.revision, revision);
    mirror.close().await;
}

#[tokio::test]
async fn a_new_version_is_added_and_only_its_tarball_fetched() {
    let mirror = mirrored().await;
    mirror.upstream.publish("a", "1.2.0", |v| v.size(2_000));
    let task = mirror.sync("a").await;
    let report = task.report.expect("a report");
    assert_eq!((report.versions_added, report.versions_changed), (1, 0));
    assert_eq!(mirror.held("a").await, ["1.1.0", "1.2.0"]);
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.2.0"));
    assert_eq!(mirror.upstream.ledger().tarballs(), 1);
    mirror
        .log_says(task.id, &["Version 1.2.0 added", "Tag latest is now 1.2.0"])
        .await;
    mirror.close().await;
}

#[tokio::test]
async fn a_deprecation_comes_and_goes_without_a_tarball() {
    let mirror = mirrored().await;
    mirror.upstream.deprecate("a", "1.1.0", "use 2");
    let task = mirror.sync("a").await;
    assert_eq!(task.report.expect("a report").versions_changed, 1);
    mirror
        .log_says(task.id, &["INFO Version 1.1.0: deprecated"])
        .await;
    for form in Form::ALL {
        let shown = mirror.shown("a", form).await;
        assert_eq!(shown["versions"]["1.1.0"]["deprecated"], "use 2");
    }
    assert_eq!(mirror.held("a").await, ["1.1.0"]);

    mirror.upstream.deprecate("a", "1.1.0", "");
    let task = mirror.sync("a").await;
    mirror
        .log_says(task.id, &["Version 1.1.0: no longer deprecated"])
        .await;
    assert_eq!(mirror.held("a").await, ["1.1.0"]);
    assert_eq!(mirror.upstream.ledger().tarballs(), 0);
    mirror.close().await;
}

#[tokio::test]
async fn a_moved_tag_moves_here_and_its_target_is_held() {
    let mirror = mirrored().await;
    mirror.upstream.set_tag("a", "latest", "1.0.0");
    mirror.upstream.set_tag("a", "next", "1.1.0");
    let task = mirror.sync("a").await;
    assert_eq!(task.report.expect("a report").tags_changed, 2);
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.0.0"));
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);

    mirror.upstream.change("a", |spec| spec.without_tag("next"));
    let task = mirror.sync("a").await;
    mirror.log_says(task.id, &["Tag next is gone"]).await;
    assert_eq!(mirror.tag("a", "next").await, None);
    mirror.close().await;
}

#[tokio::test]
async fn a_version_taken_back_upstream_is_kept() {
    let mirror = mirrored().await;
    mirror.upstream.unpublish_version("a", "1.1.0");
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success);
    mirror
        .log_says(
            task.id,
            &[
                "Version 1.1.0 is no longer upstream; it is kept",
                "Tag latest is now 1.0.0",
            ],
        )
        .await;
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    let time = &mirror.packument("a").await["time"];
    assert!(time["1.1.0"].is_string());
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn other_bytes_under_the_same_number_are_a_conflict() {
    let mirror = mirrored().await;
    let before = mirror.upstream.tarball_of("a", "1.1.0");
    let documents = mirror.document("a", Form::Full).await;
    mirror.upstream.replace_bytes("a", "1.1.0");
    for _ in 0..2 {
        let task = mirror.sync("a").await;
        assert_eq!(task.state, TaskState::Success);
        assert_eq!(task.report.expect("a report").versions_skipped, 1);
        assert!(
            task.warnings[0].contains("1.1.0 has other bytes upstream than when it was first seen"),
            "{:?}",
            task.warnings
        );
    }
    let outlines = mirror.outlines("a").await;
    let (digest, _) = outlines[1].tarball.expect("still held");
    assert_eq!(digest, weir_domain::Digest::of(&before.bytes));
    let shown = mirror.packument("a").await;
    assert_eq!(
        shown["versions"]["1.1.0"]["dist"]["integrity"],
        before.integrity.as_str()
    );
    // Only the instant of the change is new.
    assert_ne!(mirror.document("a", Form::Full).await, documents);
    let conditional = mirror.upstream.ledger().count(|entry| entry.status == 304);
    assert_eq!(
        conditional, 0,
        "with a conflict open, nothing is assumed unchanged"
    );
    mirror.close().await;
}

#[tokio::test]
async fn a_digest_that_becomes_stronger_is_taken_if_the_held_bytes_match_it() {
    let spec = package("a", &[])
        .version("0.1.0", |v| v.size(2_000).shasum_only())
        .version("0.2.0", |v| v.size(2_000).shasum_only());
    let mirror = Mirror::of([spec]).await;
    mirror.sync("a").await;
    mirror.upstream.ledger().clear();
    let modern = |number: &str| {
        package("a", &[])
            .version("0.1.0", |v| v.size(2_000))
            .version("0.2.0", |v| v.size(2_000))
            .tag("latest", number)
    };
    mirror.upstream.put(modern("0.2.0"));
    let task = mirror.sync("a").await;
    assert!(task.warnings.is_empty(), "{:?}", task.warnings);
    assert_eq!(task.report.expect("a report").versions_changed, 2);
    let shown = mirror.packument("a").await;
    let integrity = mirror.upstream.tarball_of("a", "0.2.0").integrity;
    assert_eq!(
        shown["versions"]["0.2.0"]["dist"]["integrity"],
        integrity.as_str()
    );
    assert_eq!(mirror.held("a").await, ["0.2.0"]);
    assert_eq!(
        mirror.upstream.ledger().tarballs(),
        0,
        "hashed, not fetched"
    );
    mirror.close().await;
}

#[tokio::test]
async fn a_stronger_digest_of_other_bytes_is_a_conflict() {
    let spec = package("a", &[]).version("0.1.0", |v| v.size(2_000).shasum_only());
    let mirror = Mirror::of([spec]).await;
    mirror.sync("a").await;
    let before = mirror.upstream.tarball_of("a", "0.1.0");
    let other = package("a", &[]).version("0.1.0", |v| v.size(2_000).other_bytes());
    let integrity = other
        .find("0.1.0")
        .expect("there")
        .tarball("a")
        .integrity
        .clone();
    // The shasum is still the old one: only hashing the held bytes can tell.
    let manifest = format!(
        r#"{{"name":"a","version":"0.1.0","dist":{{"integrity":"{integrity}","shasum":"{}","tarball":"{}/a/-/a-0.1.0.tgz"}}}}"#,
        before.shasum,
        mirror.upstream.url()
    );
    let packument = format!(
        r#"{{"name":"a","_rev":"99-x","dist-tags":{{"latest":"0.1.0"}},"versions":{{"0.1.0":{manifest}}}}}"#
    );
    mirror.upstream.put_packument("a", &packument);
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success);
    assert!(
        task.warnings[0].contains("(conflict)"),
        "{:?}",
        task.warnings
    );
    assert_eq!(
        mirror.outlines("a").await[0].tarball.expect("held").0,
        weir_domain::Digest::of(&before.bytes)
    );
    mirror.close().await;
}

#[tokio::test]
async fn an_older_document_after_a_newer_is_not_taken_unless_forced() {
    let mirror = mirrored().await;
    mirror.upstream.publish("a", "1.2.0", |v| v);
    mirror.sync("a").await;
    let before = mirror.document("a", Form::Full).await;
    mirror.upstream.packument("a").always(Fault::Older);
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Error);
    assert_eq!(task.error_code, Some(ErrorCode::StaleUpstream));
    assert_eq!(task.attempts, 1, "trying again at once cannot help");
    mirror
        .log_says(task.id, &["ERROR Failed (stale_upstream)"])
        .await;
    assert_eq!(mirror.document("a", Form::Full).await, before);

    let task = mirror.sync_with("a", forced()).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.1.0"));
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0", "1.2.0"]);

    mirror.upstream.packument("a").clear();
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success);
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.2.0"));
    mirror.close().await;
}

#[tokio::test]
async fn a_readme_that_changed_is_a_new_document_without_new_versions() {
    let mirror = mirrored().await;
    mirror
        .upstream
        .change("a", |spec| spec.readme("# rewritten"));
    let task = mirror.sync("a").await;
    let report = task.report.expect("a report");
    assert_eq!((report.versions_added, report.versions_changed), (0, 0));
    assert_eq!(mirror.packument("a").await["readme"], "# rewritten");
    let asked = mirror.upstream.ledger();
    assert_eq!(
        asked.count_wanted(|w| matches!(w, Wanted::Tarball { .. })),
        0
    );
    mirror.close().await;
}
