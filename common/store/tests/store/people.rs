//! What users prove themselves with: look-alike names, passwords, one-time passwords, networks;
//! and that who is disabled is let in by nothing.

use std::time::Duration;

use weir_domain::{Digest, UserId, token::TokenSecret};
use weir_store::{
    Signal, StoreError, Topic,
    tokens::{self, NewToken},
    users::{
        self, NewUser, User,
        otp::{self, Mode},
        password::{self, PasswordHash},
    },
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, write};

weir_testkit::on_both_engines!(
    a_name_that_looks_like_anothers_is_taken,
    names_that_objects_have_are_names_like_others,
    a_password_is_kept_as_its_hash_and_changes,
    a_disabled_users_tokens_are_none_until_enabled,
    a_former_administrators_tokens_lose_their_rights,
    each_change_has_its_own_columns,
    users_are_listed_page_by_page,
    a_second_factor_counts_once_it_is_confirmed,
    a_code_is_used_once_whoever_brings_it_how_often,
    a_recovery_code_is_used_once,
    networks_are_remembered_for_a_while,
    a_configured_administrator_is_let_in_again,
);

async fn user(scene: &Scene, name: &'static str) -> Result<User, StoreError> {
    let now = scene.now();
    write!(scene, |tx| users::insert(tx, name, now).await)
}

async fn get(scene: &Scene, id: UserId) -> User {
    users::get(scene.db.read(), id).await.unwrap()
}

async fn a_name_that_looks_like_anothers_is_taken(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let admin = user(&scene, "admin").await.unwrap();
    for alike in ["аdmin", "ADMIN", "ａｄｍｉｎ", "admın"] {
        let refused = user(&scene, alike).await;
        assert!(
            matches!(refused, Err(StoreError::AlreadyExists(_))),
            "{alike}: {refused:?}"
        );
    }
    let found = users::find_by_name(scene.db.read(), "аdmin").await.unwrap();
    assert_eq!(found, None, "a look-alike is not the one it looks like");
    let found = users::find_by_name(scene.db.read(), "Admin").await.unwrap();
    assert_eq!(found, Some(admin));
    let composed = user(&scene, "jürgen").await.unwrap();
    let found = users::find_by_name(scene.db.read(), "JU\u{308}RGEN").await;
    assert_eq!(found.unwrap(), Some(composed));
}

async fn names_that_objects_have_are_names_like_others(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for name in ["constructor", "__proto__", "toString", "hasOwnProperty"] {
        let made = user(&scene, name).await.unwrap();
        assert!(!made.is_admin && !made.is_disabled, "{name}");
        let found = users::find_by_name(scene.db.read(), name).await.unwrap();
        assert_eq!(found, Some(made));
    }
    let nobody = users::find_by_name(scene.db.read(), "valueOf").await;
    assert_eq!(nobody.unwrap(), None);
}

async fn a_password_is_kept_as_its_hash_and_changes(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (first, second) = (PasswordHash::new("$one"), PasswordHash::new("$two"));
    let (now, hash) = (scene.now(), first.clone());
    let made = write!(scene, |tx| {
        let new = NewUser {
            name: "alice",
            email: Some("alice@example.com"),
            display_name: Some("Alice"),
            password: Some(&hash),
            is_admin: false,
        };
        users::create(tx, &new, now).await
    })
    .unwrap();
    assert_eq!(made.email.as_deref(), Some("alice@example.com"));
    assert_eq!(made.display_name.as_deref(), Some("Alice"));
    let find = async || password::find(scene.db.read(), "Alice").await.unwrap();
    let account = find().await.unwrap();
    assert_eq!((account.user.id, account.hash), (made.id, Some(first)));
    let (later, hash) = (scene.later(Duration::from_secs(1)), second.clone());
    write!(scene, |tx| password::set(tx, made.id, &hash, later).await).unwrap();
    let account = find().await.unwrap();
    assert_eq!(account.hash, Some(second));
    assert_eq!(account.user.updated_at, later);
    assert!(!format!("{account:?}").contains("$two"));
    assert!(
        password::find(scene.db.read(), "bob")
            .await
            .unwrap()
            .is_none()
    );
    user(&scene, "robot").await.unwrap();
    let robot = password::find(scene.db.read(), "robot").await.unwrap();
    assert_eq!(robot.unwrap().hash, None);
    let nobody = write!(scene, |tx| {
        password::set(tx, UserId::new(), &PasswordHash::new("$"), later).await
    });
    assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
}

