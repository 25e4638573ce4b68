//! Tickets to logs: each is used once, in time, at its own task.

use std::time::Duration;

use weir_domain::{Digest, TaskId, TokenId};
use weir_store::log_tickets::{self, Used, VALID};
use weir_testkit::TestDatabase;

use crate::support::{Scene, spawn, write};

weir_testkit::on_both_engines!(
    a_ticket_is_used_once_in_time_and_at_its_task,
    of_many_who_bring_it_at_once_one_gets_it,
    old_tickets_are_removed_and_young_ones_kept,
);

fn hash(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

impl Scene {
    async fn make_ticket(&self, text: &str, task: TaskId, reader: Option<TokenId>) {
        let (hash, now) = (hash(text), self.now());
        let made = write!(self, |tx| {
            log_tickets::insert(tx, &hash, (task, reader), now).await
        });
        assert_eq!(made.unwrap(), now.plus(VALID));
    }

    async fn take_ticket(&self, text: &str, task: TaskId) -> Option<Used> {
        let (hash, now) = (hash(text), self.now());
        write!(self, |tx| log_tickets::take(tx, &hash, task, now).await).unwrap()
    }
}

async fn a_ticket_is_used_once_in_time_and_at_its_task(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let (task, reader) = (TaskId::new(), Some(TokenId::new()));
    scene.make_ticket("a", task, reader).await;
    scene.make_ticket("b", task, None).await;
    scene.make_ticket("c", task, reader).await;
    assert_eq!(scene.take_ticket("x", task).await, None, "no such ticket");
    assert_eq!(
        scene.take_ticket("a", TaskId::new()).await,
        None,
        "not there"
    );
    assert_eq!(scene.take_ticket("a", task).await, Some(Used { reader }));
    assert_eq!(scene.take_ticket("a", task).await, None, "once");
    let a_moment = Duration::from_millis(1);
    scene.later(VALID.saturating_sub(a_moment));
    assert_eq!(
        scene.take_ticket("b", task).await,
        Some(Used { reader: None })
    );
    scene.later(a_moment);
    assert_eq!(scene.take_ticket("c", task).await, None, "too late");
}

async fn of_many_who_bring_it_at_once_one_gets_it(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = TaskId::new();
    for round in 0..5 {
        let text = format!("ticket {round}");
        scene.make_ticket(&text, task, None).await;
        let takers: Vec<_> = (0..8)
            .map(|_| {
                let (scene, text) = (scene.clone(), text.clone());
                spawn(async move { scene.take_ticket(&text, task).await })
            })
            .collect();
        let mut served = 0;
        for taker in takers {
            served += usize::from(taker.await.unwrap().is_some());
        }
        assert_eq!(served, 1, "round {round}");
    }
}

async fn old_tickets_are_removed_and_young_ones_kept(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let task = TaskId::new();
    for text in ["a", "b"] {
        scene.make_ticket(text, task, None).await;
    }
    scene.later(VALID / 2);
    scene.make_ticket("young", task, None).await;
    let now = scene.later(VALID / 2);
    let expire = async || write!(scene, |tx| log_tickets::expire(tx, now, 1).await).unwrap();
    let counts = [expire().await, expire().await, expire().await];
    assert_eq!(counts, [1, 1, 0], "some at a time");
    assert!(scene.take_ticket("young", task).await.is_some());
}
