//! A token bucket: a debt of time, paid by waiting.
//!
//! Pure: the caller says what time it is and does the waiting.

use std::time::Duration;

use weir_domain::Timestamp;

/// Tokens that come back at a steady rate, up to a burst.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    per_second: f64,
    burst: f64,
    tokens: f64,
    filled_at: Timestamp,
}

impl Bucket {
    pub(super) fn full(per_second: u32, burst: u32, now: Timestamp) -> Self {
        let burst = f64::from(burst.max(1));
        Self {
            per_second: f64::from(per_second.max(1)),
            burst,
            tokens: burst,
            filled_at: now,
        }
    }

    /// Takes a token if one is due within `patience`; returns how long to wait for it first.
    pub(super) fn take(
        &mut self,
        now: Timestamp,
        patience: Duration,
    ) -> Result<Duration, Duration> {
        let gained = now.since(self.filled_at).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + gained).min(self.burst);
        self.filled_at = now;
        let missing = (1.0 - self.tokens).max(0.0);
        let wait = Duration::from_secs_f64(missing / self.per_second);
        if wait > patience {
            return Err(wait);
        }
        self.tokens -= 1.0;
        Ok(wait)
    }

    /// Gives back a token that was taken but not used.
    pub(super) fn put_back(&mut self) {
        self.tokens = (self.tokens + 1.0).min(self.burst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_rules() {
        let start = Timestamp(1_000_000);
        let mut bucket = Bucket::full(10, 3, start);
        let patience = Duration::from_millis(250);
        for _ in 0..3 {
            assert_eq!(bucket.take(start, patience), Ok(Duration::ZERO));
        }
        assert_eq!(bucket.take(start, patience), Ok(Duration::from_millis(100)));
        assert_eq!(bucket.take(start, patience), Ok(Duration::from_millis(200)));
        assert_eq!(
            bucket.take(start, patience),
            Err(Duration::from_millis(300))
        );
        bucket.put_back();
        assert_eq!(bucket.take(start, patience), Ok(Duration::from_millis(200)));
        let later = start.plus(Duration::from_mins(1));
        assert_eq!(bucket.take(later, patience), Ok(Duration::ZERO));
    }
}
