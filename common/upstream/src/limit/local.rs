//! The limiter of one process: a gate, a semaphore and a bucket for each host.
//!
//! # Concurrency
//! One mutex over all hosts, held for a few instructions and never across an await. The
//! gate (closed, breaker) is asked before queueing, so that a closed host refuses at once,
//! and again after, because it may have closed meanwhile.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout_at},
};
use weir_domain::{Clock, Timestamp};

use super::{
    Closed, HostKey, HostLimiter, Outcome, Permit,
    breaker::{Breaker, Gate},
    bucket::Bucket,
};
use crate::HostLimits;

/// Hosts remembered before idle ones are forgotten: names come from upstream documents.
const MAX_HOSTS: usize = 1_000;

/// Limits that this process keeps by itself.
#[derive(Debug, Clone)]
pub struct LocalLimiter {
    limits: HostLimits,
    clock: Arc<dyn Clock>,
    hosts: Arc<Mutex<HashMap<HostKey, Host>>>,
}

#[derive(Debug)]
struct Host {
    places: Arc<Semaphore>,
    bucket: Bucket,
    breaker: Breaker,
    closed_until: Timestamp,
}

/// One of the requests that may be under way; free again when dropped.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

/// What a permit holds: the place, and the duty to give an unfinished probe back.
#[derive(Debug)]
struct Held {
    _place: Place,
    _probe: Option<Probe>,
}

#[derive(Debug)]
struct Probe {
    limiter: LocalLimiter,
    host: HostKey,
}

impl Drop for Probe {
    fn drop(&mut self) {
        let now = self.limiter.clock.now();
        self.limiter
            .with(&self.host, now, |host| host.breaker.abandon_probe());
    }
}

