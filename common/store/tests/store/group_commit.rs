//! Write transactions: each closure stands for itself, and is told the truth.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures::FutureExt;
use weir_domain::Timestamp;
use weir_store::{
    CommitListener, ConnectionTrait, DatabaseConfig, Db, Signal, StoreError, Tx, settings,
};
use weir_testkit::{TestDatabase, database::Engine};

use crate::support::{Scene, ended, spawn};

weir_testkit::on_both_engines!(
    one_failing_closure_of_a_group_undoes_only_itself,
    a_failing_statement_of_a_group_undoes_only_itself,
    a_panic_reaches_its_caller_and_undoes_only_itself,
    a_lone_failure_and_a_lone_panic_write_nothing,
    signals_come_after_the_commit_and_before_the_answer,
    what_failed_is_not_signalled,
    a_panicking_listener_ends_nothing,
    a_caller_that_gives_up_harms_nobody,
    a_closed_database_says_so,
);

async fn put(tx: &Tx, key: &str) -> Result<(), StoreError> {
    settings::put(tx, key, "written", Timestamp(1)).await?;
    Ok(())
}

async fn written(db: &Db, key: &str) -> bool {
    settings::find(db.read(), key).await.unwrap().is_some()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Well,
    Fail,
    FailAStatement,
    Panic,
}

/// Queues closures behind one that waits, so that they form one group.
async fn run_group(scene: &Scene, what: &[Does]) -> Vec<Result<(), String>> {
    let first = scene.hold_open(|tx| put(tx, "first").boxed()).await;
    let mut all = Vec::new();
    for (n, does) in what.iter().copied().enumerate() {
        let db = scene.db.clone();
        let work = async move {
            db.write(move |tx| {
                Box::pin(async move {
                    put(tx, &format!("key {n}")).await?;
                    match does {
                        Does::Well => {}
                        Does::Fail => return Err(StoreError::Changed("mind")),
                        Does::FailAStatement => {
                            tx.execute_unprepared("INSERT INTO settings (nonsense) VALUES (1)")
                                .await?;
                        }
                        Does::Panic => panic!("as told"),
                    }
                    put(tx, &format!("key {n} again")).await
                })
            })
            .await
        };
        let work = std::panic::AssertUnwindSafe(work).catch_unwind();
        all.push(spawn(work));
        tokio::task::yield_now().await;
    }
    first.commit().await.unwrap();
    let mut results = Vec::new();
    for work in all {
        results.push(match ended(work).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(panic) => Err(format!("panic: {}", panic.downcast_ref::<&str>().unwrap())),
        });
    }
    results
}

async fn assert_only_the_good_are_written(scene: &Scene, what: &[Does]) {
    let results = run_group(scene, what).await;
    for (n, (does, result)) in what.iter().zip(results).enumerate() {
        let is_well = *does == Does::Well;
        assert_eq!(result.is_ok(), is_well, "{n}: {result:?}");
        assert_eq!(written(&scene.db, &format!("key {n}")).await, is_well);
        assert_eq!(written(&scene.db, &format!("key {n} again")).await, is_well);
    }
}

async fn one_failing_closure_of_a_group_undoes_only_itself(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let what = [Does::Well, Does::Fail, Does::Well, Does::Fail, Does::Well];
    assert_only_the_good_are_written(&scene, &what).await;
}

async fn a_failing_statement_of_a_group_undoes_only_itself(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let what = [Does::Well, Does::FailAStatement, Does::Well];
    assert_only_the_good_are_written(&scene, &what).await;
}

async fn a_panic_reaches_its_caller_and_undoes_only_itself(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let what = [Does::Well, Does::Panic, Does::Well];
    assert_only_the_good_are_written(&scene, &what).await;
    let again = run_group(&scene, &[Does::Panic, Does::Well]).await;
    assert_eq!(again[0], Err("panic: as told".to_owned()));
    assert_eq!(again[1], Ok(()), "the writer goes on");
}

async fn a_lone_failure_and_a_lone_panic_write_nothing(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for does in [Does::Fail, Does::FailAStatement, Does::Panic] {
        assert_only_the_good_are_written(&scene, &[does]).await;
    }
    assert_only_the_good_are_written(&scene, &[Does::Well]).await;
}

/// Looks, at each signal, whether what it is about can be read already.
#[derive(Debug)]
struct Looker {
    sqlite: Option<std::path::PathBuf>,
    heard: AtomicUsize,
    seen: AtomicUsize,
}

impl CommitListener for Looker {
    fn committed(&self, signals: &[Signal]) {
        self.heard.fetch_add(signals.len(), Ordering::SeqCst);
        let Some(path) = self.sqlite.clone() else {
            return;
        };
        let look = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            runtime.block_on(async move {
                let config = DatabaseConfig::new(format!("sqlite://{}", path.display()));
                let db = Db::open(&config, Arc::new(weir_store::NoListener)).await;
                written(&db.unwrap(), "key").await
            })
        });
        self.seen
            .fetch_add(usize::from(look.join().unwrap()), Ordering::SeqCst);
    }
}

