//! Upstreams that fail: state, code, log line, and what was shown is shown still.

use std::time::Duration;

use weir_domain::task::{ErrorCode, TaskState};
use weir_render::Form;
use weir_store::{packages, tasks::Task};
use weir_testkit::{Fault, StandIn, presets};

use crate::setup::{Mirror, Options, alone, name, package};

/// A mirror of `a` (1.0.0), synced once; then 1.1.0 was published.
async fn mirrored(change: impl FnOnce(&mut Options)) -> Mirror {
    let mirror = Mirror::with([package("a", &["1.0.0"])], change).await;
    mirror.sync("a").await;
    mirror.upstream.publish("a", "1.1.0", |v| v.size(40_000));
    mirror.upstream.ledger().clear();
    mirror
}

/// Syncs under a fault that lasts; nothing shown changes.
async fn fails(fault: Fault, code: ErrorCode, line: &str) -> Task {
    let mirror = mirrored(|options| {
        options.engine.max_attempts = 2;
        options.timeouts.silence = Duration::from_millis(200);
        options.timeouts.headers = Duration::from_millis(200);
    })
    .await;
    let before = [
        mirror.document("a", Form::Full).await,
        mirror.document("a", Form::Abbreviated).await,
    ];
    mirror.upstream.packument("a").always(fault);
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Error, "{task:?}");
    assert_eq!(task.error_code, Some(code), "{task:?}");
    mirror
        .log_says(task.id, &[&format!("ERROR Failed ({code})")])
        .await;
    mirror.log_says(task.id, &[line]).await;
    let after = [
        mirror.document("a", Form::Full).await,
        mirror.document("a", Form::Abbreviated).await,
    ];
    assert_eq!(after, before, "what was served is served still");

    mirror.upstream.packument("a").clear();
    let healed = mirror.sync("a").await;
    assert_eq!(healed.state, TaskState::Success, "{healed:?}");
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);
    mirror.close().await;
    task
}

#[tokio::test]
async fn five_hundreds_that_last_end_in_upstream_unavailable() {
    let code = ErrorCode::UpstreamUnavailable;
    let task = fails(Fault::status(500), code, "answered 500").await;
    assert_eq!(task.attempts, 2);
}

#[tokio::test]
async fn a_document_that_breaks_off_is_tried_again() {
    let code = ErrorCode::UpstreamUnavailable;
    for fault in [Fault::Truncated, Fault::TruncatedChunked, Fault::Dropped] {
        let task = fails(fault, code, "next try in").await;
        assert_eq!(task.attempts, 2);
    }
}

#[tokio::test]
async fn an_upstream_that_hangs_is_left_in_time() {
    let code = ErrorCode::UpstreamUnavailable;
    assert_eq!(fails(Fault::Hang, code, "did not answer").await.attempts, 2);
    let line = "fell silent in the middle of its answer";
    let task = fails(Fault::HangAfter(100), code, line).await;
    assert_eq!(task.attempts, 2);
}

