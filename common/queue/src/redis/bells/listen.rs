//! Keeps apalis' worker alive: any error of Redis ends it, and it is built anew.
//!
//! Each start has a name of its own, and pauses between starts grow, with jitter, so that a
//! Redis that comes back is not met by a crowd. What a worker held when it ended is thrown
//! away: a bell that ends workers ends one.

use std::{convert::Infallible, sync::Arc, time::Duration};

use apalis_core::error::BoxDynError;
use redis::aio::MultiplexedConnection;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{
    super::{Inner, link::BACKOFF},
    settings::{Heard, Listener, Settings, settings, work},
    spent,
};
use crate::Bell;

/// How often spent bells are deleted.
const CLEAR_EVERY: Duration = Duration::from_secs(1);
/// A worker that lasted this long was a good one: the pauses begin anew.
const GOOD_LIFE: Duration = Duration::from_secs(10);
/// How long a worker that ended may take to tidy up.
const LEAVE: Duration = Duration::from_secs(1);

/// Rings `bell` for each bell heard, until `stop`.
pub(in super::super) async fn hear(redis: &Inner, bell: &Bell, stop: &CancellationToken) {
    let bell = bell.clone();
    let waiting = bell.listeners();
    let heard: Heard = Arc::new(move || {
        bell.ring();
        Box::pin(std::future::ready(()))
    });
    listen(redis, &Listener { heard, waiting }, stop).await;
}

/// Tells `listener` of each bell, until `stop`.
pub(super) async fn listen(redis: &Inner, listener: &Listener, stop: &CancellationToken) {
    let mut failures = 0;
    for start in 1.. {
        let began = Instant::now();
        let settings = settings(&redis.names, start);
        let name = settings.name.clone();
        let ended = tokio::select! {
            ended = live(redis, settings, listener) => ended,
            () = stop.cancelled() => Ok(()),
        };
        leave(redis, &name).await;
        if stop.is_cancelled() {
            return;
        }
        if let Err(error) = ended {
            tracing::debug!(
                error = &*error as &dyn std::error::Error,
                start,
                "the listener for bells ended"
            );
        }
        failures = if began.elapsed() > GOOD_LIFE {
            1
        } else {
            failures + 1
        };
        tokio::select! {
            () = tokio::time::sleep(BACKOFF.pause(failures)) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// One life of a worker.
async fn live(redis: &Inner, settings: Settings, listener: &Listener) -> Result<(), BoxDynError> {
    let name = settings.name.clone();
    let connecting = redis
        .client
        .get_multiplexed_async_connection_with_config(&settings.connection);
    let connection = connecting.await?;
    let working = work(
        settings,
        connection.clone(),
        Arc::clone(&redis.wake),
        listener.clone(),
    );
    tokio::select! {
        ended = working => Ok(ended?),
        never = clear(redis, connection, &name) => match never {},
    }
}

/// Deletes spent bells for ever. Failing once is no matter: it happens again.
async fn clear(redis: &Inner, mut connection: MultiplexedConnection, name: &str) -> Infallible {
    let mut tick = tokio::time::interval(CLEAR_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        while let Ok(spent::AT_ONCE..) = spent::clear(&mut connection, &redis.names, name).await {}
    }
}

/// Leaves no trace of a worker that ended; if Redis is away, others reap it.
async fn leave(redis: &Inner, name: &str) {
    let leaving = async {
        let mut connection = redis.link.connection().await?;
        spent::forget(&mut connection, &redis.names, name).await
    };
    drop(tokio::time::timeout(LEAVE, leaving).await);
}
