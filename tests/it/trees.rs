//! A package with all it needs: which tasks it leads to, what they hold, that they end.

use serde_json::json;
use weir_testkit::{PackageSpec, presets};
use weir_tests::{System, journal::assert_says, packument::assert_mirrors};

/// Returns a package with one version that depends on others.
fn needing(name: &str, needs: &[(&str, &str)]) -> PackageSpec {
    PackageSpec::new(name).version("1.0.0", |version| {
        needs
            .iter()
            .fold(version.size(500), |version, (name, range)| {
                version.dependency(name, range)
            })
    })
}

#[tokio::test]
async fn a_root_brings_everything_it_needs() {
    let packages = presets::tree("app", 60);
    // An optional peer is nobody's: it is not asked for, and exists nowhere.
    let there = packages
        .iter()
        .filter(|package| !package.versions().is_empty());
    let names: Vec<_> = there.map(|package| package.name().to_owned()).collect();
    let system = System::start(packages).await;
    let status = system.bring("app").await;
    assert_eq!(
        status.children("success"),
        u64::try_from(names.len() - 1).unwrap(),
        "{status:?}"
    );
    for name in &names {
        let ours = system.packument(name).await;
        assert_mirrors(&ours, &system.upstream().packument_of(name), &system.url());
        let latest = ours["dist-tags"]["latest"].as_str().expect("a version");
        let fetched = system.upstream().tarball(name, latest).requests();
        assert_eq!(fetched, 1, "{name}@{latest} is held, and was fetched once");
    }
    assert_eq!(system.upstream().packument("app-absent").requests(), 0);
    system.end().await;
}

#[tokio::test]
async fn alone_means_alone() {
    let system = System::start([needing("a", &[("b", "*")]), needing("b", &[])]).await;
    let status = system
        .bring_with("a", &json!({ "skipDependencies": true }))
        .await;
    assert_eq!(status.all_children(), 0);
    assert_eq!(system.upstream().packument("b").requests(), 0);
    system.end().await;
}

#[tokio::test]
async fn packages_that_need_each_other_end() {
    let system = System::start([
        needing("a", &[("b", "^1.0.0")]),
        needing("b", &[("c", "1.x"), ("a", "^1.0.0")]),
        needing("c", &[("a", "*"), ("c", "*")]),
    ])
    .await;
    let status = system.bring("a").await;
    assert!(status.all_children() >= 2, "{status:?}");
    for name in ["a", "b", "c"] {
        system.assert_tarball(name, "1.0.0").await;
        let reads = system.upstream().packument(name).requests();
        assert!(reads <= 2, "{name} was read {reads} times");
    }
    system.end().await;
}

#[tokio::test]
async fn every_range_has_its_chosen_version_held() {
    let wide = presets::history("dep", 25, 300);
    let system = System::start([
        needing("a", &[("dep", "~1.0.0"), ("b", "*"), ("c", "*")]),
        needing("b", &[("dep", "1.1.x")]),
        needing("c", &[("dep", "1.0.3 || 1.1.2")]),
        wide,
    ])
    .await;
    system.bring("a").await;
    // The highest of 1.0.x, of 1.1.x, of the two named, and what `latest` names.
    for version in ["1.0.9", "1.1.9", "1.1.2", "1.2.4"] {
        let fetched = system.upstream().tarball("dep", version).requests();
        assert_eq!(fetched, 1, "dep@{version}");
    }
    assert_eq!(
        system.upstream().tarball("dep", "1.0.5").requests(),
        0,
        "nobody chose it"
    );
    system.end().await;
}

#[tokio::test]
async fn a_dependency_that_is_nowhere_is_its_own_failure() {
    let system = System::start([
        needing("a", &[("gone", "^1.0.0"), ("b", "*")]),
        needing("b", &[]),
    ])
    .await;
    system.upstream().remove("gone");
    let task = system.ask("a").await;
    let status = system.finished(&task).await;
    assert_eq!(status.state(), "success", "{status:?}");
    assert_eq!(
        (status.children("success"), status.children("error")),
        (1, 1),
        "{status:?}"
    );
    let failed = system.get_as_admin("/syncs?target=gone").await.json();
    assert_eq!(failed["data"][0]["errorCode"], "not_found", "{failed:#}");
    assert_eq!(system.get("/gone").await.status, 404);
    system.end().await;
}

#[tokio::test]
async fn what_cannot_be_mirrored_is_a_warning() {
    let git = ("tool", "git+ssh://git@code.example/tool.git");
    let system = System::start([needing("a", &[git, ("b", "*")]), needing("b", &[])]).await;
    let task = system.ask("a").await;
    let status = system.finished(&task).await;
    assert_eq!(
        (status.state(), status.children("success")),
        ("success", 1),
        "{status:?}"
    );
    assert_says(&system.log(&task).await, "WARN", "tool");
    assert_eq!(system.upstream().packument("tool").requests(), 0);
    system.end().await;
}

#[tokio::test]
async fn a_second_root_reads_what_the_first_brought_once_more_at_most() {
    let system = System::start(presets::tree("app", 20)).await;
    system.bring("app").await;
    let tarballs = system.upstream().ledger().tarballs();
    system.bring("app").await;
    assert_eq!(
        system.upstream().ledger().tarballs(),
        tarballs,
        "tarballs are fetched once"
    );
    let counts = system.upstream().ledger().counts();
    for (what, count) in counts
        .iter()
        .filter(|(what, _)| what.starts_with("packument"))
    {
        assert!(*count <= 4, "{what} was read {count} times for two trees");
    }
    system.end().await;
}

#[tokio::test]
async fn an_alias_brings_what_it_stands_for() {
    let system = System::start([
        needing("a", &[("b-one", "npm:b@^1.0.0")]),
        needing("b", &[]),
    ])
    .await;
    system.bring("a").await;
    system.assert_tarball("b", "1.0.0").await;
    assert_eq!(system.upstream().packument("b-one").requests(), 0);
    system.end().await;
}
