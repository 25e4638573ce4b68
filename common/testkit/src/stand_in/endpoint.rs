//! One packument or tarball (or all of them) as a test talks about it.

use std::time::Duration;

use super::{Fault, Hold, Shared, hold::Gate, script::Target};
use crate::until;

/// How long [`Endpoint::wait_for_requests`] waits before the test fails.
const REQUEST_DEADLINE: Duration = Duration::from_secs(20);

/// What the script and the ledger can be asked about one path or one kind of path.
#[derive(Debug)]
pub struct Endpoint<'a> {
    shared: &'a Shared,
    target: Target,
}

impl<'a> Endpoint<'a> {
    pub(super) fn new(shared: &'a Shared, target: Target) -> Self {
        Self { shared, target }
    }

    /// Lets the next request without a fault meet this one. Several calls queue up.
    pub fn once(&self, fault: Fault) -> &Self {
        self.times(1, fault)
    }

    /// Lets the next `count` requests without a fault meet this one.
    pub fn times(&self, count: usize, fault: Fault) -> &Self {
        self.shared.script.push(&self.target, fault, count);
        self
    }

    /// Lets every request meet this fault, after those queued, until [`Self::clear`].
    pub fn always(&self, fault: Fault) -> &Self {
        self.shared.script.stick(&self.target, fault);
        self
    }

    /// Forgets faults and holds.
    pub fn clear(&self) {
        self.shared.script.clear(&self.target);
    }

    /// Holds every request until the guard is released or dropped.
    pub fn hold(&self) -> Hold {
        let gate = Gate::new();
        self.shared.script.shut(&self.target, gate.clone());
        Hold::new(gate)
    }

    /// Returns how many requests came, whatever they were answered.
    pub fn requests(&self) -> usize {
        self.shared
            .ledger
            .count_wanted(|wanted| self.target.covers(wanted))
    }

    /// Waits until `count` requests have come.
    pub async fn wait_for_requests(&self, count: usize) {
        let what = format!("{count} requests of {:?}", self.target);
        until(what, REQUEST_DEADLINE, async || {
            let came = self.requests();
            if came >= count {
                Ok(())
            } else {
                Err(format!("{came} came"))
            }
        })
        .await;
    }
}
