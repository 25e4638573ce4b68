//! Looking makes up for hints that never came.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use weir_domain::{
    PackageName, RegistryId, TaskId, WorkerId,
    task::{Priority, SyncPackage, TaskSpec},
};
use weir_queue::Hub;
use weir_store::{
    DatabaseConfig, Db, NoListener, StoreError, clock,
    tasks::{self, ClaimLimits, NewRequest, NewTask},
};
use weir_testkit::TestDatabase;

use crate::setup::changes;

weir_testkit::on_both_engines!(
    a_change_of_which_nobody_was_told_is_seen_by_looking,
    a_change_before_the_first_look_is_not_missed,
);

async fn submit(db: &Db, name: &str) -> TaskId {
    let package = PackageName::parse(name).expect("a name");
    let registry = RegistryId::new();
    let submitted: Result<TaskId, StoreError> = db
        .write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let new = NewTask {
                    spec: TaskSpec::SyncPackage(SyncPackage { package, registry }),
                    priority: Priority::USER,
                    fair_key: 0,
                    run_after: now,
                    retry_of: None,
                };
                Ok(tasks::submit(tx, &new, &NewRequest::default(), now)
                    .await?
                    .task)
            })
        })
        .await;
    submitted.expect("submitted")
}

/// Claims the one task that is ready, as another process would: nobody is told.
async fn claim(db: &Db) {
    let claimed = db.write(|tx| {
        Box::pin(async move {
            let limits = ClaimLimits {
                lease: Duration::from_secs(30),
                min_priority: None,
                accepts_suspects: true,
                closed_lanes: Vec::new(),
            };
            tasks::claim(tx, WorkerId::new(), &limits, clock::now(&**tx).await?).await
        })
    });
    claimed.await.expect("claimed").expect("a task is ready");
}

async fn open(database: &TestDatabase) -> Db {
    let config = DatabaseConfig::new(database.url());
    Db::open(&config, Arc::new(NoListener)).await.expect("open")
}

async fn a_change_of_which_nobody_was_told_is_seen_by_looking(database: TestDatabase) {
    let (db, theirs) = (open(&database).await, open(&database).await);
    let hub = Hub::among_others(None).expect("nothing to fail");
    let task = submit(&db, "a").await;
    let mut watch = hub.watch(task);
    let looking = hub.clone();
    let looker = TaskTracker::new().spawn(async move { looking.look(&db).await });
    timeout(Duration::from_secs(10), watch.changed())
        .await
        .expect("the first look counts");
    assert!(
        !changes(&mut watch).await,
        "nothing is new at the next look"
    );
    assert!(!changes(&mut watch).await);
    assert!(!changes(&mut watch).await);
    claim(&theirs).await;
    timeout(Duration::from_secs(10), watch.changed())
        .await
        .expect("seen");
    looker.abort();
}

async fn a_change_before_the_first_look_is_not_missed(database: TestDatabase) {
    let db = open(&database).await;
    let hub = Hub::among_others(None).expect("nothing to fail");
    let task = submit(&db, "a").await;
    let mut watch = hub.watch(task);
    // The watcher has read the row by now.
    claim(&db).await;
    let looker = TaskTracker::new().spawn(async move { hub.look(&db).await });
    timeout(Duration::from_secs(10), watch.changed())
        .await
        .expect("seen");
    looker.abort();
}
