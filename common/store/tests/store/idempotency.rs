//! Answers that are kept under callers' keys.

use std::time::Duration;

use futures::FutureExt;
use weir_domain::Digest;
use weir_store::{
    StoreError,
    idempotency::{self, Answer, KEPT, Key, Known},
};
use weir_testkit::{TestDatabase, database::Engine};

use crate::support::{Scene, ended, spawn, write};

weir_testkit::on_both_engines!(
    the_same_is_answered_the_same_for_a_day,
    a_key_is_its_callers_own_and_means_one_thing,
    what_was_not_committed_is_not_known,
    who_comes_second_while_the_first_is_at_it_learns_so,
    old_answers_are_forgotten_and_young_ones_kept,
);

fn key(caller: &str, key: &str, asked: &str) -> Key {
    Key {
        caller: caller.to_owned(),
        key: key.to_owned(),
        fingerprint: Digest::of(asked.as_bytes()),
    }
}

fn answer(body: &str) -> Answer {
    Answer {
        status: 201,
        body: body.to_owned(),
    }
}

impl Scene {
    async fn record(&self, key: Key, body: &'static str) -> Known {
        let now = self.now();
        let known = write!(self, |tx| {
            let known = idempotency::begin(tx, &key, now).await?;
            if known == Known::Nothing {
                idempotency::record(tx, &key, &answer(body), now).await?;
            }
            Ok::<_, StoreError>(known)
        });
        known.unwrap()
    }

    async fn known(&self, key: &Key) -> Known {
        let known = idempotency::find(self.db.read(), key, self.now()).await;
        known.unwrap()
    }
}

async fn the_same_is_answered_the_same_for_a_day(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let key = key("alice", "k", "a");
    assert_eq!(scene.record(key.clone(), "first").await, Known::Nothing);
    let first = Known::Answered(answer("first"));
    assert_eq!(scene.record(key.clone(), "second").await, first);
    let a_moment = Duration::from_millis(1);
    scene.later(KEPT.saturating_sub(a_moment));
    assert_eq!(scene.known(&key).await, first);
    scene.later(a_moment);
    assert_eq!(scene.known(&key).await, Known::Nothing);
    // Whether a sweep came by meanwhile or not.
    assert_eq!(scene.record(key.clone(), "third").await, Known::Nothing);
    assert_eq!(scene.known(&key).await, Known::Answered(answer("third")));
}

async fn a_key_is_its_callers_own_and_means_one_thing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.record(key("alice", "k", "a"), "hers").await;
    assert_eq!(scene.known(&key("alice", "k", "b")).await, Known::OfAnother);
    assert_eq!(scene.known(&key("bob", "k", "a")).await, Known::Nothing);
    assert_eq!(scene.known(&key("alice", "K", "a")).await, Known::Nothing);
}

async fn what_was_not_committed_is_not_known(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (wanted, now) = (key("alice", "k", "a"), scene.now());
    let broken = wanted.clone();
    let failed: Result<(), _> = write!(scene, |tx| {
        idempotency::begin(tx, &broken, now).await?;
        idempotency::record(tx, &broken, &answer("never"), now).await?;
        Err(StoreError::Changed("something"))
    });
    assert!(failed.is_err());
    assert_eq!(scene.known(&wanted).await, Known::Nothing);
}

async fn who_comes_second_while_the_first_is_at_it_learns_so(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (wanted, now) = (key("alice", "k", "a"), scene.now());
    let mine = wanted.clone();
    let first = scene
        .hold_open(move |tx| {
            async move {
                idempotency::begin(tx, &mine, now).await?;
                idempotency::record(tx, &mine, &answer("first"), now).await
            }
            .boxed()
        })
        .await;
    let (other, again) = (scene.clone(), wanted.clone());
    let second = spawn(async move { other.record(again, "second").await });
    scene.settle(&second).await;
    let is_apart = scene.engine == Engine::Postgres;
    if is_apart {
        assert_eq!(
            scene.record(key("bob", "k", "a"), "his").await,
            Known::Nothing
        );
        assert_eq!(ended(second).await, Known::InProgress);
        first.commit().await.unwrap();
    } else {
        first.commit().await.unwrap();
        assert_eq!(ended(second).await, Known::Answered(answer("first")));
    }
    assert_eq!(scene.known(&wanted).await, Known::Answered(answer("first")));
}

async fn old_answers_are_forgotten_and_young_ones_kept(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for n in 0..3 {
        scene.record(key("alice", &n.to_string(), "a"), "old").await;
    }
    scene.later(KEPT / 2);
    scene.record(key("alice", "young", "a"), "young").await;
    let now = scene.later(KEPT / 2);
    let expire = async || write!(scene, |tx| idempotency::expire(tx, now).await).unwrap();
    assert_eq!(expire().await, 3);
    assert_eq!(expire().await, 0);
    assert_eq!(
        scene
            .number("SELECT COUNT(*) AS n FROM idempotency_keys")
            .await,
        1
    );
}