impl LocalLimiter {
    /// Returns a limiter to which no host is known yet.
    pub fn new(limits: HostLimits, clock: Arc<dyn Clock>) -> Self {
        Self {
            limits,
            clock,
            hosts: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<HostKey, Host>> {
        // Nothing in here can be left half done by a panic.
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, key: &HostKey, now: Timestamp, act: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = self.lock();
        if !hosts.contains_key(key) && hosts.len() >= MAX_HOSTS {
            let all = self.limits.max_concurrent;
            hosts.retain(|_, host| !host.is_idle(now, all));
        }
        let limits = &self.limits;
        act(hosts
            .entry(key.clone())
            .or_insert_with(|| Host::new(limits, now)))
    }

    /// Waits for a place, unless the host asked this process to wait beyond `deadline`.
    ///
    /// # Errors
    /// [`Closed`] says when to come back.
    ///
    /// # Cancel safety
    /// Dropping the future takes no place.
    pub async fn place(&self, key: &HostKey, deadline: Instant) -> Result<Place, Closed> {
        let now = self.clock.now();
        let places = self.with(key, now, |host| match host.asked(now) {
            Some(closed) if Instant::now() + closed.wait > deadline => Err(closed),
            _ => Ok(Arc::clone(&host.places)),
        })?;
        match timeout_at(deadline, places.acquire_owned()).await {
            Ok(Ok(place)) => Ok(Place(place)),
            _ => Err(Closed {
                wait: self.limits.max_wait.max(Duration::from_secs(1)),
                why: Closed::CROWDED,
            }),
        }
    }

    /// Waits until the host is open and a token is due: makes a place a permit.
    ///
    /// # Errors
    /// [`Closed`] says when to come back.
    ///
    /// # Cancel safety
    /// Dropping the future gives back what it took.
    pub async fn pass(
        &self,
        key: &HostKey,
        place: Place,
        deadline: Instant,
    ) -> Result<Permit, Closed> {
        let gate = self.pass_gate(key, deadline).await?;
        let held = Held {
            _place: place,
            _probe: (gate == Gate::Probe).then(|| Probe {
                limiter: self.clone(),
                host: key.clone(),
            }),
        };
        let patience = deadline.saturating_duration_since(Instant::now());
        let now = self.clock.now();
        let due = self.with(key, now, |host| host.bucket.take(now, patience));
        let due = due.map_err(|wait| Closed {
            wait,
            why: Closed::FAST,
        })?;
        if !due.is_zero() {
            let unused = Unused(self, key);
            sleep(due).await;
            std::mem::forget(unused);
        }
        Ok(Permit::new(held))
    }

    /// Waits until the host is open, or refuses if that takes longer than `deadline`.
    async fn pass_gate(&self, key: &HostKey, deadline: Instant) -> Result<Gate, Closed> {
        loop {
            let now = self.clock.now();
            let closed = match self.with(key, now, |host| host.enter(now)) {
                Ok(gate) => return Ok(gate),
                Err(closed) => closed,
            };
            if Instant::now() + closed.wait > deadline {
                return Err(closed);
            }
            sleep(closed.wait).await;
        }
    }
}

#[async_trait]
impl HostLimiter for LocalLimiter {
    async fn acquire(&self, key: &HostKey) -> Result<Permit, Closed> {
        let deadline = Instant::now() + self.limits.max_wait;
        let now = self.clock.now();
        self.with(key, now, |host| match host.closed(now) {
            Some(closed) if closed.wait > self.limits.max_wait => Err(closed),
            _ => Ok(()),
        })?;
        let place = self.place(key, deadline).await?;
        self.pass(key, place, deadline).await
    }

    async fn report(&self, key: &HostKey, outcome: Outcome) {
        let now = self.clock.now();
        self.with(key, now, |host| match outcome {
            Outcome::Answered => host.breaker.succeed(),
            Outcome::Failed => host.breaker.fail(now, &self.limits),
            Outcome::AskedToWait(wait) => {
                host.closed_until = host.closed_until.max(now.plus(wait));
            }
        });
    }

    fn closed(&self) -> Vec<HostKey> {
        let now = self.clock.now();
        let hosts = self.lock();
        let shut = hosts.iter().filter(|(_, host)| host.is_shut(now));
        shut.map(|(key, _)| key.clone()).collect()
    }

    async fn reopen(&self, key: &HostKey) {
        let now = self.clock.now();
        self.with(key, now, |host| {
            host.closed_until = Timestamp(i64::MIN);
            host.breaker.succeed();
        });
    }
}

/// Gives a token back if its taker is dropped while waiting for it.
struct Unused<'a>(&'a LocalLimiter, &'a HostKey);

impl Drop for Unused<'_> {
    fn drop(&mut self) {
        let now = self.0.clock.now();
        self.0.with(self.1, now, |host| host.bucket.put_back());
    }
}

impl Host {
    fn new(limits: &HostLimits, now: Timestamp) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.max_concurrent.max(1))),
            bucket: Bucket::full(limits.requests_per_second, limits.burst, now),
            breaker: Breaker::default(),
            closed_until: Timestamp(i64::MIN),
        }
    }

    /// Says whether the host asked to be left alone now.
    fn asked(&self, now: Timestamp) -> Option<Closed> {
        (now < self.closed_until).then(|| Closed {
            wait: self.closed_until.since(now),
            why: Closed::ASKED,
        })
    }

    /// Says whether and why nobody may pass now.
    fn closed(&self, now: Timestamp) -> Option<Closed> {
        self.asked(now).or_else(|| {
            let wait = self.breaker.is_open_for(now)?;
            let why = Closed::BROKEN;
            Some(Closed { wait, why })
        })
    }

    /// Says whether a request that comes now would have to wait for the host.
    fn is_shut(&self, now: Timestamp) -> bool {
        self.closed(now).is_some() || self.breaker.is_probed()
    }

    fn enter(&mut self, now: Timestamp) -> Result<Gate, Closed> {
        if let Some(closed) = self.closed(now) {
            return Err(closed);
        }
        match self.breaker.enter(now) {
            Gate::Wait(wait) => Err(Closed {
                wait,
                why: Closed::PROBED,
            }),
            gate => Ok(gate),
        }
    }

    /// Says whether forgetting this host would change nothing.
    fn is_idle(&self, now: Timestamp, all_places: usize) -> bool {
        self.breaker.is_idle()
            && now >= self.closed_until
            && self.places.available_permits() >= all_places
    }
}

#[cfg(test)]
mod tests {
    use weir_domain::ManualClock;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn limiter(limits: HostLimits) -> (LocalLimiter, ManualClock, HostKey) {
        let clock = ManualClock::starting_at(Timestamp(1_000_000));
        let limiter = LocalLimiter::new(limits, Arc::new(clock.clone()));
        let url = "https://up.example/a".parse().expect("a URL");
        (limiter, clock, HostKey::of(&url))
    }

    fn short() -> HostLimits {
        HostLimits {
            max_wait: Duration::from_millis(30),
            failures_to_open: 2,
            ..HostLimits::default()
        }
    }

