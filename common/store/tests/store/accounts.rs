//! Users and tokens: what a secret may do, and that its text is kept nowhere.

use std::time::Duration;

use weir_domain::{
    PackageName, Timestamp, UserId,
    token::{Cidr, Grant, Permission, TokenSecret},
};
use weir_store::{
    ConnectionTrait, Signal, StoreError, Topic,
    tokens::{self, NewToken, Token},
    users,
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, write};

weir_testkit::on_both_engines!(
    names_are_unique_whatever_their_case,
    seeding_an_administrator_promotes_and_repeats,
    a_token_is_found_by_its_text_only,
    a_token_has_no_more_rights_than_its_user,
    the_configured_token_is_one_and_moves,
    a_configured_token_may_be_somebodys_text,
    the_same_text_is_one_token,
    what_a_token_is_limited_to_is_read_as_it_was_written,
    a_list_that_cannot_be_read_names_its_column,
    tokens_are_listed_newest_first_a_page_at_a_time,
    a_token_is_named_by_its_key_or_by_how_that_begins,
    use_is_written_down_once_a_minute,
    expired_tokens_are_removed_some_at_a_time_and_others_kept,
);

async fn user(scene: &Scene, name: &'static str) -> Result<users::User, StoreError> {
    let now = scene.now();
    write!(scene, |tx| users::insert(tx, name, now).await)
}

async fn admin(scene: &Scene, name: &'static str) -> users::User {
    let now = scene.now();
    write!(scene, |tx| users::seed_admin(tx, name, now).await).unwrap()
}

async fn mint(
    scene: &Scene,
    user: UserId,
    secret: &TokenSecret,
    new: NewToken<'static>,
) -> Result<weir_domain::TokenId, StoreError> {
    let (secret, now) = (secret.clone(), scene.now());
    write!(scene, |tx| tokens::insert(tx, user, &secret, new, now)
        .await)
}

async fn find(scene: &Scene, secret: &TokenSecret) -> Option<Token> {
    let found = tokens::find_by_hash(scene.db.read(), &secret.hash()).await;
    let found = found.unwrap();
    if let Some(token) = &found {
        let by_id = tokens::find(scene.db.read(), token.id).await.unwrap();
        assert_eq!(by_id.as_ref(), Some(token));
    }
    found
}

async fn seed(scene: &Scene, user: UserId, secret: &TokenSecret) {
    let (secret, now) = (secret.clone(), scene.now());
    write!(scene, |tx| tokens::seed_admin(tx, user, &secret, now).await).unwrap();
}

async fn names_are_unique_whatever_their_case(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = user(&scene, "Alice").await.unwrap();
    let again = user(&scene, "aLICE").await;
    assert!(matches!(again, Err(StoreError::AlreadyExists(_))));
    let found = users::find_by_name(scene.db.read(), "ALICE").await.unwrap();
    assert_eq!(found, Some(alice));
}

async fn seeding_an_administrator_promotes_and_repeats(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let plain = user(&scene, "root").await.unwrap();
    assert!(!plain.is_admin);
    for _ in 0..2 {
        let seeded = admin(&scene, "Root").await;
        assert!(seeded.is_admin);
        assert_eq!(seeded.id, plain.id);
    }
    assert!(admin(&scene, "other").await.is_admin);
}

async fn a_token_is_found_by_its_text_only(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = user(&scene, "alice").await.unwrap();
    let secret = TokenSecret::generate();
    scene.heard.take();
    let new = NewToken {
        is_readonly: true,
        expires_at: Some(Timestamp(99)),
        ..NewToken::default()
    };
    let id = mint(&scene, alice.id, &secret, new).await.unwrap();
    // Whoever asked before remembers that there is none.
    let told = Signal::Invalidated(Topic::Token, id.to_string());
    assert_eq!(scene.heard.take(), [told]);
    let found = find(&scene, &secret).await.unwrap();
    assert_eq!((found.id, found.user_id), (id, alice.id));
    assert_eq!(found.user_name, "alice");
    assert!(found.is_readonly && !found.is_admin && !found.is_automation);
    assert_eq!(found.expires_at, Some(Timestamp(99)));
    assert!(find(&scene, &TokenSecret::generate()).await.is_none());
}

async fn a_token_has_no_more_rights_than_its_user(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (alice, root) = (
        user(&scene, "alice").await.unwrap(),
        admin(&scene, "root").await,
    );
    let may = async |user, new| {
        let secret = TokenSecret::generate();
        mint(&scene, user, &secret, new).await.unwrap();
        find(&scene, &secret).await.unwrap().is_admin
    };
    let as_admin = NewToken {
        is_admin: true,
        ..NewToken::default()
    };
    let readonly = NewToken {
        is_readonly: true,
        ..as_admin
    };
    assert!(!may(alice.id, as_admin).await);
    assert!(!may(root.id, NewToken::default()).await);
    assert!(!may(root.id, readonly).await);
    assert!(may(root.id, as_admin).await);
}

