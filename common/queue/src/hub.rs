//! Where a commit's signals go: the bell, the watchers, the caches.
//!
//! The hub listens to the process's own commits. Caches are called directly, before the
//! writer gets its answer: what this process wrote, it never serves stale.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use weir_domain::TaskId;
use weir_store::{CommitListener, Signal, Topic};

use crate::{
    Bell,
    watchers::{TaskWatch, Watchers},
};

type Forget = Arc<dyn Fn(Topic, &str) + Send + Sync>;

/// Spreads hints within a process; clones are the same hub.
#[derive(Clone, Default)]
pub struct Hub {
    bell: Bell,
    watchers: Watchers,
    caches: Arc<RwLock<Vec<Forget>>>,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hub")
    }
}

impl Hub {
    /// Returns a hub nobody listens to yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the bell that rings when a task becomes ready.
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Starts watching a task. Begin before reading its row, or a change may be missed.
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
