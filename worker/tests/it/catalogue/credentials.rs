//! Credentials that expire, lack rights, or are shown nothing (faults 1 to 4).

use weir_domain::task::{ErrorCode, TaskState};
use weir_testkit::{ArtifactoryFault as Fault, Recipe, artifactory::TOKEN};

use super::scene::{Scene, by_query, few};

const SEARCH: &str = "GET *conans/search*";

#[tokio::test]
async fn credentials_that_expired_fail_the_run_at_once() {
    let scene = Scene::with(few(), |wanted| wanted.token = Some(TOKEN)).await;
    scene.server.revoke(TOKEN);
    let task = scene.assert_fails(ErrorCode::UpstreamInvalid, "401").await;
    assert_eq!(task.attempts, 1, "trying again would not help");
    scene.close().await;
}

#[tokio::test]
async fn credentials_that_expire_in_the_middle_fail_the_run_and_take_nothing_away() {
    for requests in [1, 2, 3, 5, 8] {
        let scene = Scene::with(few(), |wanted| wanted.token = Some(TOKEN)).await;
        scene.server.remove("sht30/0.0.4@caisong123");
        scene.server.remove("part-00001/1.0.1@sifli");
        scene.server.on("*").after(requests, Fault::status(401));
        let before = scene.shown().await;
        let task = scene.sync().await;
        assert_eq!(task.state, TaskState::Error, "after {requests}: {task:?}");
        assert_eq!(task.error_code, Some(ErrorCode::UpstreamInvalid));
        assert_eq!(scene.shown().await, before, "after {requests}");
        scene.assert_heals().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn a_refusal_fails_the_run_at_once() {
    let scene = Scene::of(few()).await;
    scene.server.on("*").always(Fault::status(403));
    let task = scene.assert_fails(ErrorCode::UpstreamInvalid, "403").await;
    assert_eq!(task.attempts, 1);
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn an_empty_list_for_a_lost_permission_is_not_believed() {
    let canary = |wanted: &mut super::scene::Wanted| {
        wanted.settings.canary = Some("sht30/0.0.5@caisong123".parse().expect("a reference"));
    };
    let without: fn(&mut super::scene::Wanted) = |_| {};
    for arrange in [without, canary, by_query] {
        let scene = Scene::with(few(), arrange).await;
        scene.server.show_nothing(true);
        let task = scene.assert_fails(ErrorCode::UpstreamInvalid, "").await;
        assert_eq!(task.attempts, 1);
        scene.server.show_nothing(false);
        scene.assert_heals().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn a_list_that_is_empty_although_the_source_proved_itself_takes_nothing_away() {
    let scene = Scene::of(few()).await;
    scene.server.on(SEARCH).always(Fault::json(r#"{"results":[]}"#));
    let refused = "MASS_REMOVAL_REFUSED";
    scene.assert_fails(ErrorCode::UpstreamInvalid, refused).await;
    scene.assert_heals().await;
    scene.close().await;
}

#[tokio::test]
async fn a_search_that_is_not_there_fails_the_run() {
    let scene = Scene::of(few()).await;
    scene.server.on(SEARCH).always(Fault::status(404));
    scene.assert_fails(ErrorCode::NotFound, "404").await;
    scene.server.add(&Recipe::new("new/1.0"));
    scene.assert_heals().await;
    scene.close().await;
}
