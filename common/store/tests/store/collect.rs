//! Blobs on their way out: what is referred to stays, what is not goes a grace later, and who
//! comes to refer to one meanwhile wins or puts it again.

use std::time::Duration;

use futures::FutureExt;
use weir_domain::{Digest, RegistryId, Timestamp};
use weir_store::{
    StoreError, Tx, blobs,
    documents::{self, Document},
    packages,
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, ended, package, spawn, write};

weir_testkit::on_both_engines!(
    what_nothing_refers_to_is_doomed_and_a_grace_later_deleted,
    what_is_referred_to_stays_however_old,
    a_doomed_blob_that_is_put_again_stays,
    a_put_that_never_ended_is_collected,
    nobody_puts_what_is_being_deleted,
    what_was_collected_since_it_was_announced_is_put_again,
    a_deletion_that_was_not_ended_is_taken_over,
    files_without_a_row_are_deleted_under_a_row,
    a_reuse_that_meets_the_collector_is_spared,
    a_collector_that_meets_a_reuse_has_it_put_again,
    of_two_collectors_each_deletes_others,
    blobs_are_counted_by_state,
);

pub const GRACE: Duration = Duration::from_secs(24 * 3600);

pub fn blob(n: u64) -> (Digest, u64) {
    (Digest::of(&n.to_be_bytes()), n)
}

pub async fn announce(scene: &Scene, n: u64) -> Result<(), StoreError> {
    let now = scene.now();
    write!(scene, |tx| blobs::announce(tx, &[blob(n)], now).await)
}

pub async fn put(scene: &Scene, n: u64) {
    let now = scene.now();
    announce(scene, n).await.unwrap();
    write!(scene, |tx| blobs::stored(tx, &[blob(n)], now).await).unwrap();
}

fn document(n: u64) -> Document {
    Document {
        form: format!("form {n}"),
        encoding: "gzip".to_owned(),
        base: "http://mirror.example".to_owned(),
        revision: 0,
        policy_generation: 0,
        valid_until: None,
        digest: blob(n).0,
        size_bytes: n,
        identity_bytes: n,
        etag: "W/\"1\"".to_owned(),
        modified_at: Timestamp(0),
    }
}

/// What a job does: the touch and the reference in one transaction.
async fn refer(tx: &Tx, n: u64, now: Timestamp) -> Result<(), StoreError> {
    let row = packages::ensure(tx, &package("x"), RegistryId::new(), now).await?;
    blobs::stored(tx, &[blob(n)], now).await?;
    assert!(documents::put(tx, row.id, &document(n)).await?);
    Ok(())
}

/// One look of a collector at what could go.
async fn doom(scene: &Scene) -> u64 {
    let (now, bound) = (scene.now(), scene.now().minus(GRACE));
    let page = blobs::page(scene.db.read(), None, bound, 100)
        .await
        .unwrap();
    let waste = page.into_iter().filter(|(_, is_waste)| *is_waste);
    let waste: Vec<_> = waste.map(|(digest, _)| digest).collect();
    write!(scene, |tx| blobs::doom(tx, &waste, bound, now).await).unwrap()
}

async fn begin_deletion(scene: &Scene) -> Vec<Digest> {
    let now = scene.now();
    let bounds = (now.minus(GRACE), now.minus(Duration::from_secs(60)));
    let begun = write!(scene, |tx| blobs::begin_deletion(tx, bounds, 10, now).await);
    begun
        .unwrap()
        .into_iter()
        .map(|(digest, _)| digest)
        .collect()
}

async fn forget(scene: &Scene, n: u64) -> u64 {
    write!(scene, |tx| blobs::forget(tx, &[blob(n).0]).await).unwrap()
}

async fn state(scene: &Scene, n: u64) -> Option<String> {
    let page = blobs::census(scene.db.read()).await.unwrap();
    let found = page.into_iter().find(|census| census.bytes == n);
    found.map(|census| census.state)
}

fn later(scene: &Scene) {
    scene.later(GRACE + Duration::from_secs(1));
}

