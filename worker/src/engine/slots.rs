//! How many tasks run at once: ordinary slots, and a few that only urgent tasks may use.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weir_domain::task::Priority;

/// Most slots filled by one claim.
const MOST: usize = 16;

/// The slots of a worker.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    ordinary: Arc<Semaphore>,
    interactive: Arc<Semaphore>,
    suspect: Arc<AtomicBool>,
}

/// A slot in use; free again when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    _permit: OwnedSemaphorePermit,
    /// What may run in it.
    pub(super) min_priority: Option<Priority>,
}

/// The process's one place for a suspect; free again when dropped.
#[derive(Debug)]
pub(super) struct SuspectPlace(Arc<AtomicBool>);

impl Slots {
    pub(super) fn new(ordinary: usize, interactive: usize) -> Self {
        Self {
            ordinary: Arc::new(Semaphore::new(ordinary.max(1))),
            interactive: Arc::new(Semaphore::new(interactive)),
            suspect: Arc::default(),
        }
    }

    /// Waits for a free slot; an ordinary one if both are free.
    pub(super) async fn free(&self) -> Slot {
        let (permit, min_priority) = tokio::select! {
            biased;
            permit = Arc::clone(&self.ordinary).acquire_owned() => (permit, None),
            permit = Arc::clone(&self.interactive).acquire_owned() => (permit, Some(Priority::INTERACTIVE)),
        };
        Slot {
            _permit: permit.expect("slots are never closed"),
            min_priority,
        }
    }

    /// Waits for a free slot and takes those like it that are free as well, up to [`MOST`].
    pub(super) async fn all_free(&self) -> Vec<Slot> {
        let first = self.free().await;
        let of = match first.min_priority {
            None => &self.ordinary,
            Some(_) => &self.interactive,
        };
        let min_priority = first.min_priority;
        let mut slots = vec![first];
        while slots.len() < MOST
            && let Ok(permit) = Arc::clone(of).try_acquire_owned()
        {
            slots.push(Slot {
                _permit: permit,
                min_priority,
            });
        }
        slots
    }

    /// Waits until an ordinary slot is free (without taking it).
    pub(super) async fn ordinary_free(&self) {
        drop(self.ordinary.acquire().await);
    }

    pub(super) fn accepts_suspects(&self) -> bool {
        !self.suspect.load(Ordering::Acquire)
    }

    /// Takes the one place for a suspect.
    pub(super) fn take_suspect_place(&self) -> SuspectPlace {
        self.suspect.store(true, Ordering::Release);
        SuspectPlace(Arc::clone(&self.suspect))
    }
}

impl Drop for SuspectPlace {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
