//! What a caller may ask for beside the plain sync.

use weir_domain::{
    TarballPolicy,
    task::{ErrorCode, SyncOptions, TaskState},
};
use weir_store::{clock, packages, scopes, settings};
use weir_testkit::Fault;

use crate::setup::{Mirror, Options, alone, name, package, version};

#[tokio::test]
async fn skipping_dependencies_leaves_them_alone() {
    let spec = package("a", &[]).version("1.0.0", |v| v.dependency("b", "^1"));
    let mirror = Mirror::of([spec, package("b", &["1.0.0"])]).await;
    let task = mirror.sync_with("a", alone()).await;
    assert_eq!(task.state, TaskState::Success);
    assert_eq!(task.report.expect("a report").dependencies_requested, 0);
    assert_eq!(mirror.tasks().await.len(), 1);
    assert_eq!(mirror.upstream.packument("b").requests(), 0);
    mirror.close().await;
}

#[tokio::test]
async fn tarballs_are_left_to_their_readers_unless_somebody_wants_them() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0"])]).await;
    let reader = SyncOptions {
        leave_tarballs: true,
        ..alone()
    };
    let task = mirror.sync_with("a", reader.clone()).await;
    assert_eq!(task.state, TaskState::Success);
    assert_eq!(mirror.versions("a").await.len(), 2);
    assert_eq!(mirror.held("a").await, Vec::<String>::new());
    let both = reader.union(&alone());
    assert!(!both.leave_tarballs, "a reader takes nothing from a user");
    mirror.sync_with("a", both).await;
    assert_eq!(mirror.held("a").await, ["1.1.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_mirror_that_asks_no_upstream_does_not_even_for_what_was_asked_before() {
    let offline = |options: &mut Options| options.engine.asks_upstream = false;
    let mirror = Mirror::with([package("a", &["1.0.0"])], offline).await;
    let task = mirror.sync("a").await;
    assert_eq!(
        (task.state, task.error_code),
        (TaskState::Error, Some(ErrorCode::Blocked))
    );
    assert_eq!(mirror.upstream.ledger().entries().len(), 0);
    mirror.close().await;
}

#[tokio::test]
async fn a_sync_says_when_upstream_confirmed_what_is_shown() {
    let mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    let checked_at = async || {
        let place = packages::find_place(mirror.environment.db.read(), &name("a")).await;
        place.expect("readable").and_then(|place| place.checked_at)
    };
    assert_eq!(checked_at().await, None);
    mirror.sync("a").await;
    let first = checked_at().await;
    mirror.sync("a").await;
    let unchanged = checked_at().await;
    assert!(
        first.is_some() && unchanged > first,
        "{first:?} {unchanged:?}"
    );
    mirror.upstream.packument("a").always(Fault::not_found());
    mirror.sync("a").await;
    assert_eq!(checked_at().await, unchanged, "a failure confirms nothing");
    mirror.close().await;
}

#[tokio::test]
async fn specific_versions_are_held_beside_the_tagged_ones() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0", "1.2.0"])]).await;
    let options = SyncOptions {
        specific_versions: [version("1.0.0"), version("7.7.7")].into(),
        ..alone()
    };
    let task = mirror.sync_with("a", options.clone()).await;
    assert_eq!(task.state, TaskState::Success);
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.2.0"]);
    assert_eq!(
        task.warnings,
        ["Version 7.7.7 was asked for, but upstream has no such version"]
    );
    assert_eq!(mirror.versions("a").await.len(), 3, "nothing is narrowed");
    mirror.close().await;
}

