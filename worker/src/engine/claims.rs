//! The claim loop: a free slot looks for the best ready task, or waits for a hint.

use std::{sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weir_domain::task::TaskKind;
use weir_store::{
    StoreError, clock, registries,
    tasks::{self, ClaimLimits, Claimed},
};
use weir_upstream::limit::HostKey;

use super::{
    scribe::Scribe,
    shortages::Shortages,
    slots::{Slot, Slots},
    supervise,
};
use crate::Environment;

/// Shortest pause after a look that found nothing, whatever is said to be due.
const SHORTEST_WAIT: Duration = Duration::from_millis(5);

/// The loop and what it hands to each run.
pub(super) struct Claims {
    environment: Environment,
    scribe: Scribe,
    tracker: TaskTracker,
    slots: Slots,
    shortages: Shortages,
}

impl Claims {
    pub(super) fn new(environment: Environment, scribe: Scribe, tracker: TaskTracker) -> Self {
        let settings = environment.settings;
        let slots = Slots::new(settings.concurrency, settings.interactive_slots);
        Self {
            environment,
            scribe,
            tracker,
            slots,
            shortages: Shortages::default(),
        }
    }

    /// Claims until `shutdown`.
    pub(super) async fn run(&self, shutdown: &CancellationToken) {
        while !shutdown.is_cancelled() {
            let mut slots = tokio::select! {
                slots = self.slots.all_free() => slots,
                () = shutdown.cancelled() => return,
            };
            let claimed = self.claim(&slots).await.unwrap_or_else(|error| {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "no task could be claimed"
                );
                Vec::new()
            });
            if claimed.is_empty() {
                let slot = slots.swap_remove(0);
                drop(slots);
                self.wait_for_work(slot, shutdown).await;
                continue;
            }
            for (claimed, slot) in claimed.into_iter().zip(slots) {
                self.start(claimed, slot, shutdown);
            }
        }
    }

    /// Claims as many of the best tasks as there are slots, all of one kind.
    async fn claim(&self, slots: &[Slot]) -> Result<Vec<Claimed>, StoreError> {
        let count = slots.len();
        let owner = self.environment.worker;
        let closed_lanes = self.closed_lanes().await?;
        let limits = ClaimLimits {
            lease: self.environment.settings.lease,
            min_priority: slots.first().and_then(|slot| slot.min_priority),
            accepts_suspects: self.slots.accepts_suspects(),
            closed_lanes,
        };
        self.environment
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    tasks::claim_some(tx, owner, &limits, (count, now)).await
                })
            })
            .await
    }

    /// Returns the lanes not to claim from now: those whose tasks would only learn that their host
    /// is left alone and, while the disk is low, those whose tasks fill it.
    async fn closed_lanes(&self) -> Result<Vec<String>, StoreError> {
        let closed = self.environment.upstreams.closed_hosts();
        let is_short = self.shortages.look(&self.environment).await.is_some();
        if closed.is_empty() && !is_short {
            return Ok(Vec::new());
        }
        let all = registries::list(self.environment.db.read()).await?;
        let lanes = all.iter().flat_map(|registry| {
            let is_closed = closed.contains(&HostKey::of(&registry.url));
            let is_shut = move |kind| is_closed || (is_short && kind == TaskKind::SyncPackage);
            let shut = TaskKind::ALL.iter().filter(move |kind| is_shut(**kind));
            shut.map(|kind| tasks::lane(*kind, Some(registry.id)))
        });
        Ok(lanes.collect())
    }

    /// Returns how long until the next task becomes due, by the clock that decides it.
    async fn time_to_next(&self) -> Option<Duration> {
        let db = self.environment.db.read();
        let next = tasks::next_due(db).await.ok()??;
        Some(next.since(clock::now(db).await.ok()?))
    }

    /// Waits for the bell, the tick, the next task that becomes due, or a better slot.
    async fn wait_for_work(&self, slot: Slot, shutdown: &CancellationToken) {
        let untold = self.environment.hub.cadence().bell;
        let tick = self.environment.settings.tick.min(untold);
        let due = async {
            let pause = self.time_to_next().await.unwrap_or(tick);
            tokio::time::sleep(pause.min(tick).max(SHORTEST_WAIT)).await;
        };
        let better_slot = async {
            match slot.min_priority {
                Some(_) => self.slots.ordinary_free().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.environment.hub.bell().rung() => {}
            () = due => {}
            () = better_slot => {}
            () = shutdown.cancelled() => {}
        }
    }

    fn start(&self, claimed: Claimed, slot: Slot, shutdown: &CancellationToken) {
        let place = claimed.is_suspect.then(|| self.slots.take_suspect_place());
        let environment = self.environment.clone();
        let (scribe, shutdown) = (self.scribe.clone(), shutdown.clone());
        let claimed = Arc::new(claimed);
        self.tracker.spawn(async move {
            supervise::run(&environment, &scribe, &claimed, &shutdown).await;
            drop((slot, place));
        });
    }
}
