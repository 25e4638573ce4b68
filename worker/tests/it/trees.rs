//! Dependency trees under one root: all of it, once, and it ends.

use std::collections::BTreeSet;

use weir_domain::task::{Priority, SyncOptions, TaskState};
use weir_store::{clock, tasks};
use weir_testkit::{presets, until};

use crate::setup::{DEADLINE, Mirror, package, version};

#[tokio::test]
async fn a_whole_tree_is_held_as_an_installation_needs_it() {
    let packages = presets::tree("tree", 24);
    // Nobody needs this one: development and optional peer dependencies name it.
    let is_needed = |name: &String| name != "tree-absent";
    let names = packages.iter().map(|package| package.name().to_owned());
    let names: BTreeSet<String> = names.filter(is_needed).collect();
    let mirror = Mirror::of(packages).await;
    let id = mirror.submit("tree", SyncOptions::default()).await;
    let failed = mirror.end_of_tree(id).await;
    assert!(failed.is_empty(), "{failed:?}");
    let mut synced = BTreeSet::new();
    for task in mirror.tasks().await {
        assert_eq!(task.state, TaskState::Success, "{task:?}");
        assert!(
            task.warnings.is_empty(),
            "{}: {:?}",
            task.target,
            task.warnings
        );
        synced.insert(task.target);
    }
    assert_eq!(
        synced, names,
        "every name, also behind the alias and the cycle"
    );
    assert_eq!(mirror.upstream.packument("tree-absent").requests(), 0);
    for name in &names {
        let held = mirror.held(name).await;
        assert!(!held.is_empty(), "{name}");
        let latest = mirror.tag(name, "latest").await.expect("latest");
        assert!(held.contains(&latest), "{name}: {held:?}");
    }
    mirror.check_closure("tree", &version("2.0.0")).await;
    mirror.close().await;
}

impl Mirror {
    /// Follows each dependency of a version as an installer does and fails unless every
    /// version it could settle on is held.
    async fn check_closure(&self, root: &str, root_version: &weir_domain::Version) {
        use weir_domain::{Range, Version, dependency::Dependencies};
        let mut open = vec![(root.to_owned(), root_version.clone())];
        let mut seen = BTreeSet::new();
        while let Some((package, version)) = open.pop() {
            if !seen.insert((package.clone(), version.clone())) {
                continue;
            }
            let held = self.held(&package).await;
            assert!(held.contains(&version.to_string()), "{package}@{version}");
            let packument = self.packument(&package).await;
            let manifest = &packument["versions"][version.as_str()];
            let dependencies = Dependencies::of_manifest(manifest);
            assert!(dependencies.unfollowed.is_empty());
            for wanted in dependencies.followed {
                let name = wanted.name.as_str();
                let other = self.packument(name).await;
                let tag = other["dist-tags"][&wanted.wanted].as_str();
                let listed = other["versions"].as_object().expect("versions");
                let listed: Vec<Version> = listed
                    .keys()
                    .map(|v| Version::parse(v).expect("valid"))
                    .collect();
                let settled = match (tag, Range::parse(&wanted.wanted)) {
                    (Some(tag), _) => Version::parse(tag).ok(),
                    (None, Some(range)) => {
                        let latest = other["dist-tags"]["latest"].as_str().expect("latest");
                        let latest = Version::parse(latest).expect("valid");
                        // npm's rule: `latest` if it satisfies, else the highest.
                        if range.contains(&latest) {
                            Some(latest)
                        } else {
                            range.highest(&listed).cloned()
                        }
                    }
                    (None, None) => None,
                };
                let settled = settled.unwrap_or_else(|| panic!("{name}@{}", wanted.wanted));
                open.push((name.to_owned(), settled));
            }
        }
        assert!(seen.len() > 20, "{}", seen.len());
    }
}

#[tokio::test]
async fn each_name_is_read_once_where_its_ranges_were_known_in_time() {
    // A diamond: both sides want the same of d.
    let packages = [
        package("a", &[]).version("1.0.0", |v| v.dependency("b", "*").dependency("c", "*")),
        package("b", &[]).version("1.0.0", |v| v.dependency("d", "^1")),
        package("c", &[]).version("1.0.0", |v| v.dependency("d", "^1")),
        package("d", &["1.0.0"]),
    ];
    let mirror = Mirror::of(packages).await;
    let id = mirror.submit("a", SyncOptions::default()).await;
    mirror.end_of_tree(id).await;
    assert_eq!(mirror.tasks().await.len(), 4);
    assert_eq!(mirror.upstream.ledger().packuments(), 4);
    mirror.close().await;
}

