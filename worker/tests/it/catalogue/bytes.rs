//! Files that are not what they should be, or are made to harm (faults 12, 13, 21).

use weir_domain::catalogue::{CatalogueOptions, Facts, Reference};
use weir_store::catalogue;
use weir_testkit::{
    ArtifactoryFault as Fault, Recipe,
    artifactory::{Binary, archive},
};

use super::scene::{Scene, few, full};

const FILES: &str = "GET */new/1.0/*/files/*";

/// Adds one bad recipe among good ones: it costs itself, once, and is read when it is good.
async fn costs_itself(bad: Recipe, says: &str) {
    let scene = Scene::of(few()).await;
    let good = Recipe::new("new/1.0@sifli");
    scene.server.add(&bad);
    scene.server.add(&Recipe::new("other/1.0@sifli"));
    let task = scene.assert_succeeds(1).await;
    let warning = &task.warnings[0];
    assert!(
        warning.contains("new/1.0@sifli") && warning.contains(says),
        "{warning}"
    );
    let shown = scene.shown().await;
    assert!(!shown.contains_key("new/1.0@sifli") && shown.contains_key("other/1.0@sifli"));
    scene.server.remove("new/1.0@sifli");
    scene.server.add(&good);
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn a_file_that_its_manifest_does_not_mean_is_not_believed() {
    costs_itself(
        Recipe::new("new/1.0@sifli").wrong_md5("conanfile.py"),
        "conanfile.py",
    )
    .await;
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
    scene
        .server
        .add(&Recipe::new("new/1.0@sifli").at_revision(commit));
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

/// What the catalogue knows of a version.
async fn facts(scene: &Scene, text: &str) -> Facts {
    let reference: Reference = text.parse().expect("a reference");
    let db = scene.mirror.environment.db.read();
    let found = catalogue::find(db, &reference.key).await.expect("readable");
    let found = found.expect("it is there");
    let version = catalogue::version(db, found.id, &reference.version).await;
    version.expect("readable").expect("it is there").facts
}

/// A recipe that says nothing of what it needs, and a package that knows.
fn built() -> Recipe {
    let binary = Binary::default()
        .section("requires", &["zlib/1.3"])
        .file("include/new.h", "int new(void);\n");
    Recipe::new("new/1.0@sifli").binary(binary)
}

#[tokio::test]
async fn a_package_that_its_revision_does_not_mean_is_not_believed_until_it_is_read_again() {
    let scene = Scene::of(few()).await;
    scene.server.add(&built());
    let (id, ..) = built().build().packages.remove(0);
    for (file, says) in [
        ("conanmanifest.txt", "manifest is not that of"),
        ("conaninfo.txt", "conaninfo.txt is not what"),
    ] {
        let path = built().build().paths();
        let right = path
            .into_iter()
            .find(|(path, _)| path.contains("/package/") && path.ends_with(file));
        let right = right.expect("it is one of its files").1;
        let wrong = match file {
            "conaninfo.txt" => "[requires]\nevil/6.6.6\n".to_owned(),
            _ => "1\nconaninfo.txt: 00000000000000000000000000000000\n".to_owned(),
        };
        scene.server.replace_package(&built(), file, wrong);
        let again = CatalogueOptions {
            rereads: true,
            ..full()
        };
        let task = scene.sync_with(again.clone()).await;
        let [warning] = &task.warnings[..] else {
            panic!("{:#?}", task.warnings);
        };
        let words = ["new/1.0@sifli", id.as_str(), says];
        assert!(words.iter().all(|word| warning.contains(word)), "{warning}");
        assert_eq!(facts(&scene, "new/1.0@sifli").await.dependencies, []);
        // What is known at this revision is not read again by itself.
        scene.server.replace_package(&built(), file, right);
        scene.assert_succeeds(0).await;
        assert_eq!(facts(&scene, "new/1.0@sifli").await.dependencies, []);
        assert_eq!(scene.sync_with(again).await.warnings, [""; 0]);
        let needs = facts(&scene, "new/1.0@sifli").await.dependencies;
        assert_eq!((needs.len(), needs[0].name.as_str()), (1, "zlib"));
    }
    scene.close().await;
}

#[tokio::test]
async fn packages_and_data_of_what_is_known_cost_nothing() {
    let scene = Scene::of(few()).await;
    scene.server.add(&built().data("sources: {}\n"));
    scene.server.forget();
    scene.assert_succeeds(0).await;
    let about = |scene: &Scene| {
        let asked = scene.server.asked().into_iter().map(|asked| asked.what);
        let is_about = |what: &String| {
            what.contains("/packages/") || what.contains("list_only") || what.contains(".tgz")
        };
        asked.filter(is_about).count()
    };
    // The list, two about the package, and the archive with the data.
    assert_eq!(about(&scene), 4);
    scene.server.forget();
    scene.assert_succeeds(0).await;
    scene.follow().await;
    assert_eq!(about(&scene), 0);
    scene.close().await;
}

#[tokio::test]
async fn sources_come_with_their_version() {
    let data = |text: &str| Recipe::new("new/1.0@sifli").data(text);
    let yaml = "sources:\n  \"1.0\":\n    url: https://registry.example/new-1.0.tgz\n";
    let scene = Scene::of([data(yaml)]).await;
    let sources = facts(&scene, "new/1.0@sifli").await.sources;
    assert_eq!(sources[0].url, "https://registry.example/new-1.0.tgz");
    // They are of one revision, as all that is known.
    scene.server.add(&data("a: [\n"));
    let task = scene.assert_succeeds(1).await;
    assert!(task.warnings[0].contains("no YAML"), "{:?}", task.warnings);
    assert_eq!(facts(&scene, "new/1.0@sifli").await.sources, []);
    scene.close().await;
}
