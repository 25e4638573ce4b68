//! Where a commit's signals go: the bell, the watchers, the caches, the other processes.
//!
//! The hub listens to the process's own commits. Caches are called directly, before the
//! writer gets its answer: what this process wrote, it never serves stale. For the others a
//! commit leaves a note in a bounded outbox and goes on; [`Hub::carry`] delivers it.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use weir_domain::{Clock, TaskId};
use weir_store::{CommitListener, Db, Signal, Topic};
use weir_upstream::{
    HostLimits,
    limit::{HostLimiter, LocalLimiter},
};

use crate::{
    Bell, InvalidRedis, RedisConfig,
    freshness::Freshness,
    lookout,
    redis::Redis,
    watchers::{TaskWatch, Watchers},
};

type Forget = Arc<dyn Fn(Topic, &str) + Send + Sync>;

/// How often a process looks for itself at what it may not have been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// Between two looks for ready tasks.
    pub bell: Duration,
    /// Between two looks at the watched tasks.
    pub logs: Duration,
}

impl Cadence {
    /// Everybody who writes tells us; a look finds what a lost hint should have said.
    pub const TOLD: Self = Self {
        bell: Duration::from_secs(1),
        logs: Duration::from_secs(1),
    };
    /// Others write, and nobody tells us.
    pub const UNTOLD: Self = Self {
        bell: Duration::from_millis(100),
        logs: Duration::from_millis(250),
    };
}

impl Default for Cadence {
    fn default() -> Self {
        Self::TOLD
    }
}

/// Spreads hints; clones are the same hub.
#[derive(Clone, Default)]
pub struct Hub {
    bell: Bell,
    watchers: Watchers,
    caches: Arc<RwLock<Vec<Forget>>>,
    cadence: Cadence,
    freshness: Freshness,
    hint: Arc<Notify>,
    redis: Option<Redis>,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hub")
    }
}

impl Hub {
    /// Returns a hub nobody listens to yet, of a process that writes alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a hub that looks this often.
    #[must_use]
    pub fn with_cadence(cadence: Cadence) -> Self {
        Self {
            cadence,
            ..Self::default()
        }
    }

    /// Returns the hub of a process among others: they tell each other through Redis, or, on
    /// one host, look often. Nothing is connected yet; see [`Hub::carry`].
    ///
    /// # Errors
    /// If the URL is not one. A server that does not answer is no error, now or later.
    pub fn among_others(redis: Option<&RedisConfig>) -> Result<Self, InvalidRedis> {
        let redis = redis.map(Redis::new).transpose()?;
        let cadence = match redis {
            Some(_) => Cadence::TOLD,
            None => Cadence::UNTOLD,
        };
        Ok(Self {
            redis,
            ..Self::with_cadence(cadence)
        })
    }

    /// Returns how often to look although nobody said anything.
    pub fn cadence(&self) -> Cadence {
        self.cadence
    }

    /// Returns the bell that rings when a task becomes ready.
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Starts watching a task. Begin before reading its row, or a change may be missed.
    pub fn watch(&self, task: TaskId) -> TaskWatch {
        self.watchers.watch(task)
    }

    /// Returns how many tasks are watched.
    pub fn watched_count(&self) -> usize {
        self.watchers.count()
    }

    /// Says whether Redis answers now; `None` if there is none.
    pub async fn redis_answers(&self) -> Option<bool> {
        match &self.redis {
            Some(redis) => Some(redis.answers().await),
            None => None,
        }
    }

    /// Has `forget` called, quickly and in order, for everything that becomes out of date.
    pub fn on_invalidation(&self, forget: impl Fn(Topic, &str) + Send + Sync + 'static) {
        self.caches
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(forget));
    }

    /// Looks for what other processes did, until dropped. Without it no cache is
    /// [current](Self::is_current).
    pub async fn look(&self, db: &Db) {
        lookout::look(self, db).await;
    }

    /// Says whether the caches know what other processes changed. If not, what they hold
    /// must be compared with its rows before it is used.
    pub fn is_current(&self) -> bool {
        self.freshness.is_current()
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

    /// Has the next look for invalidations come at once: another process made some.
    pub(crate) fn invalidations_hinted(&self) {
        self.hint.notify_one();
    }

    pub(crate) async fn hinted(&self) {
        self.hint.notified().await;
    }

    pub(crate) fn freshness(&self) -> &Freshness {
        &self.freshness
    }

    /// Returns the tasks that somebody in this process watches.
    pub fn watched(&self) -> Vec<TaskId> {
        self.watchers.all()
    }

    /// Wakes whoever watches the task.
    pub(crate) fn changed(&self, task: TaskId) {
        self.watchers.changed(task);
    }

    /// Has every cache forget.
    pub(crate) fn forget(&self, topic: Topic, key: &str) {
        for forget in &*self.caches.read().unwrap_or_else(PoisonError::into_inner) {
            forget(topic, key);
        }
    }
}

impl CommitListener for Hub {
    fn committed(&self, signals: &[Signal]) {
        for signal in signals {
            match signal {
                Signal::TaskReady => self.bell.ring(),
                Signal::TaskChanged(task) | Signal::LogGrew(task) => self.changed(*task),
                Signal::Invalidated(topic, key) => self.forget(*topic, key),
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
        let again = tokio::time::timeout(Duration::from_millis(20), hub.bell().rung()).await;
        assert!(again.is_err(), "two rings were one look");
    }

    #[tokio::test]
    async fn a_watch_hears_its_own_task_only_and_is_forgotten_when_dropped() {
        let hub = Hub::new();
        let (mine, other) = (TaskId::new(), TaskId::new());
        let mut watch = hub.watch(mine);
        hub.committed(&[Signal::LogGrew(other)]);
        let early = tokio::time::timeout(Duration::from_millis(20), watch.changed()).await;
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
