//! The first sync of a package: rows, documents, tarballs, log, report.

use weir_domain::{TarballPolicy, task::TaskState};
use weir_render::Form;
use weir_testkit::{PackageSpec, StandIn};

use crate::setup::{BASE, Mirror, alone, package};

#[tokio::test]
async fn a_package_is_read_shown_and_its_tagged_tarballs_are_held() {
    let spec = package("@s/a", &["1.0.0", "1.1.0", "2.0.0-rc.1"])
        .tag("next", "2.0.0-rc.1")
        .root_field("unheard-of", r#"{"kept": 1.50}"#);
    let mirror = Mirror::of([spec]).await;
    let task = mirror.sync("@s/a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert!(task.warnings.is_empty());
    let report = task.report.expect("a report");
    assert_eq!((report.versions_added, report.tags_changed), (3, 2));
    assert_eq!((report.tarballs_stored, report.unchanged), (2, false));
    assert_eq!(mirror.held("@s/a").await, ["1.1.0", "2.0.0-rc.1"]);

    let upstream = mirror.upstream.packument_of("@s/a");
    let shown = mirror.packument("@s/a").await;
    for field in ["dist-tags", "time", "readme", "unheard-of", "maintainers"] {
        assert_eq!(shown[field], upstream[field], "{field}");
    }
    let (ours, theirs) = (&shown["versions"]["1.0.0"], &upstream["versions"]["1.0.0"]);
    assert_eq!(ours["_madeForTests"], theirs["_madeForTests"]);
    assert_eq!(ours["dist"]["integrity"], theirs["dist"]["integrity"]);
    let tarball = format!("{BASE}/@s/a/-/a-1.0.0.tgz");
    assert_eq!(ours["dist"]["tarball"], tarball.as_str());
    let short = mirror.shown("@s/a", Form::Abbreviated).await;
    assert_eq!(short["time"], upstream["time"]);
    assert!(short.get("readme").is_none());
    mirror.close().await;
}

#[tokio::test]
async fn the_log_tells_what_happened_to_which_version() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0"])]).await;
    let task = mirror.sync("a").await;
    let from = format!("INFO Sync of a from {}/ begins", mirror.upstream.url());
    let log = mirror.log(task.id).await;
    assert_eq!(log[0], from);
    mirror
        .log_says(
            task.id,
            &[
                "INFO Upstream has 2 versions, the mirror 0",
                "INFO Version 1.0.0 added",
                "INFO Version 1.1.0 added",
                "INFO Tag latest is now 1.1.0",
                "INFO Tarball of 1.1.0 verified and stored (2.9 kB)",
            ],
        )
        .await;
    let tells_why = log.iter().any(|line| line.contains("a test wants it"));
    assert!(
        !tells_why,
        "why it was asked for is nobody's business: {log:?}"
    );
    let summary = log.last().expect("a summary");
    assert!(summary.contains("Done in "), "{summary}");
    assert!(
        summary
            .contains("2 versions added, 0 changed, 0 skipped; 1 tags changed; 1 tarballs stored"),
        "{summary}"
    );
    let progress = task.progress.expect("progress");
    assert_eq!((progress.versions_done, progress.versions_total), (2, 2));
    assert_eq!((progress.tarballs_done, progress.tarballs_total), (1, 1));
    assert!(progress.bytes > 2_900);
    mirror.close().await;
}

#[tokio::test]
async fn each_policy_holds_what_it_says() {
    for (tarballs, held) in [
        (TarballPolicy::All, &["1.0.0", "1.1.0"][..]),
        (TarballPolicy::Tagged, &["1.1.0"]),
        (TarballPolicy::Requested, &[]),
    ] {
        let packages = [package("a", &["1.0.0", "1.1.0"])];
        let mirror = Mirror::with(packages, |options| options.tarballs = tarballs).await;
        mirror.sync("a").await;
        assert_eq!(mirror.held("a").await, held, "{tarballs}");
        assert_eq!(mirror.upstream.ledger().tarballs(), held.len());
        mirror.close().await;
    }
}

#[tokio::test]
async fn the_document_is_there_before_the_tarballs_are() {
    let mirror = Mirror::of([package("a", &["1.0.0"])]).await;
    let hold = mirror.upstream.any_tarball().hold();
    let id = mirror.submit("a", alone()).await;
    hold.wait_for_arrivals(1).await;
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    assert!(mirror.held("a").await.is_empty());
    assert_eq!(mirror.task(id).await.state, TaskState::Processing);
    hold.release();
    mirror.end_of(id).await;
    assert_eq!(mirror.held("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn more_tarballs_than_a_group_are_all_held() {
    let mirror = Mirror::with(
        [weir_testkit::presets::history("a", 150, 1_000)],
        |options| options.tarballs = TarballPolicy::All,
    )
    .await;
    let task = mirror.sync("a").await;
    assert_eq!(mirror.held("a").await.len(), 150);
    assert_eq!(task.report.expect("a report").tarballs_stored, 150);
    mirror.close().await;
}

#[tokio::test]
async fn two_versions_may_have_the_same_tarball() {
    let base = package("a", &["1.0.0", "1.1.0"]);
    let upstream = StandIn::start([base]).await;
    let bytes = upstream.tarball_of("a", "1.0.0");
    // A registry that points both versions to the bytes of one.
    let manifest = |number: &str| {
        format!(
            r#"{{"name":"a","version":"{number}","dist":{{"integrity":"{}","tarball":"{}/a/-/a-{number}.tgz"}}}}"#,
            bytes.integrity,
            upstream.url()
        )
    };
    let packument = format!(
        r#"{{"name":"a","dist-tags":{{"latest":"1.1.0"}},"versions":{{"1.0.0":{},"1.1.0":{}}}}}"#,
        manifest("1.0.0"),
        manifest("1.1.0")
    );
    upstream.put_packument("a", &packument);
    for number in ["1.0.0", "1.1.0"] {
        upstream.give_tarball("a", number, bytes.bytes.clone());
    }
    let mirror = Mirror::beside(upstream, |options| options.tarballs = TarballPolicy::All).await;
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn versions_with_only_a_shasum_are_held_too() {
    let spec = PackageSpec::new("a").version("0.0.1", |v| v.size(2_000).shasum_only());
    let mirror = Mirror::of([spec]).await;
    mirror.sync("a").await;
    assert_eq!(mirror.held("a").await, ["0.0.1"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_version_without_digest_is_left_out_unless_the_registry_allows_it() {
    let spec = || package("a", &["1.0.0"]).version("1.1.0", |v| v.size(900).undigested());
    let mirror = Mirror::of([spec()]).await;
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success);
    assert!(task.warnings[0].contains("1.1.0 is skipped: upstream gives no digest"));
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.0.0"));
    mirror.close().await;

    let mirror = Mirror::with([spec()], |options| options.allows_undigested = true).await;
    mirror.sync("a").await;
    assert_eq!(mirror.held("a").await, ["1.1.0"]);
    mirror.close().await;
}
