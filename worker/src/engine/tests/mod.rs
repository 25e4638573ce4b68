//! The scribe and the pulse against both databases; runs and slots by themselves.
//!
//! What a whole engine does with jobs is tested in `worker/tests`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use weir_domain::{
    PackageName, RegistryId, SystemClock, TaskId, Timestamp, WorkerId,
    task::{ErrorCode, Level, Priority, SyncPackage, TaskSpec},
};
use weir_store::{
    DatabaseConfig, Db, NoListener, StoreError, clock,
    task_logs::{self, Chunk},
    task_runs::{self, Fence},
    tasks::{self, ClaimLimits, Claimed, NewRequest, NewTask, SweepLimits, Swept},
};
use weir_testkit::{TestDatabase, database, until};

use super::{
    conclude::{Conclusion, Verdict},
    pulse,
    run::Run,
    scribe::Scribe,
};
use crate::environment::EngineSettings;

mod alone;

const LEASE: Duration = Duration::from_millis(1200);
const DEADLINE: Duration = Duration::from_secs(20);

weir_testkit::on_both_engines!(
    lines_of_all_runs_are_written,
    a_lease_is_renewed_though_the_runtime_is_starved,
    a_lost_run_learns_it_and_the_others_go_on,
    a_run_that_this_worker_lost_and_claimed_again_is_two_runs,
    a_cancelled_run_learns_it,
    a_flush_whose_answer_was_lost_repeats_no_line,
    what_a_run_has_not_written_is_handed_over_at_its_end,
    an_end_that_can_never_be_written_fails_the_task_and_not_the_worker,
);

async fn open(database: &TestDatabase) -> Db {
    let config = DatabaseConfig::new(database.url());
    let db = Db::open(&config, Arc::new(NoListener)).await;
    db.expect("the database opens")
}

async fn claim(db: &Db, name: &str) -> Claimed {
    let new = NewTask {
        spec: TaskSpec::SyncPackage(SyncPackage {
            package: PackageName::parse(name).expect("a name"),
            registry: RegistryId::new(),
        }),
        priority: Priority::USER,
        fair_key: 0,
        run_after: Timestamp(0),
        retry_of: None,
    };
    let limits = ClaimLimits {
        lease: LEASE,
        min_priority: None,
        accepts_suspects: true,
        closed_lanes: Vec::new(),
    };
    let claimed = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            tasks::submit(tx, &new, &NewRequest::default(), now).await?;
            tasks::claim(tx, WorkerId::new(), &limits, now).await
        })
    });
    claimed.await.expect("a claim").expect("a task is ready")
}

fn begin(scribe: &Scribe, fence: Fence) -> Arc<Run> {
    scribe.begin(fence, Chunk::default(), Arc::new(SystemClock))
}

async fn sweep(db: &Db) -> Swept {
    let limits = SweepLimits {
        queue_age: Duration::from_secs(3600),
    };
    let swept = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            tasks::sweep(tx, limits, now).await
        })
    });
    swept.await.expect("a sweep")
}

/// Sweeps on a runtime of its own, and returns how many leases had lapsed.
fn sweep_for(url: &str, time: Duration) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let db = Db::open(&DatabaseConfig::new(url), Arc::new(NoListener)).await;
        let db = db.expect("the database opens");
        let (begun, mut lapsed) = (Instant::now(), 0);
        while begun.elapsed() < time {
            lapsed += sweep(&db).await.lapsed;
        }
        lapsed
    })
}

/// Returns what each line of the log says, having checked that no line lacks or repeats.
async fn said(db: &Db, task: TaskId) -> Vec<String> {
    let chunks = task_logs::chunks_from_line(db.read(), task, 1, i64::MAX).await;
    let mut lines = Vec::new();
    for chunk in chunks.expect("a log") {
        assert_eq!(
            chunk.first_line,
            i64::try_from(lines.len()).expect("few") + 1
        );
        let body = String::from_utf8(chunk.body).expect("text");
        let texts = body.lines().map(|line| line.splitn(3, ' ').nth(2));
        lines.extend(texts.map(|text| text.unwrap_or_default().to_owned()));
    }
    lines
}

