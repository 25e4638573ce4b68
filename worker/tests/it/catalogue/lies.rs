//! Lists that are behind, and things that go while they are looked at (faults 5, 6, 14, 18, 19).

use weir_domain::{
    catalogue::CatalogueOptions,
    task::{ErrorCode, TaskState},
};
use weir_testkit::Recipe;

use super::scene::{Scene, few, full};

#[tokio::test]
async fn what_is_listed_and_not_there_is_passed_over() {
    let scene = Scene::of(few()).await;
    scene.server.list_stale("gone/1.0@sifli/_");
    let task = scene.assert_succeeds(0).await;
    assert!(scene.shown().await.keys().all(|key| !key.starts_with("gone")));
    let tally = task.progress.and_then(|all| all.catalogue).expect("a tally");
    assert_eq!((tally.versions.skipped, tally.versions.unchanged), (1, 6));
    scene.close().await;
}

#[tokio::test]
async fn what_is_there_and_not_listed_is_kept() {
    let scene = Scene::of(few()).await;
    scene.server.delay_index("sht30/0.0.5@caisong123/_");
    let task = scene.assert_succeeds(1).await;
    assert!(task.warnings[0].contains("still there"), "{:?}", task.warnings);
    scene.assert_current().await;
    scene.server.catch_up();
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn half_an_upload_is_not_shown() {
    let scene = Scene::of(few()).await;
    let path = "sifli/half/1.0/_/0123456789abcdef0123456789abcdef/export/conanfile.py";
    scene.server.put("conan-local", path, "from conan import ConanFile\n");
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    assert_eq!(scene.shown().await.len(), 6);
    scene.close().await;
}

#[tokio::test]
async fn what_vanishes_before_it_is_read_is_no_error() {
    let scene = Scene::of(few()).await;
    scene.server.add(&Recipe::new("brief/1.0@sifli"));
    let gate = scene.server.on("GET */brief/1.0/sifli/_/revisions/*/files*").hold();
    let id = scene.submit(full()).await;
    gate.wait_for_arrivals(1).await;
    scene.server.remove("brief/1.0@sifli");
    gate.release();
    let task = scene.mirror.end_of(id).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    scene.close().await;
}

#[tokio::test]
async fn a_file_that_is_replaced_while_it_is_read_is_read_again() {
    let scene = Scene::of(few()).await;
    let old = Recipe::new("moving/1.0@sifli");
    let new = old.clone().description("Another one, exported anew");
    scene.server.add(&old);
    let gate = scene.server.on("GET */moving/*/files/conanfile.py").hold();
    let id = scene.submit(full()).await;
    gate.wait_for_arrivals(1).await;
    // Forced uploads replace files of a revision that is there.
    for (file, bytes) in new.build().files {
        scene.server.replace("moving/1.0@sifli", &file, bytes);
    }
    gate.release();
    let task = scene.mirror.end_of(id).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    // The revision does not fit its manifest any more: that is a warning, and nothing is shown.
    assert_eq!(task.warnings.len(), 1, "{:?}", task.warnings);
    assert!(task.warnings[0].contains("moving/1.0@sifli"), "{:?}", task.warnings);
    scene.server.remove("moving/1.0@sifli");
    scene.server.add(&new);
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn a_version_at_a_new_revision_is_read_again_and_the_newest_counts() {
    let scene = Scene::of(few()).await;
    let first = scene.there()["sht30/0.0.5@caisong123"].clone();
    for text in ["Second", "Third"] {
        let recipe = Recipe::new("sht30/0.0.5@caisong123").description(text);
        scene.server.add(&recipe);
    }
    let task = scene.assert_succeeds(0).await;
    scene.assert_current().await;
    assert_ne!(scene.shown().await["sht30/0.0.5@caisong123"], first);
    let tally = task.progress.and_then(|all| all.catalogue).expect("a tally");
    assert_eq!((tally.versions.updated, tally.versions.unchanged), (1, 5));
    assert_eq!(scene.server.on("GET */conanfile.py").count(), 1);
    scene.close().await;
}

#[tokio::test]
async fn what_was_removed_goes_and_all_at_once_does_not() {
    let scene = Scene::of(Recipe::crowd(12).chain(few())).await;
    scene.server.remove("sht30/0.0.4@caisong123");
    scene.server.remove("part-00005/1.0.5@sifli");
    let task = scene.assert_succeeds(0).await;
    scene.assert_current().await;
    let tally = task.progress.and_then(|all| all.catalogue).expect("a tally");
    assert_eq!((tally.versions.deleted, tally.packages.deleted), (2, 1));

    scene.server.remove_all();
    scene.server.add(&Recipe::new("sht30/0.0.5@caisong123"));
    let refused = "MASS_REMOVAL_REFUSED";
    scene.assert_fails(ErrorCode::UpstreamInvalid, refused).await;
    scene.server.remove_all();
    scene.assert_fails(ErrorCode::UpstreamInvalid, "").await;
    // Somebody who may says that this is right.
    scene.server.add(&Recipe::new("sht30/0.0.5@caisong123"));
    let task = scene
        .sync_with(CatalogueOptions {
            allows_mass_removal: true,
            ..full()
        })
        .await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    scene.close().await;
}
