//! Packages of the catalogue as a run writes them, misses them, and takes them away.

use sea_orm::Statement;
use weir_domain::{
    Digest, RegistryId, TaskId, Timestamp,
    catalogue::{CatalogueSettings, Facts, Reference, SourceArchive, Stamp},
};
use weir_store::{
    ConnectionTrait, StoreError,
    catalogue::{self, Known, NewVersion, NewVersions, Put, sources},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, ended, spawn, write};

weir_testkit::on_both_engines!(
    a_package_is_what_its_latest_version_says,
    versions_stand_in_conans_order,
    a_new_revision_replaces_the_version_and_keeps_the_old_one_in_its_history,
    what_is_there_for_recipes_only_is_hidden,
    a_package_of_another_source_is_never_overwritten,
    a_removed_version_leaves_a_package_that_the_others_describe,
    a_package_goes_with_its_last_version,
    nothing_is_written_of_a_source_that_is_gone,
    what_a_listing_lacks_is_noted_once_and_forgotten_when_it_is_listed,
    two_writers_of_one_package_both_count,
);

async fn source(scene: &Scene) -> RegistryId {
    let (registry, now) = (RegistryId::new(), scene.now());
    let settings = CatalogueSettings::default();
    write!(scene, |tx| sources::put(tx, registry, &settings, now).await).unwrap();
    registry
}

fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

fn facts(description: &str) -> Facts {
    Facts {
        description: Some(description.to_owned()),
        topics: vec!["sensor".to_owned()],
        licenses: vec!["MIT".to_owned()],
        sources: vec![SourceArchive {
            url: "https://registry.example/a.tar.gz".to_owned(),
            sha256: Some(Digest::of(b"a")),
        }],
        ..Facts::default()
    }
}

/// What a run read of one reference.
fn read(registry: RegistryId, (text, revision): (&str, &str), facts: Facts) -> NewVersions {
    let reference = reference(text);
    let at = revision.parse().ok().map(Timestamp);
    NewVersions {
        key: reference.key,
        registry,
        task: TaskId::new(),
        versions: vec![NewVersion {
            version: reference.version,
            channel: reference.channel,
            stamp: Stamp {
                revision: revision.to_owned(),
                at,
            },
            facts,
            readme: Some("# Read me".to_owned()),
            downloads: None,
        }],
    }
}

async fn put_all(scene: &Scene, new: NewVersions) -> Put {
    let now = scene.now();
    write!(scene, |tx| catalogue::put(tx, &new, now).await).unwrap()
}

/// Puts one version that says its own name.
async fn put(scene: &Scene, registry: RegistryId, text: &str, revision: &str) -> TaskId {
    let new = read(registry, (text, revision), facts(text));
    let task = new.task;
    assert_eq!(put_all(scene, new).await, Put::Written);
    task
}

async fn known(scene: &Scene, registry: RegistryId) -> Vec<Known> {
    catalogue::known(scene.db.read(), registry).await.unwrap()
}

async fn remove(scene: &Scene, registry: RegistryId, texts: &[&str]) -> bool {
    let gone: Vec<_> = texts.iter().map(|text| reference(text)).collect();
    let all = known(scene, registry).await;
    let package = all.iter().find(|known| known.reference == gone[0]);
    let (id, now) = ((registry, package.unwrap().package), scene.now());
    write!(scene, |tx| catalogue::remove_versions(tx, id, &gone, now)
        .await)
    .unwrap()
}

/// Returns one column of all rows, as text.
async fn column(scene: &Scene, query: &str) -> Vec<String> {
    let db = scene.db.read();
    let statement = Statement::from_string(db.get_database_backend(), query.to_owned());
    let rows = db.query_all_raw(statement).await.unwrap();
    let text = |row: &sea_orm::QueryResult| {
        let text: Option<String> = row.try_get("", "value").unwrap();
        text.unwrap_or_default()
    };
    rows.iter().map(text).collect()
}

async fn row(scene: &Scene, column_name: &str) -> String {
    let query = format!("SELECT {column_name} AS value FROM catalogue_packages");
    column(scene, &query).await.remove(0)
}

