//! Users and tokens: what a secret may do, and that its text is kept nowhere.

use weir_domain::{Timestamp, UserId, token::TokenSecret};
use weir_store::{
    Signal, StoreError, Topic,
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
    let told = Signal::Invalidated(Topic::Token, secret.hash().to_string());
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
    assert!(find(&scene, &first).await.unwrap().is_admin);
    scene.heard.take();
    seed(&scene, root.id, &second).await;
    assert!(find(&scene, &first).await.is_none());
    assert!(find(&scene, &second).await.is_some());
    assert!(find(&scene, &other).await.is_some(), "others' stay");
    let told = Signal::Invalidated(Topic::Token, first.hash().to_string());
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
