//! Of several workers one does the periodic work: it replaces a dead one, and is replaced
//! when it stops.

use std::time::{Duration, Instant};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weir_domain::{Digest, TaskId, WorkerId, token::TokenSecret};
use weir_store::{
    ConnectionTrait, clock,
    leaders::{self, Term},
    log_tickets,
    sequences::{self, Sequence},
    sessions::{self, NewSession},
    tokens::{self, NewToken},
    users,
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

#[tokio::test]
async fn the_leader_removes_tickets_that_nobody_used_in_time() {
    let mirror = Mirror::idle(StandIn::start([]).await, |_| {}).await;
    let (task, old, young) = (TaskId::new(), Digest::of(b"old"), Digest::of(b"young"));
    let db = &mirror.environment.db;
    let made = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let long_ago = now.minus(log_tickets::VALID);
            log_tickets::insert(tx, &old, (task, None), long_ago).await?;
            log_tickets::insert(tx, &young, (task, None), now).await
        })
    });
    let long_ago = made.await.expect("made").minus(log_tickets::VALID * 2);
    mirror.work();
    let take = async |hash: Digest| {
        let taken = db.write(move |tx| {
            Box::pin(async move { log_tickets::take(tx, &hash, task, long_ago).await })
        });
        taken.await.expect("asked")
    };
    until("the leader to have looked", DEADLINE, async || {
        let left = db.write(|tx| {
            Box::pin(async move {
                let rows = "UPDATE log_tickets SET expires_at = expires_at";
                Ok(tx.execute_unprepared(rows).await?.rows_affected())
            })
        });
        left.await.expect("counted") == 1
    })
    .await;
    // By a clock of long ago both would still do.
    assert_eq!(take(old).await, None);
    assert!(take(young).await.is_some());
    mirror.close().await;
}

/// Tokens that expired so many days ago; those of the second kind are still shown.
const EXPIRED: [(u64, bool); 3] = [(31, false), (29, true), (0, true)];

#[tokio::test]
async fn the_leader_removes_what_nobody_signs_in_with_any_more() {
    let mirror = Mirror::idle(StandIn::start([]).await, |_| {}).await;
    let db = &mirror.environment.db;
    let made = db.write(|tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let user = users::insert(tx, "alice", now).await?.id;
            for (days, _) in EXPIRED {
                let new = NewToken {
                    expires_at: Some(now.minus(Duration::from_secs(days * 86_400))),
                    ..NewToken::default()
                };
                tokens::insert(tx, user, &TokenSecret::generate(), new, now).await?;
            }
            for (n, began) in [(1_u8, now.minus(sessions::IDLE)), (2, now)] {
                let new = NewSession {
                    user,
                    way: "password",
                    address: "192.0.2.1",
                    user_agent: "Browser/1.0",
                };
                sessions::insert(tx, &Digest::of(&[n]), &new, began).await?;
            }
            let long_ago = now.minus(Duration::from_secs(91 * 86_400));
            users::remember_network(tx, user, "192.0.2.1", long_ago).await
        })
    });
    made.await.expect("made");
    mirror.work();
    for (table, left) in [("tokens", 2), ("sessions", 1), ("known_networks", 0)] {
        until("the leader to have looked", DEADLINE, async || {
            let touched = db.write(move |tx| {
                Box::pin(async move {
                    let rows = format!("UPDATE {table} SET user_id = user_id");
                    Ok(tx.execute_unprepared(&rows).await?.rows_affected())
                })
            });
            touched.await.expect("counted") == left
        })
        .await;
    }
    let alice = users::find_by_name(db.read(), "alice")
        .await
        .expect("asked");
    let listed = tokens::list(db.read(), alice.expect("there").id, (0, 9)).await;
    let kept = EXPIRED.iter().filter(|(_, is_kept)| *is_kept).count();
    assert_eq!(listed.expect("listed").0.len(), kept);
    mirror.close().await;
}
