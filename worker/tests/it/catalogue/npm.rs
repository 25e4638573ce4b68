//! An npm repository that is followed: what is asked for, and what it brings.

use weir_domain::{
    catalogue::{CatalogueOptions, CatalogueProgress, PackageKey},
    task::TaskState,
};
use weir_store::{catalogue, tasks::Task};
use weir_testkit::{Artifactory, PackageSpec, VersionSpec, artifactory::TOKEN};

use super::scene::{Scene, of_npm};

const DOCUMENTS: &str = "GET /api/npm/npm-local/p*";

pub fn package(name: &str, versions: usize) -> PackageSpec {
    let numbers = (0..versions).map(|number| format!("1.{number}.0"));
    PackageSpec::with_versions(name, numbers, |version| version)
}

pub fn packages(count: usize, versions: usize) -> impl Iterator<Item = PackageSpec> {
    (0..count).map(move |number| package(&format!("p{number:03}"), versions))
}

pub fn tally(task: &Task) -> CatalogueProgress {
    let progress = task.progress.and_then(|all| all.catalogue);
    progress.expect("a tally")
}

pub fn hinting(text: &str) -> CatalogueOptions {
    CatalogueOptions {
        hints: [text.parse().expect("a reference")].into(),
        ..CatalogueOptions::default()
    }
}

#[tokio::test]
async fn a_document_is_asked_for_twice_at_most() {
    let server = Artifactory::start([]).await;
    for package in packages(60, 20) {
        server.publish(&package);
    }
    let scene = Scene::at(server, of_npm).await;
    let task = scene.assert_succeeds(0).await;
    scene.assert_current().await;
    assert_eq!(scene.shown().await.len(), 60 * 20);
    assert_eq!(scene.server.on(DOCUMENTS).count(), 2 * 60);
    // The names, for the proof and for the listing.
    let asked = scene.server.asked().len();
    assert_eq!(asked, 2 * 60 + 2);
    assert_eq!(tally(&task).requests, u64::try_from(asked).expect("few"));

    // Nothing new; then three that changed in three ways, each of which is fetched once more.
    scene.server.forget();
    scene.assert_succeeds(0).await;
    assert_eq!(scene.server.asked().len(), 60 + 2);
    scene.server.publish(&package("p003", 24));
    let other = package("p005", 20).version("1.7.0", VersionSpec::other_bytes);
    scene.server.publish(&other);
    let fewer = package("p007", 20).without_version("1.3.0");
    scene.server.publish(&fewer.without_version("1.4.0"));
    scene.server.forget();
    let task = scene.assert_succeeds(0).await;
    scene.assert_current().await;
    let versions = tally(&task).versions;
    let counted = (versions.created, versions.updated, versions.deleted);
    assert_eq!(counted, (4, 1, 2));
    assert_eq!(scene.server.on(DOCUMENTS).count(), 60 + 3);
    // And once more the names, before anything is taken away.
    assert_eq!(scene.server.asked().len(), 60 + 3 + 3);
    scene.close().await;
}

#[tokio::test]
async fn what_changed_is_asked_for_and_only_that_is_read() {
    let scene = Scene::of_packages(packages(40, 5), |wanted| wanted.token = Some(TOKEN)).await;
    scene.server.publish(&package("p011", 8));
    scene.server.publish(&package("@s/new", 2));
    let other = package("p012", 5).version("1.0.0", VersionSpec::other_bytes);
    scene.server.publish(&other);
    scene.server.forget();
    let task = scene.follow().await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    let versions = tally(&task).versions;
    assert_eq!((versions.created, versions.updated), (5, 1));
    assert_eq!(scene.server.on("GET */-/all").count(), 1, "the proof");
    // All that was uploaded within the overlap is looked at, by one document a package.
    assert_eq!(scene.server.on("GET /api/npm/*").count(), 1 + 41);
    scene.close().await;
}

#[tokio::test]
async fn a_package_that_did_not_change_for_long_is_not_asked_for() {
    let server = Artifactory::start([]).await;
    for package in packages(40, 5) {
        server.publish(&package);
    }
    server.set_ahead(3_600_000);
    server.publish(&package("p000", 6));
    let scene = Scene::at(server, |wanted| {
        of_npm(wanted);
        wanted.token = Some(TOKEN);
    })
    .await;
    // A cursor is never later than our own clock; theirs is an hour ahead.
    scene.assert_succeeds(0).await;
    scene.server.publish(&package("p011", 6));
    let changed = scene.follow().await;
    assert_eq!(changed.state, TaskState::Success, "{changed:?}");
    scene.assert_current().await;
    scene.close().await;

    // Theirs is an hour behind; what is old is older than the overlap.
    let server = Artifactory::start([]).await;
    server.set_ahead(-3_600_000);
    for package in packages(40, 5) {
        server.publish(&package);
    }
    server.set_ahead(-1_800_000);
    server.publish(&package("p000", 6));
    let scene = Scene::at(server, |wanted| {
        of_npm(wanted);
        wanted.token = Some(TOKEN);
    })
    .await;
    scene.assert_succeeds(0).await;
    scene.server.publish(&package("p011", 7));
    scene.server.forget();
    let task = scene.follow().await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    assert_eq!(scene.server.on(DOCUMENTS).count(), 2, "p000 and p011");
    assert_eq!(tally(&task).versions.created, 2);
    scene.close().await;
}

#[tokio::test]
async fn without_a_token_everything_is_listed_for_what_is_new_and_what_went() {
    let scene = Scene::of_packages(packages(6, 2), |_| {}).await;
    scene.server.publish(&package("p001", 3));
    scene.server.unpublish("p004");
    scene.server.forget();
    let task = scene.follow().await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    assert_eq!(
        (tally(&task).packages.deleted, scene.shown().await.len()),
        (1, 11)
    );
    assert_eq!(scene.server.on("POST *").count(), 0);
    scene.close().await;
}

#[tokio::test]
async fn a_hint_is_looked_at_and_a_removal_confirmed() {
    let scene = Scene::of_packages(packages(6, 2), |wanted| wanted.token = Some(TOKEN)).await;
    scene.server.publish(&package("@s/new", 1));
    let task = scene.sync_with(hinting("new/1.0.0@s")).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    scene
        .server
        .publish(&package("p003", 2).without_version("1.0.0"));
    let task = scene.sync_with(hinting("p003/1.0.0")).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    scene.close().await;
}

#[tokio::test]
async fn the_latest_version_is_the_highest_as_npm_counts() {
    // Conan counts the digits that a part begins with.
    let numbers = ["1.9.0", "1.10.0", "2.0.0-rc", "2.0.0-x.9a", "2.0.0-x.10a"];
    let some = PackageSpec::with_versions("@s/some", numbers.map(str::to_owned), |one| one);
    let stable = some.clone().version("2.0.0", |version| version);
    let scene = Scene::of_packages([some], |_| {}).await;
    let shown = |latest: &str, stable: &str| (Some(latest.to_owned()), Some(stable.to_owned()));
    let latest = async || {
        let db = scene.mirror.environment.db.read();
        let key = PackageKey {
            namespace: "s".to_owned(),
            name: "some".to_owned(),
        };
        let found = catalogue::find(db, &key).await.expect("readable");
        let package = found.expect("it is there").package;
        (package.latest_version, package.latest_stable_version)
    };
    assert_eq!(latest().await, shown("2.0.0-x.9a", "1.10.0"));
    scene.server.publish(&stable);
    scene.assert_succeeds(0).await;
    assert_eq!(latest().await, shown("2.0.0", "2.0.0"));
    scene.close().await;
}
