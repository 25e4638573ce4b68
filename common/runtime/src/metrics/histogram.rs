//! How often something lasted how long: a count for each bound, and the sum.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A histogram of durations; observing is two additions.
#[derive(Debug)]
pub struct Histogram {
    /// Upper bounds, in seconds, ascending; the last count has none.
    bounds: &'static [f64],
    /// The same, in microseconds.
    micros: Box<[u64]>,
    counts: Box<[AtomicU64]>,
    sum_micros: AtomicU64,
}

impl Histogram {
    /// Returns an empty one with these upper bounds, in seconds, ascending.
    pub fn new(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            micros: bounds.iter().copied().map(micros).collect(),
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum_micros: AtomicU64::new(0),
        }
    }

    /// Takes note of one duration.
    pub fn observe(&self, lasted: Duration) {
        let lasted = u64::try_from(lasted.as_micros()).unwrap_or(u64::MAX);
        // What happens most often lasts shortest.
        let place = self.micros.iter().position(|bound| lasted <= *bound);
        let place = place.unwrap_or(self.micros.len());
        self.counts[place].fetch_add(1, Ordering::Relaxed);
        self.sum_micros.fetch_add(lasted, Ordering::Relaxed);
    }

    /// Returns how often it was up to each bound (and beyond the one before), and the sum in
    /// seconds.
    pub(super) fn read(&self) -> (Vec<(Option<f64>, u64)>, f64) {
        let bounds = self.bounds.iter().copied().map(Some).chain([None]);
        let counts = self
            .counts
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        let sum = Duration::from_micros(self.sum_micros.load(Ordering::Relaxed));
        (bounds.zip(counts).collect(), sum.as_secs_f64())
    }
}

fn micros(seconds: f64) -> u64 {
    let time = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
