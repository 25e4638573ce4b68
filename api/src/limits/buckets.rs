//! Buckets of requests: so many at once, then at a steady rate.
//!
//! A bucket is one instant: when it will be full again if nobody takes (the "generic cell rate
//! algorithm"). One that is full is the same as none, so forgetting an idle one changes nothing.
//! They are kept in two generations; when the younger is full the older goes, and with it
//! whoever did not come back since. Memory is so bounded whoever asks from wherever.

use std::{
    collections::HashMap,
    mem,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use weir_config::{Allowance, Shares};

use super::{Class, Who};

/// Most buckets of one generation; each takes about a hundred and fifty bytes.
const GENERATION: usize = 25_000;

/// Everybody's buckets.
#[derive(Debug)]
pub(crate) struct Buckets {
    paces: [Option<Pace>; Class::ALL.len()],
    refused: [AtomicU64; Class::ALL.len()],
    kept: Mutex<Kept>,
}

/// When each bucket is full again.
#[derive(Debug, Default)]
struct Kept {
    young: HashMap<(Class, Who), Instant>,
    old: HashMap<(Class, Who), Instant>,
}

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Until one more may be taken.
    interval: Duration,
    /// How far from full a bucket may be and still be taken from.
    depth: Duration,
}

impl Pace {
    fn new(allowance: Allowance) -> Self {
        let interval = Duration::from_secs(60) / allowance.per_minute.max(1);
        Self {
            interval,
            depth: interval * (allowance.burst.max(1) - 1),
        }
    }

    /// Returns when the bucket will be full if one is taken now.
    ///
    /// # Errors
    /// How long to wait first.
    fn take(self, full_at: Instant, now: Instant) -> Result<Instant, Duration> {
        let missing = full_at.saturating_duration_since(now);
        match missing.checked_sub(self.depth) {
            None | Some(Duration::ZERO) => Ok(now + missing + self.interval),
            Some(wait) => Err(wait),
        }
    }
}

impl Buckets {
    pub(crate) fn new(shares: &Shares) -> Self {
        let of_class = |class| match class {
            Class::Writes => shares.writes,
            Class::Tasks => shares.tasks,
            Class::Search => shares.search,
            Class::Logs => shares.logs,
            Class::Logins => shares.logins,
            Class::LoginFailures => shares.login_failures,
            Class::AccountLogins => shares.account_logins,
            Class::AllLogins => shares.all_logins,
        };
        Self {
            paces: Class::ALL.map(|class| of_class(class).map(Pace::new)),
            refused: Default::default(),
            kept: Mutex::default(),
        }
    }

    /// Takes one from a caller's bucket.
    ///
    /// # Errors
    /// How long until there is one.
    pub(crate) fn take(&self, class: Class, who: &Who, now: Instant) -> Result<(), Duration> {
        let Some(pace) = self.paces[class as usize] else {
            return Ok(());
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (class, *who);
        let full_at = kept.find(&key).unwrap_or(now);
        match pace.take(full_at, now) {
            Ok(full_at) => {
                kept.put(key, full_at);
                Ok(())
            }
            Err(wait) => {
                self.refused[class as usize].fetch_add(1, Relaxed);
                // Asking in vain keeps a bucket from being forgotten, too.
                kept.put(key, full_at);
                Err(wait)
            }
        }
    }

    /// Puts one back that was taken for what turned out to cost nothing.
    pub(crate) fn give_back(&self, class: Class, who: &Who, now: Instant) {
        let Some(pace) = self.paces[class as usize] else {
            return;
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (class, *who);
        if let Some(full_at) = kept.find(&key) {
            let full_at = full_at.checked_sub(pace.interval).unwrap_or(now);
            kept.put(key, full_at);
        }
    }

    /// Returns how many requests of each class were refused.
    pub(crate) fn refused(&self) -> impl Iterator<Item = (Class, u64)> + '_ {
        let counts = self.refused.iter().map(|count| count.load(Relaxed));
        Class::ALL.into_iter().zip(counts)
    }
}

impl Kept {
    fn find(&self, key: &(Class, Who)) -> Option<Instant> {
        let found = self.young.get(key).or_else(|| self.old.get(key));
        found.copied()
    }

    fn put(&mut self, key: (Class, Who), full_at: Instant) {
        if self.young.len() >= GENERATION && !self.young.contains_key(&key) {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, full_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(per_minute: u32, burst: u32) -> Buckets {
        Buckets::new(&Shares {
            writes: Some(Allowance { per_minute, burst }),
            ..Shares::default()
        })
    }

    fn who(n: u32) -> Who {
        Who::Network(std::net::Ipv4Addr::from_bits(n).into())
    }

    #[test]
    fn a_burst_passes_then_the_rate_rules_and_the_wait_is_true() {
        let (buckets, start) = (buckets(120, 3), Instant::now());
        let take = |now| buckets.take(Class::Writes, &who(1), now);
        for _ in 0..3 {
            assert_eq!(take(start), Ok(()));
        }
        let wait = Duration::from_millis(500);
        assert_eq!(take(start), Err(wait));
        assert_eq!(take(start), Err(wait), "refusals cost nothing");
        let early = Duration::from_millis(499);
        assert_eq!(take(start + early), Err(wait.saturating_sub(early)));
        assert_eq!(take(start + wait), Ok(()));
        assert_eq!(take(start + wait), Err(wait));
        let later = start + Duration::from_secs(60);
        for _ in 0..3 {
            assert_eq!(take(later), Ok(()), "full again, and no fuller");
        }
        assert_eq!(take(later), Err(wait));
        assert_eq!(buckets.refused().map(|(_, n)| n).sum::<u64>(), 5);
    }

    #[test]
    fn what_is_given_back_may_be_taken_again() {
        let (buckets, now) = (buckets(1, 2), Instant::now());
        let take = || buckets.take(Class::Writes, &who(1), now).is_ok();
        for _ in 0..10 {
            assert!(take());
            buckets.give_back(Class::Writes, &who(1), now);
        }
        assert!(take() && take() && !take());
        buckets.give_back(Class::Writes, &who(1), now);
        assert!(take() && !take(), "one, and no more");
    }

    #[test]
    fn callers_and_classes_have_buckets_of_their_own() {
        let (buckets, now) = (buckets(1, 1), Instant::now());
        assert!(buckets.take(Class::Writes, &who(1), now).is_ok());
        assert!(buckets.take(Class::Writes, &who(1), now).is_err());
        assert!(buckets.take(Class::Writes, &who(2), now).is_ok());
        for _ in 0..100 {
            assert!(
                buckets.take(Class::Logs, &who(1), now).is_ok(),
                "without limit"
            );
        }
    }

    #[test]
    fn memory_is_bounded_and_who_asks_is_not_forgotten() {
        let (buckets, now) = (buckets(1, 1), Instant::now());
        let n = u32::try_from(GENERATION).unwrap();
        for other in 1..=4 * n {
            let taken = buckets.take(Class::Writes, &who(0), now);
            assert_eq!(taken.is_ok(), other == 1, "busy and forgotten");
            buckets.take(Class::Writes, &who(other), now).unwrap();
        }
        let kept = buckets.kept.lock().unwrap();
        assert!(kept.young.len() + kept.old.len() <= 2 * GENERATION);
    }
}