async fn what_nothing_refers_to_is_doomed_and_a_grace_later_deleted(database: TestDatabase) {
    let scene = Scene::of(database).await;
    put(&scene, 7).await;
    assert_eq!(doom(&scene).await, 0, "it was touched just now");
    later(&scene);
    assert_eq!(doom(&scene).await, 1);
    assert_eq!(state(&scene, 7).await.as_deref(), Some("doomed"));
    scene.later(GRACE / 2);
    assert!(
        begin_deletion(&scene).await.is_empty(),
        "a reader may be on its way"
    );
    assert_eq!(doom(&scene).await, 0, "once is enough");
    later(&scene);
    assert_eq!(begin_deletion(&scene).await, [blob(7).0]);
    assert_eq!(state(&scene, 7).await.as_deref(), Some("deleting"));
    assert!(begin_deletion(&scene).await.is_empty(), "somebody is at it");
    assert_eq!(forget(&scene, 7).await, 1);
    assert_eq!(state(&scene, 7).await, None);
}

async fn what_is_referred_to_stays_however_old(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let now = scene.now();
    put(&scene, 7).await;
    write!(scene, |tx| refer(tx, 7, now).await).unwrap();
    for _ in 0..3 {
        later(&scene);
        assert_eq!(doom(&scene).await, 0);
        assert!(begin_deletion(&scene).await.is_empty());
    }
    scene.meddle("DELETE FROM documents").await;
    assert_eq!(doom(&scene).await, 1);
}

async fn a_doomed_blob_that_is_put_again_stays(database: TestDatabase) {
    let scene = Scene::of(database).await;
    put(&scene, 7).await;
    later(&scene);
    doom(&scene).await;
    later(&scene);
    let now = scene.now();
    let unproven = write!(scene, |tx| blobs::stored(tx, &[blob(7)], now).await);
    assert!(
        matches!(unproven, Err(StoreError::Changed("blob"))),
        "only a put takes it back: {unproven:?}"
    );
    put(&scene, 7).await;
    assert!(begin_deletion(&scene).await.is_empty());
    assert_eq!(state(&scene, 7).await.as_deref(), Some("stored"));
}

async fn a_put_that_never_ended_is_collected(database: TestDatabase) {
    let scene = Scene::of(database).await;
    announce(&scene, 7).await.unwrap();
    later(&scene);
    assert_eq!(doom(&scene).await, 1);
    later(&scene);
    assert_eq!(begin_deletion(&scene).await, [blob(7).0]);
}

/// Leaves a blob in the middle of its deletion.
async fn deleting(scene: &Scene, n: u64) {
    put(scene, n).await;
    later(scene);
    doom(scene).await;
    later(scene);
    assert_eq!(begin_deletion(scene).await, [blob(n).0]);
}

async fn nobody_puts_what_is_being_deleted(database: TestDatabase) {
    let scene = Scene::of(database).await;
    deleting(&scene, 7).await;
    let now = scene.now();
    let both = write!(scene, |tx| {
        blobs::announce(tx, &[blob(7), blob(8)], now).await
    });
    assert!(matches!(both, Err(StoreError::Changed("blob"))), "{both:?}");
    assert_eq!(state(&scene, 8).await, None, "all or nothing");
    let stored = write!(scene, |tx| blobs::stored(tx, &[blob(7)], now).await);
    assert!(matches!(stored, Err(StoreError::Changed("blob"))));
    forget(&scene, 7).await;
    put(&scene, 7).await;
    assert_eq!(forget(&scene, 7).await, 0, "a late end takes nothing away");
    assert_eq!(state(&scene, 7).await.as_deref(), Some("stored"));
}

async fn what_was_collected_since_it_was_announced_is_put_again(database: TestDatabase) {
    let scene = Scene::of(database).await;
    announce(&scene, 7).await.unwrap();
    // The process sleeps for two days, between its file and its row.
    later(&scene);
    doom(&scene).await;
    later(&scene);
    begin_deletion(&scene).await;
    forget(&scene, 7).await;
    let now = scene.now();
    let stored = write!(scene, |tx| refer(tx, 7, now).await);
    assert!(
        matches!(stored, Err(StoreError::Changed("blob"))),
        "{stored:?}"
    );
    assert_eq!(scene.number("SELECT COUNT(*) AS n FROM documents").await, 0);
}

