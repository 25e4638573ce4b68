//! Runs of the catalogue as they come by themselves, or several at once, with a worker at work and
//! real servers of recipes.

use std::time::Duration;

use weir_domain::{
    Registry, RegistryId, RegistryKind, RemovalPolicy, TarballPolicy, TaskId, Timestamp,
    catalogue::{CatalogueOptions, CatalogueSettings},
    task::{Priority, SyncCatalogues, SyncOptions, TaskKind, TaskSpec, TaskState},
};
use weir_store::{
    catalogue::{self, sources},
    clock, registries, task_trees,
    tasks::{self, ListFilter, NewRequest, NewTask, Task},
};
use weir_testkit::{Artifactory, Recipe, StandIn, artifactory::REPOSITORY, until};

use crate::setup::{DEADLINE, Mirror};

/// Makes a server a source that has no run by itself.
async fn follow(mirror: &Mirror, slug: &str, server: &Artifactory) -> RegistryId {
    let registry = Registry {
        id: RegistryId::new(),
        slug: slug.to_owned(),
        name: slug.to_owned(),
        kind: RegistryKind::Artifactory,
        url: format!("{}/", server.url()).parse().expect("a URL"),
        tarballs: TarballPolicy::default(),
        is_internal: true,
        allows_undigested: false,
        removals: RemovalPolicy::Keep,
        downloads: None,
        user_prefix: None,
        change_stream: None,
    };
    let settings = CatalogueSettings {
        repository: Some(REPOSITORY.to_owned()),
        full_every_secs: 0,
        incremental_every_secs: 0,
        ..CatalogueSettings::default()
    };
    let id = registry.id;
    let written = mirror.environment.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            registries::insert(tx, &registry, now).await?;
            sources::put(tx, id, &settings, now).await
        })
    });
    written.await.expect("the source is written");
    id
}

/// Returns the tasks of a source, newest first.
async fn runs(mirror: &Mirror, registry: RegistryId) -> Vec<Task> {
    let filter = ListFilter {
        kind: Some(TaskKind::SyncCatalogue),
        registry: Some(registry),
        limit: 100,
        ..ListFilter::default()
    };
    let tasks = tasks::list(mirror.environment.db.read(), &filter).await;
    tasks.expect("a list")
}

async fn known(mirror: &Mirror, registry: RegistryId) -> Vec<String> {
    let known = catalogue::known(mirror.environment.db.read(), registry).await;
    let known = known.expect("readable").into_iter();
    known.map(|known| known.reference.to_string()).collect()
}

async fn submit_all(mirror: &Mirror) -> TaskId {
    let new = NewTask {
        spec: TaskSpec::SyncCatalogues(SyncCatalogues {}),
        priority: Priority::USER,
        fair_key: 0,
        run_after: Timestamp(0),
        retry_of: None,
    };
    let request = NewRequest {
        options: SyncOptions {
            catalogue: Some(CatalogueOptions {
                is_full: true,
                ..CatalogueOptions::default()
            }),
            ..SyncOptions::default()
        },
        ..NewRequest::default()
    };
    let submitted = mirror.environment.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            tasks::submit(tx, &new, &request, now).await
        })
    });
    submitted.await.expect("submitted").task
}

#[tokio::test]
async fn every_source_has_a_task_under_the_one_that_was_asked_for() {
    let mirror = Mirror::beside(StandIn::start([]).await, |_| {}).await;
    let none = mirror.end_of(submit_all(&mirror).await).await;
    assert_eq!(none.state, TaskState::Success);
    assert_eq!(none.warnings.len(), 1, "that there is no source");
    let one = Artifactory::start([Recipe::new("a/1.0@acme"), Recipe::new("b/1.0")]).await;
    let other = Artifactory::start([Recipe::new("c/1.0@acme")]).await;
    let ids = [
        follow(&mirror, "one", &one).await,
        follow(&mirror, "other", &other).await,
    ];
    let root = mirror.end_of(submit_all(&mirror).await).await;
    assert_eq!(root.state, TaskState::Success, "{root:?}");
    until("both sources to be synchronised", DEADLINE, async || {
        let children = task_trees::children(mirror.environment.db.read(), root.id).await;
        let children = children.expect("counted");
        let is_done = children["success"] == 2;
        is_done.then_some(()).ok_or(format!("{children:?}"))
    })
    .await;
    assert_eq!(known(&mirror, ids[0]).await, ["b/1.0", "a/1.0@acme"]);
    assert_eq!(known(&mirror, ids[1]).await, ["c/1.0@acme"]);
    for id in ids {
        let source = sources::find(mirror.environment.db.read(), id).await;
        assert!(source.expect("asked").expect("there").full_at.is_some());
    }
    one.assert_nothing_unexpected();
    mirror.close().await;
}

#[tokio::test]
async fn hints_become_one_run_once_they_have_settled() {
    let mirror = Mirror::beside(StandIn::start([]).await, |_| {}).await;
    let server = Artifactory::start(Recipe::crowd(5)).await;
    let id = follow(&mirror, "one", &server).await;
    server.add(&Recipe::new("a/1.0@acme"));
    server.add(&Recipe::new("b/1.0"));
    for text in ["a/1.0@acme", "b/1.0", "a/1.0@acme"] {
        let hinted = mirror.environment.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let reference = text.parse().expect("a reference");
                catalogue::hint(tx, id, &reference, now).await
            })
        });
        hinted.await.expect("hinted");
    }
    assert!(runs(&mirror, id).await.is_empty(), "they settle first");
    let task = until("a run", DEADLINE, async || {
        runs(&mirror, id).await.into_iter().next().ok_or("none yet")
    })
    .await;
    let task = mirror.end_of(task.id).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    let known = known(&mirror, id).await;
    assert!(known.contains(&"a/1.0@acme".to_owned()), "{known:?}");
    assert!(known.contains(&"b/1.0".to_owned()), "{known:?}");
    assert_eq!(runs(&mirror, id).await.len(), 1);
    let left = catalogue::hinted(mirror.environment.db.read(), Timestamp(i64::MAX)).await;
    assert!(left.expect("asked").is_empty());
    mirror.close().await;
}

#[tokio::test]
async fn a_source_is_synchronised_at_its_moment() {
    let mirror = Mirror::beside(StandIn::start([]).await, |_| {}).await;
    let server = Artifactory::start(Recipe::crowd(3)).await;
    let id = follow(&mirror, "one", &server).await;
    let hour = Duration::from_secs(3600);
    let set = mirror.environment.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let settings = CatalogueSettings {
                repository: Some(REPOSITORY.to_owned()),
                full_every_secs: hour.as_secs(),
                incremental_every_secs: 0,
                ..CatalogueSettings::default()
            };
            sources::put(tx, id, &settings, now).await?;
            sources::set_next(tx, id, Some(now), None).await
        })
    });
    set.await.expect("set");
    let task = until("a run", DEADLINE, async || {
        runs(&mirror, id).await.into_iter().next().ok_or("none yet")
    })
    .await;
    let task = mirror.end_of(task.id).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(known(&mirror, id).await.len(), 3);
    let source = sources::find(mirror.environment.db.read(), id).await;
    let source = source.expect("asked").expect("there");
    assert!(source.full_at.is_some());
    let next = source.next_full_at.expect("the next one");
    assert!(next.since(task.created_at) >= hour / 3, "an interval apart");
    assert_eq!(runs(&mirror, id).await.len(), 1);
    mirror.close().await;
}
