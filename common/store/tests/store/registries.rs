//! Registries and settings.

use weir_domain::{Registry, RegistryId, RegistryKind, RemovalPolicy, TarballPolicy};
use weir_store::{
    Signal, StoreError, Topic, audit,
    packages::{self, UpstreamMark},
    registries, settings,
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, package, write};

weir_testkit::on_both_engines!(
    seeding_makes_a_registry_and_then_brings_it_up_to_date,
    a_moved_registry_forgets_what_upstream_said,
    a_moved_registry_is_an_event_of_the_audit_trail,
    a_registry_is_found_by_slug_name_and_id,
    an_unknown_registry_is_not_found,
    a_registry_is_made_and_changed,
    no_word_means_two_registries,
    credentials_stay_with_their_origin,
    lists_show_registries_by_their_slugs,
    a_setting_changes_once,
    odd_text_is_no_reason_to_fail,
);

fn registry(url: &str) -> Registry {
    Registry {
        id: RegistryId::new(),
        slug: "default".to_owned(),
        name: "Default".to_owned(),
        url: url.parse().unwrap(),
        tarballs: TarballPolicy::Tagged,
        is_internal: false,
        allows_undigested: false,
        kind: RegistryKind::Npm,
        user_prefix: None,
        change_stream: None,
        removals: RemovalPolicy::Keep,
        downloads: None,
    }
}

async fn seed(scene: &Scene, wanted: &Registry) -> (Registry, bool) {
    let (wanted, now) = (wanted.clone(), scene.now());
    write!(scene, |tx| registries::seed(tx, &wanted, now).await).unwrap()
}

async fn seeding_makes_a_registry_and_then_brings_it_up_to_date(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let first = registry("https://registry.example/");
    assert_eq!(seed(&scene, &first).await, (first.clone(), false));
    let told = Signal::Invalidated(Topic::Registry, "default".to_owned());
    assert!(scene.heard.take().contains(&told));
    let wanted = Registry {
        name: "Another name".to_owned(),
        tarballs: TarballPolicy::All,
        is_internal: true,
        allows_undigested: true,
        kind: RegistryKind::Npm,
        user_prefix: None,
        change_stream: None,
        removals: RemovalPolicy::Block,
        downloads: Some("https://counts.example/".parse().unwrap()),
        ..registry("https://registry.example/")
    };
    let (stored, has_moved) = seed(&scene, &wanted).await;
    assert!(!has_moved);
    let expected = Registry {
        id: first.id,
        ..wanted
    };
    assert_eq!(stored, expected, "its id stays");
    let found = registries::get(scene.db.read(), first.id).await.unwrap();
    assert_eq!(found, expected);
}

async fn a_moved_registry_forgets_what_upstream_said(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let first = registry("https://registry.example/");
    seed(&scene, &first).await;
    let other = RegistryId::new();
    for (name, registry) in [("ours", first.id), ("other", other)] {
        let (name, now) = (package(name), scene.now());
        let mark = UpstreamMark {
            etag: Some("\"e\"".to_owned()),
            last_modified: Some("yesterday".to_owned()),
            ..UpstreamMark::default()
        };
        write!(scene, |tx| {
            let id = packages::ensure(tx, &name, registry, now).await?.id;
            packages::record_sync(tx, id, true, Some(&mark), now).await
        })
        .unwrap();
    }
    let (stored, has_moved) = seed(&scene, &registry("https://elsewhere.example/")).await;
    assert!(has_moved);
    assert_eq!(
        (stored.id, stored.url.as_str()),
        (first.id, "https://elsewhere.example/")
    );
    let mark = async |name| {
        let found = packages::find(scene.db.read(), &package(name)).await;
        found.unwrap().unwrap().upstream
    };
    assert_eq!(mark("ours").await, UpstreamMark::default());
    assert!(
        mark("other").await.etag.is_some(),
        "another registry's stay"
    );
}

async fn a_registry_is_found_by_slug_name_and_id(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (stored, _) = seed(&scene, &registry("https://registry.example/")).await;
    for word in ["default", "Default", &stored.id.to_string()] {
        let found = registries::find_by_word(scene.db.read(), word).await;
        assert_eq!(found.unwrap().as_ref(), Some(&stored), "{word}");
    }
    let found = registries::find_by_slug(scene.db.read(), "default").await;
    assert_eq!(found.unwrap(), Some(stored));
}

