//! Who watches which task.
//!
//! A watch counts changes of one task (its state, its log). It says that something
//! changed, never what: the watcher reads the database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;
use weir_domain::TaskId;

/// The watchers of this process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watchers(Arc<Mutex<HashMap<TaskId, watch::Sender<u64>>>>);

/// A watch on one task; ends with its last clone.
#[derive(Debug)]
pub struct TaskWatch {
    task: TaskId,
    receiver: watch::Receiver<u64>,
    watchers: Watchers,
}

impl Watchers {
    pub(crate) fn watch(&self, task: TaskId) -> TaskWatch {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = all
            .entry(task)
            .or_insert_with(|| watch::channel(0).0)
            .subscribe();
        TaskWatch {
            task,
            receiver,
            watchers: self.clone(),
        }
    }

    /// Returns how many tasks are watched.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Returns every watched task.
    pub(crate) fn all(&self) -> Vec<TaskId> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.keys().copied().collect()
    }

    pub(crate) fn changed(&self, task: TaskId) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = all.get(&task) {
            sender.send_modify(|count| *count += 1);
        }
    }
}

impl TaskWatch {
    /// Waits until the task changed since the last call (or since the watch began).
    ///
    /// # Cancel safety
    /// Nothing is missed: a change that arrives meanwhile ends the next call at once.
    pub async fn changed(&mut self) {
        // The sender lives as long as any watch on the task, so this cannot fail.
        drop(self.receiver.changed().await);
    }
}

impl Drop for TaskWatch {
    fn drop(&mut self) {
        let mut all = self
            .watchers
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // One receiver left is this one.
        if all
            .get(&self.task)
            .is_some_and(|sender| sender.receiver_count() <= 1)
        {
            all.remove(&self.task);
        }
    }
}