async fn lines_of_all_runs_are_written(database: TestDatabase) {
    let db = open(&database).await;
    let scribe = Scribe::new(db.clone(), LEASE);
    let pulse = pulse::start(scribe.clone());
    let mut runs = Vec::new();
    for name in ["a", "b", "c"] {
        runs.push(begin(&scribe, claim(&db, name).await.fence));
    }
    for n in 0..500 {
        for run in &runs {
            run.log(Level::Info, &format!("line {n}")).await;
        }
    }
    let expected: Vec<_> = (0..500).map(|n| format!("line {n}")).collect();
    for run in &runs {
        until("all lines to be written", DEADLINE, async || {
            said(&db, run.fence.task).await.len() == 500
        })
        .await;
        assert_eq!(said(&db, run.fence.task).await, expected);
    }
    pulse.stop().await;
}

async fn a_lease_is_renewed_though_the_runtime_is_starved(database: TestDatabase) {
    let db = open(&database).await;
    let scribe = Scribe::new(db.clone(), LEASE);
    let pulse = pulse::start(scribe.clone());
    let claimed = claim(&db, "a").await;
    let run = begin(&scribe, claimed.fence);
    run.log(Level::Info, "before").await;
    until("the first line to be written", DEADLINE, async || {
        said(&db, run.fence.task).await.len() == 1
    })
    .await;
    run.log(Level::Info, "meanwhile").await;
    // The only thread of this test's runtime computes for two leases, while another
    // process, as it were, sweeps.
    let url = database.url().to_owned();
    let sweeping = std::thread::spawn(move || sweep_for(&url, LEASE * 2));
    while !sweeping.is_finished() {
        std::hint::spin_loop();
    }
    assert_eq!(sweeping.join().expect("sweeps"), 0, "leases lapsed");
    assert_eq!(said(&db, run.fence.task).await, ["before", "meanwhile"]);
    assert!(!run.lost.is_cancelled());
    pulse.stop().await;
}

async fn a_lost_run_learns_it_and_the_others_go_on(database: TestDatabase) {
    let db = open(&database).await;
    let scribe = Scribe::new(db.clone(), LEASE);
    let lost = begin(&scribe, claim(&db, "a").await.fence);
    let kept = begin(&scribe, claim(&db, "b").await.fence);
    let fence = lost.fence;
    let released = db.write(move |tx| {
        Box::pin(async move {
            let task = tasks::lock_task(tx, fence.task).await?;
            tasks::release(tx, (&task, &fence), Timestamp(0)).await
        })
    });
    released.await.expect("a release");
    for run in [&lost, &kept] {
        run.log(Level::Info, "still here").await;
    }
    scribe.flush(&db).await;
    assert!(lost.lost.is_cancelled());
    assert!(!kept.lost.is_cancelled());
    assert!(said(&db, lost.fence.task).await.is_empty());
    assert_eq!(said(&db, kept.fence.task).await, ["still here"]);
}

async fn a_run_that_this_worker_lost_and_claimed_again_is_two_runs(database: TestDatabase) {
    let db = open(&database).await;
    let scribe = Scribe::new(db.clone(), LEASE);
    let first = claim(&db, "a").await;
    let old = begin(&scribe, first.fence);
    let fence = first.fence;
    let again = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let task = tasks::lock_task(tx, fence.task).await?;
            tasks::release(tx, (&task, &fence), now).await
        })
    });
    again.await.expect("a release");
    let second = claim(&db, "a").await;
    assert_eq!(second.task.id, first.task.id);
    let new = begin(&scribe, second.fence);
    old.log(Level::Info, "of the old run").await;
    new.log(Level::Info, "of the new run").await;
    scribe.flush(&db).await;
    assert!(old.lost.is_cancelled() && !new.lost.is_cancelled());
    scribe.end(&old).await;
    new.log(Level::Info, "still written").await;
    scribe.flush(&db).await;
    let expected = ["of the new run", "still written"];
    assert_eq!(said(&db, second.task.id).await, expected);
}

async fn a_cancelled_run_learns_it(database: TestDatabase) {
    let db = open(&database).await;
    let scribe = Scribe::new(db.clone(), LEASE);
    let pulse = pulse::start(scribe.clone());
    let run = begin(&scribe, claim(&db, "a").await.fence);
    let task = run.fence.task;
    let told = db.write(move |tx| {
        Box::pin(async move { tasks::cancel(tx, task, "alice", Timestamp(0)).await })
    });
    told.await.expect("a cancellation");
    // It says nothing, so the next beat tells it: a third of the lease.
    tokio::time::timeout(DEADLINE, run.cancelled.cancelled())
        .await
        .expect("it learns of it");
    pulse.stop().await;
}

