//! What this process has to tell the others: a bounded note, not a queue.
//!
//! A commit adds to it under a lock held for a moment. What is said twice is carried once, and
//! what does not fit is dropped: whom it concerned finds out by looking.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use tokio::sync::Notify;
use weir_domain::TaskId;
use weir_store::Signal;

/// Most changed tasks in one note.
const MAX_TASKS: usize = 4_096;
/// Most bells in one note: they wake that many workers, and each claims until nothing is left.
const MAX_BELLS: usize = 32;

/// The note under construction.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    note: Mutex<Note>,
    has_note: Notify,
}

/// What happened since the last note was taken.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// How many bells to ring.
    pub(super) bells: usize,
    /// Whose log grew or state changed.
    pub(super) tasks: HashSet<TaskId>,
    /// Whether the table of invalidations has grown.
    pub(super) has_invalidations: bool,
}

impl Outbox {
    /// Notes what a commit did.
    pub(crate) fn add(&self, signals: &[Signal]) {
        let mut note = self.note.lock().unwrap_or_else(PoisonError::into_inner);
        for signal in signals {
            match signal {
                Signal::TaskReady => note.bells = MAX_BELLS.min(note.bells + 1),
                Signal::TaskChanged(task) | Signal::LogGrew(task) => {
                    if note.tasks.len() < MAX_TASKS {
                        note.tasks.insert(*task);
                    }
                }
                Signal::Invalidated(..) => note.has_invalidations = true,
            }
        }
        drop(note);
        self.has_note.notify_one();
    }

    /// Waits for a note and takes it.
    ///
    /// # Cancel safety
    /// A note is taken only by the call that returns it.
    pub(super) async fn take(&self) -> Note {
        loop {
            let note =
                std::mem::take(&mut *self.note.lock().unwrap_or_else(PoisonError::into_inner));
            if note != Note::default() {
                return note;
            }
            self.has_note.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use weir_store::Topic;

    use super::*;

    #[tokio::test]
    async fn a_note_is_bounded_and_says_everything_once() {
        let outbox = Outbox::default();
        let task = TaskId::new();
        for _ in 0..100 {
            let invalidated = Signal::Invalidated(Topic::Package, "a".to_owned());
            outbox.add(&[
                Signal::TaskReady,
                Signal::TaskChanged(task),
                Signal::LogGrew(task),
                invalidated,
            ]);
        }
        let note = outbox.take().await;
        let tasks = HashSet::from([task]);
        let expected = Note {
            bells: MAX_BELLS,
            tasks,
            has_invalidations: true,
        };
        assert_eq!(note, expected);
        for _ in 0..2 * MAX_TASKS {
            outbox.add(&[Signal::LogGrew(TaskId::new())]);
        }
        assert_eq!(outbox.take().await.tasks.len(), MAX_TASKS);
    }

    #[tokio::test]
    async fn who_waits_for_a_note_gets_the_next_one() {
        let outbox = Outbox::default();
        let (note, ()) = tokio::join!(outbox.take(), async {
            outbox.add(&[Signal::TaskReady]);
        });
        assert_eq!(note.bells, 1);
    }
}
