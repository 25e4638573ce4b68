//! Looks at what upstream lacks are counted, one a task; blocks are by name; a removed
//! package leaves nothing behind but its blobs.

use weir_domain::{PackageId, RegistryId, RemovalPolicy, TaskId, Version, removal::Absence};
use weir_store::{
    Signal, Topic,
    blocks::{self, Source},
    packages,
    removals::{self, Sighting},
    resyncs, search,
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, package, write};

weir_testkit::on_both_engines!(
    looks_are_counted_once_a_task_and_remember_the_first,
    what_is_settled_or_back_is_no_longer_lacking,
    a_block_is_by_name_and_lifted_by_who_made_it,
    a_blocked_package_is_not_to_be_found,
    a_removed_package_leaves_nothing,
    what_is_gone_for_good_is_told_to_the_schedule,
);

fn version(text: &str) -> Option<Version> {
    Version::parse(text).ok()
}

async fn made(scene: &Scene, name: &str) -> (RegistryId, PackageId) {
    let (registry, name, now) = (RegistryId::new(), package(name), scene.now());
    let row = write!(scene, |tx| packages::ensure(tx, &name, registry, now).await);
    scene.meddle("UPDATE packages SET revision = 1").await;
    (registry, row.unwrap().id)
}

async fn look(scene: &Scene, id: PackageId, gone: &[Option<Version>], task: TaskId) {
    let (gone, now) = (gone.to_vec(), scene.now());
    let counted = write!(scene, |tx| {
        removals::look(tx, id, (&gone, Absence::Missing), task, now).await
    });
    counted.unwrap();
}

async fn seen(scene: &Scene, id: PackageId) -> Vec<Sighting> {
    let mut seen = removals::list(scene.db.read(), id).await.unwrap();
    seen.sort_by(|a, b| a.version.cmp(&b.version));
    seen
}

async fn looks_are_counted_once_a_task_and_remember_the_first(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (_, id) = made(&scene, "a").await;
    let first = scene.now();
    let gone = [None, version("1.0.0"), version("2.0.0-rc.1+build")];
    let (one, other) = (TaskId::new(), TaskId::new());
    look(&scene, id, &gone, one).await;
    scene.later(std::time::Duration::from_secs(60));
    look(&scene, id, &gone, one).await;
    look(&scene, id, &gone[..2], other).await;
    let expected = |version: &Option<Version>, looks, last_task| Sighting {
        version: version.clone(),
        absence: Absence::Missing,
        first_seen_at: first,
        looks,
        last_task,
        outcome: None,
    };
    assert_eq!(
        seen(&scene, id).await,
        [
            expected(&gone[0], 2, other),
            expected(&gone[1], 2, other),
            expected(&gone[2], 1, one),
        ]
    );
    look(&scene, id, &[], other).await;
    let many: Vec<_> = (0..500).map(|n| version(&format!("3.0.{n}"))).collect();
    look(&scene, id, &many, one).await;
    assert_eq!(seen(&scene, id).await.len(), 503);
}

async fn what_is_settled_or_back_is_no_longer_lacking(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (registry, id) = made(&scene, "a").await;
    look(&scene, id, &[None, version("1.0.0")], TaskId::new()).await;
    let lacking = async || removals::lacking(scene.db.read(), registry).await.unwrap();
    assert_eq!(lacking().await, (1, 1), "a version is no package");
    write!(scene, |tx| {
        removals::settle(tx, id, &[None], RemovalPolicy::Block).await
    })
    .unwrap();
    assert_eq!(lacking().await, (0, 1));
    let outcomes = seen(&scene, id).await.into_iter().map(|seen| seen.outcome);
    assert_eq!(
        outcomes.collect::<Vec<_>>(),
        [Some(RemovalPolicy::Block), None]
    );
    write!(scene, |tx| {
        removals::clear(tx, id, &[None, version("1.0.0")]).await
    })
    .unwrap();
    assert!(seen(&scene, id).await.is_empty());
}

