//! Documents of npm packages that break, lie, change, or are large (faults 5, 6, 8 to 11, 14, 15,
//! 18, 20, 23, 30): each costs its own package, which keeps what it had.

use weir_domain::{Timestamp, catalogue::CatalogueOptions, task::TaskState};
use weir_store::catalogue;
use weir_testkit::{
    Artifactory, ArtifactoryFault as Fault, PackageSpec, VersionSpec, artifactory::TOKEN,
};

use super::{
    npm::{package, packages, tally},
    scene::{Scene, Wanted, of_npm},
};

fn as_anybody(_: &mut Wanted) {}

/// A package that has more than before, of which the source can show nothing else.
async fn with_a_broken_one(fault: Fault) -> Scene {
    let scene = Scene::of_packages(packages(8, 3), as_anybody).await;
    scene.server.publish(&package("p003", 5));
    scene.server.publish(&package("new", 1));
    scene.server.unpublish("p006");
    scene.server.on("GET */p003").always(fault);
    scene
}

#[tokio::test]
async fn a_document_that_breaks_costs_its_own_package() {
    for fault in [
        Fault::Half,
        Fault::Truncated,
        Fault::TruncatedChunked,
        Fault::Dropped,
        Fault::Hang,
        Fault::Stall,
        Fault::Html(200),
        Fault::Html(502),
        Fault::json("{}"),
        Fault::json(r#"{"name":"another","versions":{}}"#),
        Fault::status(403),
        Fault::status(503),
        Fault::Redirect("/artifactory/api/npm/npm-local/p003".to_owned()),
    ] {
        let what = format!("{fault:?}");
        let scene = with_a_broken_one(fault).await;
        let task = scene.assert_succeeds(1).await;
        let said = &task.warnings[0];
        assert!(said.starts_with("p003 could not be read"), "{what}: {said}");
        // What it had is there; so is what is new elsewhere, and what went is gone.
        let mut expected = scene.there();
        expected.retain(|key, _| !matches!(&**key, "p003/1.3.0" | "p003/1.4.0"));
        assert_eq!(scene.shown().await, expected, "{what}");
        let (packages, versions) = (tally(&task).packages, tally(&task).versions);
        assert_eq!((packages.failed, packages.deleted), (1, 1), "{what}");
        assert_eq!((versions.failed, versions.deleted), (3, 3), "{what}");
        assert_eq!(tally(&task).percent(), Some(100), "{what}");
        scene.assert_heals().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn a_package_that_stays_broken_stays_and_is_looked_at_again_soon() {
    let scene = with_a_broken_one(Fault::json("7")).await;
    for _ in 0..3 {
        scene.assert_succeeds(1).await;
        assert!(scene.shown().await.contains_key("p003/1.0.0"));
    }
    let hinted = async |bound: i64| {
        let db = scene.mirror.environment.db.read();
        let hinted = catalogue::hinted(db, Timestamp(bound)).await;
        hinted.expect("readable").len()
    };
    assert_eq!(hinted(i64::MAX).await, 1);
    scene.close().await;
}

#[tokio::test]
async fn a_package_that_is_new_and_broken_is_a_warning() {
    let scene = Scene::of_packages(packages(3, 1), as_anybody).await;
    scene.server.publish(&package("new", 2));
    scene.server.on("GET */new").always(Fault::Html(200));
    let task = scene.assert_succeeds(1).await;
    let packages = tally(&task).packages;
    assert_eq!((packages.discovered, packages.failed), (4, 1));
    assert_eq!(scene.shown().await.len(), 3);
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn what_is_new_in_a_package_that_was_broken_is_found_by_the_next_changes() {
    // By the clock of the source it came long before what came last.
    let server = Artifactory::start([]).await;
    server.set_ahead(-3_600_000);
    for package in packages(4, 1) {
        server.publish(&package);
    }
    let scene = Scene::at(server, |wanted| {
        of_npm(wanted);
        wanted.token = Some(TOKEN);
    })
    .await;
    scene.assert_succeeds(0).await;
    scene.server.publish(&package("p001", 2));
    scene.server.publish(&package("new", 1));
    scene.server.set_ahead(-1_800_000);
    scene.server.publish(&package("p002", 2));
    scene.server.on("GET */p001").always(Fault::json("7"));
    scene.server.on("GET */new").always(Fault::json("7"));
    scene.assert_succeeds(2).await;
    scene.server.forget();
    let task = scene.follow().await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(scene.server.on("GET */-/all").count(), 1, "the proof");
    assert_eq!(scene.server.on("GET */p0*").count(), 1, "p002");

    let registry = scene.registry;
    let db = &scene.mirror.environment.db;
    let hints = db.write(move |tx| Box::pin(catalogue::take_hints(tx, registry)));
    let hints = hints.await.expect("readable");
    let texts: Vec<_> = hints.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["new/0", "p001/1.0.0"]);
    let hinting = CatalogueOptions {
        hints,
        ..CatalogueOptions::default()
    };
    // Still broken: it is hinted at again.
    let task = scene.sync_with(hinting.clone()).await;
    assert_eq!((task.state, task.warnings.len()), (TaskState::Success, 2));
    scene.server.heal();
    let task = scene.sync_with(hinting).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    let listed = scene.server.on("GET */p003").count();
    assert_eq!(listed, 0, "all this while not everything");
    scene.close().await;
}

#[tokio::test]
async fn a_version_that_is_broken_costs_itself() {
    let broken = |package: PackageSpec| {
        package.version("1.1.0", |one| one.registry_field("version", "\"7.7.7\""))
    };
    let scene = Scene::of_packages([package("a", 3), package("b", 1)], as_anybody).await;
    scene.server.publish(&broken(package("a", 5)));
    let task = scene.assert_succeeds(1).await;
    assert!(task.warnings[0].contains("a/1.1.0"), "{:?}", task.warnings);
    // It is there, so it stays as it was.
    assert_eq!(scene.shown().await.len(), 6);
    let versions = tally(&task).versions;
    assert_eq!(
        (versions.created, versions.failed, versions.deleted),
        (2, 1, 0)
    );
    scene.server.publish(&package("a", 5));
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn what_vanishes_before_it_is_read_is_no_error() {
    let scene = Scene::of_packages(packages(3, 1), as_anybody).await;
    scene.server.publish(&package("brief", 3));
    scene.server.on("GET */brief").after(1, Fault::status(404));
    let task = scene.assert_succeeds(0).await;
    let tally = tally(&task);
    assert_eq!((tally.versions.skipped, tally.packages.skipped), (3, 1));
    assert_eq!(scene.shown().await.len(), 3);
    assert_eq!(scene.server.on("GET */brief").count(), 2);
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn what_is_named_and_not_there_is_passed_over() {
    let scene = Scene::of_packages(packages(3, 1), as_anybody).await;
    scene.server.list_stale("gone");
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    scene.close().await;
}

#[tokio::test]
async fn what_is_there_and_not_named_is_kept() {
    let scene = Scene::of_packages(packages(3, 1), as_anybody).await;
    scene.server.delay_index("p001");
    let task = scene.assert_succeeds(1).await;
    assert!(
        task.warnings[0].contains("still there"),
        "{:?}",
        task.warnings
    );
    scene.assert_current().await;
    scene.server.catch_up();
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn a_tarball_that_its_document_does_not_know_yet_comes_later() {
    let scene = Scene::of_packages(packages(3, 1), |wanted| wanted.token = Some(TOKEN)).await;
    let path = "p001/-/p001-1.1.0.tgz";
    scene
        .server
        .put(weir_testkit::artifactory::NPM, path, "its bytes");
    let task = scene.follow().await;
    assert_eq!((task.state, task.warnings.len()), (TaskState::Success, 0));
    assert_eq!(scene.shown().await.len(), 3);
    scene.server.publish(&package("p001", 2));
    let task = scene.follow().await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    assert_eq!(scene.shown().await.len(), 4);
    scene.close().await;
}

#[tokio::test]
async fn a_version_with_other_bytes_is_read_again() {
    let scene = Scene::of_packages([package("a", 3)], as_anybody).await;
    let before = scene.shown().await;
    let other = package("a", 3).version("1.1.0", VersionSpec::other_bytes);
    scene.server.publish(&other);
    let task = scene.assert_succeeds(0).await;
    scene.assert_current().await;
    let changed: Vec<_> = scene.shown().await.into_iter().collect();
    let changed: Vec<_> = changed
        .iter()
        .filter(|(key, at)| before[key] != **at)
        .collect();
    assert_eq!(changed.len(), 1);
    let versions = tally(&task).versions;
    assert_eq!((versions.updated, versions.unchanged), (1, 2));

    // And once more between the listing and the reading: a warning, and what was known stays.
    let shown = scene.shown().await;
    let third = other.version("1.1.0", VersionSpec::other_bytes);
    let fourth = third.clone().version("1.1.0", VersionSpec::other_bytes);
    scene.server.publish(&fourth);
    let document = scene.server.document("a");
    scene.server.publish(&third);
    scene.server.on("GET */a").after(1, Fault::json(&document));
    let task = scene.assert_succeeds(1).await;
    assert!(
        task.warnings[0].contains("another one"),
        "{:?}",
        task.warnings
    );
    assert_eq!(scene.shown().await, shown);
    scene.server.publish(&fourth);
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn names_that_are_none_are_passed_over_and_scopes_are_namespaces() {
    let names = ["@some-scope/a", "a", "@other/a", "JSONStream", "a.b_c~d"];
    let scene = Scene::of_packages(names.map(|name| package(name, 1)), as_anybody).await;
    let shown: Vec<_> = scene.shown().await.into_keys().collect();
    let expected = [
        "JSONStream/1.0.0",
        "a.b_c~d/1.0.0",
        "a/1.0.0",
        "a/1.0.0@other",
        "a/1.0.0@some-scope",
    ];
    assert_eq!(shown, expected);
    for odd in ["a b", "@_/a", "../../etc", "é\u{7}"] {
        scene.server.list_stale(odd);
    }
    let task = scene.assert_succeeds(4).await;
    let is_said = |text: &String| text.contains("is no reference");
    assert!(task.warnings.iter().all(is_said), "{:?}", task.warnings);
    scene.assert_current().await;
    scene.close().await;
}

#[tokio::test]
async fn old_versions_without_integrity_are_shown() {
    let old = package("old", 2)
        .version("0.1.0", VersionSpec::shasum_only)
        .version("0.0.1", VersionSpec::undigested);
    let server = Artifactory::start([]).await;
    server.publish(&old);
    let scene = Scene::at(server, of_npm).await;
    scene.assert_succeeds(0).await;
    let shown = scene.shown().await;
    assert_eq!(shown.len(), 4);
    assert!(shown["old/0.1.0"].starts_with("sha1-"));
    assert!(shown["old/0.0.1"].starts_with("manifest-"));
    scene.server.forget();
    let task = scene.assert_succeeds(0).await;
    assert_eq!(tally(&task).versions.unchanged, 4);
    scene.close().await;
}

#[tokio::test]
async fn a_document_that_is_too_large_costs_its_own_package() {
    let limited = |wanted: &mut Wanted| {
        wanted.options.sizes.packument_bytes = 300_000;
        wanted.options.sizes.spool_memory_bytes = 16_000;
    };
    let scene = Scene::of_packages([package("a", 2), package("b", 2)], limited).await;
    // More than memory takes of it, and less than is refused.
    scene.server.publish(&package("b", 150));
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    assert_eq!(scene.shown().await.len(), 152);
    let filler = format!("\"{}\"", "x".repeat(300_000));
    scene
        .server
        .publish(&package("a", 3).root_field("filler", &filler));
    let task = scene.assert_succeeds(1).await;
    assert!(
        task.warnings[0].contains("too large"),
        "{:?}",
        task.warnings
    );
    assert_eq!(scene.shown().await.len(), 152);
    scene.close().await;
}

#[tokio::test]
async fn a_slow_body_is_waited_for_and_a_compressed_one_is_read() {
    let scene = Scene::of_packages(packages(3, 2), as_anybody).await;
    scene.server.publish(&package("new", 2));
    scene.server.on("GET */new").always(Fault::Slow(6_000));
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    scene.server.heal();
    scene.server.publish(&package("other", 2));
    scene.server.on("GET *").always(Fault::Gzip);
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    scene.close().await;
}
