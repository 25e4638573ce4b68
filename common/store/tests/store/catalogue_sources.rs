//! Sources of the catalogue: their rows, their moments, and the hints about them.

use std::{collections::BTreeSet, time::Duration};

use weir_domain::{
    RegistryId, Timestamp,
    catalogue::{CatalogueSettings, Reference, Strategy},
};
use weir_store::{
    StoreError,
    catalogue::{
        self,
        sources::{self, Completed, Source},
    },
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, ended, spawn, write};

weir_testkit::on_both_engines!(
    a_source_is_put_found_and_removed_with_its_hints,
    what_a_run_ended_with_is_noted,
    another_place_has_another_clock,
    another_interval_is_another_moment,
    the_secret_of_webhooks_is_kept_sealed,
    hints_are_taken_once_they_are_old_enough,
    a_hint_that_comes_while_others_are_taken_is_not_lost,
);

const HOUR: Duration = Duration::from_secs(3600);

async fn put(scene: &Scene, registry: RegistryId, settings: &CatalogueSettings) {
    let (settings, now) = (settings.clone(), scene.now());
    write!(scene, |tx| sources::put(tx, registry, &settings, now).await).unwrap();
}

async fn find(scene: &Scene, registry: RegistryId) -> Option<Source> {
    sources::find(scene.db.read(), registry).await.unwrap()
}

async fn hint(scene: &Scene, registry: RegistryId, reference: &str) {
    let (reference, now) = (reference.parse::<Reference>().unwrap(), scene.now());
    write!(scene, |tx| catalogue::hint(tx, registry, &reference, now)
        .await)
    .unwrap();
}

async fn take(scene: &Scene, registry: RegistryId) -> BTreeSet<Reference> {
    write!(scene, |tx| catalogue::take_hints(tx, registry).await).unwrap()
}

#[test]
fn the_moments_of_a_source_are_an_interval_apart() {
    let registry = RegistryId::new();
    let mut at = sources::next(registry, HOUR, Timestamp(1_800_000_123_456));
    assert!(at.since(Timestamp(1_800_000_123_456)) >= HOUR / 2);
    for _ in 0..5 {
        let next = sources::next(registry, HOUR, at.plus(Duration::from_secs(60)));
        assert_eq!(next.since(at), HOUR);
        at = next;
    }
}

#[test]
fn the_moments_of_many_sources_are_spread() {
    let now = Timestamp(1_800_000_123_456);
    let moments: BTreeSet<_> = (0..50)
        .map(|_| sources::next(RegistryId::new(), HOUR, now).0)
        .collect();
    assert!(moments.len() > 45, "{moments:?}");
}

async fn a_source_is_put_found_and_removed_with_its_hints(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (one, other) = (RegistryId::new(), RegistryId::new());
    assert_eq!(find(&scene, one).await, None);
    let settings = CatalogueSettings {
        strategy: Strategy::Aql,
        repository: Some("conan-local".to_owned()),
        canary: Some("base/1.0@acme".parse().unwrap()),
        full_every_secs: 0,
        ..CatalogueSettings::default()
    };
    put(&scene, one, &settings).await;
    put(&scene, other, &CatalogueSettings::default()).await;
    let found = find(&scene, one).await.unwrap();
    assert_eq!((found.registry, &found.settings), (one, &settings));
    assert_eq!(found.next_full_at, None, "none by itself");
    let moment = sources::next(one, Duration::from_secs(300), scene.now());
    assert_eq!(found.next_incremental_at, Some(moment));
    let all = sources::list(scene.db.read()).await.unwrap();
    assert_eq!(all.len(), 2);
    hint(&scene, one, "a/1").await;
    hint(&scene, other, "a/1").await;
    write!(scene, |tx| sources::remove(tx, one).await).unwrap();
    assert_eq!(find(&scene, one).await, None);
    assert!(take(&scene, one).await.is_empty());
    assert_eq!(take(&scene, other).await.len(), 1, "not the other's");
}

async fn what_a_run_ended_with_is_noted(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = RegistryId::new();
    put(&scene, registry, &CatalogueSettings::default()).await;
    let end = async |is_full, cursor| {
        let (run, now) = (Completed { is_full, cursor }, scene.later(HOUR));
        write!(scene, |tx| sources::completed(tx, registry, &run, now)
            .await)
        .unwrap();
        find(&scene, registry).await.unwrap()
    };
    let full = end(true, Some(Timestamp(7))).await;
    assert_eq!(full.cursor, Some(Timestamp(7)));
    assert_eq!(
        (full.full_at, full.incremental_at),
        (Some(scene.now()), None)
    );
    let partial = end(false, None).await;
    assert_eq!(partial.cursor, Some(Timestamp(7)), "it stays");
    assert_eq!(partial.full_at, full.full_at);
    assert_eq!(partial.incremental_at, Some(scene.now()));
    let now = scene.later(HOUR);
    write!(scene, |tx| sources::failed(tx, registry, now).await).unwrap();
    let failed = find(&scene, registry).await.unwrap();
    assert_eq!(failed.failed_at, Some(now));
    assert_eq!(failed.incremental_at, partial.incremental_at);
}

