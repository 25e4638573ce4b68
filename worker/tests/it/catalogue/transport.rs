//! Answers that do not come, come late, or are not what was asked for (faults 7 to 11, 15, 22, 30).

use std::time::Duration;

use tokio::time::Instant;
use weir_domain::{
    Clock, SystemClock,
    task::{ErrorCode, TaskState},
};
use weir_testkit::{Artifactory, ArtifactoryFault as Fault, Recipe, artifactory::TOKEN};

use super::scene::{Scene, few};

const SEARCH: &str = "GET *conans/search*";
const LATEST: &str = "GET */sht30/0.0.5/*/latest";
const RECIPE: &str = "GET */new/1.0/*/files/conanfile.py";

/// A scene whose server got something new since.
async fn with_news() -> Scene {
    let scene = Scene::of(few()).await;
    scene.server.add(&Recipe::new("new/1.0").readme("# New\n"));
    scene
}

fn http_date(ahead: Duration) -> String {
    SystemClock.now().plus(ahead).to_http_date()
}

#[tokio::test]
async fn a_source_that_wants_to_be_left_alone_for_a_moment_is() {
    let soon = http_date(Duration::from_secs(2));
    let faults = [
        (Fault::too_many_requests("1"), 950),
        (Fault::too_many_requests(&soon), 0),
        (Fault::status(429), 0),
    ];
    for (fault, at_least) in faults {
        let scene = with_news().await;
        scene.server.on(RECIPE).once(fault);
        let begun = Instant::now();
        let task = scene.assert_succeeds(0).await;
        assert!(
            begun.elapsed() >= Duration::from_millis(at_least),
            "{:?}",
            begun.elapsed()
        );
        assert_eq!(task.attempts, 1);
        let tally = task
            .progress
            .and_then(|all| all.catalogue)
            .expect("a tally");
        assert_eq!(tally.retries, 1);
        scene.assert_current().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn a_source_that_always_wants_to_be_left_alone_is_given_up() {
    for fault in [Fault::status(429), Fault::too_many_requests("3")] {
        let scene = with_news().await;
        scene.server.on(SEARCH).always(fault);
        let code = ErrorCode::UpstreamUnavailable;
        let task = scene.assert_fails(code, "429").await;
        assert_eq!(task.attempts, 2);
        scene.assert_heals().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn an_error_of_the_server_is_tried_again_and_costs_one_version_if_it_lasts() {
    for status in [408, 500, 502, 503, 504] {
        let scene = with_news().await;
        scene.server.on(RECIPE).times(3, Fault::status(status));
        let task = scene.assert_succeeds(0).await;
        assert_eq!(task.attempts, 1, "{status}");
        scene.assert_current().await;
        scene.close().await;
    }
    let scene = with_news().await;
    scene.server.on(RECIPE).always(Fault::status(503));
    scene.server.remove("sht30/0.0.4@caisong123");
    let task = scene.assert_succeeds(1).await;
    assert!(task.warnings[0].contains("new/1.0"), "{:?}", task.warnings);
    // What is about other packages is done.
    assert!(!scene.shown().await.contains_key("sht30/0.0.4@caisong123"));
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn a_package_that_could_not_be_read_loses_no_version() {
    let scene = Scene::of(few()).await;
    scene.server.on(LATEST).always(Fault::status(503));
    scene.server.remove("sht30/0.0.4@caisong123");
    let task = scene.sync().await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert!(scene.shown().await.contains_key("sht30/0.0.4@caisong123"));
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
        (Fault::json("[]"), ErrorCode::UpstreamInvalid),
        (Fault::json(r#"{"results":7}"#), ErrorCode::UpstreamInvalid),
    ];
    for (fault, code) in table {
        let scene = with_news().await;
        let what = format!("{fault:?}");
        scene.server.on(SEARCH).always(fault);
        let before = scene.shown().await;
        let task = scene.sync().await;
        assert_eq!(task.state, TaskState::Error, "{what}: {task:?}");
        assert_eq!(task.error_code, Some(code), "{what}: {task:?}");
        assert_eq!(scene.shown().await, before, "{what}");
        scene.assert_heals().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn a_listing_that_breaks_off_once_is_asked_for_again() {
    for fault in [
        Fault::Half,
        Fault::Truncated,
        Fault::Dropped,
        Fault::Stall,
        Fault::Html(502),
    ] {
        let scene = with_news().await;
        scene.server.on(SEARCH).once(fault);
        scene.assert_succeeds(0).await;
        scene.assert_current().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn a_file_that_breaks_off_is_fetched_again() {
    for fault in [
        Fault::Truncated,
        Fault::TruncatedChunked,
        Fault::Dropped,
        Fault::Stall,
        Fault::Hang,
        Fault::Corrupt,
    ] {
        let scene = with_news().await;
        scene.server.on(RECIPE).once(fault);
        scene.assert_succeeds(0).await;
        scene.assert_current().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn a_drip_of_bytes_is_waited_for_and_no_longer_than_is_allowed() {
    let scene = with_news().await;
    // Slower than anybody reads, but never silent.
    scene.server.on(SEARCH).always(Fault::Slow(20));
    let begun = Instant::now();
    scene.assert_fails(ErrorCode::UpstreamUnavailable, "").await;
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
    scene.server.heal();
    scene.server.on(RECIPE).once(Fault::Slow(2_000));
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    scene.close().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_or_not_itself_changes_nothing() {
    let mut scene = Scene::of(few()).await;
    let before = scene.shown().await;
    let address = scene.server.address();
    let nobody = Artifactory::start([]).await;
    std::mem::replace(&mut scene.server, nobody).stop().await;
    let task = scene.sync().await;
    assert_eq!(
        task.error_code,
        Some(ErrorCode::UpstreamUnavailable),
        "{task:?}"
    );
    assert_eq!(scene.shown().await, before);

    // Now somebody listens there who speaks TLS.
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .expect("it is free");
    scene.server = Artifactory::builder()
        .listener(listener)
        .https()
        .start()
        .await;
    let task = scene.sync().await;
    assert_eq!(
        task.error_code,
        Some(ErrorCode::UpstreamUnavailable),
        "{task:?}"
    );
    assert_eq!(scene.shown().await, before);
    scene.close().await;
}

#[tokio::test]
async fn a_certificate_of_nobody_is_not_believed() {
    let server = Artifactory::builder().https().start().await;
    let scene = Scene::at(server, |_| {}).await;
    scene.assert_fails(ErrorCode::UpstreamUnavailable, "").await;
    assert!(scene.server.asked().is_empty());
    scene.close().await;
}

#[tokio::test]
async fn a_redirect_to_another_private_place_is_not_followed() {
    let scene = Scene::with(few(), |wanted| wanted.token = Some(TOKEN)).await;
    let recipe = Recipe::new("new/1.0");
    scene.server.add(&recipe);
    let other = Artifactory::start([recipe]).await;
    scene
        .server
        .on(RECIPE)
        .always(Fault::Elsewhere(other.url()));
    let task = scene.assert_succeeds(1).await;
    assert!(task.warnings[0].contains("new/1.0"), "{:?}", task.warnings);
    assert_eq!(
        other.asked().len(),
        0,
        "nobody comes there, with a token or without"
    );
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn a_redirect_to_itself_ends() {
    let scene = with_news().await;
    let loops = Fault::Elsewhere(scene.server.url());
    scene.server.on(RECIPE).always(loops.clone());
    scene.assert_succeeds(1).await;
    scene.server.heal();
    scene.server.on(SEARCH).always(loops);
    scene.assert_fails(ErrorCode::UpstreamInvalid, "").await;
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn answers_may_be_compressed() {
    let server = Artifactory::start(few()).await;
    server.on("*").always(Fault::Gzip);
    // Nobody compresses what is compressed.
    server.on("*.tgz").always(Fault::Pass);
    let scene = Scene::at(server, |_| {}).await;
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    assert_eq!(scene.shown().await.len(), 6);
    scene.close().await;
}