async fn a_deletion_that_was_not_ended_is_taken_over(database: TestDatabase) {
    let scene = Scene::of(database).await;
    deleting(&scene, 7).await;
    assert!(begin_deletion(&scene).await.is_empty());
    scene.later(Duration::from_secs(61));
    assert_eq!(begin_deletion(&scene).await, [blob(7).0]);
    assert!(begin_deletion(&scene).await.is_empty());
}

async fn files_without_a_row_are_deleted_under_a_row(database: TestDatabase) {
    let scene = Scene::of(database).await;
    put(&scene, 7).await;
    let (found, now) = ([blob(7), blob(8)], scene.now());
    let digests = [blob(7).0, blob(8).0];
    let missing = blobs::missing(scene.db.read(), &digests).await.unwrap();
    assert_eq!(missing.into_iter().collect::<Vec<_>>(), [blob(8).0]);
    let adopted = write!(scene, |tx| blobs::adopt(tx, &found, now).await).unwrap();
    assert_eq!(adopted, [blob(8)], "the other one got a row meanwhile");
    assert!(announce(&scene, 8).await.is_err());
    assert_eq!(forget(&scene, 8).await, 1);
    assert_eq!(state(&scene, 7).await.as_deref(), Some("stored"));
}

async fn a_reuse_that_meets_the_collector_is_spared(database: TestDatabase) {
    let scene = Scene::of(database).await;
    put(&scene, 7).await;
    later(&scene);
    let now = scene.now();
    // Announced before, as every put: the row is touched and its reference not yet seen.
    let reuse = scene
        .hold_open(move |tx| async move { refer(tx, 7, now).await }.boxed())
        .await;
    let other = scene.clone();
    let collector = spawn(async move { doom(&other).await });
    scene.settle(&collector).await;
    reuse.commit().await.unwrap();
    assert_eq!(ended(collector).await, 0);
    assert_eq!(state(&scene, 7).await.as_deref(), Some("stored"));
}

async fn a_collector_that_meets_a_reuse_has_it_put_again(database: TestDatabase) {
    let scene = Scene::of(database).await;
    put(&scene, 7).await;
    later(&scene);
    let (now, bound) = (scene.now(), scene.now().minus(GRACE));
    let collector = scene
        .hold_open(move |tx| async move { blobs::doom(tx, &[blob(7).0], bound, now).await }.boxed())
        .await;
    let other = scene.clone();
    let reuse = spawn(async move { write!(other, |tx| refer(tx, 7, now).await) });
    scene.settle(&reuse).await;
    assert_eq!(collector.commit().await.unwrap(), 1);
    let reused = ended(reuse).await;
    assert!(
        matches!(reused, Err(StoreError::Changed("blob"))),
        "{reused:?}"
    );
}

async fn of_two_collectors_each_deletes_others(database: TestDatabase) {
    let scene = Scene::of(database).await;
    put(&scene, 7).await;
    later(&scene);
    doom(&scene).await;
    later(&scene);
    let now = scene.now();
    let bounds = (now.minus(GRACE), now.minus(Duration::from_secs(60)));
    let first = scene
        .hold_open(move |tx| {
            async move { blobs::begin_deletion(tx, bounds, 10, now).await }.boxed()
        })
        .await;
    let other = scene.clone();
    let second = spawn(async move { begin_deletion(&other).await });
    scene.settle(&second).await;
    assert_eq!(first.commit().await.unwrap(), [blob(7)]);
    assert!(ended(second).await.is_empty());
}

async fn blobs_are_counted_by_state(database: TestDatabase) {
    let scene = Scene::of(database).await;
    assert!(blobs::census(scene.db.read()).await.unwrap().is_empty());
    put(&scene, 7).await;
    put(&scene, 8).await;
    announce(&scene, 9).await.unwrap();
    let census = blobs::census(scene.db.read()).await.unwrap();
    let counted: Vec<_> = census
        .iter()
        .map(|one| (one.state.as_str(), one.count, one.bytes))
        .collect();
    assert_eq!(counted, [("pending", 1, 9), ("stored", 2, 15)]);
    assert_eq!(census[1].verified_since, scene.now());
}
