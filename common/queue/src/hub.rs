//! Where a commit's signals go: the bell, the watchers, the caches, the other processes.
//!
//! The hub listens to the process's own commits. Caches are called directly, before the
//! writer gets its answer: what this process wrote, it never serves stale. For the others a
//! commit leaves a note in a bounded outbox and goes on; futures of this hub carry it.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use weir_domain::{Clock, TaskId};
use weir_store::{CommitListener, Db, Signal, Topic};
use weir_upstream::{
    HostLimits,
    limit::{HostLimiter, LocalLimiter},
};

use crate::{
    Bell, InvalidRedis, Pace, RedisConfig, lookout,
    redis::Redis,
    watchers::{TaskWatch, Watchers},
};

type Forget = Arc<dyn Fn(Topic, &str) + Send + Sync>;

/// Spreads hints; clones are the same hub.
#[derive(Clone)]
pub struct Hub {
    bell: Bell,
    watchers: Watchers,
    caches: Arc<RwLock<Vec<Forget>>>,
    /// Counts how often another process said that the table of invalidations has grown.
    invalidations: watch::Sender<u64>,
    pace: Pace,
    redis: Option<Redis>,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hub")
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl Hub {
    /// Returns the hub of a process that is alone with its database.
    pub fn new() -> Self {
        Self::with(Pace::HINTED, None)
    }

    /// Returns the hub of a process among others: they tell each other through Redis, or, on
    /// one host, look often. Nothing is connected yet; see [`Hub::carry`].
    ///
    /// # Errors
    /// If the URL is not one. A server that does not answer is no error, now or later.
    pub fn among_others(redis: Option<&RedisConfig>) -> Result<Self, InvalidRedis> {
        Ok(match redis {
            Some(config) => Self::with(Pace::HINTED, Some(Redis::new(config)?)),
            None => Self::with(Pace::UNTOLD, None),
        })
    }

    fn with(pace: Pace, redis: Option<Redis>) -> Self {
        Self {
            bell: Bell::default(),
            watchers: Watchers::default(),
            caches: Arc::default(),
            invalidations: watch::Sender::new(0),
            pace,
            redis,
        }
    }

    /// Returns the bell that rings when a task becomes ready.
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Returns how often to look although no hint came.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Starts watching a task. Begin before reading its row, or a change may be missed.
    ///
    /// What other processes change is noticed only while [`Hub::look_out`] runs.
    pub fn watch(&self, task: TaskId) -> TaskWatch {
        self.watchers.watch(task)
    }

    /// Has `forget` called, quickly and in order, for everything that becomes out of date.
    pub fn on_invalidation(&self, forget: impl Fn(Topic, &str) + Send + Sync + 'static) {
        self.caches
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(forget));
    }

    /// Returns a count that moves when another process has written invalidations: look at the
    /// table now. This process's own are not counted; its caches heard of them directly.
    pub fn invalidations_hinted(&self) -> watch::Receiver<u64> {
        self.invalidations.subscribe()
    }

    /// Returns the limiter of upstream hosts: shared with the others if there is Redis.
    pub fn limiter(&self, limits: HostLimits, clock: Arc<dyn Clock>) -> Arc<dyn HostLimiter> {
        let local = LocalLimiter::new(limits, clock);
        match &self.redis {
            Some(redis) => Arc::new(redis.limiter(limits, local)),
            None => Arc::new(local),
        }
    }

    /// Carries hints from and to the other processes, as long as it is polled.
    ///
    /// # Cancel safety
    /// Dropping it loses hints, which others make up for by looking.
    pub async fn carry(&self) {
        match &self.redis {
            Some(redis) => redis.carry(self).await,
            None => std::future::pending().await,
        }
    }

    /// Listens for bells that other processes ring, until `stop`: for a process that works.
    ///
    /// # Cancel safety
    /// As [`Hub::carry`].
    pub async fn hear_bells(&self, stop: &CancellationToken) {
        match &self.redis {
            Some(redis) => redis.hear_bells(&self.bell, stop).await,
            None => stop.cancelled().await,
        }
    }

    /// Looks at all watched tasks at once, at this hub's pace, as long as it is polled: for a
    /// process in which somebody watches.
    ///
    /// # Cancel safety
    /// Dropping it ends the looking; nothing else.
    pub async fn look_out(&self, db: &Db) {
        lookout::run(&self.watchers, self.pace.watch, db).await;
    }

    /// Takes note of what another process said.
    pub(crate) fn told(&self, tasks: &[TaskId], has_invalidations: bool) {
        for task in tasks {
            self.watchers.changed(*task);
        }
        if has_invalidations {
            self.invalidations.send_modify(|count| *count += 1);
        }
    }
}

impl CommitListener for Hub {
    fn committed(&self, signals: &[Signal]) {
        for signal in signals {
            match signal {
                Signal::TaskReady => self.bell.ring(),
                Signal::TaskChanged(task) | Signal::LogGrew(task) => self.watchers.changed(*task),
                Signal::Invalidated(topic, key) => {
                    for forget in &*self.caches.read().unwrap_or_else(PoisonError::into_inner) {
                        forget(*topic, key);
                    }
                }
            }
        }
        if let Some(redis) = &self.redis {
            redis.outbox().add(signals);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn a_ring_before_listening_is_heard_once() {
        let hub = Hub::new();
        hub.committed(&[Signal::TaskReady, Signal::TaskReady]);
        hub.bell().rung().await;
        let again =
            tokio::time::timeout(std::time::Duration::from_millis(20), hub.bell().rung()).await;
        assert!(again.is_err(), "two rings were one look");
    }

    #[tokio::test]
    async fn a_watch_hears_its_own_task_only_and_is_forgotten_when_dropped() {
        let hub = Hub::new();
        let (mine, other) = (TaskId::new(), TaskId::new());
        let mut watch = hub.watch(mine);
        hub.committed(&[Signal::LogGrew(other)]);
        let early =
            tokio::time::timeout(std::time::Duration::from_millis(20), watch.changed()).await;
        assert!(early.is_err(), "another task's change is not ours");
        hub.committed(&[Signal::TaskChanged(mine)]);
        watch.changed().await;
        drop(watch);
        assert_eq!(format!("{:?}", hub.watchers).matches("TaskId").count(), 0);
    }

    #[test]
    fn caches_forget_before_the_commit_is_answered() {
        let hub = Hub::new();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        hub.on_invalidation(move |topic, key| sink.lock().unwrap().push((topic, key.to_owned())));
        hub.committed(&[Signal::Invalidated(Topic::Package, "a".to_owned())]);
        assert_eq!(*seen.lock().unwrap(), [(Topic::Package, "a".to_owned())]);
    }
}
