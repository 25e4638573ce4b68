//! An npm repository that is not to be believed, or does not answer (faults 1 to 4, 7 to 11, 15,
//! 19): its proof and its listing.

use std::time::Duration;

use tokio::time::Instant;
use weir_domain::{
    catalogue::CatalogueOptions,
    task::{ErrorCode, TaskState},
};
use weir_testkit::{Artifactory, ArtifactoryFault as Fault, artifactory::TOKEN};

use super::{
    npm::{package, packages, tally},
    scene::{Scene, Wanted, full, of_npm},
};

const NAMES: &str = "GET */-/all";

type Arrange = fn(&mut Wanted);

fn with_token(wanted: &mut Wanted) {
    wanted.token = Some(TOKEN);
}

fn with_canary(wanted: &mut Wanted) {
    wanted.settings.canary = Some("p001/1.0.0".parse().expect("a reference"));
}

fn as_anybody(_: &mut Wanted) {}

/// A catalogue of some packages, and something new at its source.
async fn with_news(arrange: impl FnOnce(&mut Wanted)) -> Scene {
    let scene = Scene::of_packages(packages(8, 2), arrange).await;
    scene.server.publish(&package("new", 1));
    scene
}

#[tokio::test]
async fn an_empty_list_for_a_lost_permission_is_not_believed() {
    let table: [(Arrange, &str); 3] = [
        (as_anybody, "MASS_REMOVAL_REFUSED"),
        (with_token, "does not show us the repository"),
        (with_canary, "does not show p001/1.0.0"),
    ];
    for (arrange, says) in table {
        let scene = with_news(arrange).await;
        scene.server.show_nothing(true);
        let task = scene.assert_fails(ErrorCode::UpstreamInvalid, says).await;
        assert_eq!(task.attempts, 1);
        scene.server.show_nothing(false);
        scene.assert_heals().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn a_list_without_what_must_be_there_is_not_believed() {
    let scene = with_news(with_canary).await;
    scene.server.delay_index("p001");
    let says = "its listing lacks p001/1.0.0";
    scene.assert_fails(ErrorCode::UpstreamInvalid, says).await;
    scene.server.catch_up();
    // The document itself is not to be read: nothing is known of what must be there.
    scene.server.on("GET */p001").after(1, Fault::json("7"));
    scene.assert_fails(ErrorCode::UpstreamInvalid, "").await;
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn a_refusal_fails_the_run_at_once() {
    for (arrange, status) in [
        (with_token as Arrange, 401),
        (with_token, 403),
        (as_anybody, 401),
        (as_anybody, 403),
        (with_canary, 403),
    ] {
        let scene = with_news(arrange).await;
        scene.server.on("*").always(Fault::status(status));
        let says = status.to_string();
        let task = scene.assert_fails(ErrorCode::UpstreamInvalid, &says).await;
        assert_eq!(task.attempts, 1, "trying again would not help");
        scene.assert_heals().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn credentials_that_expire_in_the_middle_take_nothing_away() {
    for requests in [1, 2, 3, 6, 12] {
        let scene = with_news(with_token).await;
        scene.server.unpublish("p002");
        scene.server.on("*").after(requests, Fault::status(401));
        let code = ErrorCode::UpstreamInvalid;
        let task = scene.sync().await;
        assert_eq!(task.state, TaskState::Error, "after {requests}: {task:?}");
        assert_eq!(task.error_code, Some(code), "after {requests}");
        let shown = scene.shown().await;
        assert!(shown.contains_key("p002/1.0.0"), "after {requests}");
        scene.assert_heals().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn a_repository_that_is_not_there_fails_the_run() {
    let server = Artifactory::start([]).await;
    let scene = Scene::at(server, of_npm).await;
    scene.assert_fails(ErrorCode::UpstreamInvalid, "404").await;
    scene.close().await;
    let scene = with_news(as_anybody).await;
    scene.server.on("GET /api/npm/*").always(Fault::status(404));
    scene.assert_fails(ErrorCode::UpstreamInvalid, "404").await;
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn a_listing_that_fails_for_good_fails_the_run() {
    let table = [
        (Fault::status(500), ErrorCode::UpstreamUnavailable),
        (Fault::Html(502), ErrorCode::UpstreamUnavailable),
        (Fault::Html(200), ErrorCode::UpstreamInvalid),
        (Fault::Half, ErrorCode::UpstreamUnavailable),
        (Fault::Truncated, ErrorCode::UpstreamUnavailable),
        (Fault::TruncatedChunked, ErrorCode::UpstreamUnavailable),
        (Fault::Dropped, ErrorCode::UpstreamUnavailable),
        (Fault::Hang, ErrorCode::UpstreamUnavailable),
        (Fault::Stall, ErrorCode::UpstreamUnavailable),
        (Fault::Slow(20), ErrorCode::UpstreamUnavailable),
        (
            Fault::too_many_requests("3"),
            ErrorCode::UpstreamUnavailable,
        ),
        (Fault::json("[]"), ErrorCode::UpstreamInvalid),
        (Fault::json("7"), ErrorCode::UpstreamInvalid),
    ];
    let scene = with_news(with_canary).await;
    for (fault, code) in table {
        let what = format!("{fault:?}");
        scene.server.on(NAMES).always(fault);
        let before = scene.shown().await;
        let task = scene.sync().await;
        assert_eq!(task.state, TaskState::Error, "{what}: {task:?}");
        assert_eq!(task.error_code, Some(code), "{what}: {task:?}");
        assert_eq!(scene.shown().await, before, "{what}");
        scene.server.heal();
    }
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn a_listing_that_fails_once_is_asked_for_again() {
    for fault in [
        Fault::Half,
        Fault::Truncated,
        Fault::Dropped,
        Fault::Stall,
        Fault::Html(502),
        Fault::too_many_requests("1"),
    ] {
        let scene = with_news(with_canary).await;
        scene.server.on(NAMES).once(fault);
        let task = scene.assert_succeeds(0).await;
        assert_eq!((task.attempts, tally(&task).retries), (1, 1));
        scene.assert_current().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn a_source_that_wants_to_be_left_alone_for_a_moment_is() {
    let scene = with_news(as_anybody).await;
    let begun = Instant::now();
    let busy = Fault::too_many_requests("1");
    scene.server.on("GET */new").once(busy);
    let task = scene.assert_succeeds(0).await;
    assert!(begun.elapsed() >= Duration::from_millis(950));
    assert_eq!(task.attempts, 1);
    scene.assert_current().await;
    scene.close().await;
}

#[tokio::test]
async fn bursts_of_errors_are_outlived() {
    for status in [408, 500, 502, 503, 504] {
        let scene = with_news(with_token).await;
        scene.server.on(NAMES).times(2, Fault::status(status));
        scene.server.on("GET */p*").times(3, Fault::status(status));
        scene.server.on("GET */new").times(3, Fault::status(status));
        let task = scene.assert_succeeds(0).await;
        assert_eq!(task.attempts, 1, "{status}");
        scene.assert_current().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn what_was_removed_goes_and_all_at_once_does_not() {
    let scene = Scene::of_packages(packages(12, 2), as_anybody).await;
    scene.server.unpublish("p003");
    scene
        .server
        .publish(&package("p004", 2).without_version("1.1.0"));
    let task = scene.assert_succeeds(0).await;
    scene.assert_current().await;
    let tally = tally(&task);
    assert_eq!((tally.versions.deleted, tally.packages.deleted), (3, 1));

    for number in 5..12 {
        scene.server.unpublish(&format!("p{number:03}"));
    }
    let refused = "MASS_REMOVAL_REFUSED";
    scene
        .assert_fails(ErrorCode::UpstreamInvalid, refused)
        .await;
    scene.server.forget();
    let allowed = CatalogueOptions {
        allows_mass_removal: true,
        ..full()
    };
    let task = scene.sync_with(allowed).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    // Each package that went was looked at once, whatever it had.
    assert_eq!(scene.server.on("GET */p011").count(), 1);
    scene.close().await;
}
