//! Who watches which task.
//!
//! A watch counts changes of one task (its state, its log). It says that something
//! changed, never what: the watcher reads the database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;
use weir_domain::TaskId;
use weir_store::tasks::Mark;

/// The watchers of this process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watchers(Arc<Mutex<HashMap<TaskId, Watched>>>);

/// A task that somebody watches.
#[derive(Debug)]
struct Watched {
    changes: watch::Sender<u64>,
    /// What the last look saw, if there was one.
    mark: Option<Mark>,
}

/// A watch on one task; ends with its last clone.
#[derive(Debug)]
pub struct TaskWatch {
    task: TaskId,
    receiver: watch::Receiver<u64>,
    watchers: Watchers,
}

impl Watchers {
    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, Watched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn watch(&self, task: TaskId) -> TaskWatch {
        let mut all = self.lock();
        let watched = all.entry(task).or_insert_with(|| Watched {
            changes: watch::Sender::new(0),
            mark: None,
        });
        TaskWatch {
            task,
            receiver: watched.changes.subscribe(),
            watchers: self.clone(),
        }
    }

    pub(crate) fn changed(&self, task: TaskId) {
        if let Some(watched) = self.lock().get(&task) {
            watched.changes.send_modify(|count| *count += 1);
        }
    }

    /// Returns the tasks that somebody watches.
    pub(crate) fn tasks(&self) -> Vec<TaskId> {
        self.lock().keys().copied().collect()
    }

    /// Takes note of what a look saw; whoever watches what is new is told.
    ///
    /// The first look at a task counts as a change: the watcher may have read the row before
    /// another process wrote it.
    pub(crate) fn seen(&self, task: TaskId, mark: Mark) {
        if let Some(watched) = self.lock().get_mut(&task)
            && watched.mark.as_ref() != Some(&mark)
        {
            watched.mark = Some(mark);
            watched.changes.send_modify(|count| *count += 1);
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
        let mut all = self.watchers.lock();
        // One receiver left is this one.
        if all
            .get(&self.task)
            .is_some_and(|watched| watched.changes.receiver_count() <= 1)
        {
            all.remove(&self.task);
        }
    }
}
