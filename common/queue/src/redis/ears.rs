//! Hears what other processes say.
//!
//! A subscription that breaks, or that no longer answers, is made anew; what was said
//! meanwhile is missed, and found by looking.

use std::time::Duration;

use futures::StreamExt;
use redis::{ErrorKind, RedisError, RedisResult, Value, aio::PubSub};
use tokio::time::{Instant, timeout};

use super::{Inner, hint::Hint, link::BACKOFF};
use crate::Hub;

/// Longest time for any answer.
const ANSWER: Duration = Duration::from_secs(5);
/// Silence after which the connection is asked whether it is alive.
const SILENCE: Duration = Duration::from_secs(5);

/// Listens for ever.
pub(super) async fn run(redis: &Inner, hub: &Hub) {
    let mut failures = 0;
    loop {
        let began = Instant::now();
        let Err(error) = listen(redis, hub).await;
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "the subscription broke"
        );
        failures = if began.elapsed() > BACKOFF.cap {
            1
        } else {
            failures + 1
        };
        tokio::time::sleep(BACKOFF.pause(failures)).await;
    }
}

async fn listen(redis: &Inner, hub: &Hub) -> RedisResult<std::convert::Infallible> {
    let mut pubsub: PubSub = in_time(redis.client.get_async_pubsub()).await?;
    in_time(pubsub.subscribe(redis.names.hints())).await?;
    let (mut sink, mut messages) = pubsub.split();
    loop {
        match timeout(SILENCE, messages.next()).await {
            Ok(Some(message)) => heard(redis, hub, message.get_payload_bytes()),
            Ok(None) => return Err(RedisError::from((ErrorKind::Io, "the connection ended"))),
            Err(_) => drop(in_time(sink.ping::<Value>()).await?),
        }
    }
}

fn heard(redis: &Inner, hub: &Hub, message: &[u8]) {
    let Some(hint) = Hint::read(message, redis.names.me) else {
        return;
    };
    if hint.has_bell {
        redis.wake.notify_one();
    }
    hub.told(&hint.tasks, hint.has_invalidations);
}

async fn in_time<T>(answer: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    let answer = timeout(ANSWER, answer).await;
    answer.unwrap_or_else(|_| Err(RedisError::from((ErrorKind::Io, "it is silent"))))
}
