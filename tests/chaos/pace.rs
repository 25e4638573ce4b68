//! How often the crowd asks: at most so many times a second, and not while much waits already.
//!
//! So that what is measured is the wait after a fault, not the length of a queue on a slow
//! machine.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use tokio::time::{Interval, MissedTickBehavior};

/// Nobody asks while more tasks wait than this: fewer than there are slots.
const MUCH: i64 = 24;
/// Whoever is kept from asking for so long asks all the same: something is wrong.
const POLITE: Duration = Duration::from_secs(60);

/// Says when the next may ask.
#[derive(Debug)]
pub struct Pace {
    tick: Interval,
    pool: PgPool,
}

impl Pace {
    pub fn new(per_second: u32, pool: PgPool) -> Self {
        let mut tick = tokio::time::interval(Duration::from_secs(1) / per_second);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { tick, pool }
    }

    /// Waits for one's turn.
    pub async fn next(&mut self) {
        let began = Instant::now();
        self.tick.tick().await;
        while self.waiting().await > MUCH && began.elapsed() < POLITE {
            self.tick.tick().await;
        }
    }

    /// Counts the tasks that wait; none if the database is away.
    async fn waiting(&self) -> i64 {
        let sql = "SELECT count(*) FROM tasks WHERE state = 'waiting'";
        let count = sqlx::query_scalar(sql).fetch_one(&self.pool).await;
        count.unwrap_or_default()
    }
}
