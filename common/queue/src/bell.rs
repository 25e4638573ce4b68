//! The bell that says: something may be ready.
//!
//! Ringing while nobody listens is remembered once, so the next listener looks at once; a
//! hundred rings are one look.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

/// A bell; clones are the same bell.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    rings: Notify,
    listeners: watch::Sender<usize>,
}

/// One who listens, until dropped.
struct Listening<'a>(&'a watch::Sender<usize>);

impl<'a> Listening<'a> {
    fn begin(listeners: &'a watch::Sender<usize>) -> Self {
        listeners.send_modify(|count| *count += 1);
        Self(listeners)
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Bell {
    /// Rings.
    pub fn ring(&self) {
        self.0.rings.notify_one();
    }

    /// Waits for a ring, or returns at once if one was missed.
    ///
    /// # Cancel safety
    /// A ring is lost only to the call that returned for it.
    pub async fn rung(&self) {
        let _listening = Listening::begin(&self.0.listeners);
        self.0.rings.notified().await;
    }

    /// Returns how many listen, as it changes.
    pub(crate) fn listeners(&self) -> watch::Receiver<usize> {
        self.0.listeners.subscribe()
    }
}
