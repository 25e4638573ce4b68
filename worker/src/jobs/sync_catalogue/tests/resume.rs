//! Runs that die, are cancelled, or are not alone: what is applied stays, nothing is read twice.

use weir_domain::{
    catalogue::{CatalogueOptions, CatalogueProgress},
    task::{ErrorCode, TaskState},
};
use weir_store::{clock, tasks};
use weir_testkit::TestDatabase;

use super::{Scene, full, report, source::reference};

weir_testkit::on_both_engines!(
    a_run_that_dies_between_packages_is_taken_up_without_reading_anything_again,
    a_run_that_dies_again_and_again_ends_equal_to_its_source,
    a_change_between_two_attempts_is_not_missed,
    reading_everything_again_is_taken_up_too,
    a_run_that_lost_its_lease_writes_nothing_more,
    a_cancelled_run_keeps_what_is_applied_and_sweeps_nothing,
    a_second_wish_waits_for_the_first_run_and_sees_what_came_meanwhile,
);

fn names(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("p{n:02}/1")).collect()
}

async fn of_packages(database: TestDatabase, count: usize) -> Scene {
    let scene = Scene::of(database).await;
    let names = names(count);
    let texts: Vec<_> = names.iter().map(String::as_str).collect();
    scene.script.put(&texts, "r1");
    scene
}

fn assert_not_behind(now: &CatalogueProgress, before: &CatalogueProgress) {
    let numbers = |one: &CatalogueProgress| {
        [one.packages, one.versions].map(|tally| {
            [
                tally.discovered,
                tally.processed,
                tally.created,
                tally.updated,
                tally.unchanged,
                tally.deleted,
                tally.failed,
                tally.skipped,
            ]
        })
    };
    let pairs = numbers(now)
        .into_iter()
        .zip(numbers(before))
        .flat_map(|(now, before)| now.into_iter().zip(before));
    assert!(
        pairs.clone().all(|(now, before)| now >= before),
        "{pairs:?}"
    );
    assert!(now.requests >= before.requests);
}

async fn a_run_that_dies_between_packages_is_taken_up_without_reading_anything_again(
    database: TestDatabase,
) {
    let scene = of_packages(database, 30).await;
    scene.script.state().hangs_after = Some(12);
    let id = scene.submit(full()).await;
    scene.die_hanging().await;
    let stored = scene.stored().await.len();
    assert!((6..=12).contains(&stored), "{stored}");
    let task = scene.task(id).await;
    assert_eq!((task.state, task.crashes), (TaskState::Waiting, 1));
    let before = task.progress.and_then(|progress| progress.catalogue);
    let before = before.expect("it was written");
    assert!(before.versions.created <= stored as u64, "{before:?}");
    let reads = scene.script.asked().reads.len();
    let trial = scene.claim().await.expect("it is ready again");
    let working = scene.work(&trial);
    let ended = working.await;
    trial.flush().await;
    let shown = scene.task(id).await.progress.and_then(|all| all.catalogue);
    assert_not_behind(&shown.expect("written"), &before);
    assert!(trial.conclude(ended).await);
    let again = scene.script.asked().reads.len();
    assert_eq!(
        again,
        30 - stored,
        "only what was not stored ({reads} before)"
    );
    let done = report(&scene.task(id).await);
    assert_eq!((done.versions.created, done.packages.created), (30, 30));
    assert_eq!((done.versions.processed, done.versions.unchanged), (30, 0));
    assert!(done.requests > before.requests);
    scene.assert_equal().await;
}

async fn a_run_that_dies_again_and_again_ends_equal_to_its_source(database: TestDatabase) {
    let scene = of_packages(database, 30).await;
    scene.script.state().tells_stamps = true;
    scene.run_well(full()).await;
    let names = names(30);
    for name in &names[..3] {
        scene.script.remove(name);
    }
    let changed: Vec<_> = names[10..25].iter().map(String::as_str).collect();
    scene.script.put(&changed, "r2");
    scene.script.put(&["new/1", "new/2"], "r1");
    let id = scene.submit(full()).await;
    let mut before = CatalogueProgress::default();
    // The third crash would make it a suspect: that is the engine's to test.
    for _ in 0..2 {
        scene.script.asked();
        scene.script.state().hangs_after = Some(7);
        scene.die_hanging().await;
        let progress = scene.task(id).await.progress;
        let now = progress.and_then(|progress| progress.catalogue);
        let now = now.expect("written");
        assert_not_behind(&now, &before);
        before = now;
    }
    let done = report(&scene.finish().await);
    let versions = done.versions;
    assert_eq!(
        (versions.created, versions.updated, versions.deleted),
        (2, 15, 3)
    );
    assert_eq!((versions.unchanged, versions.failed), (12, 0));
    assert_eq!(done.packages.created, 1);
    scene.assert_equal().await;
}

