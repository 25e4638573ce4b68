//! A circuit breaker: after many failures in a row a host is left alone, then probed once.
//!
//! Pure: the caller says what time it is. Open → (time passes) → half open: one probe goes,
//! all others wait for its outcome → closed, or open again for twice as long. A probe that
//! is dropped without an outcome lets the next one go.

use std::time::Duration;

use weir_domain::Timestamp;

use crate::HostLimits;

/// What the breaker says to one who wants to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Go.
    Pass,
    /// Go: you are the probe.
    Probe,
    /// Not yet.
    Wait(Duration),
}

/// How long those wait who come while a probe is under way.
const PROBE_PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Breaker {
    failures: u32,
    /// Set while open or half open.
    open: Option<Open>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    until: Timestamp,
    lasts: Duration,
    is_probed: bool,
}

impl Breaker {
    /// Says whether somebody may pass; a [`Gate::Probe`] is given out once.
    pub(super) fn enter(&mut self, now: Timestamp) -> Gate {
        match &mut self.open {
            None => Gate::Pass,
            Some(open) if now < open.until => Gate::Wait(open.until.since(now)),
            Some(open) if open.is_probed => Gate::Wait(PROBE_PATIENCE),
            Some(open) => {
                open.is_probed = true;
                Gate::Probe
            }
        }
    }

    /// Returns how long nobody may pass, if so.
    pub(super) fn is_open_for(&self, now: Timestamp) -> Option<Duration> {
        let open = self.open.filter(|open| now < open.until)?;
        Some(open.until.since(now))
    }

    /// Says whether all others wait for what a probe meets.
    pub(super) fn is_probed(&self) -> bool {
        self.open.is_some_and(|open| open.is_probed)
    }

    /// Takes back a probe that ended without an outcome.
    pub(super) fn abandon_probe(&mut self) {
        if let Some(open) = &mut self.open {
            open.is_probed = false;
        }
    }

    pub(super) fn succeed(&mut self) {
        *self = Self::default();
    }

    pub(super) fn fail(&mut self, now: Timestamp, limits: &HostLimits) {
        self.failures = self.failures.saturating_add(1);
        let lasts = match self.open {
            // Stragglers that began before it opened say nothing new.
            Some(open) if now < open.until => return,
            Some(open) => open.lasts.saturating_mul(2).min(limits.max_open_for),
            None if self.failures >= limits.failures_to_open => limits.open_for,
            None => return,
        };
        self.open = Some(Open {
            until: now.plus(lasts),
            lasts,
            is_probed: false,
        });
    }

    /// Says whether there is nothing to remember.
    pub(super) fn is_idle(&self) -> bool {
        self.open.is_none() && self.failures == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: fn() -> HostLimits = || HostLimits {
        failures_to_open: 3,
        open_for: Duration::from_secs(5),
        max_open_for: Duration::from_secs(8),
        ..HostLimits::default()
    };

    fn opened(now: Timestamp) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            assert_eq!(breaker.enter(now), Gate::Pass);
            breaker.fail(now, &LIMITS());
        }
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_does_not() {
        let now = Timestamp(0);
        let mut breaker = Breaker::default();
        for _ in 0..5 {
            breaker.fail(now, &LIMITS());
            breaker.fail(now, &LIMITS());
            breaker.succeed();
        }
        assert_eq!(breaker.enter(now), Gate::Pass);
        assert_eq!(opened(now).enter(now), Gate::Wait(Duration::from_secs(5)));
    }

    #[test]
    fn one_probe_goes_and_decides() {
        let mut breaker = opened(Timestamp(0));
        let later = Timestamp(5_000);
        assert_eq!(breaker.enter(later), Gate::Probe);
        assert_eq!(breaker.enter(later), Gate::Wait(PROBE_PATIENCE));
        breaker.succeed();
        assert_eq!(breaker.enter(later), Gate::Pass);
    }

    #[test]
    fn a_failed_probe_doubles_the_pause_up_to_the_cap() {
        let mut breaker = opened(Timestamp(0));
        let later = Timestamp(5_000);
        assert_eq!(breaker.enter(later), Gate::Probe);
        breaker.fail(later, &LIMITS());
        assert_eq!(breaker.enter(later), Gate::Wait(Duration::from_secs(8)));
    }

    #[test]
    fn an_abandoned_probe_lets_the_next_one_go() {
        let mut breaker = opened(Timestamp(0));
        let later = Timestamp(5_000);
        assert_eq!(breaker.enter(later), Gate::Probe);
        breaker.abandon_probe();
        assert_eq!(breaker.enter(later), Gate::Probe);
    }

    #[test]
    fn stragglers_do_not_prolong_the_pause() {
        let mut breaker = opened(Timestamp(0));
        breaker.fail(Timestamp(1_000), &LIMITS());
        assert_eq!(
            breaker.enter(Timestamp(1_000)),
            Gate::Wait(Duration::from_secs(4))
        );
    }
}
