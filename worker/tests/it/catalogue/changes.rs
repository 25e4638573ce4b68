//! A source that is followed: all of it, a change, a removal, nothing new.

use weir_domain::{
    catalogue::CatalogueOptions,
    task::TaskState,
};
use weir_testkit::Recipe;

use super::scene::{Scene, few, full};

#[tokio::test]
async fn all_is_read_once_and_then_only_looked_at() {
    let scene = Scene::of(Recipe::crowd(40)).await;
    let task = scene.assert_succeeds(0).await;
    let tally = task.progress.and_then(|all| all.catalogue).expect("a tally");
    assert_eq!((tally.versions.discovered, tally.versions.unchanged), (40, 40));
    assert_eq!(tally.percent(), Some(100));
    assert_eq!(scene.server.on("GET */files*").count(), 0);
    let asked = u64::try_from(scene.server.asked().len()).expect("few");
    assert_eq!(tally.requests, asked, "every request is counted");
    assert!(asked <= 44, "one request a version, and a few: {asked}");
    scene.close().await;
}

#[tokio::test]
async fn changes_additions_and_removals_are_reflected() {
    let scene = Scene::of(few()).await;
    scene.server.add(&Recipe::new("sht30/0.0.5@caisong123").description("Changed"));
    scene.server.add(&Recipe::new("sht30/0.1.0@caisong123"));
    scene.server.add(&Recipe::new("new/1.0"));
    scene.server.remove("part-00002/1.0.2@sifli");
    let task = scene.assert_succeeds(0).await;
    scene.assert_current().await;
    let versions = task.progress.and_then(|all| all.catalogue).expect("a tally").versions;
    let counted = (versions.created, versions.updated, versions.deleted, versions.unchanged);
    assert_eq!(counted, (2, 1, 1, 4));
    scene.close().await;
}

#[tokio::test]
async fn a_hint_is_looked_at_and_a_removal_confirmed() {
    let scene = Scene::of(few()).await;
    let hinted = |text: &str| CatalogueOptions {
        hints: [text.parse().expect("a reference")].into(),
        ..CatalogueOptions::default()
    };
    scene.server.add(&Recipe::new("new/1.0"));
    let task = scene.sync_with(hinted("new/1.0")).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert!(scene.shown().await.contains_key("new/1.0"));
    scene.server.remove("new/1.0");
    let task = scene.sync_with(hinted("new/1.0")).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    scene.close().await;
}

#[tokio::test]
async fn a_dry_run_says_what_it_would_do_and_does_nothing() {
    let scene = Scene::of(few()).await;
    let before = scene.shown().await;
    scene.server.add(&Recipe::new("new/1.0"));
    scene.server.remove("sht30/0.0.4@caisong123");
    let dry = CatalogueOptions {
        is_dry: true,
        ..full()
    };
    let task = scene.sync_with(dry).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.mirror.log_says(task.id, &["new/1.0 would be added"]).await;
    assert_eq!(scene.shown().await, before);
    scene.assert_heals().await;
    scene.close().await;
}
