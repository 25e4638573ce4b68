//! Incremental runs: only what changed is touched.

use std::time::Duration;

use weir_domain::{Timestamp, task::TaskState};
use weir_testkit::TestDatabase;

use super::{Scene, full, hinting, incremental, report, source::reference};

weir_testkit::on_both_engines!(
    only_what_changed_is_asked_about,
    a_source_that_cannot_tell_is_listed_for_what_is_new_and_what_went,
    what_was_hinted_at_is_looked_at,
    a_hint_that_is_gone_has_everything_listed,
    what_failed_is_asked_for_again,
    the_first_run_brings_everything,
);

const ALL: [&str; 5] = ["a/1", "b/1", "c/1", "d/1", "e/1"];

/// A source that tells changes, and a catalogue that has all of it.
async fn telling(database: TestDatabase) -> Scene {
    let scene = Scene::of(database).await;
    {
        let mut state = scene.script.state();
        state.tells_stamps = true;
        state.changes = Some((Timestamp(1), [].into()));
    }
    scene.script.put(&ALL, "r1");
    scene.run_well(full()).await;
    assert_eq!(scene.source().await.cursor, Some(Timestamp(1)));
    scene.script.state().changes = Some((Timestamp(2), [].into()));
    scene.script.asked();
    scene
}

async fn only_what_changed_is_asked_about(database: TestDatabase) {
    let scene = telling(database).await;
    scene.script.put(&["b/1", "c/2", "f/1"], "r2");
    let before = scene.known().await;
    let done = scene.run_well(incremental()).await;
    assert_eq!((done.versions.created, done.versions.updated), (2, 1));
    assert_eq!((done.packages.created, done.packages.updated), (1, 2));
    assert_eq!((done.versions.discovered, done.packages.discovered), (3, 3));
    let asked = scene.script.asked();
    assert_eq!((asked.changes, asked.lists, asked.looks), (1, 0, 0));
    assert_eq!(asked.reads, ["b/1", "c/2", "f/1"]);
    scene.assert_equal().await;
    let after = scene.known().await;
    assert_eq!((&after[0], &after[2]), (&before[0], &before[2]));
    assert_eq!(after[4..6], before[3..5], "untouched");
    let source = scene.source().await;
    assert_eq!(source.cursor, Some(Timestamp(2)));
    assert!(source.incremental_at.is_some());
}

async fn a_source_that_cannot_tell_is_listed_for_what_is_new_and_what_went(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.script.put(&ALL, "r1");
    scene.run_well(full()).await;
    scene.script.asked();
    scene.script.put(&["f/1"], "r1");
    scene.script.remove("c/1");
    let done = scene.run_well(incremental()).await;
    let versions = done.versions;
    assert_eq!(
        (versions.created, versions.deleted, versions.unchanged),
        (1, 1, 4)
    );
    let asked = scene.script.asked();
    assert_eq!(
        (asked.lists, asked.looks),
        (1, 2),
        "the new one and the gone"
    );
    assert_eq!(asked.reads, ["f/1"]);
    scene.assert_equal().await;
}

async fn what_was_hinted_at_is_looked_at(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.script.put(&ALL, "r1");
    scene.run_well(full()).await;
    scene.script.put(&["b/1", "d/1"], "r2");
    // Its index lags behind.
    scene.script.put(&["z/1"], "r1");
    scene.script.state().unlisted.insert(reference("z/1"));
    scene.script.asked();
    let done = scene.run_well(hinting(&["b/1", "z/1", "c/1"])).await;
    assert_eq!((done.versions.created, done.versions.updated), (1, 1));
    assert_eq!(scene.script.asked().looks, 3);
    let stored = scene.stored().await;
    assert!(stored.contains(&"b/1#r2".to_owned()));
    assert!(stored.contains(&"z/1#r1".to_owned()));
    assert!(stored.contains(&"d/1#r1".to_owned()), "nobody said so");
}

async fn a_hint_that_is_gone_has_everything_listed(database: TestDatabase) {
    let scene = telling(database).await;
    scene.script.remove("b/1");
    scene.script.remove("c/1");
    let done = scene.run_well(hinting(&["a/1"])).await;
    assert_eq!(done.versions.deleted, 0);
    assert_eq!(scene.script.asked().lists, 0);
    let done = scene.run_well(hinting(&["b/1", "never/1"])).await;
    assert_eq!((done.versions.deleted, done.packages.deleted), (2, 2));
    assert_eq!(scene.script.asked().lists, 1);
    scene.assert_equal().await;
}

async fn what_failed_is_asked_for_again(database: TestDatabase) {
    let scene = telling(database).await;
    scene.script.put(&["b/1"], "r2");
    scene.script.state().broken.insert(reference("b/1"));
    let task = scene.run(incremental()).await;
    assert_eq!(task.state, TaskState::Success);
    assert_eq!(report(&task).versions.failed, 1);
    // Changes go on from there: what failed is hinted at.
    assert_eq!(scene.source().await.cursor, Some(Timestamp(2)));
    let hinted = async |bound: Timestamp| {
        let hinted = weir_store::catalogue::hinted(scene.db.read(), bound).await;
        hinted.expect("readable").len()
    };
    let ended = task.finished_at.expect("it is over");
    assert_eq!(hinted(ended.plus(Duration::from_secs(60))).await, 0);
    assert_eq!(hinted(ended.plus(Duration::from_secs(600))).await, 1);
    scene.script.state().broken.clear();
    scene.script.state().changes = Some((Timestamp(3), [].into()));
    scene.run_well(hinting(&["b/1"])).await;
    assert_eq!(scene.source().await.cursor, Some(Timestamp(3)));
    scene.assert_equal().await;
}

async fn the_first_run_brings_everything(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.script.put(&ALL, "r1");
    let done = scene.run_well(incremental()).await;
    assert_eq!(done.versions.created, 5);
    scene.assert_equal().await;
}
