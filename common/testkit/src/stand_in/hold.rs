//! Holding requests at a gate until the test lets them go.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

/// How long [`Hold::wait_for_arrivals`] waits before the test fails.
const ARRIVAL_DEADLINE: Duration = Duration::from_secs(20);

/// A gate at which requests wait; opens once, for good.
#[derive(Debug)]
pub(crate) struct Gate {
    arrivals: watch::Sender<usize>,
    is_open: watch::Sender<bool>,
}

impl Gate {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            arrivals: watch::Sender::new(0),
            is_open: watch::Sender::new(false),
        })
    }

    pub fn open(&self) {
        self.is_open.send_replace(true);
    }

    /// Waits until the gate is open.
    pub async fn pass(&self) {
        self.arrivals.send_modify(|count| *count += 1);
        let mut open = self.is_open.subscribe();
        open.wait_for(|is_open| *is_open)
            .await
            .expect("the gate outlives whoever waits at it");
    }
}

/// Requests wait while this is held; [`Hold::release`] or dropping it lets them go.
#[derive(Debug)]
pub struct Hold {
    gate: Arc<Gate>,
}

impl Hold {
    pub(crate) fn new(gate: Arc<Gate>) -> Self {
        Self { gate }
    }

    /// Returns how many requests have come to the gate.
    pub fn arrivals(&self) -> usize {
        *self.gate.arrivals.borrow()
    }

    /// Waits until `count` requests have come to the gate.
    pub async fn wait_for_arrivals(&self, count: usize) {
        let mut arrivals = self.gate.arrivals.subscribe();
        let came = arrivals.wait_for(|seen| *seen >= count);
        let came = tokio::time::timeout(ARRIVAL_DEADLINE, came).await.is_ok();
        let seen = self.arrivals();
        assert!(
            came,
            "waited {ARRIVAL_DEADLINE:?} for {count} requests at a gate, {seen} came"
        );
    }

    /// Lets every request go, those that wait and those to come.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.gate.open();
    }
}
