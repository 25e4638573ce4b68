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
    if hint.has_invalidations {
        hub.invalidations_hinted();
    }
    for task in hint.tasks {
        hub.changed(task);
    }
}

async fn in_time<T>(answer: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    let answer = timeout(ANSWER, answer).await;
    answer.unwrap_or_else(|_| Err(RedisError::from((ErrorKind::Io, "it is silent"))))
}

#[cfg(test)]
mod tests {
    use tokio_util::task::TaskTracker;
    use weir_store::{CommitListener, Signal, Topic};
    use weir_testkit::{RedisServer, until};

    use crate::{Hub, RedisConfig};

    use super::*;

    #[tokio::test]
    async fn who_invalidates_has_the_others_look_at_once_and_not_itself() {
        let server = RedisServer::start().await;
        let config = RedisConfig {
            url: server.url(),
            prefix: server.prefix().to_owned(),
        };
        let hub = || Hub::among_others(Some(&config)).expect("the URL is one");
        let (one, other) = (hub(), hub());
        for hub in [&one, &other] {
            let carried = hub.clone();
            TaskTracker::new().spawn(async move { carried.carry().await });
        }
        let moment = Duration::from_millis(100);
        for (says, hears) in [(&one, &other), (&other, &one)] {
            until("the hint to arrive", 4 * ANSWER, async || {
                says.committed(&[Signal::Invalidated(Topic::Package, "a".to_owned())]);
                timeout(moment, hears.hinted()).await.is_ok()
            })
            .await;
        }
        timeout(moment, one.hinted()).await.ok();
        one.committed(&[Signal::Invalidated(Topic::Package, "b".to_owned())]);
        timeout(ANSWER, other.hinted())
            .await
            .expect("the other looks");
        let own = timeout(moment, one.hinted()).await;
        assert!(own.is_err(), "its caches heard of it directly");
    }
}
