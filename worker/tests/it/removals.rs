//! What upstream takes back: kept, blocked or deleted, never at the first sign, and brought
//! back when upstream has it again.

use std::time::Duration;

use weir_domain::{
    Registry, RemovalPolicy, Timestamp,
    task::{ErrorCode, Report, TaskState},
};
use weir_store::{
    blocks::{self, Block},
    clock, packages, registries, removals, resyncs, search,
};
use weir_testkit::{Fault, PackageSpec, StandIn, stand_in::Wanted, until};

use crate::setup::{DEADLINE, Mirror, Options, forced, name, package, version};

/// Looks are enough, however soon one follows the other.
fn at_once(policy: RemovalPolicy) -> impl FnOnce(&mut Options) {
    move |options| {
        options.removals = policy;
        options.engine.removal_span = Duration::ZERO;
    }
}

/// A mirror of `a` (1.0.0, 1.1.0), both held.
async fn mirrored(policy: RemovalPolicy) -> Mirror {
    let mirror = Mirror::with([package("a", &["1.0.0", "1.1.0"])], |options| {
        options.tarballs = weir_domain::TarballPolicy::All;
        at_once(policy)(options);
    })
    .await;
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    mirror
}

impl Mirror {
    async fn blocks(&self, package: &str) -> Vec<Block> {
        let blocks = blocks::list(self.environment.db.read(), &name(package)).await;
        blocks.expect("readable")
    }

    /// Returns when upstream last confirmed what is shown.
    async fn heard_at(&self, package: &str) -> Option<Timestamp> {
        let place = packages::find_place(self.environment.db.read(), &name(package)).await;
        place.expect("readable").expect("mirrored").checked_at
    }

    /// Changes the registry's row.
    async fn change(&self, change: impl FnOnce(&mut Registry)) {
        let db = &self.environment.db;
        let registry = registries::find_by_slug(db.read(), registries::DEFAULT_SLUG).await;
        let mut registry = registry.expect("readable").expect("seeded");
        change(&mut registry);
        let seeded = db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                registries::seed(tx, &registry, now).await
            })
        });
        seeded.await.expect("written");
    }

    async fn set_policy(&self, policy: RemovalPolicy) {
        self.change(|registry| registry.removals = policy).await;
    }

    async fn is_there(&self, package: &str) -> bool {
        let found = packages::find(self.environment.db.read(), &name(package)).await;
        found.expect("readable").is_some()
    }

    /// Syncs twice, which is not enough; then a third time.
    async fn third_look(&self, package: &str) -> Report {
        for look in 1..=2 {
            let task = self.sync(package).await;
            assert_eq!(task.error_code, Some(ErrorCode::NotFound), "{task:?}");
            let error = task.error.expect("a sentence");
            assert!(
                error.contains(&format!("is kept (look {look} of 3)")),
                "{error}"
            );
            assert!(self.blocks(package).await.is_empty());
        }
        let task = self.sync(package).await;
        assert_eq!(task.state, TaskState::Success, "{task:?}");
        self.log_says(task.id, &["as three looks or more have shown"])
            .await;
        task.report.expect("a report")
    }
}

#[tokio::test]
async fn a_package_that_is_gone_for_good_is_kept_and_no_longer_an_error() {
    let mirror = mirrored(RemovalPolicy::Keep).await;
    let before = mirror.packument("a").await;
    mirror.upstream.packument("a").always(Fault::not_found());
    let report = mirror.third_look("a").await;
    assert_eq!((report.versions_removed, report.unchanged), (0, false));
    assert_eq!(mirror.packument("a").await, before);
    let again = mirror.sync("a").await;
    assert_eq!(again.state, TaskState::Success);
    assert!(again.report.expect("a report").unchanged);
    mirror.close().await;
}