async fn another_place_has_another_clock(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = RegistryId::new();
    let mut settings = CatalogueSettings::default();
    put(&scene, registry, &settings).await;
    let run = Completed {
        is_full: true,
        cursor: Some(Timestamp(7)),
    };
    let now = scene.now();
    write!(scene, |tx| sources::completed(tx, registry, &run, now)
        .await)
    .unwrap();
    settings.max_removed_count = 9;
    put(&scene, registry, &settings).await;
    let cursor = async || find(&scene, registry).await.unwrap().cursor;
    assert_eq!(cursor().await, Some(Timestamp(7)));
    settings.repository = Some("another".to_owned());
    put(&scene, registry, &settings).await;
    assert_eq!(cursor().await, None);
}

async fn another_interval_is_another_moment(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = RegistryId::new();
    let mut settings = CatalogueSettings::default();
    put(&scene, registry, &settings).await;
    let first = find(&scene, registry).await.unwrap();
    scene.later(HOUR);
    settings.incremental_every_secs = 7200;
    put(&scene, registry, &settings).await;
    let then = find(&scene, registry).await.unwrap();
    assert_eq!(then.next_full_at, first.next_full_at, "as it was");
    let moment = sources::next(registry, HOUR * 2, scene.now());
    assert_eq!(then.next_incremental_at, Some(moment));
    write!(scene, |tx| sources::set_next(
        tx,
        registry,
        Some(Timestamp(5)),
        None
    )
    .await)
    .unwrap();
    let set = find(&scene, registry).await.unwrap();
    assert_eq!(set.next_full_at, Some(Timestamp(5)));
    assert_eq!(set.next_incremental_at, None);
}

async fn the_secret_of_webhooks_is_kept_sealed(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = RegistryId::new();
    let set = async |secret: Option<&'static [u8]>| {
        write!(scene, |tx| sources::set_webhook_secret(
            tx, registry, secret
        )
        .await)
    };
    let secret = async || {
        let found = sources::sealed_webhook_secret(scene.db.read(), registry);
        found.await.unwrap()
    };
    let refused = set(Some(b"sealed")).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    put(&scene, registry, &CatalogueSettings::default()).await;
    assert_eq!(secret().await, None);
    set(Some(b"sealed")).await.unwrap();
    put(&scene, registry, &CatalogueSettings::default()).await;
    assert_eq!(secret().await.as_deref(), Some(&b"sealed"[..]), "it stays");
    set(None).await.unwrap();
    assert_eq!(secret().await, None);
}

async fn hints_are_taken_once_they_are_old_enough(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (registry, other) = (RegistryId::new(), RegistryId::new());
    let begun = scene.now();
    hint(&scene, registry, "a/1@acme").await;
    scene.later(Duration::from_secs(2));
    // Said again: that delays nothing.
    hint(&scene, registry, "a/1@acme/_").await;
    hint(&scene, registry, "b/1").await;
    hint(&scene, other, "b/1").await;
    let hinted = async |bound| catalogue::hinted(scene.db.read(), bound).await.unwrap();
    assert!(
        hinted(begun.minus(Duration::from_millis(1)))
            .await
            .is_empty()
    );
    assert_eq!(hinted(begun).await, [registry]);
    let taken = take(&scene, registry).await;
    let texts: Vec<_> = taken.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["b/1", "a/1@acme"], "the young one too");
    assert!(take(&scene, registry).await.is_empty());
    assert_eq!(hinted(scene.now()).await, [other]);
}

async fn a_hint_that_comes_while_others_are_taken_is_not_lost(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = RegistryId::new();
    hint(&scene, registry, "a/1").await;
    let taking = scene
        .hold_open(move |tx| Box::pin(async move { catalogue::take_hints(tx, registry).await }))
        .await;
    let (other, now) = (scene.clone(), scene.now());
    let hinting = spawn(async move {
        let reference: Reference = "a/1".parse().unwrap();
        write!(other, |tx| catalogue::hint(tx, registry, &reference, now)
            .await)
    });
    scene.settle(&hinting).await;
    assert_eq!(taking.commit().await.unwrap().len(), 1);
    ended(hinting).await.unwrap();
    assert_eq!(take(&scene, registry).await.len(), 1, "it came later");
}