#[tokio::test]
async fn specific_versions_bring_their_own_dependencies() {
    let spec = package("a", &[])
        .version("1.0.0", |v| v.dependency("old", "*"))
        .version("2.0.0", |v| v.dependency("new", "*"));
    let packages = [spec, package("old", &["1.0.0"]), package("new", &["1.0.0"])];
    let mirror = Mirror::of(packages).await;
    let options = SyncOptions {
        specific_versions: [version("1.0.0")].into(),
        ..SyncOptions::default()
    };
    let id = mirror.submit("a", options).await;
    assert!(mirror.end_of_tree(id).await.is_empty());
    assert_eq!(mirror.held("old").await, ["1.0.0"]);
    assert_eq!(mirror.held("new").await, ["1.0.0"]);
    mirror.close().await;
}

fn history() -> SyncOptions {
    SyncOptions {
        force_sync_history: true,
        ..alone()
    }
}

#[tokio::test]
async fn forced_history_fetches_and_verifies_every_tarball_again() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0"])]).await;
    mirror.sync("a").await;
    assert_eq!(mirror.held("a").await, ["1.1.0"]);
    mirror.upstream.ledger().clear();
    let task = mirror.sync_with("a", history()).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);
    assert_eq!(mirror.upstream.ledger().tarballs(), 2);
    assert_eq!(task.report.expect("a report").tarballs_stored, 2);
    mirror.close().await;
}

#[tokio::test]
async fn forced_history_keeps_what_is_held_when_upstream_is_broken_now() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0"])]).await;
    mirror.sync("a").await;
    let (latest, other) = (
        mirror.upstream.tarball("a", "1.1.0"),
        mirror.upstream.tarball("a", "1.0.0"),
    );
    latest.always(Fault::Corrupt);
    other.always(Fault::not_found());
    let task = mirror.sync_with("a", history()).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(task.warnings.len(), 2, "{:?}", task.warnings);
    mirror
        .log_says(task.id, &["(2909 bytes); what the mirror has stays"])
        .await;
    assert_eq!(mirror.held("a").await, ["1.1.0"]);
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_lost_file_is_put_back_by_forced_history() {
    let mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    mirror.sync("a").await;
    let (digest, _) = mirror.outlines("a").await[0].tarball.expect("held");
    let blobs = &mirror.environment.content.blobs;
    blobs.remove(digest).await.expect("removed behind its back");
    mirror.sync_with("a", history()).await;
    assert_eq!(mirror.held("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_private_scope_is_never_told_to_the_upstream() {
    let spec = package("a", &[]).version("1.0.0", |v| {
        v.dependency("@acme/secret", "*").dependency("b", "*")
    });
    let mirror = Mirror::of([spec, package("b", &["1.0.0"])]).await;
    let written = mirror.environment.db.write(|tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            settings::put(tx, scopes::PRIVATE_SETTING, r#"["@acme"]"#, now).await
        })
    });
    written.await.expect("written");
    let task = mirror.sync("@acme/secret").await;
    assert_eq!(task.error_code, Some(ErrorCode::Blocked));
    let id = mirror.submit("a", SyncOptions::default()).await;
    assert!(mirror.end_of_tree(id).await.is_empty());
    let task = mirror.task(id).await;
    assert!(
        task.warnings[0].contains("@acme/secret, whose scope is private"),
        "{:?}",
        task.warnings
    );
    assert_eq!(mirror.held("b").await, ["1.0.0"]);
    let leaks = |entry: &weir_testkit::stand_in::Entry| entry.path.contains("acme");
    assert_eq!(mirror.upstream.ledger().count(leaks), 0);
    mirror.close().await;
}

#[tokio::test]
async fn under_requested_a_tree_is_followed_without_its_tarballs() {
    let spec = package("a", &[]).version("1.0.0", |v| v.dependency("b", "^1"));
    let packages = [spec, package("b", &["1.0.0"])];
    let mirror = Mirror::with(packages, |options| {
        options.tarballs = TarballPolicy::Requested;
    })
    .await;
    let id = mirror.submit("a", SyncOptions::default()).await;
    assert!(mirror.end_of_tree(id).await.is_empty());
    assert_eq!(mirror.versions("b").await, ["1.0.0"]);
    assert_eq!(mirror.upstream.ledger().tarballs(), 0);
    mirror.close().await;
}