async fn signals_come_after_the_commit_and_before_the_answer(database: TestDatabase) {
    let looker = Arc::new(Looker {
        sqlite: database.file(),
        heard: AtomicUsize::new(0),
        seen: AtomicUsize::new(0),
    });
    let listener = Arc::clone(&looker);
    let db = Db::open(&DatabaseConfig::new(database.url()), listener).await;
    let db = db.unwrap();
    db.write(|tx| put(tx, "key").boxed()).await.unwrap();
    assert_eq!(looker.heard.load(Ordering::SeqCst), 1, "before the answer");
    if database.engine() == Engine::Sqlite {
        assert_eq!(looker.seen.load(Ordering::SeqCst), 1, "after the commit");
    }
}

async fn what_failed_is_not_signalled(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let what = [Does::Well, Does::Fail, Does::Panic, Does::FailAStatement];
    run_group(&scene, &what).await;
    let heard = scene.heard.take();
    let mut keys: Vec<_> = heard
        .iter()
        .filter_map(|signal| match signal {
            Signal::Invalidated(_, key) => Some(key.as_str()),
            _ => None,
        })
        .collect();
    // On PostgreSQL each is a transaction of its own, and any may be the first.
    keys.sort_unstable();
    assert_eq!(keys, ["first", "key 0", "key 0 again"]);
}

#[derive(Debug)]
struct Clumsy;

impl CommitListener for Clumsy {
    fn committed(&self, _: &[Signal]) {
        panic!("a cache fell over");
    }
}

async fn a_panicking_listener_ends_nothing(database: TestDatabase) {
    let config = DatabaseConfig::new(database.url());
    let db = Db::open(&config, Arc::new(Clumsy)).await.unwrap();
    for key in ["one", "two"] {
        db.write(move |tx| put(tx, key).boxed()).await.unwrap();
        assert!(written(&db, key).await);
    }
}

async fn a_caller_that_gives_up_harms_nobody(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let first = scene.hold_open(|tx| put(tx, "first").boxed()).await;
    let db = scene.db.clone();
    let impatient = spawn(async move {
        let write = db.write(|tx| put(tx, "impatient").boxed());
        tokio::select! {
            biased;
            _ = write => {}
            () = std::future::ready(()) => {}
        }
    });
    ended(impatient).await;
    let db = scene.db.clone();
    let patient = spawn(async move { db.write(|tx| put(tx, "patient").boxed()).await });
    first.commit().await.unwrap();
    ended(patient).await.unwrap();
    assert!(written(&scene.db, "patient").await);
}

async fn a_closed_database_says_so(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (db, engine) = (scene.db.clone(), scene.engine);
    scene.db.close().await;
    if engine == Engine::Postgres {
        let refused = db.write(|tx| put(tx, "late").boxed()).await;
        assert!(refused.is_err());
    }
    let read = settings::find(db.read(), "key").await;
    assert!(read.is_err());
}

/// Allows the file no more pages than it has; only the present connection knows.
async fn fill(db: &Db) {
    db.write(|tx| {
        Box::pin(async move {
            tx.execute_unprepared("PRAGMA max_page_count = 1").await?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

async fn put_much(tx: &Tx, key: &str) -> Result<(), StoreError> {
    settings::put(tx, key, &"much ".repeat(100_000), Timestamp(1)).await?;
    Ok(())
}

#[tokio::test]
async fn a_full_disk_is_named_and_overcome() {
    let scene = Scene::of(TestDatabase::sqlite().await).await;
    fill(&scene.db).await;
    let full = scene.db.write(|tx| put_much(tx, "lone").boxed()).await;
    let full = full.unwrap_err();
    assert!(full.is_storage_full(), "{full:?}");
    assert!(!written(&scene.db, "lone").await);
    // The connection that met it is gone, and with it the limit.
    let again = scene.db.write(|tx| put_much(tx, "lone").boxed()).await;
    again.unwrap();
    // Whatever became of that transaction, the next ones are whole.
    let results = run_group(&scene, &[Does::Well, Does::Fail, Does::Well]).await;
    assert!(results[0].is_ok() && results[1].is_err() && results[2].is_ok());
    fill(&scene.db).await;
    let first = scene.hold_open(|tx| put(tx, "held").boxed()).await;
    let mut group = Vec::new();
    for key in ["small", "large", "other"] {
        let db = scene.db.clone();
        group.push(spawn(async move {
            let result = db
                .write(move |tx| {
                    Box::pin(async move {
                        if key == "large" {
                            put_much(tx, key).await
                        } else {
                            put(tx, key).await
                        }
                    })
                })
                .await;
            (key, result)
        }));
        tokio::task::yield_now().await;
    }
    first.commit().await.unwrap();
    for work in group {
        let (key, result) = ended(work).await;
        assert_eq!(
            written(&scene.db, key).await,
            result.is_ok(),
            "{key}: {result:?}"
        );
        assert!(key != "large" || result.unwrap_err().is_storage_full());
    }
    assert_only_the_good_are_written(&scene, &[Does::Well]).await;
}