async fn a_disabled_users_tokens_are_none_until_enabled(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = user(&scene, "alice").await.unwrap();
    let (secret, now) = (TokenSecret::generate(), scene.now());
    let minted = secret.clone();
    let id = write!(scene, |tx| {
        tokens::insert(tx, alice.id, &minted, NewToken::default(), now).await
    })
    .unwrap();
    for (is_disabled, is_found) in [(true, false), (true, false), (false, true)] {
        scene.heard.take();
        write!(scene, |tx| users::set_disabled(
            tx,
            alice.id,
            is_disabled,
            now
        )
        .await)
        .unwrap();
        let told = Signal::Invalidated(Topic::Token, alice.id.to_string());
        assert!(scene.heard.take().contains(&told), "caches are told");
        let by_text = tokens::find_by_hash(scene.db.read(), &secret.hash()).await;
        assert_eq!(by_text.unwrap().is_some(), is_found);
        let by_id = tokens::find(scene.db.read(), id).await.unwrap();
        assert_eq!(by_id.is_some(), is_found);
        assert_eq!(get(&scene, alice.id).await.is_disabled, is_disabled);
    }
}

async fn a_former_administrators_tokens_lose_their_rights(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let now = scene.now();
    let root = write!(scene, |tx| users::seed_admin(tx, "root", now).await).unwrap();
    let secret = TokenSecret::generate();
    let minted = secret.clone();
    write!(scene, |tx| {
        let new = NewToken {
            is_admin: true,
            ..NewToken::default()
        };
        tokens::insert(tx, root.id, &minted, new, now).await
    })
    .unwrap();
    for is_admin in [false, true] {
        write!(scene, |tx| users::set_admin(tx, root.id, is_admin, now)
            .await)
        .unwrap();
        let found = tokens::find_by_hash(scene.db.read(), &secret.hash()).await;
        assert_eq!(found.unwrap().unwrap().is_admin, is_admin);
    }
}

