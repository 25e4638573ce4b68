//! Numbers in the order of commits: who reads on from the last one it saw misses nothing.

use std::time::Duration;

use weir_store::{
    StoreError, Topic,
    invalidations::{self, Invalidation},
    sequences::{self, Sequence},
};
use weir_testkit::{TestDatabase, database::Engine};

use crate::support::{Scene, ended, spawn, write};

const ROWS: Sequence = Sequence::Invalidations;

weir_testkit::on_both_engines!(
    numbers_follow_the_commits_without_gaps,
    what_is_committed_late_is_numbered_late,
    two_numberers_give_each_number_once,
    a_row_without_a_number_is_read_all_the_same,
    old_rows_go_and_the_newest_stays,
);

async fn invalidate(scene: &Scene, key: &'static str) {
    let now = scene.now();
    write!(scene, |tx| {
        invalidations::insert(tx, Topic::Package, key, now).await
    })
    .unwrap();
}

async fn number(scene: &Scene) {
    write!(scene, |tx| sequences::number(tx, ROWS).await).unwrap();
}

/// Reads on from a number, as a process does.
async fn beyond(scene: &Scene, seq: i64) -> Vec<Invalidation> {
    invalidations::beyond(scene.db.read(), seq).await.unwrap()
}

async fn numbered(scene: &Scene) -> Vec<(Option<i64>, String)> {
    let rows = beyond(scene, 0).await.into_iter();
    rows.map(|row| (row.seq, row.key)).collect()
}

async fn numbers_follow_the_commits_without_gaps(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for key in ["a", "b"] {
        invalidate(&scene, key).await;
    }
    let now = scene.now();
    let undone: Result<(), _> = write!(scene, |tx| {
        invalidations::insert(tx, Topic::Package, "never", now).await?;
        Err(StoreError::LeaseLost)
    });
    undone.unwrap_err();
    number(&scene).await;
    invalidate(&scene, "c").await;
    number(&scene).await;
    let expected = [(1, "a"), (2, "b"), (3, "c")];
    let expected = expected.map(|(seq, key)| (Some(seq), key.to_owned()));
    assert_eq!(numbered(&scene).await, expected);
    assert_eq!(sequences::last(scene.db.read(), ROWS).await.unwrap(), 3);
    let is_behind = sequences::is_behind(scene.db.read(), ROWS).await;
    assert!(!is_behind.unwrap());
    assert_eq!(beyond(&scene, 2).await.len(), 1);
}

async fn what_is_committed_late_is_numbered_late(database: TestDatabase) {
    let scene = Scene::of(database).await;
    if scene.engine == Engine::Sqlite {
        return; // Its transactions exclude each other.
    }
    let now = scene.now();
    let late = scene
        .hold_open(move |tx| {
            Box::pin(async move { invalidations::insert(tx, Topic::Package, "late", now).await })
        })
        .await;
    invalidate(&scene, "early").await;
    number(&scene).await;
    // A reader that saw number 1 now goes on behind it.
    late.commit().await.unwrap();
    number(&scene).await;
    let rest = beyond(&scene, 1).await;
    assert_eq!((rest.len(), rest[0].key.as_str()), (1, "late"));
}

async fn two_numberers_give_each_number_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for key in ["a", "b", "c"] {
        invalidate(&scene, key).await;
    }
    let first = scene
        .hold_open(|tx| Box::pin(async move { sequences::number(tx, ROWS).await }))
        .await;
    let other = scene.clone();
    let second = spawn(async move { write!(other, |tx| sequences::number(tx, ROWS).await) });
    scene.settle(&second).await;
    first.commit().await.unwrap();
    assert_eq!(
        ended(second).await.unwrap(),
        0,
        "nothing was left to number"
    );
    let seqs: Vec<_> = beyond(&scene, 0).await.iter().map(|row| row.seq).collect();
    assert_eq!(seqs, [Some(1), Some(2), Some(3)]);
}

async fn a_row_without_a_number_is_read_all_the_same(database: TestDatabase) {
    let scene = Scene::of(database).await;
    invalidate(&scene, "a").await;
    number(&scene).await;
    // What an older build writes, on either engine.
    scene
        .meddle("INSERT INTO invalidations (topic, key, created_at) VALUES ('news', 'b', 0)")
        .await;
    for _ in 0..2 {
        let rows = beyond(&scene, 1).await;
        assert_eq!((rows.len(), rows[0].seq), (1, None));
        assert!(rows[0].topic.parse::<Topic>().is_err());
    }
    assert!(sequences::is_behind(scene.db.read(), ROWS).await.unwrap());
    number(&scene).await;
    assert_eq!(beyond(&scene, 1).await[0].seq, Some(2));
}

async fn old_rows_go_and_the_newest_stays(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for key in ["a", "b", "c"] {
        invalidate(&scene, key).await;
    }
    number(&scene).await;
    let prune = async |bound| write!(scene, |tx| invalidations::prune(tx, bound).await).unwrap();
    assert_eq!(prune(scene.now()).await, 0, "none is older");
    scene.later(Duration::from_secs(60));
    assert_eq!(prune(scene.now()).await, 2);
    assert_eq!(numbered(&scene).await, [(Some(3), "c".to_owned())]);
    assert_eq!(prune(scene.now()).await, 0);
    invalidate(&scene, "d").await;
    number(&scene).await;
    assert_eq!(beyond(&scene, 3).await[0].seq, Some(4), "numbers go on");
}
