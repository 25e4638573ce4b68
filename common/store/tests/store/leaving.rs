//! Registries that are changed and removed while everybody else goes on.

use std::sync::Arc;

use futures::{FutureExt, future::join_all};
use tokio::sync::oneshot;
use weir_domain::{
    Registry, RegistryId, RegistryKind, RemovalPolicy, TarballPolicy, TaskId,
    catalogue::{CatalogueSettings, Facts, Reference, Stamp, categories::Table},
    task::{SyncCatalogue, TaskSpec},
};
use weir_store::{
    ConnectionTrait, StoreError,
    audit::Actor,
    catalogue::{self, Known, NewVersion, NewVersions, sources},
    registries::{self, Leaving},
    tasks::{self, NewRequest, NewTask},
};
use weir_testkit::{TestDatabase, database, until};

use crate::support::{DEADLINE, Scene, ended, new_task, spawn, write};

weir_testkit::on_both_engines!(
    of_two_changes_at_once_the_second_lies_over_the_first,
    a_sweep_that_has_begun_is_waited_for,
    a_source_goes_while_everybody_writes_about_it,
    a_registry_goes_while_others_decide_about_its_tasks,
);

fn registry(slug: &str, kind: RegistryKind) -> Registry {
    Registry {
        id: RegistryId::new(),
        slug: slug.to_owned(),
        name: slug.to_owned(),
        url: "https://registry.example/".parse().unwrap(),
        tarballs: TarballPolicy::Tagged,
        is_internal: false,
        allows_undigested: false,
        kind,
        user_prefix: None,
        change_stream: None,
        removals: RemovalPolicy::Keep,
        downloads: None,
    }
}

/// Makes a source with `packages` packages of two versions.
async fn source(scene: &Scene, slug: &str, packages: usize) -> RegistryId {
    let (new, now) = (registry(slug, RegistryKind::Conan), scene.now());
    let id = new.id;
    write!(scene, |tx| {
        registries::insert(tx, &new, now).await?;
        sources::put(tx, id, &CatalogueSettings::default(), now).await
    })
    .unwrap();
    for package in 0..packages {
        put(scene, id, package).await.unwrap();
    }
    id
}

async fn put(scene: &Scene, registry: RegistryId, package: usize) -> Result<(), StoreError> {
    let version = |number: u8| NewVersion {
        version: number.to_string(),
        channel: "_".to_owned(),
        stamp: Stamp {
            revision: "r".to_owned(),
            at: None,
        },
        facts: Facts {
            topics: vec!["sensor".to_owned()],
            ..Facts::default()
        },
        readme: None,
        downloads: None,
    };
    let now = scene.now();
    let new = NewVersions {
        key: format!("p{package}/1").parse::<Reference>().unwrap().key,
        registry,
        task: TaskId::new(),
        versions: vec![version(1), version(2)],
    };
    write!(scene, |tx| catalogue::put(tx, &new, now).await).map(drop)
}

/// A run of a source, to be submitted.
fn sync(registry: RegistryId) -> NewTask {
    NewTask {
        spec: TaskSpec::SyncCatalogue(SyncCatalogue {
            registry,
            slug: "s".to_owned(),
        }),
        ..new_task("a")
    }
}

async fn remove(scene: &Scene, registry: RegistryId) -> Result<(), StoreError> {
    let now = scene.now();
    write!(scene, |tx| {
        let leaving = Leaving::lock(tx, registry).await?;
        leaving.remove(tx, "somebody", now).await
    })
}

async fn rows(scene: &Scene) -> i64 {
    let tables = [
        "packages",
        "versions",
        "revisions",
        "labels",
        "sources",
        "hints",
    ];
    let counts = tables.map(|table| format!("(SELECT COUNT(*) FROM catalogue_{table})"));
    let sum = counts.join(" + ");
    scene.number(format!("SELECT {sum} AS n")).await
}