    #[tokio::test]
    async fn a_closed_host_refuses_at_once_and_others_do_not() {
        let (limiter, clock, host) = limiter(short());
        limiter
            .report(&host, Outcome::AskedToWait(120 * SECOND))
            .await;
        let closed = limiter.acquire(&host).await.expect_err("closed");
        assert_eq!((closed.wait, closed.why), (120 * SECOND, Closed::ASKED));
        let other = HostKey::of(&"https://other.example/".parse().expect("a URL"));
        limiter.acquire(&other).await.expect("open");
        clock.advance(120 * SECOND);
        limiter.acquire(&host).await.expect("open again");
    }

    #[tokio::test]
    async fn places_are_limited_and_come_back() {
        let (limiter, _, host) = limiter(HostLimits {
            max_concurrent: 2,
            ..short()
        });
        let first = limiter.acquire(&host).await.expect("first");
        let _second = limiter.acquire(&host).await.expect("second");
        let closed = limiter.acquire(&host).await.expect_err("full");
        assert_eq!(closed.why, Closed::CROWDED);
        drop(first);
        limiter.acquire(&host).await.expect("a place came back");
    }

    #[tokio::test]
    async fn failures_close_the_host_until_one_probe_succeeds() {
        let (limiter, clock, host) = limiter(short());
        for _ in 0..2 {
            drop(limiter.acquire(&host).await.expect("closed breaker"));
            limiter.report(&host, Outcome::Failed).await;
        }
        let closed = limiter.acquire(&host).await.expect_err("open breaker");
        assert_eq!((closed.wait, closed.why), (5 * SECOND, Closed::BROKEN));
        clock.advance(5 * SECOND);
        let probe = limiter.acquire(&host).await.expect("the probe");
        let closed = limiter.acquire(&host).await.expect_err("only one");
        assert_eq!(closed.why, Closed::PROBED);
        drop(probe);
        let _probe = limiter.acquire(&host).await.expect("the next probe");
        limiter.report(&host, Outcome::Answered).await;
        limiter.acquire(&host).await.expect("closed breaker");
    }

    #[tokio::test]
    async fn closed_hosts_are_named_until_they_open_or_somebody_insists() {
        let (limiter, clock, host) = limiter(short());
        limiter.report(&host, Outcome::AskedToWait(SECOND)).await;
        assert_eq!(limiter.closed(), std::slice::from_ref(&host));
        clock.advance(SECOND);
        assert_eq!(limiter.closed(), []);
        for _ in 0..2 {
            limiter.report(&host, Outcome::Failed).await;
        }
        assert_eq!(limiter.closed(), std::slice::from_ref(&host), "broken");
        clock.advance(5 * SECOND);
        assert_eq!(limiter.closed(), [], "the probe may come");
        let probe = limiter.acquire(&host).await.expect("the probe");
        assert_eq!(limiter.closed(), std::slice::from_ref(&host), "probed");
        drop(probe);
        assert_eq!(limiter.closed(), [], "the next probe may come");
        limiter.report(&host, Outcome::Failed).await;
        limiter.report(&host, Outcome::AskedToWait(SECOND)).await;
        limiter.reopen(&host).await;
        assert_eq!(limiter.closed(), []);
        limiter.acquire(&host).await.expect("open");
    }

    #[tokio::test]
    async fn a_taker_who_gives_up_leaves_nothing_behind() {
        let (limiter, _, host) = limiter(HostLimits {
            max_concurrent: 1,
            requests_per_second: 1,
            burst: 1,
            max_wait: 3 * SECOND,
            ..HostLimits::default()
        });
        drop(limiter.acquire(&host).await.expect("the burst"));
        let given_up = tokio::time::timeout(Duration::from_millis(20), limiter.acquire(&host));
        given_up.await.expect_err("the token is due in a second");
        let places = limiter.with(&host, limiter.clock.now(), |h| h.places.available_permits());
        let due = limiter.with(&host, limiter.clock.now(), |h| {
            h.bucket.take(limiter.clock.now(), 3 * SECOND)
        });
        assert_eq!((places, due), (1, Ok(SECOND)));
    }

    #[tokio::test]
    async fn idle_hosts_are_forgotten() {
        let (limiter, _, host) = limiter(short());
        limiter.report(&host, Outcome::AskedToWait(SECOND)).await;
        for n in 0..=MAX_HOSTS {
            let url = format!("https://h{n}.example/").parse().expect("a URL");
            limiter.report(&HostKey::of(&url), Outcome::Answered).await;
        }
        assert!(limiter.lock().len() <= MAX_HOSTS);
        limiter.acquire(&host).await.expect_err("still remembered");
    }
}
