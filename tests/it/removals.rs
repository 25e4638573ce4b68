//! What readers get of what upstream took back, by policy, and what brings it back.

use weir_testkit::{Fault, PackageSpec, presets};
use weir_tests::System;

/// A mirror that holds `a` (1.0.0 to 1.0.2), and believes a third look however soon it comes.
async fn holding(policy: &str) -> System {
    let system = System::builder()
        .packages([presets::history("a", 3, 2_000)])
        .setting("WEIR_TARBALLS", "all")
        .setting("WEIR_REMOVALS", policy)
        .setting("WEIR_REMOVAL_SPAN_SECS", "0")
        .start()
        .await;
    system.bring("a").await;
    system
}

/// Everything that is read of a package, the version 1.0.2 at the end.
const READS: [&str; 6] = [
    "/a",
    "/-/package/a/dist-tags",
    "/a/latest",
    "/a/1.0.0",
    "/a/1.0.2",
    "/a/-/a-1.0.2.tgz",
];

async fn statuses(system: &System) -> Vec<u16> {
    let mut statuses = Vec::new();
    for path in READS {
        statuses.push(system.get(path).await.status);
    }
    statuses
}

/// Takes the package away and looks three times.
async fn lose(system: &System) {
    system.upstream().packument("a").always(Fault::not_found());
    for _ in 0..2 {
        let task = system.ask("a").await;
        system.failed(&task, "not_found").await;
        assert_eq!(statuses(system).await, [200; 6], "two looks prove nothing");
    }
    system.bring("a").await;
}

async fn found(system: &System) -> u64 {
    let page = system.get("/-/v1/search?text=a").await.json();
    page["total"].as_u64().expect("a number")
}

#[tokio::test]
async fn what_is_kept_is_served_for_good() {
    let system = holding("keep").await;
    let before = system.served("a", &["1.0.0", "1.0.2"]).await;
    lose(&system).await;
    assert_eq!(system.served("a", &["1.0.0", "1.0.2"]).await, before);
    assert_eq!(found(&system).await, 1);
    system.end().await;
}

#[tokio::test]
async fn a_blocked_package_is_451_on_every_route_until_upstream_has_it_again() {
    let system = holding("block").await;
    lose(&system).await;
    system.upstream().ledger().clear();
    assert_eq!(statuses(&system).await, [451; 6]);
    let reply = system.get("/a").await;
    assert_eq!(
        reply.json()["error"],
        "[UNAVAILABLE_FOR_LEGAL_REASONS] a was blocked, reason: Removed from the upstream registry"
    );
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert_eq!(found(&system).await, 0);
    let asked = system.upstream().ledger().entries().len();
    assert_eq!(asked, 0, "no read of it goes upstream");
    system.upstream().packument("a").clear();
    system.bring("a").await;
    assert_eq!(statuses(&system).await, [200; 6]);
    assert_eq!(found(&system).await, 1);
    system.end().await;
}

#[tokio::test]
async fn a_deleted_package_is_404_and_a_read_brings_it_back() {
    let system = holding("delete").await;
    lose(&system).await;
    assert_eq!(statuses(&system).await, [404; 6]);
    assert_eq!(found(&system).await, 0);
    system.upstream().packument("a").clear();
    system.bring("a").await;
    assert_eq!(statuses(&system).await, [200; 6]);
    system.end().await;
}

#[tokio::test]
async fn a_blocked_version_is_451_and_the_others_are_served() {
    let system = holding("block").await;
    system.upstream().unpublish_version("a", "1.0.2");
    for _ in 0..3 {
        assert_eq!(statuses(&system).await, [200; 6]);
        system.bring("a").await;
    }
    assert_eq!(statuses(&system).await, [200, 200, 200, 200, 451, 451]);
    let packument = system.packument("a").await;
    assert_eq!(packument["dist-tags"]["latest"], "1.0.1");
    assert!(packument["versions"].get("1.0.2").is_none());
    system.end().await;
}

#[tokio::test]
async fn a_deleted_version_is_404_and_the_others_are_served() {
    let system = holding("delete").await;
    system.upstream().unpublish_version("a", "1.0.2");
    for _ in 0..3 {
        system.bring("a").await;
    }
    assert_eq!(statuses(&system).await, [200, 200, 200, 200, 404, 404]);
    system.end().await;
}

#[tokio::test]
async fn what_a_security_holder_replaced_cannot_be_installed_any_more() {
    let system = holding("keep").await;
    let holder = PackageSpec::new("a")
        .version("0.0.1-security", |v| v.size(500))
        .root_field("description", r#""security holding package""#)
        .tag("latest", "0.0.1-security");
    system.upstream().put(holder);
    system.bring("a").await;
    let packument = system.packument("a").await;
    let versions = packument["versions"].as_object().expect("versions");
    assert_eq!(versions.keys().collect::<Vec<_>>(), ["0.0.1-security"]);
    for path in ["/a/1.0.0", "/a/-/a-1.0.0.tgz", "/a/-/a-1.0.2.tgz"] {
        let reply = system.get(path).await;
        assert_eq!(reply.status, 451, "{path}");
        assert!(reply.text().contains("security holder"), "{}", reply.text());
    }
    system.assert_tarball("a", "0.0.1-security").await;
    system.end().await;
}