async fn an_unknown_registry_is_not_found(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for word in ["", "nothing", "00000000-0000-0000-0000-000000000000"] {
        let found = registries::find_by_word(scene.db.read(), word).await;
        assert_eq!(found.unwrap(), None, "{word}");
    }
    let get = registries::get(scene.db.read(), RegistryId::new()).await;
    assert!(matches!(get, Err(StoreError::NotFound { .. })));
}

async fn put(scene: &Scene, value: &'static str) -> bool {
    let now = scene.now();
    write!(scene, |tx| settings::put(tx, "key", value, now).await).unwrap()
}

async fn a_setting_changes_once(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let find = async || settings::find(scene.db.read(), "key").await.unwrap();
    assert_eq!(find().await, None);
    assert!(put(&scene, "one").await);
    let told = Signal::Invalidated(Topic::Setting, "key".to_owned());
    assert_eq!(scene.heard.take(), std::slice::from_ref(&told));
    assert!(!put(&scene, "one").await);
    assert!(scene.heard.take().is_empty(), "nothing changed");
    assert!(put(&scene, "two").await);
    assert_eq!(scene.heard.take(), [told]);
    assert_eq!(find().await.as_deref(), Some("two"));
}

async fn odd_text_is_no_reason_to_fail(database: TestDatabase) {
    let scene = Scene::of(database).await;
    put(&scene, "a\0b \u{1} é 日本 '; DROP TABLE settings; --").await;
    let found = settings::find(scene.db.read(), "key").await.unwrap();
    let expected = "a\u{fffd}b \u{1} é 日本 '; DROP TABLE settings; --";
    assert_eq!(found.as_deref(), Some(expected));
}

async fn a_moved_registry_is_an_event_of_the_audit_trail(database: TestDatabase) {
    let scene = Scene::of(database).await;
    seed(&scene, &registry("https://user:secret@registry.example/")).await;
    seed(&scene, &registry("https://user:secret@registry.example/")).await;
    let events = async || audit::list(scene.db.read(), 10).await.unwrap();
    assert!(events().await.is_empty(), "nothing moved");
    seed(&scene, &registry("https://other.example/npm/")).await;
    let expected = audit::Event {
        at: scene.now(),
        by: audit::Actor::ITSELF,
        action: "registry.move".to_owned(),
        target: "default".to_owned(),
        detail: "https://registry.example/ → https://other.example/npm/".to_owned(),
    };
    assert_eq!(events().await, [expected]);
}

fn another(slug: &str, name: &str, url: &str) -> Registry {
    Registry {
        slug: slug.to_owned(),
        name: name.to_owned(),
        kind: RegistryKind::Cnpmcore,
        user_prefix: Some("other:".to_owned()),
        change_stream: Some("https://changes.example/".parse().unwrap()),
        ..registry(url)
    }
}

async fn insert(scene: &Scene, new: &Registry) -> Result<(), StoreError> {
    let (new, now) = (new.clone(), scene.now());
    write!(scene, |tx| registries::insert(tx, &new, now).await)
}

async fn update(scene: &Scene, wanted: &Registry) -> Result<(), StoreError> {
    let (wanted, now) = (wanted.clone(), scene.now());
    let by = audit::Actor::ITSELF;
    write!(scene, |tx| registries::update(tx, &wanted, by, now).await)
}

