//! The bell that says: something may be ready.
//!
//! Ringing while nobody listens is remembered once, so the next listener looks at once; a
//! hundred rings are one look.

use std::sync::Arc;

use tokio::sync::Notify;

/// A bell; clones are the same bell.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Rings.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for a ring, or returns at once if one was missed.
    ///
    /// # Cancel safety
    /// A ring is lost only to the call that returned for it.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}
