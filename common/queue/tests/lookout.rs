//! What a process hears of others by looking into the database.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio_util::task::TaskTracker;
use weir_domain::Timestamp;
use weir_queue::Hub;
use weir_store::{
    ConnectionTrait, DatabaseConfig, Db, NoListener, Topic, invalidations,
    sequences::{self, Sequence},
};
use weir_testkit::{TestDatabase, until};

weir_testkit::on_both_engines!(
    everything_is_forgotten_at_first,
    what_others_change_is_heard_once,
    what_an_older_build_changes_is_heard_too,
    whoever_was_away_too_long_forgets_everything,
);

const SOON: Duration = Duration::from_secs(5);

/// A process that looks, and another one that writes.
struct Two {
    hub: Hub,
    heard: Arc<Mutex<Vec<(Topic, String)>>>,
    other: Db,
    looking: TaskTracker,
    _database: TestDatabase,
}

impl Two {
    async fn on(database: TestDatabase) -> Self {
        let (hub, heard) = (Hub::new(), Arc::new(Mutex::new(Vec::new())));
        let sink = Arc::clone(&heard);
        hub.on_invalidation(move |topic, key| {
            sink.lock().expect("whole").push((topic, key.to_owned()));
        });
        let config = DatabaseConfig::new(database.url());
        let db = Db::open(&config, Arc::new(hub.clone())).await;
        let (db, looking) = (db.expect("a database"), TaskTracker::new());
        let looks = hub.clone();
        looking.spawn(async move { looks.look(&db).await });
        let other = Db::open(&config, Arc::new(NoListener)).await;
        let two = Self {
            hub,
            heard,
            other: other.expect("the same database"),
            looking,
            _database: database,
        };
        two.hears((Topic::Everything, "")).await;
        two
    }

    /// Waits until exactly this was heard since the last call.
    async fn hears(&self, expected: (Topic, &str)) {
        let expected = (expected.0, expected.1.to_owned());
        until("the change to be heard", SOON, async || {
            let heard = self.heard.lock().expect("whole").clone();
            match heard.first() {
                Some(first) if *first == expected => Ok(()),
                _ => Err(format!("{heard:?}")),
            }
        })
        .await;
        self.heard.lock().expect("whole").remove(0);
    }

    async fn invalidate(&self, key: &'static str) {
        let done = self.other.write(move |tx| {
            Box::pin(
                async move { invalidations::insert(tx, Topic::Package, key, Timestamp(0)).await },
            )
        });
        done.await.expect("written");
    }

    async fn number(&self) {
        let numbered = self.other.write(|tx| {
            Box::pin(async move { sequences::number(tx, Sequence::Invalidations).await })
        });
        numbered.await.expect("numbered");
    }

    async fn run(&self, statement: &'static str) {
        let done = self.other.write(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(statement).await?;
                Ok(())
            })
        });
        done.await.expect("the statement runs");
    }
}

impl Drop for Two {
    fn drop(&mut self) {
        self.looking.close();
    }
}

async fn everything_is_forgotten_at_first(database: TestDatabase) {
    let two = Two::on(database).await;
    until("what is known to be current", SOON, async || {
        two.hub.is_current()
    })
    .await;
}

async fn what_others_change_is_heard_once(database: TestDatabase) {
    let two = Two::on(database).await;
    for key in ["a", "b"] {
        two.invalidate(key).await;
        two.hears((Topic::Package, key)).await;
        // It gets its number after it was heard.
        two.number().await;
    }
    two.invalidate("last").await;
    two.hears((Topic::Package, "last")).await;
    assert!(
        two.heard.lock().expect("whole").is_empty(),
        "and never twice"
    );
}

async fn what_an_older_build_changes_is_heard_too(database: TestDatabase) {
    let two = Two::on(database).await;
    two.run("INSERT INTO invalidations (topic, key, created_at) VALUES ('news', 'x', 0)")
        .await;
    two.run("INSERT INTO invalidations (topic, key, created_at) VALUES ('token', 'y', 0)")
        .await;
    two.hears((Topic::Token, "y")).await;
}

async fn whoever_was_away_too_long_forgets_everything(database: TestDatabase) {
    let two = Two::on(database).await;
    two.run("ALTER TABLE invalidations RENAME TO out_of_reach")
        .await;
    until("the table to be missed", SOON, async || {
        !two.hub.is_current()
    })
    .await;
    two.run("INSERT INTO out_of_reach (seq, topic, key, created_at) VALUES (7, 'package', 'p', 0)")
        .await;
    two.run("UPDATE counters SET value = 7 WHERE name = 'invalidations'")
        .await;
    two.run("ALTER TABLE out_of_reach RENAME TO invalidations")
        .await;
    // Numbers 1 to 6 came and went meanwhile.
    two.hears((Topic::Everything, "")).await;
    until("what is known to be current", SOON, async || {
        two.hub.is_current()
    })
    .await;
    two.invalidate("a").await;
    two.hears((Topic::Package, "a")).await;
}