async fn a_registry_is_made_and_changed(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let first = another("second", "The second", "https://second.example/");
    insert(&scene, &first).await.unwrap();
    let told = Signal::Invalidated(Topic::Registry, "second".to_owned());
    assert!(scene.heard.take().contains(&told));
    let found = registries::get(scene.db.read(), first.id).await.unwrap();
    assert_eq!(found, first);
    let wanted = Registry {
        name: "Another name".to_owned(),
        kind: RegistryKind::Npm,
        tarballs: TarballPolicy::All,
        is_internal: true,
        allows_undigested: true,
        removals: RemovalPolicy::Delete,
        user_prefix: None,
        change_stream: None,
        downloads: Some("https://counts.example/".parse().unwrap()),
        url: "https://elsewhere.example/npm/".parse().unwrap(),
        ..first
    };
    update(&scene, &wanted).await.unwrap();
    assert!(scene.heard.take().contains(&told));
    let found = registries::get(scene.db.read(), first.id).await.unwrap();
    assert_eq!(found, wanted);
    let trail = audit::list(scene.db.read(), 10).await.unwrap();
    assert_eq!(trail.len(), 1, "{trail:?}");
    assert_eq!(trail[0].action, "registry.move");
    let gone = update(&scene, &another("gone", "Gone", "https://gone.example/")).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })));
}

async fn no_word_means_two_registries(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let second = another("second", "The second", "https://second.example/");
    insert(&scene, &second).await.unwrap();
    for (slug, name) in [
        ("second", "Other"),
        ("other", "The second"),
        ("other", "second"),
        ("The second", "Other"),
    ] {
        let again = insert(&scene, &another(slug, name, "https://x.example/")).await;
        let is_taken = matches!(again, Err(StoreError::AlreadyExists(_)));
        assert!(is_taken, "{slug} {name}");
    }
    let third = another("third", "The third", "https://third.example/");
    insert(&scene, &third).await.unwrap();
    let renamed = Registry {
        name: "second".to_owned(),
        ..third.clone()
    };
    let renamed = update(&scene, &renamed).await;
    assert!(matches!(renamed, Err(StoreError::AlreadyExists(_))));
    update(&scene, &third)
        .await
        .expect("its own name is no other's");
}

async fn set_credentials(scene: &Scene, id: RegistryId, sealed: Option<&'static [u8]>) {
    let now = scene.now();
    let set = write!(scene, |tx| {
        registries::set_credentials(tx, id, sealed, now).await
    });
    set.unwrap();
}

async fn credentials_stay_with_their_origin(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (first, _) = seed(&scene, &registry("https://registry.example/")).await;
    let sealed = async || {
        let found = registries::sealed_credentials(scene.db.read(), first.id).await;
        found.unwrap()
    };
    let is_any = async || registries::has_credentials(scene.db.read()).await.unwrap();
    assert_eq!((sealed().await, is_any().await), (None, false));
    set_credentials(&scene, first.id, Some(b"sealed")).await;
    assert_eq!(
        (sealed().await.unwrap(), is_any().await),
        (b"sealed".to_vec(), true)
    );
    seed(&scene, &registry("https://registry.example/npm/")).await;
    assert!(sealed().await.is_some(), "the same origin");
    seed(&scene, &registry("https://registry.example:8443/npm/")).await;
    assert_eq!((sealed().await, is_any().await), (None, false));
    set_credentials(&scene, first.id, Some(b"sealed")).await;
    set_credentials(&scene, first.id, None).await;
    assert_eq!(sealed().await, None);
    let unknown = registries::sealed_credentials(scene.db.read(), RegistryId::new()).await;
    assert_eq!(unknown.unwrap(), None);
}

async fn lists_show_registries_by_their_slugs(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for slug in ["c", "a", "b"] {
        let url = format!("https://{slug}.example/");
        insert(&scene, &another(slug, &format!("The {slug}"), &url))
            .await
            .unwrap();
    }
    let b = registries::find_entry(scene.db.read(), "The b")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((b.created_at, b.has_credentials), (scene.now(), false));
    set_credentials(&scene, b.registry.id, Some(b"sealed")).await;
    let page = async |skipped, most| {
        let (entries, total) = registries::page(scene.db.read(), (skipped, most))
            .await
            .unwrap();
        assert_eq!(total, 3);
        let shown = entries.into_iter();
        shown
            .map(|entry| (entry.registry.slug, entry.has_credentials))
            .collect::<Vec<_>>()
    };
    let row = |slug: &str, has: bool| (slug.to_owned(), has);
    assert_eq!(page(0, 2).await, [row("a", false), row("b", true)]);
    assert_eq!(page(2, 2).await, [row("c", false)]);
    assert_eq!(page(4, 2).await, []);
}
