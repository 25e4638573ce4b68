//! Sessions: whose they are, and how they end.

use std::time::Duration;

use weir_domain::{Digest, SessionId, UserId};
use weir_store::{
    Signal, Topic,
    sessions::{self, IDLE, LONGEST, NewSession, Session},
    users,
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, write};

weir_testkit::on_both_engines!(
    a_session_is_found_by_its_secret_only,
    a_session_ends_when_nobody_uses_it,
    a_session_ends_however_busy_it_is,
    a_session_is_ended_by_its_user_only,
    all_sessions_of_a_user_end_but_perhaps_one,
    sessions_that_began_in_one_way_end_but_perhaps_one,
    ended_sessions_are_removed_and_others_kept,
);

const MOMENT: Duration = Duration::from_millis(1);

fn hash(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// What whoever answers a session is told when it ends.
fn told(id: SessionId) -> Signal {
    Signal::Invalidated(Topic::Session, id.to_string())
}

impl Scene {
    async fn somebody(&self, name: &'static str) -> UserId {
        let now = self.now();
        let user = write!(self, |tx| users::insert(tx, name, now).await);
        user.unwrap().id
    }

    async fn sign_in(&self, user: UserId, secret: &str) -> SessionId {
        self.sign_in_by("password", user, secret).await
    }

    async fn sign_in_by(&self, way: &'static str, user: UserId, secret: &str) -> SessionId {
        let (hash, now) = (hash(secret), self.now());
        let id = write!(self, |tx| {
            let new = NewSession {
                user,
                way,
                address: "192.0.2.1",
                user_agent: "Browser/1.0",
            };
            sessions::insert(tx, &hash, &new, now).await
        });
        id.unwrap()
    }

    async fn session(&self, secret: &str) -> Option<Session> {
        let hash = hash(secret);
        let found = sessions::find_by_hash(self.db.read(), &hash, self.now());
        found.await.unwrap()
    }

    async fn touch(&self, id: SessionId) {
        let now = self.now();
        write!(self, |tx| sessions::touch(tx, id, now).await).unwrap();
    }

    async fn sessions_of(&self, user: UserId) -> Vec<SessionId> {
        let listed = sessions::list(self.db.read(), user, self.now()).await;
        listed.unwrap().into_iter().map(|one| one.id).collect()
    }
}

async fn a_session_is_found_by_its_secret_only(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = scene.somebody("Alice").await;
    let id = scene.sign_in(alice, "secret").await;
    let found = scene.session("secret").await.unwrap();
    let now = scene.now();
    let expected = Session {
        id,
        user_id: alice,
        user_name: "Alice".to_owned(),
        is_admin: false,
        way: "password".to_owned(),
        address: "192.0.2.1".to_owned(),
        user_agent: "Browser/1.0".to_owned(),
        created_at: now,
        used_at: now,
        expires_at: now.plus(LONGEST),
    };
    assert_eq!(found, expected);
    assert_eq!(scene.session("another").await, None);
    assert_eq!(scene.session(&hash("secret").to_string()).await, None);
    let admin = write!(scene, |tx| users::seed_admin(tx, "alice", now).await);
    assert!(admin.unwrap().is_admin);
    let found = scene.session("secret").await.unwrap();
    assert!(found.is_admin, "what its user may, it may at once");
}

async fn a_session_ends_when_nobody_uses_it(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = scene.somebody("alice").await;
    let id = scene.sign_in(alice, "secret").await;
    scene.later(IDLE.saturating_sub(MOMENT));
    assert!(scene.session("secret").await.is_some());
    scene.touch(id).await;
    scene.later(IDLE.saturating_sub(MOMENT));
    assert_eq!(scene.sessions_of(alice).await, [id]);
    scene.later(MOMENT);
    assert_eq!(scene.session("secret").await, None);
    assert_eq!(scene.sessions_of(alice).await, []);
}

async fn a_session_ends_however_busy_it_is(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = scene.somebody("alice").await;
    let id = scene.sign_in(alice, "secret").await;
    let end = scene.now().plus(LONGEST);
    while scene.now().plus(IDLE / 2) < end {
        scene.later(IDLE / 2);
        scene.touch(id).await;
    }
    scene.later(end.since(scene.now()).saturating_sub(MOMENT));
    assert!(scene.session("secret").await.is_some());
    scene.later(MOMENT);
    scene.touch(id).await;
    assert_eq!(scene.session("secret").await, None);
}

async fn a_session_is_ended_by_its_user_only(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (alice, bob) = (scene.somebody("alice").await, scene.somebody("bob").await);
    let id = scene.sign_in(alice, "secret").await;
    let now = scene.now();
    let revoke =
        async |user| write!(scene, |tx| sessions::revoke(tx, user, id, now).await).unwrap();
    scene.heard.take();
    assert!(!revoke(bob).await);
    assert_eq!(scene.heard.take(), []);
    assert!(scene.session("secret").await.is_some());
    assert!(revoke(alice).await);
    assert_eq!(scene.heard.take(), [told(id)]);
    assert!(!revoke(alice).await, "once");
    assert_eq!(scene.session("secret").await, None);
}

async fn all_sessions_of_a_user_end_but_perhaps_one(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (alice, bob) = (scene.somebody("alice").await, scene.somebody("bob").await);
    let kept = scene.sign_in(alice, "a").await;
    let mut gone = Vec::new();
    for secret in ["b", "c"] {
        gone.push(told(scene.sign_in(alice, secret).await));
    }
    let other = scene.sign_in(bob, "d").await;
    let now = scene.now();
    let revoke = async |except| {
        let revoked = write!(scene, |tx| sessions::revoke_all(tx, alice, except, now)
            .await);
        revoked.unwrap()
    };
    scene.heard.take();
    assert_eq!(revoke(Some(kept)).await, 2);
    let heard = scene.heard.take();
    assert!(gone.iter().all(|told| heard.contains(told)), "{heard:?}");
    assert_eq!(scene.sessions_of(alice).await, [kept]);
    assert_eq!(revoke(None).await, 1);
    assert_eq!(scene.sessions_of(alice).await, []);
    assert_eq!(scene.sessions_of(bob).await, [other]);
}

async fn sessions_that_began_in_one_way_end_but_perhaps_one(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (alice, bob) = (scene.somebody("alice").await, scene.somebody("bob").await);
    let here = scene.sign_in_by("github", alice, "here").await;
    let there = scene.sign_in_by("github", alice, "there").await;
    let other = scene.sign_in(alice, "other").await;
    let bobs = scene.sign_in_by("github", bob, "bobs").await;
    let now = scene.now();
    scene.heard.take();
    let revoked = write!(scene, |tx| {
        sessions::revoke_by_way(tx, alice, ("github", Some(here)), now).await
    });
    assert_eq!(revoked.unwrap(), 1);
    assert_eq!(scene.heard.take(), [told(there)]);
    let mut left = scene.sessions_of(alice).await;
    left.sort_unstable();
    let mut expected = [here, other];
    expected.sort_unstable();
    assert_eq!(left, expected);
    assert_eq!(scene.sessions_of(bob).await, [bobs]);
}

async fn ended_sessions_are_removed_and_others_kept(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = scene.somebody("alice").await;
    let mut ended = Vec::new();
    for secret in ["a", "b", "c"] {
        ended.push(told(scene.sign_in(alice, secret).await));
    }
    scene.later(IDLE / 2);
    let young = scene.sign_in(alice, "young").await;
    let now = scene.later(IDLE / 2);
    scene.heard.take();
    let expire = async || write!(scene, |tx| sessions::expire(tx, now, 2).await).unwrap();
    let counts = [expire().await, expire().await, expire().await];
    assert_eq!(counts, [2, 1, 0], "some at a time");
    let heard = scene.heard.take();
    assert!(ended.iter().all(|told| heard.contains(told)), "{heard:?}");
    assert_eq!(scene.sessions_of(alice).await, [young]);
}
