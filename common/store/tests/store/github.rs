//! GitHub: accounts by their numbers, and browsers that come back.

use std::time::Duration;

use weir_domain::{Digest, UserId};
use weir_store::{
    StoreError,
    github_accounts::{self, Account},
    github_sign_ins::{self, SignIn, VALID},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, spawn, write};

weir_testkit::on_both_engines!(
    an_account_is_known_by_its_number_whatever_its_login,
    a_user_has_one_account_and_an_account_one_user,
    an_unlinked_account_is_free_for_whoever_links_it_next,
    a_state_is_good_once_in_time_and_for_its_browser,
    of_many_who_come_back_at_once_one_is_let_in,
    old_states_are_removed_and_young_ones_kept,
);

fn hash(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

impl Scene {
    async fn link(&self, user: UserId, id: i64, login: &'static str) -> Result<(), StoreError> {
        let now = self.now();
        write!(self, |tx| {
            github_accounts::insert(tx, user, (id, login), now).await
        })
    }

    async fn depart(&self, state: &str, browser: &str, sign_in: SignIn) {
        let (state, browser, now) = (hash(state), hash(browser), self.now());
        let noted = write!(self, |tx| {
            github_sign_ins::insert(tx, (&state, &browser), &sign_in, now).await
        });
        noted.unwrap();
    }

    async fn arrive(&self, state: &str, browser: &str) -> Option<SignIn> {
        let (state, browser, now) = (hash(state), hash(browser), self.now());
        let taken = write!(self, |tx| {
            github_sign_ins::take(tx, (&state, &browser), now).await
        });
        taken.unwrap()
    }
}

fn sign_in() -> SignIn {
    SignIn {
        linker: None,
        next: "/-/account".to_owned(),
    }
}

async fn an_account_is_known_by_its_number_whatever_its_login(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = UserId::new();
    scene.link(alice, 583_231, "octocat").await.unwrap();
    let linked_at = scene.now();
    let account = |login: &str| Account {
        user_id: alice,
        github_id: 583_231,
        login: login.to_owned(),
        linked_at,
    };
    let found = async || {
        let found = github_accounts::find(scene.db.read(), 583_231).await;
        found.unwrap()
    };
    assert_eq!(found().await, Some(account("octocat")));
    write!(scene, |tx| github_accounts::rename(tx, 583_231, "hubot")
        .await)
    .unwrap();
    assert_eq!(found().await, Some(account("hubot")));
    let of_user = github_accounts::of_user(scene.db.read(), alice).await;
    assert_eq!(of_user.unwrap(), Some(account("hubot")));
    // Whoever has the login now is somebody else.
    let other = github_accounts::find(scene.db.read(), 583_232).await;
    assert_eq!(other.unwrap(), None);
    scene.link(UserId::new(), 583_232, "octocat").await.unwrap();
}

async fn a_user_has_one_account_and_an_account_one_user(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = UserId::new();
    scene.link(alice, 1, "one").await.unwrap();
    for (user, id) in [(alice, 2), (UserId::new(), 1), (alice, 1)] {
        let refused = scene.link(user, id, "two").await;
        assert!(matches!(refused, Err(StoreError::AlreadyExists(_))), "{id}");
    }
}

async fn an_unlinked_account_is_free_for_whoever_links_it_next(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (alice, bob) = (UserId::new(), UserId::new());
    scene.link(alice, 7, "octocat").await.unwrap();
    let unlink = async |user| {
        let removed = write!(scene, |tx| github_accounts::remove(tx, user).await);
        removed.unwrap().map(|account| account.github_id)
    };
    assert_eq!(unlink(bob).await, None, "who has none");
    assert_eq!([unlink(alice).await, unlink(alice).await], [Some(7), None]);
    scene.link(bob, 7, "octocat").await.unwrap();
    let found = github_accounts::of_user(scene.db.read(), alice).await;
    assert_eq!(found.unwrap(), None);
}

async fn a_state_is_good_once_in_time_and_for_its_browser(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let linking = SignIn {
        linker: Some(UserId::new()),
        next: "/".to_owned(),
    };
    scene.depart("state", "browser", sign_in()).await;
    scene.depart("other", "browser", linking.clone()).await;
    assert_eq!(scene.arrive("state", "another").await, None);
    assert_eq!(scene.arrive("nothing", "browser").await, None);
    assert_eq!(scene.arrive("state", "browser").await, Some(sign_in()));
    assert_eq!(scene.arrive("state", "browser").await, None, "once");
    let moment = Duration::from_millis(1);
    scene.later(VALID.saturating_sub(moment));
    assert_eq!(scene.arrive("other", "browser").await, Some(linking));
    scene.depart("late", "browser", sign_in()).await;
    scene.later(VALID);
    assert_eq!(scene.arrive("late", "browser").await, None);
}

async fn of_many_who_come_back_at_once_one_is_let_in(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for round in 0..5 {
        let state = format!("state {round}");
        scene.depart(&state, "browser", sign_in()).await;
        let arrivals: Vec<_> = (0..8)
            .map(|_| {
                let (scene, state) = (scene.clone(), state.clone());
                spawn(async move { scene.arrive(&state, "browser").await })
            })
            .collect();
        let mut let_in = 0;
        for arrival in arrivals {
            let_in += usize::from(arrival.await.unwrap().is_some());
        }
        assert_eq!(let_in, 1, "round {round}");
    }
}

async fn old_states_are_removed_and_young_ones_kept(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for old in ["old", "older"] {
        scene.depart(old, "browser", sign_in()).await;
    }
    scene.later(VALID / 2);
    scene.depart("young", "browser", sign_in()).await;
    let now = scene.later(VALID / 2);
    let expire = async || write!(scene, |tx| github_sign_ins::expire(tx, now, 1).await).unwrap();
    let counts = [expire().await, expire().await, expire().await];
    assert_eq!(counts, [1, 1, 0], "some at a time");
    assert!(scene.arrive("young", "browser").await.is_some());
}