#[tokio::test]
async fn a_cycle_ends() {
    let packages = [
        package("a", &[])
            .version("1.0.0", |v| v.dependency("b", "^1"))
            .version("2.0.0", |v| v.dependency("b", "^2")),
        package("b", &[])
            .version("1.0.0", |v| v.dependency("a", "^1"))
            .version("2.0.0", |v| v.dependency("a", "^1 || ^2")),
        package("self", &[]).version("1.0.0", |v| v.dependency("self", "*").dependency("a", "2")),
    ];
    let mirror = Mirror::of(packages).await;
    let id = mirror.submit("self", SyncOptions::default()).await;
    assert!(mirror.end_of_tree(id).await.is_empty());
    assert_eq!(mirror.held("a").await, ["2.0.0"]);
    assert_eq!(mirror.held("b").await, ["2.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_range_that_comes_late_is_served_by_a_further_task() {
    // While d is synced for ^1, c asks for ^2 of it.
    let packages = [
        package("a", &[]).version("1.0.0", |v| {
            v.dependency("c", "*").dependency("d", "~1.0.0")
        }),
        package("c", &[]).version("1.0.0", |v| v.dependency("d", "~2.0.0")),
        package("d", &["1.0.0", "2.0.0", "3.0.0"]),
    ];
    let mirror = Mirror::of(packages).await;
    let hold = mirror.upstream.tarball("d", "1.0.0").hold();
    let id = mirror.submit("a", SyncOptions::default()).await;
    hold.wait_for_arrivals(1).await;
    until("the end of c", DEADLINE, async || {
        let tasks = mirror.tasks().await;
        tasks
            .iter()
            .any(|task| task.target == "c" && task.state.is_final())
    })
    .await;
    hold.release();
    assert!(mirror.end_of_tree(id).await.is_empty());
    assert_eq!(mirror.held("d").await, ["1.0.0", "2.0.0", "3.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_known_package_is_followed_all_the_same_when_nothing_changed() {
    let packages = [
        package("a", &[]).version("1.0.0", |v| v.dependency("b", "*")),
        package("b", &[]).version("1.0.0", |v| v.dependency("c", "*")),
        package("c", &["1.0.0"]),
    ];
    let mirror = Mirror::of(packages).await;
    // b is here already, alone.
    mirror.sync_with("b", crate::setup::alone()).await;
    mirror.upstream.ledger().clear();
    let id = mirror.submit("a", SyncOptions::default()).await;
    assert!(mirror.end_of_tree(id).await.is_empty());
    assert_eq!(mirror.held("c").await, ["1.0.0"]);
    let unchanged = mirror.upstream.ledger().count(|entry| entry.status == 304);
    assert_eq!(unchanged, 1, "b answered 304 and was followed");
    mirror.close().await;
}

#[tokio::test]
async fn what_no_registry_holds_and_what_nothing_satisfies_are_warnings() {
    let packages = [
        package("a", &[]).version("1.0.0", |v| {
            v.dependency("b", "^9")
                .dependency("git", "git+https://host.example/x.git")
        }),
        package("b", &["1.0.0"]),
    ];
    let mirror = Mirror::of(packages).await;
    let id = mirror.submit("a", SyncOptions::default()).await;
    assert!(mirror.end_of_tree(id).await.is_empty());
    let task = mirror.task(id).await;
    assert_eq!(task.state, TaskState::Success);
    assert!(task.warnings[0].contains("git"), "{:?}", task.warnings);
    let tasks = mirror.tasks().await;
    let b = tasks.iter().find(|task| task.target == "b").expect("b");
    assert_eq!(
        b.warnings,
        [r#"No version satisfies "^9", which a dependent package wants"#]
    );
    mirror.close().await;
}

#[tokio::test]
async fn a_dependency_that_is_missing_upstream_fails_alone() {
    let packages = [
        package("a", &[]).version("1.0.0", |v| v.dependency("gone", "*").dependency("b", "*")),
        package("b", &["1.0.0"]),
    ];
    let mirror = Mirror::of(packages).await;
    mirror.upstream.remove("gone");
    let id = mirror.submit("a", SyncOptions::default()).await;
    assert_eq!(mirror.end_of_tree(id).await, ["gone"]);
    assert_eq!(mirror.task(id).await.state, TaskState::Success);
    assert_eq!(mirror.held("b").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn cancelling_a_root_withdraws_its_whole_tree() {
    let packages = [
        package("a", &[]).version("1.0.0", |v| v.dependency("b", "*")),
        package("b", &[]).version("1.0.0", |v| v.dependency("c", "*")),
        package("c", &["1.0.0"]),
    ];
    let mirror = Mirror::of(packages).await;
    let hold = mirror.upstream.packument("b").hold();
    let id = mirror.submit("a", SyncOptions::default()).await;
    hold.wait_for_arrivals(1).await;
    mirror.end_of(id).await;
    let cancelled = mirror.environment.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            tasks::cancel(tx, id, "alice", now).await
        })
    });
    cancelled.await.expect("cancelled");
    assert_eq!(mirror.end_of_tree(id).await, ["b"]);
    assert_eq!(mirror.upstream.packument("c").requests(), 0);
    drop(hold);
    mirror.close().await;
}

#[tokio::test]
async fn dependencies_have_their_own_priority() {
    let packages = [
        package("a", &[]).version("1.0.0", |v| v.dependency("b", "*")),
        package("b", &["1.0.0"]),
    ];
    let mirror = Mirror::of(packages).await;
    let id = mirror.submit("a", SyncOptions::default()).await;
    mirror.end_of_tree(id).await;
    for task in mirror.tasks().await {
        let expected = if task.id == id {
            Priority::USER
        } else {
            Priority::DEPENDENCY
        };
        assert_eq!(task.priority, expected);
    }
    mirror.close().await;
}