async fn put(scene: &Scene, version: Option<Version>, source: Source) {
    let (name, now) = (package("a"), scene.now());
    let put = write!(scene, |tx| {
        blocks::put(tx, &name, (version.as_ref(), "why"), source, now).await
    });
    put.unwrap();
}

async fn lift(scene: &Scene, version: Option<Version>, source: Source) -> bool {
    let (name, now) = (package("a"), scene.now());
    let lifted = write!(scene, |tx| {
        blocks::lift(tx, &name, version.as_ref(), source, now).await
    });
    lifted.unwrap()
}

async fn a_block_is_by_name_and_lifted_by_who_made_it(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (one, two) = (version("1.0.0"), version("2.0.0"));
    let find = async |version: &Option<Version>| {
        let found = blocks::find(scene.db.read(), &package("a"), version.as_ref()).await;
        found.unwrap().map(|block| block.version)
    };
    put(&scene, one.clone(), Source::Removal).await;
    let told = Signal::Invalidated(Topic::Package, "a".to_owned());
    assert!(scene.heard.take().contains(&told));
    assert_eq!(find(&one).await, Some(one.clone()));
    assert_eq!((find(&two).await, find(&None).await), (None, None));
    put(&scene, None, Source::Operator).await;
    assert_eq!(find(&two).await, Some(None), "all of it");
    assert_eq!(find(&one).await, Some(None), "the larger one is told");
    put(&scene, None, Source::Removal).await;
    assert!(!lift(&scene, None, Source::Removal).await, "an operator's");
    assert_eq!(
        blocks::list(scene.db.read(), &package("a"))
            .await
            .unwrap()
            .len(),
        2
    );
    assert!(lift(&scene, None, Source::Operator).await);
    assert!(lift(&scene, one.clone(), Source::Removal).await);
    assert_eq!(find(&one).await, None);
}

async fn a_blocked_package_is_not_to_be_found(database: TestDatabase) {
    let scene = Scene::of(database).await;
    made(&scene, "a").await;
    let behind = async || search::behind(scene.db.read(), "", 10).await.unwrap();
    assert_eq!(behind().await, [package("a")]);
    put(&scene, version("1.0.0"), Source::Removal).await;
    assert_eq!(behind().await.len(), 1, "one version is not the package");
    put(&scene, None, Source::Removal).await;
    assert!(behind().await.is_empty());
    assert!(lift(&scene, None, Source::Removal).await);
    assert_eq!(behind().await.len(), 1);
}

async fn a_removed_package_leaves_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (registry, id) = made(&scene, "a").await;
    look(&scene, id, &[None], TaskId::new()).await;
    put(&scene, None, Source::Removal).await;
    put(&scene, version("1.0.0"), Source::Operator).await;
    scene.heard.take();
    let (name, now) = (package("a"), scene.now());
    write!(scene, |tx| packages::remove(tx, id, &name, now).await).unwrap();
    let told = Signal::Invalidated(Topic::Package, "a".to_owned());
    assert!(scene.heard.take().contains(&told));
    let found = packages::find(scene.db.read(), &package("a")).await;
    assert!(found.unwrap().is_none() && seen(&scene, id).await.is_empty());
    let left = blocks::list(scene.db.read(), &package("a")).await.unwrap();
    let left: Vec<_> = left.iter().map(|block| block.source).collect();
    assert_eq!(left, [Source::Operator], "what an operator said stays");
    let (name, now) = (package("a"), scene.now());
    let again = write!(scene, |tx| packages::ensure(tx, &name, registry, now).await);
    assert_eq!(again.unwrap().revision, 0, "as if it had never been");
}

async fn what_is_gone_for_good_is_told_to_the_schedule(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (registry, id) = made(&scene, "a").await;
    let is_gone = async || {
        let unset = resyncs::unset(scene.db.read(), registry, 10).await;
        unset.unwrap()[0].is_gone
    };
    assert!(!is_gone().await);
    look(&scene, id, &[None], TaskId::new()).await;
    assert!(!is_gone().await, "only suspected");
    write!(scene, |tx| {
        removals::settle(tx, id, &[None], RemovalPolicy::Keep).await
    })
    .unwrap();
    assert!(is_gone().await);
}
