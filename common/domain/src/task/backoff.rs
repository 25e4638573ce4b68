//! How long to wait before the next attempt: exponential, with full jitter.
//!
//! Source: the "full jitter" variant of exponential back-off; without jitter, tasks that
//! failed together come back together.

use std::time::Duration;

use rand::Rng;

/// A policy of growing pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Upper bound of the first pause.
    pub base: Duration,
    /// Upper bound of any pause.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(60),
        }
    }
}

impl Backoff {
    /// Returns the longest pause after the attempt of this number (the first is 1).
    pub fn bound(self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(20);
        self.base.saturating_mul(1 << doublings).min(self.cap)
    }

    /// Returns a pause between nothing and the bound.
    pub fn pause(self, attempt: u32) -> Duration {
        self.bound(attempt)
            .mul_f64(rand::rng().random_range(0.0..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap() {
        let backoff = Backoff {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(10),
        };
        let bounds: Vec<_> = (1..=6).map(|n| backoff.bound(n).as_secs()).collect();
        assert_eq!(bounds, [1, 2, 4, 8, 10, 10]);
        assert!(backoff.pause(3) <= Duration::from_secs(4));
        assert_eq!(backoff.bound(u32::MAX), backoff.cap);
    }
}
