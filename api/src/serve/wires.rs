//! What goes over the sockets, counted; for figures.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Connections and bytes of one listener.
#[derive(Debug, Default)]
pub(crate) struct Wires {
    /// Connections that are open.
    pub(crate) open: AtomicU64,
    /// Connections over a cap.
    pub(crate) refused: AtomicU64,
    /// Bytes that came.
    pub(crate) received: AtomicU64,
    /// Bytes that went.
    pub(crate) sent: AtomicU64,
}

/// Adds to a count; a relaxed addition is all that counting costs.
pub(crate) fn add(count: &AtomicU64, more: usize) {
    count.fetch_add(more as u64, Relaxed);
}

/// One more of something, until dropped.
#[derive(Debug)]
pub(crate) struct OneMore<C: AsRef<AtomicU64>>(C);

impl<C: AsRef<AtomicU64>> OneMore<C> {
    pub(crate) fn of(count: C) -> Self {
        add(count.as_ref(), 1);
        Self(count)
    }
}

impl<C: AsRef<AtomicU64>> Drop for OneMore<C> {
    fn drop(&mut self) {
        self.0.as_ref().fetch_sub(1, Relaxed);
    }
}
