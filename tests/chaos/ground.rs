//! What outlives a scenario: the database server, the seed, the sizes.

use std::time::Duration;

use rand::{SeedableRng, rngs::StdRng};
use weir_domain::{Clock, SystemClock};
use weir_testkit::database::PostgresServer;

/// What every scenario stands on.
#[derive(Debug)]
pub struct Ground {
    pub postgres: PostgresServer,
    pub plan: Plan,
}

/// How much, and by which seed.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub is_long: bool,
    pub seed: u64,
    pub tasks: Option<usize>,
    pub faults: Option<usize>,
}

impl Plan {
    /// Returns how many tasks to ask for.
    pub fn tasks(&self, short: usize, long: usize) -> usize {
        self.tasks.unwrap_or(self.either(short, long))
    }

    /// Returns how many faults to inject.
    pub fn faults(&self, short: usize, long: usize) -> usize {
        self.faults.unwrap_or(self.either(short, long))
    }

    /// Returns so many seconds.
    pub fn seconds(&self, short: u64, long: u64) -> Duration {
        Duration::from_secs(self.either(short, long))
    }

    pub fn either<T>(&self, short: T, long: T) -> T {
        if self.is_long { long } else { short }
    }

    /// Returns the random choices of a scenario: the same whichever others are played.
    pub fn random(&self) -> StdRng {
        StdRng::seed_from_u64(self.seed)
    }
}

/// Returns the time in milliseconds, by the clock that the database uses too.
pub fn now_ms() -> i64 {
    SystemClock.now().0
}