async fn a_package_is_what_its_latest_version_says(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = source(&scene).await;
    put(&scene, registry, "sht30/0.0.5@acme", "300").await;
    put(&scene, registry, "sht30/0.0.4@acme", "200").await;
    assert_eq!(row(&scene, "latest_version").await, "0.0.5");
    let stored: Facts = serde_json::from_str(&row(&scene, "facts").await).unwrap();
    assert_eq!(stored, facts("sht30/0.0.5@acme"));
    let words = row(&scene, "words").await;
    assert_eq!(words, "sht30\nacme\nsht30/0.0.5@acme\nsensor");
    let labels = column(
        &scene,
        "SELECT kind || ' ' || label AS value FROM catalogue_labels ORDER BY kind",
    )
    .await;
    assert_eq!(labels, ["category SENSOR", "license mit", "topic sensor"]);
    let query = "SELECT created_at + updated_at * 1000 + versions_count * 1000000 AS n \
                 FROM catalogue_packages";
    assert_eq!(scene.number(query).await, 2_300_200);
    put(&scene, registry, "sht30/1.0-rc.1@acme", "400").await;
    assert_eq!(row(&scene, "latest_version").await, "1.0-rc.1");
    assert_eq!(row(&scene, "latest_stable_version").await, "0.0.5");
}

async fn versions_stand_in_conans_order(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = source(&scene).await;
    for text in ["a/1.9", "a/1.10@_/beta", "a/1.2", "a/1.10", "a/1.10-rc"] {
        put(&scene, registry, text, "r").await;
    }
    let query = "SELECT version || ' ' || channel AS value FROM catalogue_versions ORDER BY place";
    let order = ["1.10 _", "1.10 beta", "1.10-rc _", "1.9 _", "1.2 _"];
    assert_eq!(column(&scene, query).await, order);
    let query = "SELECT COUNT(DISTINCT place) * 10 + MAX(place) AS n FROM catalogue_versions";
    assert_eq!(scene.number(query).await, 54);
}

async fn a_new_revision_replaces_the_version_and_keeps_the_old_one_in_its_history(
    database: TestDatabase,
) {
    let scene = Scene::of(database).await;
    let registry = source(&scene).await;
    put(&scene, registry, "a/1@acme", "100").await;
    assert!(known(&scene, registry).await[0].is_first_revision);
    let task = put(&scene, registry, "a/1@acme", "200").await;
    let known = known(&scene, registry).await;
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].reference, reference("a/1@acme"));
    assert_eq!(known[0].revision, "200");
    assert!(!known[0].is_first_revision);
    assert_eq!(known[0].looked_at_by, Some(task));
    let query = "SELECT revision AS value FROM catalogue_revisions ORDER BY revision";
    assert_eq!(column(&scene, query).await, ["100", "200"]);
    let query = "SELECT created_at * 1000 + updated_at AS n FROM catalogue_versions";
    assert_eq!(scene.number(query).await, 100_200);
}

async fn what_is_there_for_recipes_only_is_hidden(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = source(&scene).await;
    let for_recipes = Facts {
        package_type: Some("python-require".to_owned()),
        ..Facts::default()
    };
    put_all(&scene, read(registry, ("base/1", "r"), for_recipes)).await;
    put(&scene, registry, "a/1", "r").await;
    let query = "SELECT name AS value FROM catalogue_packages WHERE is_hidden";
    assert_eq!(column(&scene, query).await, ["base"]);
}

async fn a_package_of_another_source_is_never_overwritten(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (first, second) = (source(&scene).await, source(&scene).await);
    put(&scene, first, "a/1@acme", "100").await;
    let other = read(second, ("a/2@acme", "200"), facts("other"));
    let key = other.key.clone();
    assert_eq!(put_all(&scene, other).await, Put::Foreign);
    assert_eq!(row(&scene, "latest_version").await, "1");
    assert_eq!(known(&scene, second).await, []);
    assert_eq!(known(&scene, first).await.len(), 1);
    let foreign = async |registry| catalogue::foreign(scene.db.read(), registry).await.unwrap();
    assert_eq!(foreign(second).await, [key].into());
    assert!(foreign(first).await.is_empty());
    write!(scene, |tx| sources::remove(tx, first).await).unwrap();
    assert_eq!(known(&scene, first).await, []);
    put(&scene, second, "a/2@acme", "200").await;
    let query = "SELECT COUNT(*) AS n FROM catalogue_revisions";
    assert_eq!(
        scene.number(query).await,
        1,
        "what was of the first is gone"
    );
}