async fn the_configured_token_is_one_and_moves(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let root = admin(&scene, "root").await;
    let other = TokenSecret::generate();
    mint(&scene, root.id, &other, NewToken::default())
        .await
        .unwrap();
    let (first, second) = (TokenSecret::generate(), TokenSecret::generate());
    seed(&scene, root.id, &first).await;
    seed(&scene, root.id, &first).await;
    let former = find(&scene, &first).await.unwrap();
    assert!(former.is_admin);
    scene.heard.take();
    seed(&scene, root.id, &second).await;
    assert!(find(&scene, &first).await.is_none());
    assert!(find(&scene, &second).await.is_some());
    assert!(find(&scene, &other).await.is_some(), "others' stay");
    let told = Signal::Invalidated(Topic::Token, former.id.to_string());
    assert!(scene.heard.take().contains(&told));
}

async fn a_configured_token_may_be_somebodys_text(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (alice, root) = (
        user(&scene, "alice").await.unwrap(),
        admin(&scene, "root").await,
    );
    let secret = TokenSecret::generate();
    mint(&scene, alice.id, &secret, NewToken::default())
        .await
        .unwrap();
    seed(&scene, root.id, &secret).await;
    let found = find(&scene, &secret).await.unwrap();
    assert_eq!((found.user_id, found.is_admin), (root.id, true));
}

async fn the_same_text_is_one_token(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = user(&scene, "alice").await.unwrap();
    let secret = TokenSecret::generate();
    mint(&scene, alice.id, &secret, NewToken::default())
        .await
        .unwrap();
    let again = mint(&scene, alice.id, &secret, NewToken::default()).await;
    assert!(matches!(again, Err(StoreError::AlreadyExists(_))));
}

fn grant() -> Grant {
    Grant {
        packages: vec![PackageName::parse("@s/not-yet-there").unwrap()],
        scopes: vec!["s".to_owned()],
        packages_permission: Permission::ReadWrite,
        orgs: vec!["o".to_owned()],
        orgs_permission: Permission::ReadOnly,
        ..Grant::default()
    }
}

async fn what_a_token_is_limited_to_is_read_as_it_was_written(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let root = admin(&scene, "root").await;
    let cidrs: Vec<Cidr> = vec!["192.0.2.0/24".parse().unwrap(), "::1".parse().unwrap()];
    let (secret, now) = (TokenSecret::generate(), scene.now());
    let (wanted, text) = ((cidrs.clone(), grant()), secret.clone());
    let made = write!(scene, |tx| {
        let new = NewToken {
            name: Some("ci"),
            description: Some("builds"),
            is_admin: true,
            is_automation: true,
            cidrs: &wanted.0,
            grant: Some(&wanted.1),
            ..NewToken::default()
        };
        tokens::insert(tx, root.id, &text, new, now).await
    });
    let token = find(&scene, &secret).await.unwrap();
    assert_eq!((&token.cidrs, token.grant), (&cidrs, Some(grant())));
    assert!(token.is_automation && !token.is_readonly);
    assert!(!token.is_admin, "what is limited does not administer");
    let (listed, _) = tokens::list(scene.db.read(), root.id, (0, 9))
        .await
        .unwrap();
    let listed = &listed[0];
    assert_eq!((listed.id, listed.key), (made.unwrap(), secret.hash()));
    assert_eq!((&listed.cidrs, &listed.grant), (&cidrs, &Some(grant())));
    let texts = (listed.name.as_deref(), listed.description.as_deref());
    assert_eq!(texts, (Some("ci"), Some("builds")));
    assert_eq!(listed.mask, secret.masked());
    assert!(!format!("{listed:?}").contains(secret.reveal()));
}

async fn a_list_that_cannot_be_read_names_its_column(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = user(&scene, "alice").await.unwrap();
    let secret = TokenSecret::generate();
    mint(&scene, alice.id, &secret, NewToken::default())
        .await
        .unwrap();
    for column in ["cidrs", "granted"] {
        let broken = format!("UPDATE tokens SET {column} = '[\"nonsense\"'");
        let mended = format!("UPDATE tokens SET {column} = NULL");
        for (statement, is_fine) in [(broken, false), (mended, true)] {
            write!(scene, |tx| {
                tx.execute_unprepared(&statement).await?;
                Ok(())
            })
            .unwrap();
            let found = tokens::find_by_hash(scene.db.read(), &secret.hash()).await;
            // What limits a token is never taken for nothing.
            let names = found.as_ref().is_err_and(|error| {
                let said = error.to_string();
                said.starts_with(&format!("tokens.{column} of "))
            });
            assert_eq!((found.is_ok(), names), (is_fine, !is_fine), "{found:?}");
        }
    }
}

