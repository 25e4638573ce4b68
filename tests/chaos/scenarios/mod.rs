//! What can be done to a deployment; one file a group.

mod apis;
mod backlog;
mod postgres;
mod redis;
mod rolling;
mod workers;

use std::{panic::AssertUnwindSafe, time::Duration};

use clap::ValueEnum;
use futures::{FutureExt, future::LocalBoxFuture};
use rand::{Rng, rngs::StdRng};

use crate::{ground::Ground, report::Row};

/// The scenarios, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Nothing is done: what the others are compared with
    Calm,
    /// A worker is killed (-9), again and again
    WorkerKills,
    /// Workers are stopped beyond their lease and go on as if nothing had been
    WorkerStops,
    /// Redis is killed (-9) and started again
    RedisRestarts,
    /// Redis forgets everything
    RedisFlushes,
    /// Redis takes requests and does not answer
    RedisSilence,
    /// Redis refuses every write
    RedisFullness,
    /// An API is killed (-9) while it accepts tasks
    ApiKills,
    /// PostgreSQL is restarted, in order and as if killed
    PostgresRestarts,
    /// Every process is asked to end and started again, one after the other
    Rolling,
    /// Everything waits before the first worker starts
    Backlog,
}

impl Scenario {
    /// Plays it; a scenario that cannot be played to its end is a broken promise too.
    pub async fn play(self, ground: &mut Ground) -> Row {
        let playing: LocalBoxFuture<'_, Row> = match self {
            Self::Calm => workers::calm(ground).boxed_local(),
            Self::WorkerKills => workers::kills(ground).boxed_local(),
            Self::WorkerStops => workers::stops(ground).boxed_local(),
            Self::RedisRestarts => redis::restarts(ground).boxed_local(),
            Self::RedisFlushes => redis::flushes(ground).boxed_local(),
            Self::RedisSilence => redis::silence(ground).boxed_local(),
            Self::RedisFullness => redis::fullness(ground).boxed_local(),
            Self::ApiKills => apis::kills(ground).boxed_local(),
            Self::PostgresRestarts => postgres::restarts(ground).boxed_local(),
            Self::Rolling => rolling::restarts(ground).boxed_local(),
            Self::Backlog => backlog::drains(ground).boxed_local(),
        };
        let played = AssertUnwindSafe(playing).catch_unwind().await;
        played.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            let text = text.unwrap_or_default();
            Row {
                scenario: format!("{self:?}"),
                broken: vec![format!("not played to its end: {text}")],
                ..Row::default()
            }
        })
    }
}

/// Waits for about so long: between half and one and a half times.
async fn about(random: &mut StdRng, pause: Duration) {
    tokio::time::sleep(pause.mul_f64(random.random_range(0.5..1.5))).await;
}