async fn of_two_changes_at_once_the_second_lies_over_the_first(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (new, now) = (registry("r", RegistryKind::Npm), scene.now());
    let id = new.id;
    write!(scene, |tx| registries::insert(tx, &new, now).await).unwrap();
    let first = scene
        .hold_open(move |tx| {
            async move {
                let former = registries::hold(tx, id).await?;
                let wanted = Registry {
                    user_prefix: Some("first:".to_owned()),
                    ..former
                };
                registries::update(tx, &wanted, Actor::ITSELF, now).await
            }
            .boxed()
        })
        .await;
    let other = scene.clone();
    let second = spawn(async move {
        write!(other, |tx| {
            let former = registries::hold(tx, id).await?;
            let wanted = Registry {
                tarballs: TarballPolicy::All,
                ..former
            };
            registries::update(tx, &wanted, Actor::ITSELF, now).await
        })
    });
    scene.settle(&second).await;
    first.commit().await.unwrap();
    ended(second).await.unwrap();
    let stored = registries::get(scene.db.read(), id).await.unwrap();
    assert_eq!(stored.user_prefix.as_deref(), Some("first:"));
    assert_eq!(stored.tarballs, TarballPolicy::All);
}

/// The run notes what it misses, and then takes away what is gone, in one transaction.
async fn a_sweep_that_has_begun_is_waited_for(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let id = source(&scene, "s", 1).await;
    let known = catalogue::known(scene.db.read(), id).await.unwrap();
    let (package, now) = (known[0].package, scene.now());
    let [kept, gone] = [0, 1].map(|place: usize| vec![known[place].reference.clone()]);
    let (begun, has_begun) = oneshot::channel();
    let (go, may_go) = oneshot::channel::<()>();
    let other = scene.clone();
    let sweep = spawn(async move {
        write!(other, |tx| {
            catalogue::miss(tx, (id, package), &kept, now).await?;
            let _ = begun.send(());
            drop(may_go.await);
            catalogue::remove_versions(tx, (id, package), &gone, now).await
        })
    });
    has_begun.await.unwrap();
    let other = scene.clone();
    let removal = spawn(async move { remove(&other, id).await });
    scene.settle(&removal).await;
    let _ = go.send(());
    ended(sweep).await.unwrap();
    ended(removal).await.unwrap();
    assert_eq!(rows(&scene).await, 0);
}

async fn a_source_goes_while_everybody_writes_about_it(database: TestDatabase) {
    const PACKAGES: usize = 12;
    let scene = Scene::of(database).await;
    for round in 0..6 {
        let id = source(&scene, &format!("s{round}"), PACKAGES).await;
        let known = Arc::new(catalogue::known(scene.db.read(), id).await.unwrap());
        let mut writers = Vec::new();
        for part in 0..3 {
            let (scene, known) = (scene.clone(), Arc::clone(&known));
            writers.push(spawn(async move {
                for package in (0..PACKAGES).filter(|package| package % 3 == part) {
                    put(&scene, id, package).await?;
                    sweep(&scene, (id, part), &known).await?;
                }
                Ok(())
            }));
        }
        for writer in [relabelling(scene.clone()), scheduling(scene.clone(), id)] {
            writers.push(spawn(writer));
        }
        remove(&scene, id).await.expect("nobody is in its way");
        for outcome in join_all(writers.into_iter().map(ended)).await {
            // Whoever comes too late finds nothing to write about.
            let is_told = matches!(outcome, Ok(()) | Err(StoreError::NotFound { .. }));
            assert!(is_told, "{outcome:?}");
        }
        scene.meddle("DELETE FROM catalogue_hints").await;
        assert_eq!(rows(&scene).await, 0);
    }
}

/// Says what the packages of these tests are.
async fn set_category(scene: &Scene, number: usize) -> Result<(), StoreError> {
    let now = scene.now();
    let table = Table::new([("sensor".to_owned(), format!("CATEGORY_{number}"))]).unwrap();
    write!(scene, |tx| catalogue::set_category_table(tx, &table, now)
        .await)
    .map(drop)
}

/// Whoever labels many packages has locked all their rows before the first label; a third party
/// makes the two meet in the midst of it.
#[tokio::test]
async fn a_new_table_of_categories_and_the_end_of_a_source_go_one_after_the_other() {
    let Some(database) = database::postgres_unless_skipped().await else {
        return;
    };
    let scene = Scene::of(database).await;
    let id = source(&scene, "s", 2).await;
    // The labels of the first package lie behind the other's then.
    set_category(&scene, 1).await.unwrap();
    put(&scene, id, 0).await.unwrap();
    set_category(&scene, 2).await.unwrap();
    let others = "SELECT * FROM catalogue_labels WHERE package_id = \
                  (SELECT id FROM catalogue_packages WHERE name = 'p1') FOR UPDATE";
    let third = scene
        .hold_open(move |tx| {
            async move { Ok(tx.execute_unprepared(others).await.map(drop)?) }.boxed()
        })
        .await;
    let other = scene.clone();
    let removal = spawn(async move { remove(&other, id).await });
    scene.settle(&removal).await;
    let other = scene.clone();
    let labelling =
        spawn(async move { write!(other, |tx| catalogue::relabel(tx, None, 500).await).map(drop) });
    let waiting = "SELECT COUNT(*) AS n FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until("both to wait", DEADLINE, async || {
        scene.number(waiting).await == 2
    })
    .await;
    third.commit().await.unwrap();
    ended(removal).await.unwrap();
    ended(labelling).await.unwrap();
    assert_eq!(rows(&scene).await, 0);
}

