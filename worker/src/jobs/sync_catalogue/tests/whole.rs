//! Full runs: everything comes, what is known is not read again, what fails is told.

use weir_domain::{
    Timestamp,
    catalogue::{CatalogueOptions, CatalogueSettings, Phase},
    task::{ErrorCode, TaskState},
};
use weir_store::catalogue::{self, sources};
use weir_testkit::TestDatabase;

use super::{Scene, full, noted, registry, report, source::reference};

weir_testkit::on_both_engines!(
    everything_comes_and_the_next_run_writes_nothing,
    listings_that_tell_revisions_need_no_looks,
    another_revision_is_an_update_and_another_time_is_nothing,
    one_reference_that_fails_is_a_warning,
    a_reference_that_goes_before_it_is_read_leaves_no_package,
    what_another_source_has_is_passed_over,
    a_source_that_is_not_believed_is_an_error_that_changes_nothing,
    a_source_that_expires_in_the_middle_stops_the_run,
    a_dry_run_writes_nothing,
    everything_is_read_again_if_that_is_wanted,
    many_packages_are_read_a_few_at_once,
    a_package_of_many_versions_comes_in_pieces,
);

async fn everything_comes_and_the_next_run_writes_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene
        .script
        .put(&["a/1@acme", "a/2@acme", "b/1", "c/1@acme"], "r1");
    let done = scene.run_well(full()).await;
    assert_eq!((done.versions.created, done.packages.created), (4, 3));
    assert_eq!((done.versions.processed, done.versions.discovered), (4, 4));
    assert_eq!((done.phase, done.percent()), (Phase::Done, Some(100)));
    let asked = scene.script.asked();
    assert_eq!((asked.lists, asked.looks, asked.reads.len()), (1, 4, 4));
    assert_eq!(done.requests, asked.all as u64);
    scene.assert_equal().await;
    assert!(scene.source().await.full_at.is_some());
    let before = scene.known().await;
    let again = scene.run(full()).await;
    assert!(again.report.as_ref().is_some_and(|report| report.unchanged));
    let done = report(&again);
    assert_eq!((done.versions.unchanged, done.packages.unchanged), (4, 3));
    assert_eq!(done.versions.processed, 4);
    assert_eq!(scene.script.asked().reads.len(), 0);
    assert_eq!(scene.known().await, before, "nobody wrote");
}

async fn listings_that_tell_revisions_need_no_looks(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.script.state().tells_stamps = true;
    scene.script.put(&["a/1", "b/1"], "r1");
    scene.run_well(full()).await;
    scene.script.put(&["b/1"], "r2");
    scene.script.asked();
    let done = scene.run_well(full()).await;
    assert_eq!((done.versions.updated, done.versions.unchanged), (1, 1));
    let asked = scene.script.asked();
    assert_eq!((asked.looks, asked.reads), (0, vec!["b/1".to_owned()]));
    scene.assert_equal().await;
}

async fn another_revision_is_an_update_and_another_time_is_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.script.put(&["a/1", "b/1"], "r1");
    scene.run_well(full()).await;
    scene.script.put(&["a/1"], "r2");
    if let Some(stamp) = scene.script.state().shelf.get_mut(&reference("b/1")) {
        stamp.at = Some(Timestamp(9_000));
    }
    let done = scene.run_well(full()).await;
    assert_eq!((done.versions.updated, done.packages.updated), (1, 1));
    assert_eq!((done.versions.unchanged, done.packages.unchanged), (1, 1));
    let known = scene.known().await;
    assert_eq!(known[0].revision, "r2");
    assert!(!known[0].is_first_revision, "the old one is remembered");
}

async fn one_reference_that_fails_is_a_warning(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.script.put(&["a/1", "b/1", "b/2"], "r1");
    scene.script.state().broken.insert(reference("b/1"));
    let task = scene.run(full()).await;
    assert_eq!(task.state, TaskState::Success);
    let text = "b/1 could not be read: b/1: its manifest does not fit";
    assert_eq!(task.warnings, [text]);
    assert_eq!(noted(&task), [("CHECKSUM_MISMATCH", "b/1")]);
    let done = report(&task);
    assert_eq!((done.versions.failed, done.versions.created), (1, 2));
    assert_eq!((done.packages.failed, done.packages.created), (1, 1));
    assert_eq!(scene.stored().await, ["a/1#r1", "b/2#r1"]);
    scene.script.state().broken.clear();
    scene.run_well(full()).await;
    scene.assert_equal().await;
}

async fn a_reference_that_goes_before_it_is_read_leaves_no_package(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.script.put(&["a/1", "b/1"], "r1");
    scene.script.state().vanishing.insert(reference("b/1"));
    scene.script.state().ghosts.insert(reference("c/1"));
    let done = scene.run_well(full()).await;
    assert_eq!((done.versions.created, done.versions.skipped), (1, 2));
    assert_eq!((done.packages.created, done.packages.skipped), (1, 2));
    assert_eq!(scene.stored().await, ["a/1#r1"]);
}

