//! Packages are looked at again, each at its own moment of the interval.

use std::{collections::BTreeSet, time::Duration};

use weir_domain::{PackageId, RegistryId, Timestamp};
use weir_store::{packages, resyncs};
use weir_testkit::TestDatabase;

use crate::support::{Scene, package, write};

weir_testkit::on_both_engines!(
    packages_get_a_moment_and_are_due_when_it_comes,
    another_interval_gives_new_moments,
);

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn the_moments_of_many_packages_are_spread_evenly() {
    let now = Timestamp(1_800_000_123_456);
    let mut tenths = [0; 10];
    for n in 0..10_000 {
        let name = package(&format!("package-{n}"));
        let at = resyncs::next(&name, HOUR, now);
        let ahead = at.since(now);
        assert!(ahead >= HOUR / 2 && ahead < HOUR + HOUR / 2, "{ahead:?}");
        let tenth = ahead.saturating_sub(HOUR / 2).as_millis() * 10 / HOUR.as_millis();
        tenths[usize::try_from(tenth).unwrap()] += 1;
    }
    for count in tenths {
        assert!((850..1150).contains(&count), "{tenths:?}");
    }
}

#[test]
fn a_package_keeps_its_moment_in_every_interval() {
    let name = package("lodash");
    let mut at = resyncs::next(&name, HOUR, Timestamp(1_800_000_123_456));
    for _ in 0..5 {
        // Whenever it was taken, a little late.
        let next = resyncs::next(&name, HOUR, at.plus(Duration::from_secs(300)));
        assert_eq!(next.since(at), HOUR);
        at = next;
    }
}

/// Makes a registry and three packages of it, one of which is not visible.
async fn mirrored(scene: &Scene) -> (RegistryId, Vec<PackageId>) {
    let (registry, now) = (RegistryId::new(), scene.now());
    let mut ids = Vec::new();
    for name in ["a", "b", "hidden"] {
        let name = package(name);
        let row = write!(scene, |tx| packages::ensure(tx, &name, registry, now).await);
        ids.push(row.unwrap().id);
    }
    scene
        .meddle("UPDATE packages SET revision = 1 WHERE name <> 'hidden'")
        .await;
    (registry, ids)
}

async fn due(scene: &Scene, registry: RegistryId) -> Vec<String> {
    let due = resyncs::due(scene.db.read(), registry, 10, scene.now()).await;
    let due = due.unwrap().into_iter();
    due.map(|one| one.name.to_string()).collect()
}

async fn packages_get_a_moment_and_are_due_when_it_comes(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (registry, ids) = mirrored(&scene).await;
    let unset = resyncs::unset(scene.db.read(), registry, 10).await.unwrap();
    let names: BTreeSet<_> = unset.iter().map(|one| one.name.to_string()).collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["a", "b"]);
    assert!(due(&scene, registry).await.is_empty(), "none has a moment");
    let (a, b) = (scene.now().plus(HOUR), scene.now().plus(HOUR / 2));
    let both = [(ids[0], a), (ids[1], b)];
    for (id, at) in both {
        write!(scene, |tx| resyncs::set(tx, id, at).await).unwrap();
    }
    assert!(due(&scene, registry).await.is_empty());
    scene.later(HOUR / 2);
    assert_eq!(due(&scene, registry).await, ["b"]);
    scene.later(HOUR / 2);
    assert_eq!(due(&scene, registry).await, ["b", "a"], "earliest first");
    assert!(due(&scene, RegistryId::new()).await.is_empty());
}

async fn another_interval_gives_new_moments(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (registry, ids) = mirrored(&scene).await;
    let (id, now) = (ids[0], scene.now());
    scene
        .meddle(
            "INSERT INTO registries (id, slug, name, url, tarballs, created_at, updated_at) \
             SELECT registry_id, 's', 'n', 'http://up.example/', 'all', 0, 0 FROM packages LIMIT 1",
        )
        .await;
    assert!(
        resyncs::registries(scene.db.read())
            .await
            .unwrap()
            .is_empty()
    );
    let set = async |interval: Duration| {
        write!(scene, |tx| resyncs::set_interval(tx, registry, interval)
            .await)
        .unwrap();
    };
    set(HOUR).await;
    let all = resyncs::registries(scene.db.read()).await.unwrap();
    assert_eq!(all, [(registry, HOUR)]);
    write!(scene, |tx| resyncs::set(tx, id, now).await).unwrap();
    set(HOUR).await;
    assert_eq!(due(&scene, registry).await, ["a"], "nothing changed");
    set(HOUR * 2).await;
    assert!(due(&scene, registry).await.is_empty());
    let unset = resyncs::unset(scene.db.read(), registry, 10).await.unwrap();
    assert_eq!(unset.len(), 2);
}