async fn a_removed_version_leaves_a_package_that_the_others_describe(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = source(&scene).await;
    for text in ["a/1", "a/2", "a/3"] {
        put(&scene, registry, text, "r").await;
    }
    assert!(!remove(&scene, registry, &["a/3", "a/1"]).await);
    assert_eq!(row(&scene, "latest_version").await, "2");
    let stored: Facts = serde_json::from_str(&row(&scene, "facts").await).unwrap();
    assert_eq!(stored.description.as_deref(), Some("a/2"));
    let query = "SELECT COUNT(*) AS n FROM catalogue_revisions";
    assert_eq!(scene.number(query).await, 1);
    let query = "SELECT place AS n FROM catalogue_versions";
    assert_eq!(scene.number(query).await, 0);
}

async fn a_package_goes_with_its_last_version(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = source(&scene).await;
    put(&scene, registry, "a/1", "r").await;
    put(&scene, registry, "b/1", "r").await;
    assert!(remove(&scene, registry, &["a/1"]).await);
    assert_eq!(known(&scene, registry).await.len(), 1);
    for table in ["packages", "versions", "revisions"] {
        let query = format!("SELECT COUNT(*) AS n FROM catalogue_{table}");
        assert_eq!(scene.number(query).await, 1, "{table}");
    }
    let query = "SELECT COUNT(DISTINCT package_id) AS n FROM catalogue_labels";
    assert_eq!(scene.number(query).await, 1);
}

async fn nothing_is_written_of_a_source_that_is_gone(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = source(&scene).await;
    put(&scene, registry, "a/1", "r").await;
    write!(scene, |tx| sources::remove(tx, registry).await).unwrap();
    let (new, now) = (read(registry, ("a/1", "r"), facts("a")), scene.now());
    let refused = write!(scene, |tx| catalogue::put(tx, &new, now).await);
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    let query = "SELECT COUNT(*) AS n FROM catalogue_packages";
    assert_eq!(scene.number(query).await, 0);
}

async fn what_a_listing_lacks_is_noted_once_and_forgotten_when_it_is_listed(
    database: TestDatabase,
) {
    let scene = Scene::of(database).await;
    let registry = source(&scene).await;
    put(&scene, registry, "a/1", "r").await;
    let listed = known(&scene, registry).await;
    let (package, first) = (listed[0].package, scene.now());
    for _ in 0..2 {
        let now = scene.now();
        write!(scene, |tx| {
            catalogue::miss(tx, (registry, package), &[reference("a/1")], now).await
        })
        .unwrap();
        scene.later(std::time::Duration::from_secs(60));
    }
    assert_eq!(known(&scene, registry).await[0].missing_since, Some(first));
    write!(scene, |tx| catalogue::unmiss(tx, registry, &listed).await).unwrap();
    assert_eq!(known(&scene, registry).await[0].missing_since, None);
}

async fn two_writers_of_one_package_both_count(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let registry = source(&scene).await;
    let (one, now) = (read(registry, ("a/1", "r"), facts("one")), scene.now());
    let first = scene
        .hold_open(move |tx| Box::pin(async move { catalogue::put(tx, &one, now).await }))
        .await;
    let other = scene.clone();
    let second = spawn(async move { put(&other, registry, "a/2", "r").await });
    scene.settle(&second).await;
    first.commit().await.unwrap();
    ended(second).await;
    assert_eq!(row(&scene, "latest_version").await, "2");
    let query = "SELECT versions_count AS n FROM catalogue_packages";
    assert_eq!(scene.number(query).await, 2);
}