async fn a_flush_whose_answer_was_lost_repeats_no_line(database: TestDatabase) {
    let db = open(&database).await;
    let scribe = Scribe::new(db.clone(), LEASE);
    let run = begin(&scribe, claim(&db, "a").await.fence);
    run.log(Level::Info, "one").await;
    run.log(Level::Info, "two").await;
    // The lines arrive, but the run never hears of it.
    let due = run.due(LEASE).expect("two lines are due");
    let fence = run.fence;
    let beat = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            task_runs::heartbeat(tx, &fence, due.chunk.as_ref(), None, (now, LEASE)).await
        })
    });
    beat.await.expect("a beat");
    run.log(Level::Info, "three").await;
    scribe.flush(&db).await;
    run.log(Level::Info, "four").await;
    scribe.flush(&db).await;
    assert!(!run.lost.is_cancelled());
    let expected = ["one", "two", "three", "four"];
    assert_eq!(said(&db, run.fence.task).await, expected);
}

async fn what_a_run_has_not_written_is_handed_over_at_its_end(database: TestDatabase) {
    let db = open(&database).await;
    let scribe = Scribe::new(db.clone(), LEASE);
    let run = begin(&scribe, claim(&db, "a").await.fence);
    run.log(Level::Info, "one").await;
    scribe.flush(&db).await;
    for n in 2..=450 {
        run.log(Level::Info, &format!("line {n}")).await;
    }
    let rest = scribe.end(&run).await;
    scribe.flush(&db).await;
    assert_eq!(
        said(&db, run.fence.task).await,
        ["one"],
        "it is the caller's now"
    );
    let fence = run.fence;
    let written = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            for due in &rest {
                let (chunk, progress) = (due.chunk.as_ref(), due.progress);
                task_runs::heartbeat(tx, &fence, chunk, progress, (now, LEASE)).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    written.await.expect("the rest is written");
    assert_eq!(said(&db, run.fence.task).await.len(), 450);
}

/// Ends every other session of the database, as its restart would.
async fn cut_off(db: &Db) {
    use weir_store::ConnectionTrait as _;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    // The session that asks is cut off by the next one at the latest.
    drop(db.read().execute_unprepared(cut).await);
}

#[tokio::test]
async fn lines_survive_a_database_that_cuts_its_sessions_off() {
    let Some(database) = database::postgres_unless_skipped().await else {
        return;
    };
    let db = open(&database).await;
    let scribe = Scribe::new(db.clone(), LEASE);
    let pulse = pulse::start(scribe.clone());
    let run = begin(&scribe, claim(&db, "a").await.fence);
    for n in 0..200 {
        run.log(Level::Info, &format!("line {n}")).await;
        if n % 20 == 10 {
            cut_off(&db).await;
        }
    }
    until("all lines to be written", DEADLINE, async || {
        // The sessions cut off last may be the ones that ask.
        let extent = task_logs::extent(db.read(), run.fence.task).await;
        extent.is_ok_and(|extent| extent.log_lines == 200)
    })
    .await;
    let expected: Vec<_> = (0..200).map(|n| format!("line {n}")).collect();
    assert_eq!(said(&db, run.fence.task).await, expected);
    assert!(!run.lost.is_cancelled());
    pulse.stop().await;
}

async fn an_end_that_can_never_be_written_fails_the_task_and_not_the_worker(
    database: TestDatabase,
) {
    let db = open(&database).await;
    let scribe = Scribe::new(db.clone(), LEASE);
    let claimed = claim(&db, "a").await;
    let run = begin(&scribe, claimed.fence);
    run.log_now(Level::Info, "all is done");
    let conclusion = Conclusion {
        verdict: Arc::new(Verdict::Finish(Box::default())),
        rest: Arc::new(scribe.end(&run).await),
        follow_ups: Some(Arc::new(|_, _| {
            Box::pin(async {
                Err(StoreError::Corrupt {
                    table: "tasks",
                    column: "spec",
                    id: "1".to_owned(),
                })
            })
        })),
        claimed: Arc::new(claimed),
    };
    let id = run.fence.task;
    conclusion.write(&db, EngineSettings::default()).await;
    let task = tasks::get(db.read(), id).await.expect("the task");
    let error = task.error.expect("a sentence");
    assert_eq!(task.error_code, Some(ErrorCode::Internal), "{error}");
    assert!(error.contains("tasks.spec of 1 is not readable"), "{error}");
    assert_eq!(said(&db, id).await, ["all is done"]);
}
