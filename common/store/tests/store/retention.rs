//! Old tasks go with all that hangs on them, and nothing of a tree goes that is not over.

use std::time::Duration;

use weir_domain::{
    TaskId,
    task::{ErrorCode, TaskState},
};
use weir_store::{
    sealed_logs::{self, Sealed},
    task_trees,
    tasks::{self, Expiry, NewRequest, Outcome, Removed},
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, chunk_at, new_task, wish_under, write};

weir_testkit::on_both_engines!(
    an_old_task_goes_with_all_that_hangs_on_it,
    a_task_that_is_not_over_or_not_old_stays,
    errors_stay_longer,
    a_tree_stays_until_all_of_it_is_old,
    a_task_of_two_trees_waits_for_both,
    what_is_gone_is_counted_no_more,
    a_log_in_an_object_is_named,
    tasks_go_in_batches,
);

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn settle(scene: &Scene, task: TaskId) {
    write!(scene, |tx| sealed_logs::settle(tx, &[task]).await).unwrap();
}

/// Claims what is ready, ends it, and returns it.
async fn run(scene: &Scene, outcome: Outcome) -> TaskId {
    let claimed = scene.must_claim().await;
    let lines = Some(chunk_at((0, 0), &["a line"]));
    scene.beat(claimed.fence, lines).await.unwrap();
    scene.finish_as(claimed.fence, outcome).await.unwrap();
    settle(scene, claimed.task.id).await;
    claimed.task.id
}

async fn done(scene: &Scene, name: &str) -> TaskId {
    scene.submit(name).await;
    run(scene, Outcome::default()).await
}

/// Removes what is older than a day, errors than three, looking at so many at a time.
async fn remove(scene: &Scene, limit: i64) -> Removed {
    let expiry = Expiry {
        success: scene.now().minus(DAY),
        error: scene.now().minus(DAY * 3),
    };
    let mut all = Removed::default();
    for state in [TaskState::Success, TaskState::Error] {
        let mut after = None;
        loop {
            let wanted = (state, expiry);
            let removed = write!(scene, |tx| {
                tasks::remove_expired(tx, wanted, after, limit).await
            });
            let removed = removed.unwrap();
            all.tasks += removed.tasks;
            all.logs.extend(removed.logs);
            after = removed.last;
            if after.is_none() {
                break;
            }
        }
    }
    all
}

async fn is_there(scene: &Scene, task: TaskId) -> bool {
    tasks::find(scene.db.read(), task).await.unwrap().is_some()
}

async fn an_old_task_goes_with_all_that_hangs_on_it(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = done(&scene, "a").await;
    assert_eq!(remove(&scene, 10).await, Removed::default(), "it is fresh");
    scene.later(DAY + Duration::from_secs(1));
    assert_eq!(remove(&scene, 10).await.tasks, 1);
    assert!(!is_there(&scene, task).await);
    for table in [
        "tasks",
        "task_runs",
        "task_requests",
        "task_tree",
        "task_log_chunks",
    ] {
        let left = scene
            .number(format!("SELECT COUNT(*) AS n FROM {table}"))
            .await;
        assert_eq!(left, 0, "{table}");
    }
    assert_eq!(remove(&scene, 10).await.tasks, 0);
    let missing = tasks::missing(scene.db.read(), &[task]).await.unwrap();
    assert_eq!(missing, [task]);
}

async fn a_task_that_is_not_over_or_not_old_stays(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let waiting = scene.submit("waiting").await.task;
    let running = scene.must_claim().await.task.id;
    assert_eq!(waiting, running);
    let waiting = scene.submit("other").await.task;
    scene.later(DAY * 100);
    let fresh = {
        scene
            .submit_with(new_task("fresh"), NewRequest::default())
            .await;
        // The oldest goes first: end both that wait.
        let first = run(&scene, Outcome::default()).await;
        let second = run(&scene, Outcome::default()).await;
        [first, second]
    };
    assert!(fresh.contains(&waiting));
    assert_eq!(remove(&scene, 10).await.tasks, 0);
    assert!(is_there(&scene, running).await);
    // An unsealed log is somebody's work.
    scene.meddle("UPDATE tasks SET is_log_sealed = false").await;
    scene.later(DAY * 100);
    assert_eq!(remove(&scene, 10).await.tasks, 0);
    for task in fresh {
        settle(&scene, task).await;
    }
    assert_eq!(remove(&scene, 10).await.tasks, 2);
    assert!(is_there(&scene, running).await, "it still runs");
}

async fn errors_stay_longer(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let failed = run(&scene, Outcome::failed(ErrorCode::NotFound, "no")).await;
    scene.later(DAY * 2);
    assert_eq!(remove(&scene, 10).await.tasks, 0);
    scene.later(DAY * 2);
    assert_eq!(remove(&scene, 10).await.tasks, 1);
    assert!(!is_there(&scene, failed).await);
}