#[tokio::test]
async fn three_looks_within_a_day_are_not_enough() {
    let mirror = Mirror::with([package("a", &["1.0.0"])], |options| {
        options.removals = RemovalPolicy::Delete;
    })
    .await;
    mirror.sync("a").await;
    mirror.upstream.packument("a").always(Fault::not_found());
    for look in 1..=5 {
        let task = mirror.sync("a").await;
        assert_eq!(task.error_code, Some(ErrorCode::NotFound));
        let error = task.error.expect("a sentence");
        assert!(error.contains(&format!("(look {look} of 3)")), "{error}");
    }
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_package_that_is_gone_is_blocked_and_comes_back_with_upstream() {
    let mirror = mirrored(RemovalPolicy::Block).await;
    mirror.upstream.packument("a").always(Fault::not_found());
    let report = mirror.third_look("a").await;
    assert_eq!(report.versions_removed, 2);
    let blocks = mirror.blocks("a").await;
    assert_eq!(blocks.len(), 1);
    assert_eq!(blocks[0].version, None);
    assert!(blocks[0].reason.starts_with("Removed from the upstream"));
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"], "its bytes stay");
    let db = mirror.environment.db.read();
    let behind = search::behind(db, "", 10).await.expect("readable");
    assert!(behind.is_empty(), "nobody makes it findable again");
    let heard_at = mirror.heard_at("a").await;
    let settled = mirror.sync("a").await;
    assert!(settled.report.expect("a report").unchanged);
    assert!(
        mirror.heard_at("a").await > heard_at,
        "what is settled is not old"
    );

    // An operator who wants it back says so by the policy, or upstream does.
    mirror.set_policy(RemovalPolicy::Keep).await;
    mirror.sync("a").await;
    assert!(mirror.blocks("a").await.is_empty());
    mirror.set_policy(RemovalPolicy::Block).await;
    mirror.sync("a").await;
    assert_eq!(mirror.blocks("a").await.len(), 1);
    mirror.upstream.packument("a").clear();
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    mirror
        .log_says(task.id, &["Upstream has the package again"])
        .await;
    assert!(mirror.blocks("a").await.is_empty());
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    let unchanged = mirror.sync("a").await;
    assert!(unchanged.report.expect("a report").unchanged);
    mirror.close().await;
}

#[tokio::test]
async fn an_unpublished_package_is_deleted_and_comes_back_with_upstream() {
    let mirror = mirrored(RemovalPolicy::Delete).await;
    mirror.upstream.unpublish("a");
    let report = mirror.third_look("a").await;
    assert_eq!(report.versions_removed, 2);
    assert!(!mirror.is_there("a").await);
    let task = mirror.sync("a").await;
    assert_eq!(task.error_code, Some(ErrorCode::NotFound), "nobody has it");
    mirror.upstream.put(package("a", &["3.0.0"]));
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(mirror.versions("a").await, ["3.0.0"]);
    mirror.close().await;
}

/// What an upstream may say that is no sign of a removal.
fn no_signs() -> Vec<Fault> {
    vec![
        Fault::status(401),
        Fault::status(403),
        Fault::status(451),
        Fault::html(),
        Fault::EmptyVersions,
        Fault::json(r#"{"error":"not_found"}"#),
        Fault::WrongName("b".to_owned()),
    ]
}

#[tokio::test]
async fn error_pages_empty_lists_and_refusals_are_no_looks() {
    let mirror = mirrored(RemovalPolicy::Delete).await;
    let before = mirror.packument("a").await;
    for fault in no_signs() {
        let shown = format!("{fault:?}");
        mirror.upstream.packument("a").always(fault);
        for _ in 0..4 {
            let task = mirror.sync_with("a", forced()).await;
            assert_eq!(task.state, TaskState::Error, "{shown}");
            assert_ne!(task.error_code, Some(ErrorCode::NotFound), "{shown}");
        }
        mirror.upstream.packument("a").clear();
    }
    let row = mirror.row("a").await;
    let seen = removals::list(mirror.environment.db.read(), row.id).await;
    assert!(seen.expect("readable").is_empty());
    assert_eq!(mirror.packument("a").await, before);
    mirror.close().await;
}

#[tokio::test]
async fn a_tombstone_older_than_what_is_mirrored_is_no_look() {
    let mirror = mirrored(RemovalPolicy::Delete).await;
    let tombstone = Fault::json(
        r#"{"_id": "a", "_rev": "0-0", "name": "a", "time": {"created": "2001-01-01T00:00:00.000Z",
            "unpublished": {"time": "2001-01-02T00:00:00.000Z", "versions": ["1.0.0"]}}}"#,
    );
    mirror.upstream.packument("a").always(tombstone);
    let task = mirror.sync("a").await;
    assert_eq!(task.error_code, Some(ErrorCode::StaleUpstream), "{task:?}");
    let row = mirror.row("a").await;
    let seen = removals::list(mirror.environment.db.read(), row.id).await;
    assert!(seen.expect("readable").is_empty());
    let task = mirror.sync_with("a", forced()).await;
    assert_eq!(task.error_code, Some(ErrorCode::NotFound), "{task:?}");
    mirror.close().await;
}