async fn each_change_has_its_own_columns(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = user(&scene, "alice").await.unwrap();
    let now = scene.later(Duration::from_secs(5));
    let profile = users::Profile {
        email: Some("a@example.com".to_owned()),
        display_name: Some("A".to_owned()),
        more: Some(r#"{"github":"a"}"#.to_owned()),
    };
    write!(scene, |tx| {
        users::set_disabled(tx, alice.id, true, now).await?;
        users::set_profile(tx, alice.id, &profile, now).await?;
        users::set_email(tx, alice.id, "b@example.com", now).await
    })
    .unwrap();
    let changed = get(&scene, alice.id).await;
    let expected = User {
        email: Some("b@example.com".to_owned()),
        display_name: Some("A".to_owned()),
        profile: Some(r#"{"github":"a"}"#.to_owned()),
        is_disabled: true,
        updated_at: now,
        ..alice
    };
    assert_eq!(changed, expected);
    let nobody = write!(scene, |tx| {
        users::set_email(tx, UserId::new(), "c@example.com", now).await
    });
    assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
}

async fn users_are_listed_page_by_page(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for name in ["carol", "Alice", "bob"] {
        user(&scene, name).await.unwrap();
    }
    let names = async |after, limit| {
        let page = users::list(scene.db.read(), after, limit).await.unwrap();
        let names = page.into_iter().map(|user| user.name);
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(None, 10).await, ["Alice", "bob", "carol"]);
    assert_eq!(names(None, 2).await, ["Alice", "bob"]);
    assert_eq!(names(Some("BOB"), 2).await, ["carol"]);
    assert_eq!(names(Some("carol"), 2).await, Vec::<String>::new());
}

/// Gives a user a confirmed second factor, whose code of period 10 was used.
async fn with_factor(scene: &Scene, name: &'static str) -> User {
    let made = user(scene, name).await.unwrap();
    let now = scene.now();
    let confirmed = write!(scene, |tx| {
        otp::begin(tx, made.id, (b"sealed", Mode::Auth), now).await?;
        otp::confirm(tx, made.id, (b"sealed", 10), now).await
    });
    assert!(confirmed.unwrap());
    get(scene, made.id).await
}

async fn a_second_factor_counts_once_it_is_confirmed(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (alice, now) = (user(&scene, "alice").await.unwrap(), scene.now());
    let find = async || otp::find(scene.db.read(), alice.id).await.unwrap();
    assert_eq!(find().await, None);
    assert!(!otp::is_any(scene.db.read()).await.unwrap());
    write!(scene, |tx| {
        otp::begin(tx, alice.id, (b"first", Mode::Auth), now).await?;
        otp::begin(tx, alice.id, (b"second", Mode::AuthAndWrites), now).await
    })
    .unwrap();
    let pending = find().await.unwrap();
    assert!(pending.is_pending && pending.sealed == b"second");
    assert!(!get(&scene, alice.id).await.has_otp);
    assert!(otp::is_any(scene.db.read()).await.unwrap());
    for (sealed, minutes, is_it) in [
        (&b"first"[..], 0, false),
        (b"second", 15, false),
        (b"second", 14, true),
        (b"second", 0, false),
    ] {
        let then = now.plus(Duration::from_secs(minutes * 60));
        let confirmed = write!(scene, |tx| otp::confirm(tx, alice.id, (sealed, 1), then)
            .await);
        assert_eq!(confirmed.unwrap(), is_it);
    }
    assert!(get(&scene, alice.id).await.has_otp);
    let again = write!(scene, |tx| otp::begin(
        tx,
        alice.id,
        (b"third", Mode::Auth),
        now
    )
    .await);
    assert!(again.is_err(), "a confirmed one is not replaced in passing");
    write!(scene, |tx| otp::set_mode(tx, alice.id, Mode::Auth, now)
        .await)
    .unwrap();
    let kept = find().await.unwrap();
    assert_eq!((kept.is_pending, kept.mode), (false, Mode::Auth));
    write!(scene, |tx| otp::remove(tx, alice.id, now).await).unwrap();
    assert_eq!(find().await, None);
    assert!(!get(&scene, alice.id).await.has_otp);
}

async fn a_code_is_used_once_whoever_brings_it_how_often(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = with_factor(&scene, "alice").await;
    let take = async |period| {
        let used = write!(scene, |tx| otp::use_period(tx, alice.id, period).await);
        used.unwrap()
    };
    assert!(!take(10).await, "the one that confirmed");
    assert!(!take(9).await, "an earlier one");
    let all = futures::future::join_all((0..8).map(|_| take(12))).await;
    assert_eq!(all.iter().filter(|is_first| **is_first).count(), 1);
    assert!(!take(11).await, "one before the last used");
    assert!(take(13).await);
    let kept = otp::find(scene.db.read(), alice.id).await.unwrap();
    assert_eq!(kept.and_then(|otp| otp.used_period), Some(13));
    let bob = user(&scene, "bob").await.unwrap();
    let without = write!(scene, |tx| otp::use_period(tx, bob.id, 99).await);
    assert!(!without.unwrap());
}

async fn a_recovery_code_is_used_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (alice, bob) = (
        with_factor(&scene, "alice").await,
        with_factor(&scene, "bob").await,
    );
    let codes = [Digest::of(b"one"), Digest::of(b"two")];
    write!(scene, |tx| otp::set_recovery_codes(tx, alice.id, &codes)
        .await)
    .unwrap();
    let take = async |user: UserId, code| {
        let used = write!(scene, |tx| otp::use_recovery_code(tx, user, &code).await);
        used.unwrap()
    };
    assert!(!take(bob.id, codes[0]).await, "another's");
    let has = async |user, code| {
        let found = otp::has_recovery_code(scene.db.read(), user, code).await;
        found.unwrap()
    };
    assert!(has(alice.id, &codes[0]).await && !has(bob.id, &codes[0]).await);
    let all = futures::future::join_all((0..4).map(|_| take(alice.id, codes[0]))).await;
    assert_eq!(all.iter().filter(|is_first| **is_first).count(), 1);
    assert!(!has(alice.id, &codes[0]).await, "used");
    let now = scene.now();
    write!(scene, |tx| otp::remove(tx, alice.id, now).await).unwrap();
    assert!(!take(alice.id, codes[1]).await, "gone with the factor");
}

async fn networks_are_remembered_for_a_while(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = user(&scene, "alice").await.unwrap();
    user(&scene, "bob").await.unwrap();
    let knows = async |name: &str, network: &str| {
        let now = scene.now();
        users::knows_network(scene.db.read(), name, network, now)
            .await
            .unwrap()
    };
    let remember = async |network: &'static str| {
        let now = scene.now();
        write!(scene, |tx| users::remember_network(
            tx, alice.id, network, now
        )
        .await)
        .unwrap();
    };
    assert!(!knows("alice", "192.0.2.1").await);
    remember("192.0.2.1").await;
    remember("192.0.2.1").await;
    assert!(knows("alice", "192.0.2.1").await);
    assert!(!knows("alice", "192.0.2.2").await);
    assert!(!knows("bob", "192.0.2.1").await);
    scene.later(Duration::from_secs(91 * 86_400));
    assert!(!knows("alice", "192.0.2.1").await);
    remember("192.0.2.2").await;
    let kept = scene
        .number("SELECT COUNT(*) AS n FROM known_networks")
        .await;
    assert_eq!(kept, 1, "what is long ago is forgotten");
    remember("192.0.2.3").await;
    let forget = async |now| {
        let forgotten = write!(scene, |tx| users::forget_networks(tx, now, 1).await);
        forgotten.unwrap()
    };
    assert_eq!(forget(scene.now()).await, 0);
    let now = scene.later(Duration::from_secs(91 * 86_400));
    let counts = [forget(now).await, forget(now).await, forget(now).await];
    assert_eq!(counts, [1, 1, 0], "of users who do not come back, too");
}

async fn a_configured_administrator_is_let_in_again(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = user(&scene, "alice").await.unwrap();
    let now = scene.now();
    write!(scene, |tx| users::set_disabled(tx, alice.id, true, now)
        .await)
    .unwrap();
    let seeded = write!(scene, |tx| users::seed_admin(tx, "Alice", now).await).unwrap();
    assert_eq!(seeded.id, alice.id);
    assert!(seeded.is_admin && !seeded.is_disabled);
    let later = scene.later(Duration::from_secs(1));
    let again = write!(scene, |tx| users::seed_admin(tx, "alice", later).await).unwrap();
    assert_eq!(again, seeded, "nothing to change, nothing changed");
}