/// Forgets that anything was missing, and misses the versions of one package.
async fn sweep(
    scene: &Scene,
    (registry, part): (RegistryId, usize),
    known: &Arc<Vec<Known>>,
) -> Result<(), StoreError> {
    let (known, now) = (Arc::clone(known), scene.now());
    write!(scene, |tx| {
        catalogue::unmiss(tx, registry, &known).await?;
        let missed = &known[part];
        let package = (registry, missed.package);
        catalogue::miss(tx, package, std::slice::from_ref(&missed.reference), now).await
    })
}

type Writer = std::pin::Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

fn relabelling(scene: Scene) -> Writer {
    Box::pin(async move {
        for round in 0..6 {
            set_category(&scene, round).await?;
            write!(scene, |tx| catalogue::relabel(tx, None, 500).await)?;
        }
        Ok(())
    })
}

/// What the schedule does with hints.
fn scheduling(scene: Scene, registry: RegistryId) -> Writer {
    Box::pin(async move {
        for round in 0..6 {
            let hint: Reference = format!("p{round}/1").parse().unwrap();
            let now = scene.now();
            write!(scene, |tx| catalogue::hint(tx, registry, &hint, now).await)?;
            write!(scene, |tx| {
                let new = sync(registry);
                tasks::lock(tx, [new.spec.dedupe_key().as_str()]).await?;
                if sources::find_for_update(tx, registry).await?.is_none() {
                    return Ok(());
                }
                sources::set_next(tx, registry, None, None).await?;
                catalogue::take_hints(tx, registry).await?;
                let request = NewRequest::default();
                tasks::submit(tx, &new, &request, now).await.map(drop)
            })?;
        }
        Ok(())
    })
}

async fn a_registry_goes_while_others_decide_about_its_tasks(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let names: Vec<String> = (0..24).map(|n| format!("p{n}")).collect();
    for round in 0..5 {
        let (new, now) = (
            registry(&format!("r{round}"), RegistryKind::Npm),
            scene.now(),
        );
        let id = new.id;
        write!(scene, |tx| registries::insert(tx, &new, now).await).unwrap();
        let of_it = move |name: &str| {
            let mut task = new_task(name);
            if let TaskSpec::SyncPackage(sync) = &mut task.spec {
                sync.registry = id;
            }
            task
        };
        for name in &names {
            scene.submit_with(of_it(name), NewRequest::default()).await;
        }
        // A run that ends with follow-ups names all their keys first.
        let deciding = (0..4).map(|_| {
            let (scene, names) = (scene.clone(), names.clone());
            spawn(async move {
                for _ in 0..3 {
                    let names = names.clone();
                    write!(scene, |tx| {
                        let wanted: Vec<_> = names.iter().map(|name| of_it(name)).collect();
                        let keys: Vec<_> = wanted.iter().map(|new| new.spec.dedupe_key()).collect();
                        tasks::lock(tx, keys.iter().map(String::as_str)).await?;
                        for new in &wanted {
                            tasks::submit(tx, new, &NewRequest::default(), now).await?;
                        }
                        Ok(())
                    })?;
                }
                Ok::<(), StoreError>(())
            })
        });
        let deciding: Vec<_> = deciding.collect();
        remove(&scene, id).await.expect("nobody is in its way");
        for outcome in join_all(deciding.into_iter().map(ended)).await {
            outcome.expect("it is in nobody's way");
        }
        let gone = registries::get(scene.db.read(), id).await;
        assert!(matches!(gone, Err(StoreError::NotFound { .. })));
        while let Some(claimed) = scene.claim().await {
            scene.finish(claimed.fence).await.unwrap();
        }
    }
}