#[tokio::test]
async fn a_look_at_what_is_there_after_all_begins_anew() {
    let mirror = mirrored(RemovalPolicy::Delete).await;
    for _ in 0..2 {
        mirror.upstream.packument("a").times(2, Fault::not_found());
        for look in 1..=2 {
            let task = mirror.sync("a").await;
            let error = task.error.expect("a sentence");
            assert!(error.contains(&format!("(look {look} of 3)")), "{error}");
        }
        let task = mirror.sync("a").await;
        assert_eq!(task.state, TaskState::Success, "{task:?}");
    }
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_registry_that_loses_much_at_once_is_not_believed() {
    let names: Vec<String> = (0..12).map(|n| format!("p{n}")).collect();
    let specs = names.iter().map(|name| package(name, &["1.0.0"]));
    let mirror = Mirror::with(specs, at_once(RemovalPolicy::Delete)).await;
    for name in &names {
        mirror.sync(name).await;
    }
    mirror.upstream.any_packument().always(Fault::not_found());
    for _ in 0..3 {
        for name in &names {
            let task = mirror.sync(name).await;
            assert_eq!(task.error_code, Some(ErrorCode::NotFound), "{task:?}");
        }
    }
    let task = mirror.sync("p0").await;
    let error = task.error.expect("a sentence");
    assert!(error.contains("lacks 12 of 12 packages"), "{error}");
    for name in &names {
        assert_eq!(mirror.versions(name).await, ["1.0.0"]);
    }
    // Once most of them are back, the two that are not are believed to be gone.
    mirror.upstream.any_packument().clear();
    for name in &names[2..] {
        mirror.sync(name).await;
    }
    mirror.upstream.packument("p0").always(Fault::not_found());
    let task = mirror.sync("p0").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert!(!mirror.is_there("p0").await);
    mirror.close().await;
}

#[tokio::test]
async fn a_version_taken_back_is_blocked_in_the_end_and_comes_back() {
    let mirror = mirrored(RemovalPolicy::Block).await;
    mirror.upstream.unpublish_version("a", "1.1.0");
    for _ in 0..2 {
        let task = mirror.sync("a").await;
        mirror
            .log_says(
                task.id,
                &[
                    "Version 1.1.0 is no longer upstream; it is kept",
                    "believed after 3 looks",
                ],
            )
            .await;
        assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    }
    let task = mirror.sync("a").await;
    assert!(task.warnings.is_empty(), "{:?}", task.warnings);
    assert_eq!(task.report.expect("a report").versions_removed, 1);
    mirror
        .log_says(task.id, &["1.1.0 is no longer upstream; it is blocked"])
        .await;
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    assert_eq!(mirror.tag("a", "latest").await.as_deref(), Some("1.0.0"));
    let blocks = mirror.blocks("a").await;
    assert_eq!(blocks[0].version, Some(version("1.1.0")));
    mirror.upstream.ledger().clear();
    let task = mirror.sync("a").await;
    assert!(task.warnings.is_empty(), "{:?}", task.warnings);
    assert!(
        task.report.expect("a report").unchanged,
        "asked conditionally"
    );
    let tarballs = |wanted: &Wanted| matches!(wanted, Wanted::Tarball { .. });
    assert_eq!(mirror.upstream.ledger().count_wanted(tarballs), 0);

    mirror.upstream.put(package("a", &["1.0.0", "1.1.0"]));
    let task = mirror.sync("a").await;
    mirror
        .log_says(
            task.id,
            &["Version 1.1.0 is upstream again", "Tag latest is now 1.1.0"],
        )
        .await;
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);
    assert!(mirror.blocks("a").await.is_empty());
    mirror.close().await;
}

