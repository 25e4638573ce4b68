//! Pointers to sealed logs: which logs wait for one, when it may be written, and when the
//! chunks behind it go.

use std::time::Duration;

use weir_domain::{TaskId, Timestamp};
use weir_store::{
    StoreError,
    sealed_logs::{self, Frame, Sealed, Unsealed},
    task_logs,
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, chunk_at, write};

weir_testkit::on_both_engines!(
    logs_wait_in_the_order_in_which_their_tasks_ended,
    a_log_of_one_chunk_is_left_alone,
    a_pointer_is_found_as_it_was_written,
    only_what_was_sealed_is_pointed_at,
    chunks_go_some_time_after_their_log_was_sealed,
);

/// Ends a task whose log has so many chunks of one line.
async fn finished(scene: &Scene, name: &str, chunks: usize) -> TaskId {
    let task = scene.submit(name).await.task;
    let fence = scene.must_claim().await.fence;
    let mut at = (0, 0);
    for _ in 0..chunks {
        let chunk = chunk_at(at, &["a line"]);
        let next = chunk.following();
        at = (next.first_line - 1, next.byte_offset);
        scene.beat(fence, Some(chunk)).await.unwrap();
    }
    scene.finish(fence).await.unwrap();
    scene.later(Duration::from_secs(1));
    task
}

async fn unsealed(scene: &Scene, after: Option<Unsealed>, limit: i64) -> Vec<Unsealed> {
    let found = sealed_logs::unsealed(scene.db.read(), scene.now(), after, limit).await;
    found.unwrap()
}

/// Returns a pointer to the whole log, as one frame.
async fn sealed(scene: &Scene, task: TaskId) -> Sealed {
    let extent = task_logs::extent(scene.db.read(), task).await.unwrap();
    Sealed {
        task,
        generation: scene.task(task).await.generation,
        frames: vec![Frame {
            first_line: 1,
            line_count: extent.log_lines,
            byte_offset: 0,
            byte_count: extent.log_bytes,
            packed_offset: 0,
            packed_count: 3,
        }],
        body: Some(vec![1, 2, 3]),
    }
}

async fn insert(scene: &Scene, sealed: &Sealed) -> Result<(), StoreError> {
    let (sealed, now) = (sealed.clone(), scene.now());
    write!(scene, |tx| sealed_logs::insert(tx, &sealed, now).await)
}

async fn strip(scene: &Scene, bound: Timestamp) -> usize {
    write!(scene, |tx| sealed_logs::strip(tx, bound, 10).await).unwrap()
}

async fn chunks(scene: &Scene, task: TaskId) -> usize {
    let chunks = task_logs::chunks_from_line(scene.db.read(), task, 1, 100).await;
    chunks.unwrap().len()
}

async fn logs_wait_in_the_order_in_which_their_tasks_ended(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let mut ended = Vec::new();
    for name in ["a", "b", "c"] {
        ended.push(finished(&scene, name, 2).await);
    }
    scene.submit("d").await;
    let all = unsealed(&scene, None, 10).await;
    let tasks: Vec<_> = all.iter().map(|log| log.task).collect();
    assert_eq!(tasks, ended);
    assert_eq!(unsealed(&scene, None, 2).await, all[..2]);
    assert_eq!(unsealed(&scene, Some(all[0]), 10).await, all[1..]);
    assert_eq!(unsealed(&scene, Some(all[2]), 10).await, []);
    let early = sealed_logs::unsealed(scene.db.read(), all[1].finished_at, None, 10).await;
    assert_eq!(early.unwrap(), all[..1], "only those that ended before");
}

async fn a_log_of_one_chunk_is_left_alone(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (none, one) = (
        finished(&scene, "a", 0).await,
        finished(&scene, "b", 1).await,
    );
    let two = finished(&scene, "c", 2).await;
    let tasks = [none, one, two];
    let mut settled = write!(scene, |tx| sealed_logs::settle(tx, &tasks).await).unwrap();
    settled.sort();
    assert_eq!(settled, [none, one]);
    let waiting = unsealed(&scene, None, 10).await;
    assert_eq!((waiting.len(), waiting[0].task), (1, two));
    assert_eq!(chunks(&scene, one).await, 1);
    assert_eq!(sealed_logs::find(scene.db.read(), one).await.unwrap(), None);
}

async fn a_pointer_is_found_as_it_was_written(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for (name, body) in [("a", Some(vec![0, 255, 7])), ("b", None)] {
        let task = finished(&scene, name, 2).await;
        let sealed = Sealed {
            body,
            ..sealed(&scene, task).await
        };
        insert(&scene, &sealed).await.unwrap();
        let found = sealed_logs::find(scene.db.read(), task).await.unwrap();
        assert_eq!(found, Some(sealed));
    }
    assert_eq!(unsealed(&scene, None, 10).await, []);
    scene.meddle("UPDATE sealed_logs SET frames = '{'").await;
    let task = scene.all_tasks().await[0].id;
    let odd = sealed_logs::find(scene.db.read(), task).await;
    assert!(matches!(odd, Err(StoreError::Corrupt { .. })), "{odd:?}");
}

async fn only_what_was_sealed_is_pointed_at(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = finished(&scene, "a", 2).await;
    let whole = sealed(&scene, task).await;
    let mut short = whole.clone();
    short.frames[0].line_count -= 1;
    let other_run = Sealed {
        generation: whole.generation + 1,
        ..whole.clone()
    };
    for other in [&short, &other_run] {
        let refused = insert(&scene, other).await;
        assert!(
            matches!(refused, Err(StoreError::Changed(_))),
            "{refused:?}"
        );
    }
    assert_eq!(
        unsealed(&scene, None, 10).await.len(),
        1,
        "and it still waits"
    );
    insert(&scene, &whole).await.unwrap();
    assert!(insert(&scene, &whole).await.is_err(), "once");
    let running = scene.submit("b").await.task;
    scene.must_claim().await;
    let early = sealed(&scene, running).await;
    assert!(
        insert(&scene, &early).await.is_err(),
        "a log that still grows"
    );
}

async fn chunks_go_some_time_after_their_log_was_sealed(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (first, second) = (
        finished(&scene, "a", 3).await,
        finished(&scene, "b", 3).await,
    );
    insert(&scene, &sealed(&scene, first).await).await.unwrap();
    let between = scene.later(Duration::from_secs(60));
    scene.later(Duration::from_secs(60));
    insert(&scene, &sealed(&scene, second).await).await.unwrap();
    assert_eq!(strip(&scene, Timestamp(0)).await, 0);
    assert_eq!(
        (chunks(&scene, first).await, chunks(&scene, second).await),
        (3, 3)
    );
    assert_eq!(strip(&scene, between).await, 1);
    assert_eq!(
        (chunks(&scene, first).await, chunks(&scene, second).await),
        (0, 3)
    );
    assert_eq!(strip(&scene, between).await, 0, "once");
    let extent = task_logs::extent(scene.db.read(), first).await.unwrap();
    assert_eq!(extent.log_lines, 3, "its length is still known");
}