async fn a_change_between_two_attempts_is_not_missed(database: TestDatabase) {
    let scene = of_packages(database, 20).await;
    scene.script.state().hangs_after = Some(10);
    scene.submit(full()).await;
    scene.die_hanging().await;
    let stored = scene.stored().await.remove(0);
    let changed = stored.strip_suffix("#r1").expect("read at the first one");
    scene.script.put(&[changed], "r2");
    let done = report(&scene.finish().await);
    assert_eq!(done.versions.processed, 20);
    scene.assert_equal().await;
}

async fn reading_everything_again_is_taken_up_too(database: TestDatabase) {
    let scene = of_packages(database, 20).await;
    scene.run_well(full()).await;
    scene.script.asked();
    scene.script.state().hangs_after = Some(10);
    let options = CatalogueOptions {
        rereads: true,
        ..full()
    };
    let id = scene.submit(options).await;
    scene.die_hanging().await;
    let known = scene.known().await;
    let done = known.iter().filter(|known| known.looked_at_by == Some(id));
    let done = done.count();
    assert!(done > 3, "{done}");
    scene.script.asked();
    let report = report(&scene.finish().await);
    assert_eq!(scene.script.asked().reads.len(), 20 - done);
    assert_eq!(report.versions.updated, 20);
}

async fn a_run_that_lost_its_lease_writes_nothing_more(database: TestDatabase) {
    let scene = of_packages(database, 20).await;
    scene.submit(full()).await;
    let trial = scene.claim().await.expect("a task");
    scene.rob().await;
    let ended = scene.work(&trial).await;
    let error = ended.expect_err("it is somebody else's");
    assert_eq!(error.decision, weir_domain::Decision::Stop);
    assert_eq!(scene.stored().await, [""; 0]);
    assert_eq!(scene.source().await.failed_at, None);
    scene.finish().await;
    scene.assert_equal().await;
}

async fn a_cancelled_run_keeps_what_is_applied_and_sweeps_nothing(database: TestDatabase) {
    let scene = of_packages(database, 30).await;
    scene.run_well(full()).await;
    let names = names(30);
    scene.script.remove(&names[0]);
    let changed: Vec<_> = names[1..].iter().map(String::as_str).collect();
    scene.script.put(&changed, "r2");
    scene.script.asked();
    scene.script.state().hangs_after = Some(10);
    let id = scene.submit(full()).await;
    let trial = scene.claim().await.expect("a task");
    tokio::select! {
        ended = scene.work(&trial) => panic!("it ended: {ended:?}"),
        () = scene.script.hung.notified() => {}
    }
    let cancelled = scene.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            tasks::cancel(tx, id, "alice", now).await
        })
    });
    cancelled.await.expect("cancelled");
    let error = crate::job::JobError::give_up(ErrorCode::Cancelled, "Cancelled");
    trial.conclude(Err(error)).await;
    let stored = scene.stored().await;
    let updated = stored.iter().filter(|text| text.ends_with("#r2")).count();
    assert!((4..=10).contains(&updated), "{updated}");
    assert_eq!(stored.len(), 30, "nothing was taken away");
    assert_eq!(scene.task(id).await.error_code, Some(ErrorCode::Cancelled));
    scene.script.state().hangs_after = None;
    scene.run_well(full()).await;
    scene.assert_equal().await;
}

async fn a_second_wish_waits_for_the_first_run_and_sees_what_came_meanwhile(
    database: TestDatabase,
) {
    let scene = of_packages(database, 3).await;
    let first = scene.submit(full()).await;
    let trial = scene.claim().await.expect("a task");
    let second = scene.submit(full()).await;
    assert_eq!(scene.submit(full()).await, second, "they are one");
    assert_ne!(first, second);
    assert!(scene.claim().await.is_none(), "another process has to wait");
    let ended = scene.work(&trial).await;
    scene.script.put(&["p00/1"], "r2");
    scene.script.remove("p01/1");
    assert!(trial.conclude(ended).await);
    let task = scene.finish().await;
    assert_eq!(task.id, second);
    let done = report(&task);
    assert_eq!((done.versions.updated, done.versions.deleted), (1, 1));
    assert!(scene.claim().await.is_none());
    let shelf = scene.script.state().shelf.contains_key(&reference("p01/1"));
    assert!(!shelf);
    scene.assert_equal().await;
}
