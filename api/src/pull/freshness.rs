//! How old what is shown of a package is: two numbers that all its documents share.
//!
//! A hit compares one of them with the time and is done. Once it is old, one hit in a while
//! looks at the row, and decides there whether upstream is to be asked; the others are
//! answered at once with what there is, and are told that it is old.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use weir_domain::Timestamp;

/// Longest time between two looks at the row of an old package that is read, by one process.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Looks in the time for which a package is fresh, at least: else none would find it so.
const LOOKS: u32 = 4;

/// Until when a package is fresh, and when to look again if it is not.
#[derive(Debug)]
pub(crate) struct Freshness {
    fresh_until: AtomicI64,
    look_at: AtomicI64,
}

/// What a hit is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Staleness {
    /// Send it.
    Fresh,
    /// Send it and say that it is old.
    Stale,
    /// Look at the row first.
    Due,
}

impl Default for Freshness {
    /// Old, and not looked at.
    fn default() -> Self {
        Self {
            fresh_until: AtomicI64::new(i64::MIN),
            look_at: AtomicI64::new(i64::MIN),
        }
    }
}

impl Freshness {
    /// Says what to do at `now`.
    pub(crate) fn at(&self, now: Timestamp) -> Staleness {
        if now.0 < self.fresh_until.load(Ordering::Relaxed) {
            Staleness::Fresh
        } else if now.0 < self.look_at.load(Ordering::Relaxed) {
            Staleness::Stale
        } else {
            Staleness::Due
        }
    }

    /// Takes over what the row says.
    pub(crate) fn set(&self, fresh_until: Timestamp) {
        self.fresh_until.store(fresh_until.0, Ordering::Relaxed);
    }

    /// Takes the turn at looking; of those who find that a look is due, one does. `max_age` is
    /// for how long a package is fresh.
    pub(crate) fn take_turn(&self, now: Timestamp, max_age: Duration) -> bool {
        let due = self.look_at.load(Ordering::Relaxed);
        let next = now.plus(LOOK_EVERY.min(max_age / LOOKS)).0;
        let (order, failed) = (Ordering::Relaxed, Ordering::Relaxed);
        self.at(now) == Staleness::Due
            && self
                .look_at
                .compare_exchange(due, next, order, failed)
                .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_secs(60);

    #[test]
    fn what_is_old_is_looked_at_by_one_in_a_while_until_it_is_fresh() {
        let (freshness, now) = (Freshness::default(), Timestamp(1_000_000));
        assert_eq!(freshness.at(now), Staleness::Due);
        assert!(freshness.take_turn(now, AGE));
        assert!(!freshness.take_turn(now, AGE), "one looks");
        assert_eq!(freshness.at(now), Staleness::Stale);
        let later = now.plus(LOOK_EVERY);
        assert_eq!(freshness.at(later), Staleness::Due);
        freshness.set(later.plus(Duration::from_secs(1)));
        assert_eq!(freshness.at(later), Staleness::Fresh);
        assert!(!freshness.take_turn(later, AGE));
        let old = later.plus(Duration::from_secs(1));
        assert_eq!(freshness.at(old), Staleness::Due, "old at its very end");
    }
}
