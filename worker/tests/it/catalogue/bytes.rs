//! Files that are not what they should be, or are made to harm (faults 12, 13, 21).

use weir_testkit::{ArtifactoryFault as Fault, Recipe, artifactory::archive};

use super::scene::{Scene, few};

const FILES: &str = "GET */new/1.0/*/files/*";

/// Adds one bad recipe among good ones: it costs itself, once, and is read when it is good.
async fn costs_itself(bad: Recipe, says: &str) {
    let scene = Scene::of(few()).await;
    let good = Recipe::new("new/1.0@sifli");
    scene.server.add(&bad);
    scene.server.add(&Recipe::new("other/1.0@sifli"));
    let task = scene.assert_succeeds(1).await;
    let warning = &task.warnings[0];
    assert!(warning.contains("new/1.0@sifli") && warning.contains(says), "{warning}");
    let shown = scene.shown().await;
    assert!(!shown.contains_key("new/1.0@sifli") && shown.contains_key("other/1.0@sifli"));
    scene.server.remove("new/1.0@sifli");
    scene.server.add(&good);
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn a_file_that_its_manifest_does_not_mean_is_not_believed() {
    costs_itself(Recipe::new("new/1.0@sifli").wrong_md5("conanfile.py"), "conanfile.py").await;
}

#[tokio::test]
async fn a_manifest_that_its_revision_does_not_mean_is_not_believed() {
    let other = "0123456789abcdef0123456789abcdef";
    costs_itself(Recipe::new("new/1.0@sifli").at_revision(other), "manifest").await;
}

#[tokio::test]
async fn a_revision_of_a_source_control_is_believed() {
    let scene = Scene::of(few()).await;
    let commit = "0123456789abcdef0123456789abcdef01234567";
    scene.server.add(&Recipe::new("new/1.0@sifli").at_revision(commit));
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    scene.close().await;
}

#[tokio::test]
async fn checksums_of_the_answer_count_and_may_be_missing() {
    let scene = Scene::of(few()).await;
    scene.server.add(&Recipe::new("new/1.0"));
    scene.server.on(FILES).always(Fault::WrongChecksums);
    let task = scene.assert_succeeds(1).await;
    assert!(task.warnings[0].contains("new/1.0"), "{:?}", task.warnings);
    scene.server.heal();
    scene.server.on(FILES).always(Fault::NoChecksums);
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    scene.close().await;
}

#[tokio::test]
async fn a_recipe_of_two_megabytes_is_not_read() {
    let long = format!("from conan import ConanFile\n# {}\n", "x".repeat(2 << 20));
    costs_itself(Recipe::new("new/1.0@sifli").conanfile(long), "").await;
}

#[tokio::test]
async fn archives_that_harm_cost_the_readme_and_nothing_else() {
    for archive in [
        archive::bomb(700),
        archive::climbing(),
        "this is no archive".into(),
    ] {
        let scene = Scene::of(few()).await;
        scene.server.add(&Recipe::new("new/1.0").archive(archive));
        let task = scene.sync().await;
        assert_eq!(task.error_code, None, "{task:?}");
        scene.assert_current().await;
        scene.close().await;
    }
}
