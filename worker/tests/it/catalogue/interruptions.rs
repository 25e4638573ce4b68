//! Runs that meet, are cut off, or are called off (faults 24 to 26).

use weir_domain::task::{ErrorCode, TaskState};
use weir_store::tasks;
use weir_testkit::{Artifactory, Recipe};

use super::scene::{Scene, full};

#[tokio::test]
async fn many_wishes_become_one_run_under_way_and_one_to_come() {
    let server = Artifactory::start(Recipe::crowd(8)).await;
    let gate = server.on("GET */latest").hold();
    let scene = Scene::at(server, |_| {}).await;
    let first = scene.submit(full()).await;
    gate.wait_for_arrivals(1).await;
    let mut others = Vec::new();
    for _ in 0..20 {
        others.push(scene.submit(full()).await);
    }
    assert!(others.iter().all(|id| *id == others[0] && *id != first));
    gate.release();
    for id in [first, others[0]] {
        let task = scene.mirror.end_of(id).await;
        assert_eq!(task.state, TaskState::Success, "{task:?}");
    }
    scene.assert_current().await;
    assert_eq!(scene.server.on("GET *conans/search*").count(), 2);
    scene.close().await;
}

#[tokio::test]
async fn a_run_that_was_cut_off_goes_on_where_it_was() {
    let server = Artifactory::start(Recipe::crowd(30)).await;
    let gate = server.on("GET */part-00020/*/latest").hold();
    let mut scene = Scene::at(server, |_| {}).await;
    let id = scene.submit(full()).await;
    gate.wait_for_arrivals(1).await;
    scene.mirror.stop_working().await;
    let read = scene.shown().await.len();
    assert!(read > 0, "packages are shown as they are read");
    gate.release();
    scene.server.forget();
    scene.mirror.work();
    let task = scene.mirror.end_of(id).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    scene.assert_current().await;
    let recipes = scene.server.on("GET */files/conanfile.py").count();
    assert_eq!(recipes, 30 - read, "nothing is read twice");
    scene.close().await;
}

/// What a run waits for: its proof, the list, a look, a file, a look at what seems gone.
const PHASES: [&str; 5] = [
    "*",
    "GET *conans/search*",
    "GET */part-00002/*/latest",
    "GET */new/1.0/*/files*",
    "GET */part-00001/*/latest",
];

#[tokio::test]
async fn a_run_that_is_called_off_in_any_phase_takes_nothing_away() {
    for phase in PHASES {
        call_off(phase, Heard::AtABeat).await;
    }
}

#[tokio::test]
async fn a_run_that_goes_on_before_it_hears_that_it_is_called_off_takes_nothing_away() {
    for phase in PHASES {
        call_off(phase, Heard::AtAWrite).await;
    }
}

/// When a run hears that it is called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    AtABeat,
    AtAWrite,
}

async fn call_off(phase: &str, heard: Heard) {
    let scene = Scene::of(Recipe::crowd(6)).await;
    let before = scene.shown().await;
    scene.server.remove("part-00001/1.0.1@sifli");
    scene.server.add(&Recipe::new("new/1.0"));
    let gate = scene.server.on(phase).hold();
    let id = scene.submit(full()).await;
    gate.wait_for_arrivals(1).await;
    let cancelled = scene.mirror.environment.db.write(move |tx| {
        Box::pin(async move {
            let now = weir_store::clock::now(&**tx).await?;
            tasks::cancel(tx, id, "alice", now).await
        })
    });
    cancelled.await.expect("cancelled");
    let mut gate = Some(gate);
    if heard == Heard::AtAWrite {
        gate.take().expect("held").release();
    }
    let task = scene.mirror.end_of(id).await;
    assert_eq!(task.state, TaskState::Error, "{phase}: {task:?}");
    assert_eq!(task.error_code, Some(ErrorCode::Cancelled), "{phase}");
    let shown = scene.shown().await;
    assert!(before.keys().all(|key| shown.contains_key(key)), "{phase}");
    if let Some(gate) = gate {
        gate.release();
    }
    scene.assert_heals().await;
    scene.close().await;
}
