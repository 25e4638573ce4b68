//! Of several workers one does the periodic work: it replaces a dead one, and is replaced
//! when it stops.

use std::time::{Duration, Instant};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weir_domain::WorkerId;
use weir_store::{
    ConnectionTrait, clock,
    leaders::{self, Term},
    sequences::{self, Sequence},
};
use weir_testkit::{StandIn, until};

use crate::setup::{DEADLINE, Mirror};

/// A lease of the dead, long enough to see that it counts.
const LEASE: Duration = Duration::from_millis(700);

async fn term(mirror: &Mirror) -> Option<Term> {
    let leader = leaders::find(mirror.environment.db.read()).await;
    leader.expect("the row is there").term
}

async fn led_by(mirror: &Mirror, worker: WorkerId) -> Term {
    until("the worker to lead", DEADLINE, async || {
        term(mirror).await.filter(|term| term.owner == worker)
    })
    .await
}

/// Leaves a row as an older build would, and waits until the leader has found it.
async fn leader_numbers_a_row(mirror: &Mirror) {
    let db = &mirror.environment.db;
    let left = db.write(|tx| {
        Box::pin(async move {
            let row = "INSERT INTO invalidations (topic, key, created_at) VALUES ('old', '', 0)";
            tx.execute_unprepared(row).await?;
            Ok(())
        })
    });
    left.await.expect("written");
    until("the row to be numbered", DEADLINE, async || {
        let is_behind = sequences::is_behind(db.read(), Sequence::Invalidations);
        !is_behind.await.expect("asked")
    })
    .await;
}

#[tokio::test]
async fn a_worker_takes_over_from_a_dead_leader_and_not_before() {
    let mirror = Mirror::idle(StandIn::start([]).await, |_| {}).await;
    let dead = WorkerId::new();
    let elected = mirror.environment.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            leaders::stand(tx, dead, LEASE, now).await
        })
    });
    let (old, began) = (elected.await.expect("elected"), Instant::now());
    mirror.work();
    let new = led_by(&mirror, mirror.environment.worker).await;
    assert!(began.elapsed() >= LEASE, "{:?}", began.elapsed());
    assert_eq!(Some(new.number), old.map(|old| old.number + 1));
    mirror.close().await;
}

#[tokio::test]
async fn a_leader_that_stops_in_order_is_replaced_at_once() {
    let mut mirror = Mirror::with([], |options| {
        // A lease that nobody could wait for here.
        options.engine.lease = Duration::from_secs(600);
    })
    .await;
    let first = led_by(&mirror, mirror.environment.worker).await;
    let mut second = mirror.environment.clone();
    second.worker = WorkerId::new();
    let (next, shutdown) = (second.worker, CancellationToken::new());
    let workers = TaskTracker::new();
    workers.spawn(weir_worker::run(second, shutdown.clone()));
    for _ in 0..3 {
        leader_numbers_a_row(&mirror).await;
        assert_eq!(term(&mirror).await, Some(first));
    }
    mirror.stop_working().await;
    assert_eq!(led_by(&mirror, next).await.number, first.number + 1);
    shutdown.cancel();
    workers.close();
    workers.wait().await;
    assert_eq!(term(&mirror).await, None);
    mirror.close().await;
}
