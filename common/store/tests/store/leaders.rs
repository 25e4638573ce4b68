//! The leader's row: one at a time, replaced when it sleeps, and then powerless.

use std::time::{Duration, Instant};

use weir_domain::WorkerId;
use weir_store::{
    StoreError, clock,
    leaders::{self, Term},
    settings,
};
use weir_testkit::{TestDatabase, database::Engine};

use crate::support::{DEADLINE, LEASE, Scene, ended, spawn, write};

weir_testkit::on_both_engines!(
    of_two_candidates_one_leads,
    whoever_renews_goes_on_leading,
    a_lapsed_term_is_taken_over,
    a_deposed_leaders_late_transaction_is_refused,
    whoever_resigns_is_replaced_at_once,
    a_take_over_waits_for_what_the_leader_is_writing,
    a_leader_that_sleeps_in_a_transaction_keeps_nobody_waiting,
);

async fn stand(scene: &Scene) -> Option<Term> {
    let (candidate, now) = (WorkerId::new(), scene.now());
    write!(scene, |tx| leaders::stand(tx, candidate, LEASE, now).await).unwrap()
}

async fn renew(scene: &Scene, term: Term) -> Result<(), StoreError> {
    let now = scene.now();
    write!(scene, |tx| leaders::renew(tx, &term, LEASE, now).await)
}

/// Writes what only a leader may.
async fn lead(scene: &Scene, term: Term, value: &'static str) -> Result<(), StoreError> {
    let now = scene.now();
    write!(scene, |tx| {
        leaders::check(tx, &term).await?;
        settings::put(tx, "led", value, now).await?;
        Ok(())
    })
}

async fn led(scene: &Scene) -> Option<String> {
    settings::find(scene.db.read(), "led").await.unwrap()
}

async fn of_two_candidates_one_leads(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (first, second, now) = (WorkerId::new(), WorkerId::new(), scene.now());
    let held = scene
        .hold_open(move |tx| Box::pin(async move { leaders::stand(tx, first, LEASE, now).await }))
        .await;
    let other = scene.clone();
    let standing =
        spawn(async move { write!(other, |tx| leaders::stand(tx, second, LEASE, now).await) });
    scene.settle(&standing).await;
    let won = held.commit().await.unwrap().expect("the first is elected");
    assert_eq!(ended(standing).await.unwrap(), None);
    let leader = leaders::find(scene.db.read()).await.unwrap();
    assert_eq!(leader.term, Some(won));
    assert_eq!((won.owner, won.number), (first, 1));
}

async fn whoever_renews_goes_on_leading(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let term = stand(&scene).await.unwrap();
    for _ in 0..3 {
        scene.later(LEASE.checked_sub(Duration::from_secs(1)).unwrap());
        renew(&scene, term).await.unwrap();
        assert_eq!(stand(&scene).await, None);
    }
    lead(&scene, term, "mine").await.unwrap();
}

async fn a_lapsed_term_is_taken_over(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let first = stand(&scene).await.unwrap();
    scene.later(LEASE);
    assert_eq!(stand(&scene).await, None, "the last moment is the leader's");
    scene.later(Duration::from_millis(1));
    let second = stand(&scene).await.unwrap();
    assert!(second.number > first.number && second.owner != first.owner);
    assert_eq!(stand(&scene).await, None);
}

async fn a_deposed_leaders_late_transaction_is_refused(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let old = stand(&scene).await.unwrap();
    lead(&scene, old, "of the old one").await.unwrap();
    // Its process sleeps, and wakes up in a world that went on.
    scene.later(LEASE * 2);
    let new = stand(&scene).await.unwrap();
    let late = lead(&scene, old, "too late").await;
    assert!(matches!(late, Err(StoreError::Deposed)), "{late:?}");
    let renewed = renew(&scene, old).await;
    assert!(matches!(renewed, Err(StoreError::Deposed)), "{renewed:?}");
    assert_eq!(led(&scene).await.as_deref(), Some("of the old one"));
    lead(&scene, new, "of the new one").await.unwrap();
    // The same process in another term is not the old leader either.
    let again = Term {
        owner: new.owner,
        number: old.number,
    };
    assert!(lead(&scene, again, "confused").await.is_err());
}

async fn whoever_resigns_is_replaced_at_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let first = stand(&scene).await.unwrap();
    let stranger = WorkerId::new();
    let owner = first.owner;
    assert!(!write!(scene, |tx| leaders::resign(tx, stranger).await).unwrap());
    assert_eq!(stand(&scene).await, None);
    assert!(write!(scene, |tx| leaders::resign(tx, owner).await).unwrap());
    assert!(lead(&scene, first, "after all").await.is_err());
    let second = stand(&scene).await.unwrap();
    assert_eq!(second.number, first.number + 1);
}

async fn a_take_over_waits_for_what_the_leader_is_writing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let term = stand(&scene).await.unwrap();
    let now = scene.later(LEASE * 2);
    let writing = scene
        .hold_open(move |tx| {
            Box::pin(async move {
                leaders::check(tx, &term).await?;
                settings::put(tx, "led", "just in time", now).await
            })
        })
        .await;
    let other = scene.clone();
    let standing = spawn(async move { stand(&other).await });
    scene.settle(&standing).await;
    assert!(
        !standing.is_finished(),
        "nobody leads beside an open transaction"
    );
    writing.commit().await.unwrap();
    assert!(ended(standing).await.is_some());
    assert_eq!(led(&scene).await.as_deref(), Some("just in time"));
}

async fn a_leader_that_sleeps_in_a_transaction_keeps_nobody_waiting(database: TestDatabase) {
    let scene = Scene::of(database).await;
    if scene.engine == Engine::Sqlite {
        return; // Whoever sleeps in its one writer keeps everybody waiting.
    }
    let term = stand(&scene).await.unwrap();
    let now = scene.later(LEASE * 2);
    let asleep = scene
        .hold_open(move |tx| {
            Box::pin(async move {
                leaders::check(tx, &term).await?;
                settings::put(tx, "led", "in a dream", now).await
            })
        })
        .await;
    let began = Instant::now();
    let elected = tokio::time::timeout(DEADLINE, stand(&scene)).await;
    assert!(elected.expect("in time").is_some());
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
    asleep.commit().await.unwrap_err();
    assert_eq!(led(&scene).await, None);
    clock::now(scene.db.read()).await.unwrap();
}
