//! The limits of upstream hosts, shared by all processes.
//!
//! What one process learns of a host (it wants peace until then, it fails) holds for all, and
//! the rate is one for all; how many requests are under way stays a matter of each process. The
//! state is one hash a host, changed by two scripts, by the clock of Redis.
//!
//! While Redis is away each process keeps the limits by itself: the local limiter hears of
//! every outcome, so it knows what this process knows.

mod ask;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::task::TaskTracker;
use weir_upstream::{
    HostLimits,
    limit::{Closed, HostKey, HostLimiter, LocalLimiter, Outcome, Permit},
};

use super::{Names, link::Link};
use ask::{Answer, Ask};

/// Longest wait for Redis; then each is on its own …
const PATIENCE: Duration = Duration::from_millis(250);
/// … for this long.
const ALONE: Duration = Duration::from_secs(1);
/// Hosts whose troubles are remembered; names come from upstream documents.
const MAX_TROUBLED: usize = 1_000;

/// A limiter that all processes share; clones are the same.
#[derive(Clone)]
pub(crate) struct SharedLimiter(Arc<Inner>);

struct Inner {
    limits: HostLimits,
    local: LocalLimiter,
    link: Arc<Link>,
    names: Names,
    known: Mutex<Known>,
}

/// What this process knows of Redis and of the hosts in it.
#[derive(Debug, Default)]
struct Known {
    /// Until then Redis is not asked; whoever asks next is the only one to try.
    alone_until: Option<Instant>,
    /// Hosts that failed lately: only of them an answer is news.
    troubled: HashSet<HostKey>,
    /// Until when Redis said that a host is closed; kept although another process may reopen it.
    closed: HashMap<HostKey, Instant>,
}

impl fmt::Debug for SharedLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedLimiter")
    }
}

/// A probe that may have ended without an outcome: the next one may go.
struct Probe {
    limiter: SharedLimiter,
    host: HostKey,
}

impl Drop for Probe {
    fn drop(&mut self) {
        let (limiter, host) = (self.limiter.clone(), self.host.clone());
        // Without a runtime the process ends, and the probe's time runs out.
        if tokio::runtime::Handle::try_current().is_ok() {
            TaskTracker::new().spawn(async move { limiter.ask(&host, Ask::Abandoned).await });
        }
    }
}

impl SharedLimiter {
    pub(super) fn new(
        limits: HostLimits,
        local: LocalLimiter,
        link: Arc<Link>,
        names: Names,
    ) -> Self {
        Self(Arc::new(Inner {
            limits,
            local,
            link,
            names,
            known: Mutex::default(),
        }))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks Redis; `None` while it is away.
    async fn ask(&self, host: &HostKey, ask: Ask) -> Option<Answer> {
        {
            let mut known = self.known();
            if known.alone_until.is_some_and(|end| Instant::now() < end) {
                return None;
            }
            if known.alone_until.is_some() {
                known.alone_until = Some(Instant::now() + ALONE);
            }
        }
        let key = self.0.names.host(host.as_str());
        let asked = timeout(PATIENCE, ask.send(&self.0.link, key, &self.0.limits)).await;
        let answer = asked.ok().and_then(Result::ok);
        let mut known = self.known();
        known.alone_until = answer.is_none().then(|| Instant::now() + ALONE);
        answer
    }

    fn is_troubled(&self, host: &HostKey) -> bool {
        let troubled = &self.known().troubled;
        troubled.contains(host) || troubled.len() >= MAX_TROUBLED
    }

    fn remember(&self, host: &HostKey, is_troubled: bool) {
        let troubled = &mut self.known().troubled;
        if !is_troubled {
            troubled.remove(host);
        } else if troubled.len() < MAX_TROUBLED {
            troubled.insert(host.clone());
        }
    }

    /// Remembers whether Redis lets requests to a host begin.
    fn remember_gate(&self, host: &HostKey, closed: Option<Closed>) {
        let remembered = &mut self.known().closed;
        match closed.filter(|closed| closed.why != Closed::FAST) {
            None => drop(remembered.remove(host)),
            Some(closed) if remembered.len() < MAX_TROUBLED => {
                remembered.insert(host.clone(), Instant::now() + closed.wait);
            }
            Some(_) => {}
        }
    }
}

#[async_trait]
impl HostLimiter for SharedLimiter {
    async fn acquire(&self, host: &HostKey) -> Result<Permit, Closed> {
        let deadline = Instant::now() + self.0.limits.max_wait;
        let place = self.0.local.place(host, deadline).await?;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(answer) = self.ask(host, Ask::Enter { patience: left }).await else {
                return self.0.local.pass(host, place, deadline).await;
            };
            self.remember(host, answer.failures > 0);
            let closed = match answer.verdict {
                Ok(is_probe) => {
                    self.remember_gate(host, None);
                    let probe = is_probe.then(|| Probe {
                        limiter: self.clone(),
                        host: host.clone(),
                    });
                    sleep(answer.wait).await;
                    return Ok(Permit::new((place, probe)));
                }
                Err(why) => Closed {
                    wait: answer.wait,
                    why,
                },
            };
            self.remember_gate(host, Some(closed));
            if closed.why == Closed::FAST || Instant::now() + closed.wait > deadline {
                return Err(closed);
            }
            sleep(closed.wait).await;
        }
    }

    async fn report(&self, host: &HostKey, outcome: Outcome) {
        self.0.local.report(host, outcome).await;
        if outcome != Outcome::Answered {
            self.remember(host, true);
        } else if !self.is_troubled(host) {
            return;
        }
        let told = self.ask(host, Ask::Report(outcome)).await;
        if told.is_some() && outcome == Outcome::Answered {
            self.remember(host, false);
        }
    }

    fn closed(&self) -> Vec<HostKey> {
        let mut closed = self.0.local.closed();
        let (remembered, now) = (&mut self.known().closed, Instant::now());
        remembered.retain(|_, end| now < *end);
        closed.extend(remembered.keys().cloned());
        closed
    }

    async fn reopen(&self, host: &HostKey) {
        self.0.local.reopen(host).await;
        self.remember_gate(host, None);
        self.ask(host, Ask::Reopen).await;
    }
}