#[tokio::test]
async fn a_version_taken_back_is_deleted_in_the_end_and_comes_back() {
    let mirror = mirrored(RemovalPolicy::Delete).await;
    mirror.upstream.unpublish_version("a", "1.1.0");
    for _ in 0..2 {
        mirror.sync("a").await;
        assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    }
    let task = mirror.sync("a").await;
    assert_eq!(task.report.expect("a report").versions_removed, 1);
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    assert_eq!(mirror.outlines("a").await.len(), 1);
    let row = mirror.row("a").await;
    let seen = removals::list(mirror.environment.db.read(), row.id).await;
    assert!(seen.expect("readable").is_empty());
    mirror.upstream.put(package("a", &["1.0.0", "1.1.0"]));
    mirror.sync("a").await;
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);
    mirror.close().await;
}

fn holder() -> PackageSpec {
    package("a", &[])
        .version("0.0.1-security", |v| v.size(500))
        .root_field(
            "repository",
            r#"{"type":"git","url":"npm/security-holder"}"#,
        )
        .root_field("description", r#""security holding package""#)
        .tag("latest", "0.0.1-security")
}

#[tokio::test]
async fn what_a_security_holder_replaced_is_blocked_at_the_first_look() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0"])]).await;
    mirror.sync("a").await;
    mirror.upstream.put(holder());
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    mirror
        .log_says(
            task.id,
            &[
                "WARN Upstream put a security holder",
                "Version 1.0.0 is no longer upstream; it is blocked",
            ],
        )
        .await;
    assert_eq!(mirror.versions("a").await, ["0.0.1-security"]);
    assert_eq!(
        mirror.tag("a", "latest").await.as_deref(),
        Some("0.0.1-security")
    );
    assert_eq!(mirror.blocks("a").await.len(), 2);
    // The registry takes it back: a mistake.
    mirror.upstream.put(package("a", &["1.0.0", "1.1.0"]));
    mirror.sync("a").await;
    let versions = mirror.versions("a").await;
    assert!(versions.contains(&"1.1.0".to_owned()), "{versions:?}");
    assert!(mirror.blocks("a").await.is_empty());
    mirror.close().await;
}

#[tokio::test]
async fn a_security_holder_is_mirrored_like_any_package() {
    let mirror = Mirror::of([holder()]).await;
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(mirror.held("a").await, ["0.0.1-security"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_registry_that_knows_us_by_a_credential_is_not_believed_when_it_knows_nothing() {
    let upstream = StandIn::start([package("a", &["1.0.0"])]).await;
    let mirror = Mirror::idle(upstream, at_once(RemovalPolicy::Delete)).await;
    mirror.work();
    mirror.sync("a").await;
    mirror
        .change(|registry| {
            registry.url.set_username("me").expect("settable");
            registry.url.set_password(Some("secret")).expect("settable");
        })
        .await;
    mirror.upstream.packument("a").always(Fault::not_found());
    for _ in 0..4 {
        let task = mirror.sync("a").await;
        let error = task.error.expect("a sentence");
        assert!(error.contains("no longer takes our credentials"), "{error}");
    }
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn what_is_gone_for_good_is_looked_at_again_at_a_calm_pace() {
    const HOUR: Duration = Duration::from_secs(3600);
    let mirror = mirrored(RemovalPolicy::Keep).await;
    mirror.upstream.packument("a").always(Fault::not_found());
    mirror.third_look("a").await;
    let row = mirror.row("a").await;
    let registry = row.registry.expect("mirrored");
    let is_due_in = async |hours: u32| {
        let db = mirror.environment.db.read();
        let then = clock::now(db).await.expect("a time").plus(HOUR * hours);
        let due = resyncs::due(db, registry, 10, then).await;
        !due.expect("readable").is_empty()
    };
    let set = mirror.environment.db.write(move |tx| {
        Box::pin(async move {
            resyncs::set_interval(tx, registry, HOUR).await?;
            resyncs::set(tx, row.id, Timestamp(1)).await
        })
    });
    set.await.expect("written");
    until("its next moment, hours ahead", DEADLINE, async || {
        !is_due_in(3).await && is_due_in(11).await
    })
    .await;
    mirror.close().await;
}
