//! Artifactory's query language as a source (fault 16), and listings of thousands (fault 20).

use weir_domain::task::{ErrorCode, TaskState};
use weir_testkit::{Artifactory, ArtifactoryFault as Fault, Recipe};

use super::scene::{Scene, by_query, few};

const QUERY: &str = "POST /api/search/aql";

#[tokio::test]
async fn a_query_shows_what_the_interface_of_conan_shows() {
    let scene = Scene::with(Recipe::crowd(35), by_query).await;
    scene.server.add(&Recipe::new("new/1.0"));
    scene.server.remove("part-00003/1.0.3@sifli");
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    // Each row says its revision: nobody is asked about those that are known.
    assert_eq!(
        scene.server.on("GET */part-*/latest").count(),
        1,
        "the one that went"
    );
    scene.close().await;
}

#[tokio::test]
async fn pages_that_overlap_show_each_reference_once_and_all_of_them() {
    let scene = Scene::with(Recipe::crowd(35), by_query).await;
    scene.server.add(&Recipe::new("new/1.0"));
    scene.server.overlap_pages(3);
    scene.sync().await;
    assert_eq!(scene.shown().await.len(), scene.there().len());
    scene.assert_current().await;
    scene.close().await;
}

#[tokio::test]
async fn a_trimmed_answer_is_no_listing() {
    let scene = Scene::with(Recipe::crowd(35), by_query).await;
    scene.server.trim_at(20);
    let says = "results are trimmed";
    scene.assert_fails(ErrorCode::UpstreamInvalid, says).await;
    scene.close().await;
}

#[tokio::test]
async fn a_query_that_breaks_off_or_waits_in_line_is_asked_again() {
    for fault in [
        Fault::Half,
        Fault::status(429),
        Fault::status(504),
        Fault::Truncated,
    ] {
        let scene = Scene::with(Recipe::crowd(15), by_query).await;
        scene.server.add(&Recipe::new("new/1.0"));
        scene.server.on(QUERY).times(2, fault);
        scene.assert_succeeds(0).await;
        scene.assert_current().await;
        scene.close().await;
    }
    let scene = Scene::with(Recipe::crowd(15), by_query).await;
    scene.server.on(QUERY).always(Fault::Half);
    scene.assert_fails(ErrorCode::UpstreamUnavailable, "").await;
    scene.close().await;
}

#[tokio::test]
async fn what_changed_is_asked_for_and_nothing_else_is_touched() {
    let scene = Scene::with(Recipe::crowd(300), by_query).await;
    for number in 1..=10 {
        let name = format!("part-{number:05}/9.0@sifli");
        scene.server.add(&Recipe::new(&name));
    }
    scene.server.forget();
    let task = scene.follow().await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    assert_eq!(scene.server.on("GET */files/conanfile.py").count(), 10);
    // Three hundred came so lately that they are told of again, each where it was.
    assert_eq!(scene.server.on("GET */latest").count(), 10);
    let tally = task
        .progress
        .and_then(|all| all.catalogue)
        .expect("a tally");
    assert_eq!(tally.versions.created, 10);

    // What is known changed: rows do not say which revision is the latest.
    let recipe = Recipe::new("part-00003/1.0.3@sifli").description("Changed");
    scene.server.add(&recipe);
    let task = scene.follow().await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;

    scene.server.forget();
    let task = scene.follow().await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert_eq!(scene.server.on("GET */files/*").count(), 0);
    scene.close().await;
}

#[tokio::test]
async fn clocks_that_differ_lose_no_change() {
    // An hour behind us, and an hour ahead.
    for ahead in [-3_600_000, 3_600_000] {
        let server = Artifactory::builder().start().await;
        server.set_ahead(ahead);
        for recipe in few() {
            server.add(&recipe);
        }
        let scene = Scene::at(server, by_query).await;
        scene.assert_succeeds(0).await;
        scene.server.add(&Recipe::new("new/1.0"));
        let task = scene.follow().await;
        assert_eq!(task.state, TaskState::Success, "{task:?}");
        scene.assert_current().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn an_edition_that_does_not_sort_is_followed_all_the_same() {
    let server = Artifactory::builder().open_source().start().await;
    for recipe in few() {
        server.add(&recipe);
    }
    let scene = Scene::at(server, by_query).await;
    let task = scene.assert_succeeds(1).await;
    assert!(task.warnings[0].contains("does not sort"), "{task:?}");
    scene.assert_current().await;
    scene.server.add(&Recipe::new("new/1.0"));
    scene.server.forget();
    assert_eq!(scene.follow().await.state, TaskState::Success);
    scene.assert_current().await;
    assert_eq!(scene.server.on(QUERY).count(), 2, "what changed is told");
    scene.close().await;
}

#[tokio::test]
async fn ten_thousand_references_are_listed_and_compared() {
    let server = Artifactory::start([]).await;
    for number in 0..10_000 {
        server.list_stale(&format!("part-{number:05}/1.0@sifli/_"));
    }
    for recipe in few() {
        server.add(&recipe);
    }
    let scene = Scene::at(server, |_| {}).await;
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    scene.close().await;
}
