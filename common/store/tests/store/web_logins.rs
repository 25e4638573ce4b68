//! Web logins: confirmed by one, fetched by one, and only in time.

use std::time::Duration;

use weir_domain::{Digest, UserId};
use weir_store::web_logins::{self, Confirmed, NewWebLogin, Progress, VALID, WebLogin};
use weir_testkit::TestDatabase;

use crate::support::{Scene, spawn, write};

weir_testkit::on_both_engines!(
    a_login_is_confirmed_once_and_fetched_once,
    a_denied_login_is_gone,
    a_login_is_over_after_its_time,
    of_many_who_fetch_it_at_once_one_gets_it,
    old_logins_are_removed_and_young_ones_kept,
);

fn hash(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

impl Scene {
    /// Begins a login; its page has the secret `page NAME`, its program `program NAME`.
    async fn begin_login(&self, name: &str) {
        let (login, done) = (
            hash(&format!("page {name}")),
            hash(&format!("program {name}")),
        );
        let now = self.now();
        let made = write!(self, |tx| {
            let new = NewWebLogin {
                login,
                done,
                address: "192.0.2.1",
                user_agent: "npm/12",
            };
            web_logins::insert(tx, &new, now).await
        });
        made.unwrap();
    }

    async fn waiting_login(&self, name: &str) -> Option<WebLogin> {
        let login = hash(&format!("page {name}"));
        let found = web_logins::find(self.db.read(), &login, self.now());
        found.await.unwrap()
    }

    async fn confirm_login(&self, name: &str, user: UserId, is_admin: bool) -> bool {
        let (login, now) = (hash(&format!("page {name}")), self.now());
        let confirmed = write!(self, |tx| {
            web_logins::confirm(tx, &login, (user, is_admin), now).await
        });
        confirmed.unwrap()
    }

    async fn deny_login(&self, name: &str) -> bool {
        let login = hash(&format!("page {name}"));
        write!(self, |tx| web_logins::deny(tx, &login).await).unwrap()
    }

    async fn login_progress(&self, secret: &str) -> Option<Progress> {
        let done = hash(secret);
        let found = web_logins::progress(self.db.read(), &done, self.now());
        found.await.unwrap()
    }

    async fn take_login(&self, secret: &str) -> Option<Confirmed> {
        let (done, now) = (hash(secret), self.now());
        write!(self, |tx| web_logins::take(tx, &done, now).await).unwrap()
    }
}

async fn a_login_is_confirmed_once_and_fetched_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (alice, bob) = (UserId::new(), UserId::new());
    scene.begin_login("a").await;
    let login = WebLogin {
        address: "192.0.2.1".to_owned(),
        user_agent: "npm/12".to_owned(),
        asked_at: scene.now(),
    };
    assert_eq!(scene.waiting_login("a").await.as_ref(), Some(&login));
    assert_eq!(
        scene.login_progress("program a").await,
        Some(Progress::Waiting)
    );
    assert_eq!(scene.login_progress("page a").await, None, "each its own");
    assert_eq!(scene.take_login("program a").await, None, "too early");
    assert!(!scene.confirm_login("b", alice, false).await);
    assert!(scene.confirm_login("a", alice, true).await);
    assert!(!scene.confirm_login("a", bob, true).await, "once");
    assert!(!scene.deny_login("a").await, "too late");
    assert_eq!(scene.waiting_login("a").await, None);
    assert_eq!(
        scene.login_progress("program a").await,
        Some(Progress::Confirmed)
    );
    assert_eq!(scene.take_login("page a").await, None);
    let expected = Confirmed {
        user: alice,
        is_admin: true,
        login,
    };
    assert_eq!(scene.take_login("program a").await, Some(expected));
    assert_eq!(scene.take_login("program a").await, None);
    assert_eq!(scene.login_progress("program a").await, None);
}

async fn a_denied_login_is_gone(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.begin_login("a").await;
    assert!(scene.deny_login("a").await);
    assert!(!scene.deny_login("a").await);
    assert_eq!(scene.waiting_login("a").await, None);
    assert_eq!(scene.login_progress("program a").await, None);
    assert!(!scene.confirm_login("a", UserId::new(), false).await);
}

async fn a_login_is_over_after_its_time(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = UserId::new();
    for name in ["late", "fetched late"] {
        scene.begin_login(name).await;
    }
    let moment = Duration::from_millis(1);
    scene.later(VALID.saturating_sub(moment));
    assert!(scene.confirm_login("fetched late", alice, false).await);
    scene.later(moment);
    assert_eq!(scene.waiting_login("late").await, None);
    assert!(!scene.confirm_login("late", alice, false).await);
    for secret in ["program late", "program fetched late"] {
        assert_eq!(scene.login_progress(secret).await, None, "{secret}");
        assert_eq!(scene.take_login(secret).await, None, "{secret}");
    }
}

async fn of_many_who_fetch_it_at_once_one_gets_it(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for round in 0..5 {
        let name = format!("{round}");
        scene.begin_login(&name).await;
        scene.confirm_login(&name, UserId::new(), false).await;
        let takers: Vec<_> = (0..8)
            .map(|_| {
                let (scene, secret) = (scene.clone(), format!("program {name}"));
                spawn(async move { scene.take_login(&secret).await })
            })
            .collect();
        let mut served = 0;
        for taker in takers {
            served += usize::from(taker.await.unwrap().is_some());
        }
        assert_eq!(served, 1, "round {round}");
    }
}

async fn old_logins_are_removed_and_young_ones_kept(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for old in ["old", "older"] {
        scene.begin_login(old).await;
    }
    scene.later(VALID / 2);
    scene.begin_login("young").await;
    let now = scene.later(VALID / 2);
    let expire = async || write!(scene, |tx| web_logins::expire(tx, now, 1).await).unwrap();
    let counts = [expire().await, expire().await, expire().await];
    assert_eq!(counts, [1, 1, 0], "some at a time");
    assert!(scene.waiting_login("young").await.is_some());
}
