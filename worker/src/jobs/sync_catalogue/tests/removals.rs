//! What is gone is taken away, but only what is surely gone.

use weir_domain::{
    catalogue::CatalogueOptions,
    task::{ErrorCode, TaskState},
};
use weir_testkit::TestDatabase;

use super::{Scene, full, noted, report, source::reference};

weir_testkit::on_both_engines!(
    gone_versions_and_packages_are_taken_away,
    what_is_not_listed_but_still_there_is_kept,
    what_is_listed_but_not_there_any_more_is_taken_away,
    what_went_while_it_was_read_is_taken_away,
    a_package_of_which_something_failed_is_not_swept,
    too_much_at_once_is_refused_unless_an_administrator_says_so,
    an_empty_listing_is_refused_however_little_there_was,
    credentials_that_expire_before_the_sweep_take_nothing_away,
    a_small_loss_is_no_mass_removal,
);

async fn filled(database: TestDatabase, texts: &[&str]) -> Scene {
    let scene = Scene::of(database).await;
    scene.script.put(texts, "r1");
    scene.run_well(full()).await;
    scene.script.asked();
    scene
}

const FEW: [&str; 6] = ["a/1", "a/2", "b/1", "c/1", "d/1", "e/1"];

async fn gone_versions_and_packages_are_taken_away(database: TestDatabase) {
    let scene = filled(database, &FEW).await;
    scene.script.remove("a/2");
    scene.script.remove("b/1");
    let done = scene.run_well(full()).await;
    assert_eq!((done.versions.deleted, done.packages.deleted), (2, 1));
    assert_eq!((done.packages.updated, done.packages.unchanged), (1, 3));
    assert_eq!(done.versions.processed, done.versions.discovered);
    assert_eq!(done.packages.processed, done.packages.discovered);
    let asked = scene.script.asked();
    assert_eq!(asked.looks, 4 + 2, "those that stay, and those that go");
    assert_eq!(asked.proofs, 2, "at first, and before anything goes");
    scene.assert_equal().await;
}

async fn what_is_not_listed_but_still_there_is_kept(database: TestDatabase) {
    let scene = filled(database, &FEW).await;
    scene.script.state().unlisted.insert(reference("b/1"));
    let task = scene.run(full()).await;
    assert_eq!(task.state, TaskState::Success);
    let text = "b/1 is kept: it is not listed, but still there";
    assert_eq!(task.warnings, [text]);
    assert_eq!(noted(&task), [("KEPT", "b/1")]);
    assert_eq!(report(&task).versions.skipped, 1);
    let missing = scene.known().await[2].missing_since;
    assert!(missing.is_some());
    scene.run(full()).await;
    assert_eq!(scene.known().await[2].missing_since, missing, "since then");
    scene.script.state().unlisted.clear();
    scene.run_well(full()).await;
    assert_eq!(scene.known().await[2].missing_since, None);
}

async fn what_is_listed_but_not_there_any_more_is_taken_away(database: TestDatabase) {
    let scene = filled(database, &FEW).await;
    scene.script.remove("b/1");
    scene.script.state().ghosts.insert(reference("b/1"));
    let done = scene.run_well(full()).await;
    assert_eq!((done.versions.deleted, done.packages.deleted), (1, 1));
    scene.assert_equal().await;
}

async fn what_went_while_it_was_read_is_taken_away(database: TestDatabase) {
    let scene = filled(database, &FEW).await;
    scene.script.put(&["b/1"], "r2");
    scene.script.state().vanishing.insert(reference("b/1"));
    let done = scene.run_well(full()).await;
    assert_eq!(done.packages.deleted, 1);
    scene.assert_equal().await;
}

async fn a_package_of_which_something_failed_is_not_swept(database: TestDatabase) {
    let scene = filled(database, &FEW).await;
    scene.script.remove("a/2");
    scene.script.remove("b/1");
    scene.script.put(&["a/1"], "r2");
    scene.script.state().broken.insert(reference("a/1"));
    let task = scene.run(full()).await;
    let done = report(&task);
    assert_eq!((done.versions.deleted, done.packages.deleted), (1, 1));
    assert_eq!((done.versions.failed, done.packages.failed), (1, 1));
    assert_eq!(task.warnings.len(), 2, "{:?}", task.warnings);
    let stored = scene.stored().await;
    assert_eq!(stored, ["a/1#r1", "a/2#r1", "c/1#r1", "d/1#r1", "e/1#r1"]);
}

async fn too_much_at_once_is_refused_unless_an_administrator_says_so(database: TestDatabase) {
    let texts: Vec<_> = (0..20).map(|n| format!("p{n:02}/1")).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let scene = filled(database, &texts).await;
    for text in &texts[..7] {
        scene.script.remove(text);
    }
    scene.script.put(&["new/1"], "r1");
    let before = scene.known().await;
    let task = scene.run(full()).await;
    assert_eq!(task.error_code, Some(ErrorCode::UpstreamInvalid));
    let error = task.error.expect("a sentence");
    assert!(error.contains("MASS_REMOVAL_REFUSED"), "{error}");
    assert!(error.contains("7 of 20"), "{error}");
    assert_eq!(scene.known().await, before, "the catalogue is intact");
    assert!(scene.source().await.failed_at.is_some());
    // The same, where the listing still has them: seen only when they are looked at.
    for text in &texts[..7] {
        scene.script.state().ghosts.insert(reference(text));
    }
    let task = scene.run(full()).await;
    let error = task.error.expect("a sentence");
    assert!(error.contains("MASS_REMOVAL_REFUSED"), "{error}");
    assert_eq!(scene.stored().await.len(), 21, "the new one came");
    let options = CatalogueOptions {
        allows_mass_removal: true,
        ..full()
    };
    let done = scene.run_well(options).await;
    assert_eq!(done.packages.deleted, 7);
    scene.assert_equal().await;
}

async fn an_empty_listing_is_refused_however_little_there_was(database: TestDatabase) {
    let scene = filled(database, &["a/1"]).await;
    scene.script.remove("a/1");
    let task = scene.run(full()).await;
    let error = task.error.expect("a sentence");
    assert!(error.contains("MASS_REMOVAL_REFUSED"), "{error}");
    assert_eq!(scene.stored().await, ["a/1#r1"]);
    let options = CatalogueOptions {
        allows_mass_removal: true,
        ..full()
    };
    scene.run_well(options).await;
    assert_eq!(scene.stored().await, [""; 0]);
    // And nothing in nothing is nothing to refuse.
    scene.run_well(full()).await;
}

async fn credentials_that_expire_before_the_sweep_take_nothing_away(database: TestDatabase) {
    let scene = filled(database, &FEW).await;
    scene.script.state().tells_stamps = true;
    scene.script.state().unlisted.insert(reference("b/1"));
    // It proves itself and lists; the look, after that, finds nothing.
    scene.script.state().expires_after = Some(2);
    let task = scene.run(full()).await;
    assert_eq!(task.error_code, Some(ErrorCode::UpstreamInvalid));
    assert_eq!(scene.script.asked().looks, 1);
    assert_eq!(scene.stored().await.len(), FEW.len());
}

async fn a_small_loss_is_no_mass_removal(database: TestDatabase) {
    let scene = filled(database, &FEW).await;
    for text in ["a/1", "a/2", "b/1", "c/1", "d/1"] {
        scene.script.remove(text);
    }
    let done = scene.run_well(full()).await;
    assert_eq!(done.packages.deleted, 4, "no more than five");
    scene.assert_equal().await;
}