#[tokio::test]
async fn documents_that_are_not_what_was_asked_for_are_refused_at_once() {
    let code = ErrorCode::UpstreamInvalid;
    for (fault, line) in [
        (Fault::html(), "web page"),
        (Fault::json("[1,2]"), "not a JSON object"),
        (
            Fault::json(r#"{"name":"a","versions":{"#),
            "JSON ends in the middle",
        ),
        (Fault::WrongName("b".to_owned()), r#"packument of "b""#),
        (Fault::EmptyVersions, "no version that can be mirrored"),
        (Fault::status(401), "refuses us: 401"),
    ] {
        let code = match line {
            "JSON ends in the middle" => ErrorCode::UpstreamUnavailable,
            _ => code,
        };
        let task = fails(fault, code, line).await;
        let attempts = u32::from(code == ErrorCode::UpstreamUnavailable) + 1;
        assert_eq!(task.attempts, attempts, "{line}");
    }
}

#[tokio::test]
async fn a_package_that_is_gone_is_not_found_and_kept() {
    let task = fails(
        Fault::not_found(),
        ErrorCode::NotFound,
        "does not exist (404)",
    )
    .await;
    assert_eq!(task.attempts, 1);
    fails(
        Fault::status(410),
        ErrorCode::NotFound,
        "does not exist (410)",
    )
    .await;
}

#[tokio::test]
async fn an_unpublished_package_is_kept() {
    let mirror = mirrored(|_| {}).await;
    let before = mirror.document("a", Form::Full).await;
    mirror.upstream.unpublish("a");
    let task = mirror.sync("a").await;
    assert_eq!(task.error_code, Some(ErrorCode::NotFound));
    mirror
        .log_says(task.id, &["was unpublished; what the mirror has is kept"])
        .await;
    assert_eq!(mirror.document("a", Form::Full).await, before);
    mirror.close().await;
}

#[tokio::test]
async fn a_name_nobody_has_is_not_found_and_leaves_nothing() {
    let mirror = Mirror::of([]).await;
    mirror.upstream.remove("nobody");
    let task = mirror.sync("nobody").await;
    assert_eq!(task.error_code, Some(ErrorCode::NotFound));
    let (db, name) = (mirror.environment.db.read(), name("nobody"));
    let row = packages::find(db, &name);
    assert!(row.await.expect("readable").is_none());
    mirror.close().await;
}

#[tokio::test]
async fn a_burst_of_five_hundreds_costs_attempts_and_not_the_task() {
    let mirror = mirrored(|_| {}).await;
    mirror.upstream.packument("a").times(3, Fault::status(503));
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(task.attempts, 4);
    mirror
        .log_says(
            task.id,
            &[
                "WARN 127.0.0.1",
                "Attempt 2 begins",
                "Attempt 3 begins",
                "Attempt 4 begins",
                "Version 1.1.0 added",
            ],
        )
        .await;
    mirror.close().await;
}

#[tokio::test]
async fn being_asked_to_wait_is_not_an_attempt() {
    let mirror = mirrored(|options| options.engine.max_attempts = 1).await;
    let packument = mirror.upstream.packument("a");
    packument.once(Fault::too_many_requests(1));
    let id = mirror.submit("a", alone()).await;
    let waiting = mirror
        .until_task(id, |task| task.error.is_some() && task.attempts == 0)
        .await;
    assert_eq!(waiting.state, TaskState::Waiting);
    let task = mirror.end_of(id).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(task.attempts, 1);
    mirror
        .log_says(id, &["asks to come back in 1 s; next try in 1.0 s"])
        .await;
    let entries = mirror.upstream.ledger().entries();
    let pause = entries[1].at.saturating_sub(entries[0].at);
    assert!(pause >= Duration::from_millis(950), "{pause:?}");
    mirror.close().await;
}

#[tokio::test]
async fn tarballs_that_break_off_are_tried_again_within_the_run() {
    for fault in [
        Fault::Truncated,
        Fault::TruncatedChunked,
        Fault::Dropped,
        Fault::status(502),
        Fault::Corrupt,
    ] {
        let mirror = mirrored(|_| {}).await;
        mirror
            .upstream
            .tarball("a", "1.1.0")
            .times(2, fault.clone());
        let task = mirror.sync("a").await;
        assert_eq!(task.state, TaskState::Success, "{fault:?}: {task:?}");
        assert_eq!(task.attempts, 1, "{fault:?}");
        assert!(task.warnings.is_empty(), "{fault:?}: {:?}", task.warnings);
        assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);
        mirror.close().await;
    }
}

#[tokio::test]
async fn a_tarball_that_never_comes_costs_the_attempts_and_then_only_itself() {
    for fault in [Fault::Truncated, Fault::status(503)] {
        let mirror = Mirror::with([presets::history("a", 40, 500)], |options| {
            options.tarballs = weir_domain::TarballPolicy::All;
            options.engine.max_attempts = 2;
            // As patient as it takes not to close the host.
            options.hosts.failures_to_open = 1_000;
        })
        .await;
        mirror.upstream.tarball("a", "1.0.3").always(fault.clone());
        let task = mirror.sync("a").await;
        assert_eq!(task.state, TaskState::Success, "{fault:?}: {task:?}");
        assert_eq!(task.attempts, 2, "{fault:?}");
        assert_eq!(task.warnings.len(), 1, "{:?}", task.warnings);
        let expected = "Version 1.0.3: its tarball does not come: ";
        assert!(
            task.warnings[0].starts_with(expected),
            "{:?}",
            task.warnings
        );
        mirror
            .log_says(
                task.id,
                &[expected, "next try in", "Attempt 2 begins", "Done in"],
            )
            .await;
        assert_eq!(
            mirror.held("a").await.len(),
            39,
            "{fault:?}: all others came"
        );
        for version in ["1.0.2", "1.0.4", "1.3.9"] {
            assert_eq!(
                mirror.upstream.tarball("a", version).requests(),
                1,
                "{version}"
            );
        }
        mirror.upstream.tarball("a", "1.0.3").clear();
        let task = mirror.sync("a").await;
        assert_eq!((task.state, task.warnings.len()), (TaskState::Success, 0));
        assert_eq!(mirror.held("a").await.len(), 40);
        mirror.close().await;
    }
}

#[tokio::test]
async fn dependencies_are_asked_for_although_a_tarball_never_comes() {
    let root = package("a", &[]).version("1.0.0", |v| v.dependency("b", "^1.0.0"));
    let mirror = Mirror::with([root, package("b", &["1.0.0"])], |options| {
        options.engine.max_attempts = 2;
    })
    .await;
    mirror
        .upstream
        .tarball("a", "1.0.0")
        .always(Fault::Truncated);
    let id = mirror
        .submit("a", weir_domain::task::SyncOptions::default())
        .await;
    assert!(mirror.end_of_tree(id).await.is_empty(), "no errors");
    assert_eq!(mirror.held("b").await, ["1.0.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_tarball_that_is_gone_is_a_warning_about_its_version() {
    let mirror = mirrored(|_| {}).await;
    mirror
        .upstream
        .tarball("a", "1.1.0")
        .always(Fault::not_found());
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success);
    assert!(
        task.warnings[0].starts_with("Version 1.1.0: its tarball cannot be had (not_found)"),
        "{:?}",
        task.warnings
    );
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    assert_eq!(
        mirror.upstream.tarball("a", "1.1.0").requests(),
        1,
        "404 is an answer"
    );
    mirror.upstream.tarball("a", "1.1.0").clear();
    mirror.sync("a").await;
    assert_eq!(mirror.held("a").await, ["1.0.0", "1.1.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn a_host_that_asks_to_wait_in_the_middle_loses_nothing_that_was_fetched() {
    let mirror = Mirror::with([presets::history("a", 40, 500)], |options| {
        options.tarballs = weir_domain::TarballPolicy::All;
        options.engine.max_attempts = 1;
    })
    .await;
    let last = mirror.upstream.tarball("a", "1.3.9");
    last.once(Fault::too_many_requests(1));
    let task = mirror.sync("a").await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(mirror.held("a").await.len(), 40);
    // At most what was in flight beside the one that had to wait is fetched again.
    let requests = mirror.upstream.ledger().tarballs();
    assert!(requests <= 40 + 8, "{requests} requests for 40 tarballs");
    mirror.close().await;
}

#[tokio::test]
async fn an_upstream_that_is_down_leaves_everything_as_it_was() {
    let upstream = StandIn::start([package("a", &["1.0.0"])]).await;
    let mut mirror = Mirror::beside(upstream, |options| options.engine.max_attempts = 2).await;
    mirror.sync("a").await;
    let before = mirror.document("a", Form::Full).await;
    let nobody = StandIn::start([]).await;
    std::mem::replace(&mut mirror.upstream, nobody).stop().await;
    let task = mirror.sync("a").await;
    assert_eq!(task.error_code, Some(ErrorCode::UpstreamUnavailable));
    mirror.log_says(task.id, &["cannot be reached"]).await;
    assert_eq!(mirror.document("a", Form::Full).await, before);
    mirror.close().await;
}