async fn what_another_source_has_is_passed_over(database: TestDatabase) {
    let mut scene = Scene::of(database).await;
    scene.script.put(&["a/1", "a/2", "b/1"], "r1");
    scene.run_well(full()).await;
    let first = std::mem::replace(&mut scene.registry, registry("other"));
    scene.make_registry().await;
    scene
        .make_source(scene.registry.id, CatalogueSettings::default())
        .await;
    scene.script.put(&["a/3", "c/1"], "r2");
    let task = scene.run(full()).await;
    assert_eq!(task.state, TaskState::Success);
    let expected = [
        "_/a belongs to another registry, and is passed over",
        "_/b belongs to another registry, and is passed over",
    ];
    assert_eq!(task.warnings, expected);
    let foreign = [("FOREIGN_PACKAGE", "_/a"), ("FOREIGN_PACKAGE", "_/b")];
    assert_eq!(noted(&task), foreign);
    let done = report(&task);
    assert_eq!((done.versions.skipped, done.versions.created), (4, 1));
    assert_eq!((done.packages.skipped, done.packages.created), (2, 1));
    assert_eq!(scene.stored().await, ["c/1#r2"]);
    let theirs = catalogue::known(scene.db.read(), first.id).await;
    assert_eq!(theirs.expect("asked").len(), 3, "as they were");
}

async fn a_source_that_is_not_believed_is_an_error_that_changes_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.script.put(&["a/1", "b/1"], "r1");
    scene.run_well(full()).await;
    scene.script.put(&["a/1"], "r2");
    scene.script.state().expires_after = Some(0);
    scene.script.asked();
    let before = scene.known().await;
    let task = scene.run(full()).await;
    assert_eq!(task.error_code, Some(ErrorCode::UpstreamInvalid));
    assert_eq!(scene.script.asked().all, 1, "nothing more is asked");
    assert_eq!(scene.known().await, before);
    let source = scene.source().await;
    assert!(source.failed_at.is_some());
}

async fn a_source_that_expires_in_the_middle_stops_the_run(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.script.state().tells_stamps = true;
    let texts: Vec<_> = (0..50).map(|n| format!("p{n:02}/1")).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    scene.script.put(&texts, "r1");
    scene.script.state().expires_after = Some(20);
    let task = scene.run(full()).await;
    assert_eq!(task.error_code, Some(ErrorCode::UpstreamInvalid));
    let asked = scene.script.asked();
    assert!(asked.all < 35, "it does not go on asking: {asked:?}");
    let stored = scene.stored().await.len();
    assert!(
        (10..25).contains(&stored),
        "what came before stays: {stored}"
    );
    assert_eq!(scene.source().await.full_at, None);
}

async fn a_dry_run_writes_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.script.put(&["a/1", "b/1", "c/1"], "r1");
    scene.run_well(full()).await;
    let (before, source) = (scene.known().await, scene.source().await);
    scene.script.put(&["a/1", "d/1"], "r2");
    scene.script.remove("b/1");
    let options = CatalogueOptions {
        is_dry: true,
        ..full()
    };
    let done = scene.run_well(options).await;
    let versions = done.versions;
    assert_eq!(
        (versions.created, versions.updated, versions.deleted),
        (1, 1, 1)
    );
    assert_eq!(done.packages.deleted, 1);
    assert_eq!(scene.known().await, before);
    assert_eq!(scene.source().await, source);
}

async fn everything_is_read_again_if_that_is_wanted(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.script.put(&["a/1", "b/1"], "r1");
    scene.run_well(full()).await;
    scene.script.asked();
    let options = CatalogueOptions {
        rereads: true,
        ..full()
    };
    let done = scene.run_well(options).await;
    assert_eq!(done.versions.updated, 2);
    assert_eq!(scene.script.asked().reads, ["a/1", "b/1"]);
}

async fn many_packages_are_read_a_few_at_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let texts: Vec<_> = (0..300).map(|n| format!("p{n:03}/1")).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    scene.script.put(&texts, "r1");
    let done = scene.run_well(full()).await;
    assert_eq!(done.versions.created, 300);
    let most = scene.script.asked().most_at_once;
    assert!((2..=8).contains(&most), "{most} at once");
    scene.assert_equal().await;
}

async fn a_package_of_many_versions_comes_in_pieces(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let texts: Vec<_> = (0..100).map(|n| format!("a/1.{n}")).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    scene.script.put(&texts, "r1");
    scene.script.state().hangs_after = Some(40);
    let id = scene.submit(full()).await;
    scene.die_hanging().await;
    assert_eq!(scene.stored().await.len(), 32, "two pieces");
    let done = report(&scene.finish().await);
    assert_eq!((done.versions.created, done.packages.created), (100, 1));
    assert_eq!(scene.task(id).await.state, TaskState::Success);
    let sources = sources::list(scene.db.read()).await.expect("asked");
    assert_eq!(sources.len(), 1);
}