async fn a_tree_stays_until_all_of_it_is_old(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let root = done(&scene, "root").await;
    let early = {
        scene.submit_with(new_task("early"), wish_under(root)).await;
        run(&scene, Outcome::default()).await
    };
    scene.submit_with(new_task("late"), wish_under(root)).await;
    scene.later(DAY * 2);
    assert_eq!(remove(&scene, 10).await.tasks, 0, "one of the tree waits");
    let late = run(&scene, Outcome::default()).await;
    assert_eq!(
        remove(&scene, 10).await.tasks,
        0,
        "one of its tree has just ended"
    );
    let children = task_trees::children(scene.db.read(), root).await.unwrap();
    assert_eq!(children["success"], 2);
    scene.later(DAY * 2);
    assert_eq!(remove(&scene, 10).await.tasks, 3);
    for task in [root, early, late] {
        assert!(!is_there(&scene, task).await);
    }
    assert_eq!(scene.number("SELECT COUNT(*) AS n FROM task_tree").await, 0);
}

async fn a_task_of_two_trees_waits_for_both(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let old = done(&scene, "old").await;
    let shared = scene
        .submit_with(new_task("shared"), wish_under(old))
        .await
        .task;
    let young = scene.submit("young").await.task;
    scene
        .submit_with(new_task("shared"), wish_under(young))
        .await;
    // Everything but the younger root ends now.
    let first = scene.must_claim().await;
    let second = scene.must_claim().await;
    let (its, other) = if first.task.id == shared {
        (first, second)
    } else {
        (second, first)
    };
    scene.finish(its.fence).await.unwrap();
    settle(&scene, shared).await;
    scene.later(DAY * 2);
    assert_eq!(remove(&scene, 10).await.tasks, 1);
    assert!(
        is_there(&scene, shared).await,
        "the younger tree is not over"
    );
    scene.beat(other.fence, None).await.unwrap();
    scene.finish(other.fence).await.unwrap();
    settle(&scene, young).await;
    assert_eq!(remove(&scene, 10).await.tasks, 0);
    scene.later(DAY * 2);
    assert_eq!(remove(&scene, 10).await.tasks, 2);
}

async fn what_is_gone_is_counted_no_more(database: TestDatabase) {
    let scene = Scene::of(database).await;
    done(&scene, "a").await;
    done(&scene, "b").await;
    scene.later(DAY * 2);
    done(&scene, "c").await;
    assert_eq!(remove(&scene, 10).await.tasks, 2);
    let counts = tasks::counts(scene.db.read(), None).await.unwrap();
    assert_eq!(counts.get("success"), Some(&1), "{counts:?}");
}

async fn a_log_in_an_object_is_named(database: TestDatabase) {
    let scene = Scene::of(database).await;
    scene.submit("a").await;
    let claimed = scene.must_claim().await;
    for at in [(0, 0), (1, 37)] {
        let lines = chunk_at(at, &["a line"]);
        scene.beat(claimed.fence, Some(lines)).await.unwrap();
    }
    scene.finish(claimed.fence).await.unwrap();
    let (task, now) = (claimed.task.id, scene.now());
    let sealed = Sealed {
        task,
        generation: claimed.fence.generation,
        frames: Vec::new(),
        body: None,
    };
    scene.meddle("DELETE FROM task_log_chunks").await;
    scene
        .meddle("UPDATE task_runs SET log_lines = 0, log_bytes = 0")
        .await;
    write!(scene, |tx| sealed_logs::insert(tx, &sealed, now).await).unwrap();
    scene.later(DAY * 2);
    let removed = remove(&scene, 10).await;
    let logs: Vec<_> = removed
        .logs
        .iter()
        .map(|log| (log.task, log.generation))
        .collect();
    assert_eq!(logs, [(task, claimed.fence.generation)]);
}

async fn tasks_go_in_batches(database: TestDatabase) {
    let scene = Scene::of(database).await;
    // Two that stay, because of a third, come first.
    let root = done(&scene, "root").await;
    scene.submit_with(new_task("part"), wish_under(root)).await;
    run(&scene, Outcome::default()).await;
    scene.submit_with(new_task("rest"), wish_under(root)).await;
    for name in ["a", "b", "c"] {
        scene.submit(name).await;
    }
    scene
        .meddle("UPDATE tasks SET priority = 1 WHERE target = 'rest'")
        .await;
    for _ in 0..3 {
        run(&scene, Outcome::default()).await;
    }
    scene.later(DAY * 2);
    assert_eq!(remove(&scene, 1).await.tasks, 3);
    assert_eq!(scene.all_tasks().await.len(), 3);
}