async fn tokens_are_listed_newest_first_a_page_at_a_time(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (alice, bob) = (
        user(&scene, "alice").await.unwrap(),
        user(&scene, "bob").await.unwrap(),
    );
    let mut made = Vec::new();
    for _ in 0..5 {
        let secret = TokenSecret::generate();
        made.push(
            mint(&scene, alice.id, &secret, NewToken::default())
                .await
                .unwrap(),
        );
        scene.later(Duration::from_millis(1));
    }
    mint(
        &scene,
        bob.id,
        &TokenSecret::generate(),
        NewToken::default(),
    )
    .await
    .unwrap();
    made.reverse();
    let page = async |skip| {
        let listed = tokens::list(scene.db.read(), alice.id, (skip, 2)).await;
        let (listed, total) = listed.unwrap();
        assert_eq!(total, 5);
        listed.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    let pages = [page(0).await, page(2).await, page(4).await, page(6).await];
    assert_eq!(pages.concat(), made);
    assert_eq!(pages.map(|page| page.len()), [2, 2, 1, 0]);
}

async fn a_token_is_named_by_its_key_or_by_how_that_begins(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (alice, bob) = (
        user(&scene, "alice").await.unwrap(),
        user(&scene, "bob").await.unwrap(),
    );
    // Their keys begin with the same six characters, and no more.
    let (one, other) = twins();
    let mut ids = Vec::new();
    for secret in [&one, &other] {
        ids.push(
            mint(&scene, alice.id, secret, NewToken::default())
                .await
                .unwrap(),
        );
    }
    let key = one.hash().to_string();
    let named = async |key: &str| {
        let found = tokens::find_owned(scene.db.read(), alice.id, key).await;
        found.unwrap()
    };
    assert_eq!(named(&key).await, [ids[0]]);
    assert_eq!(named(&key.to_uppercase()).await, [ids[0]]);
    assert_eq!(named(&other.hash().to_string()).await, [ids[1]]);
    for chars in 7..64 {
        assert_eq!(named(&key[..chars]).await, [ids[0]], "{chars}");
    }
    assert_eq!(named(&key[..6]).await.len(), 2);
    for nothing in ["", &key[..5], "zzzzzz", "%_%_%_", &format!("{key}0")] {
        assert_eq!(named(nothing).await, [], "{nothing}");
    }
    let bobs = tokens::find_owned(scene.db.read(), bob.id, &key).await;
    assert_eq!(bobs.unwrap(), [], "another's is not there");
}

/// Two texts whose hashes begin with the same six characters, and differ in the seventh.
fn twins() -> (TokenSecret, TokenSecret) {
    let mut seen = std::collections::HashMap::new();
    for n in 0.. {
        let secret = TokenSecret::from_text(format!("npm_{n}"));
        let key = secret.hash().to_string();
        let former: Option<TokenSecret> = seen.insert(key[..6].to_owned(), secret.clone());
        if let Some(former) = former
            && former.hash().to_string()[6..7] != key[6..7]
        {
            return (former, secret);
        }
    }
    unreachable!("there are only so many beginnings")
}

async fn use_is_written_down_once_a_minute(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = user(&scene, "alice").await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let secret = TokenSecret::generate();
        ids.push(
            mint(&scene, alice.id, &secret, NewToken::default())
                .await
                .unwrap(),
        );
    }
    let used = ids[..2].to_vec();
    let mark = async |now: Timestamp| {
        let used = used.clone();
        write!(scene, |tx| tokens::mark_used(tx, &used, now).await).unwrap()
    };
    scene.heard.take();
    let first = scene.now();
    assert_eq!(mark(first).await, 2);
    let within = tokens::USED_EVERY.saturating_sub(Duration::from_millis(1));
    assert_eq!(mark(first.plus(within)).await, 0);
    assert_eq!(mark(first.plus(tokens::USED_EVERY)).await, 2);
    let (listed, _) = tokens::list(scene.db.read(), alice.id, (0, 9))
        .await
        .unwrap();
    for token in listed {
        let expected = used
            .contains(&token.id)
            .then(|| first.plus(tokens::USED_EVERY));
        assert_eq!(token.last_used_at, expected);
    }
    assert_eq!(scene.heard.take(), [], "nothing is to be forgotten for it");
}

async fn expired_tokens_are_removed_some_at_a_time_and_others_kept(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = user(&scene, "alice").await.unwrap();
    let long_ago = scene.now();
    let recent = long_ago.plus(Duration::from_secs(1));
    let mut kept = Vec::new();
    for (expires_at, is_kept) in [
        (Some(long_ago), false),
        (Some(long_ago), false),
        (Some(long_ago), false),
        (Some(recent), true),
        (None, true),
    ] {
        let new = NewToken {
            expires_at,
            ..NewToken::default()
        };
        let id = mint(&scene, alice.id, &TokenSecret::generate(), new).await;
        kept.extend(Some(id.unwrap()).filter(|_| is_kept));
    }
    let remove = async || {
        let removed = write!(scene, |tx| tokens::remove_expired(tx, recent, 2).await);
        removed.unwrap()
    };
    let counts = [remove().await, remove().await, remove().await];
    assert_eq!(counts, [2, 1, 0]);
    let (listed, _) = tokens::list(scene.db.read(), alice.id, (0, 9))
        .await
        .unwrap();
    let mut left: Vec<_> = listed.into_iter().map(|token| token.id).collect();
    left.sort_unstable();
    kept.sort_unstable();
    assert_eq!(left, kept);
}
