//! Fetches: one holder a tarball, until it gives the lease back or lets it lapse.

use std::time::Duration;

use weir_domain::{PackageId, Version, WorkerId};
use weir_store::fetches::{self, Fetch};
use weir_testkit::TestDatabase;

use crate::support::{Scene, write};

weir_testkit::on_both_engines!(
    of_two_holders_one_has_the_lease_until_it_gives_it_back,
    a_lease_that_lapsed_goes_to_whoever_asks,
    another_version_or_promise_is_another_fetch,
    only_what_lapsed_is_pruned,
);

const LASTS: Duration = Duration::from_secs(10);

fn fetch() -> Fetch {
    Fetch {
        package: PackageId::new(),
        version: Version::parse("1.0.0").unwrap(),
        promise: "sha512-x".to_owned(),
    }
}

async fn claim(scene: &Scene, fetch: &Fetch, owner: WorkerId) -> bool {
    let (fetch, now) = (fetch.clone(), scene.now());
    write!(scene, |tx| fetches::claim(tx, &fetch, owner, (now, LASTS))
        .await)
    .unwrap()
}

async fn release(scene: &Scene, fetch: &Fetch, owner: WorkerId) {
    let fetch = fetch.clone();
    write!(scene, |tx| fetches::release(tx, &fetch, owner).await).unwrap();
}

async fn of_two_holders_one_has_the_lease_until_it_gives_it_back(database: TestDatabase) {
    let (scene, fetch) = (Scene::of(database).await, fetch());
    let (one, other) = (WorkerId::new(), WorkerId::new());
    assert!(claim(&scene, &fetch, one).await);
    assert!(!claim(&scene, &fetch, other).await);
    release(&scene, &fetch, other).await;
    assert!(!claim(&scene, &fetch, other).await, "it was not theirs");
    release(&scene, &fetch, one).await;
    assert!(claim(&scene, &fetch, other).await);
}

async fn a_lease_that_lapsed_goes_to_whoever_asks(database: TestDatabase) {
    let (scene, fetch) = (Scene::of(database).await, fetch());
    let (one, other) = (WorkerId::new(), WorkerId::new());
    assert!(claim(&scene, &fetch, one).await);
    scene.later(LASTS / 2);
    assert!(claim(&scene, &fetch, one).await, "renewed");
    scene.later(LASTS * 9 / 10);
    assert!(!claim(&scene, &fetch, other).await);
    scene.later(LASTS / 10);
    assert!(claim(&scene, &fetch, other).await);
    assert!(!claim(&scene, &fetch, one).await, "the former one is late");
}

async fn another_version_or_promise_is_another_fetch(database: TestDatabase) {
    let (scene, fetch) = (Scene::of(database).await, fetch());
    assert!(claim(&scene, &fetch, WorkerId::new()).await);
    for other in [
        Fetch {
            version: Version::parse("1.0.1").unwrap(),
            ..fetch.clone()
        },
        Fetch {
            promise: String::new(),
            ..fetch.clone()
        },
    ] {
        assert!(claim(&scene, &other, WorkerId::new()).await, "{other:?}");
    }
}

async fn only_what_lapsed_is_pruned(database: TestDatabase) {
    let (scene, old) = (Scene::of(database).await, fetch());
    assert!(claim(&scene, &old, WorkerId::new()).await);
    let later = scene.later(LASTS * 2);
    let fresh = fetch();
    assert!(claim(&scene, &fresh, WorkerId::new()).await);
    let pruned = write!(scene, |tx| fetches::prune(tx, later).await);
    assert_eq!(pruned.unwrap(), 1);
    assert!(!claim(&scene, &fresh, WorkerId::new()).await);
}
