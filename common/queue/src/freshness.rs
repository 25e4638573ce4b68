//! Whether this process knows what others invalidated.
//!
//! Whoever answers from a cache asks here first: knowledge that could not be compared with
//! the table for [`CURRENT_FOR`] must be compared with the rows it came from.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a successful read of the table vouches for every cache.
const CURRENT_FOR: Duration = Duration::from_secs(2);

/// When the table was last read; clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Freshness {
    base: Instant,
    /// Milliseconds since `base` at which the last good read began; 0 if none did.
    read_at: Arc<AtomicU64>,
}

impl Default for Freshness {
    fn default() -> Self {
        // In the past, so that no read is at 0.
        let now = Instant::now();
        Self {
            base: now.checked_sub(CURRENT_FOR).unwrap_or(now),
            read_at: Arc::default(),
        }
    }
}

impl Freshness {
    /// Notes a read that went well and began at `began`.
    pub(crate) fn read_well(&self, began: Instant) {
        self.read_at.store(self.millis(began), Ordering::Release);
    }

    /// Says whether the last good read is young enough.
    pub(crate) fn is_current(&self) -> bool {
        let read_at = self.read_at.load(Ordering::Acquire);
        let age = self.millis(Instant::now()).saturating_sub(read_at);
        read_at > 0 && u128::from(age) < CURRENT_FOR.as_millis()
    }

    fn millis(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.base);
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knowledge_is_current_for_a_while_after_a_read() {
        let freshness = Freshness::default();
        assert!(!freshness.is_current(), "nothing was read yet");
        freshness.read_well(Instant::now());
        assert!(freshness.is_current());
        let long_ago = Instant::now().checked_sub(CURRENT_FOR).expect("the past");
        freshness.read_well(long_ago);
        assert!(!freshness.is_current());
    }
}
