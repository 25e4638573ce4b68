//! Carries this process's notes to the others.
//!
//! One note at a time: what happens meanwhile goes into the next, so the slower Redis is, the
//! fewer and larger the notes. A note that cannot be delivered is dropped.

use std::time::Duration;

use redis::{RedisResult, cmd};

use super::{Inner, bells, hint, outbox::Note};

/// How often to ask whether Redis is there when there is nothing to say: an operator shall
/// hear that it went before it is missed.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// Announces for ever.
pub(super) async fn run(redis: &Inner) {
    let mut told = ping(redis).await;
    loop {
        if let Err(error) = told {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "a hint was dropped"
            );
        }
        told = match tokio::time::timeout(ASK_EVERY, redis.outbox.take()).await {
            Ok(note) => tell(redis, &note).await,
            Err(_) => ping(redis).await,
        };
    }
}

async fn tell(redis: &Inner, note: &Note) -> RedisResult<()> {
    let mut connection = redis.link.connection().await?;
    if note.bells > 0 {
        let rung = bells::ring(&mut connection, &redis.names, note.bells).await;
        // Out of memory, perhaps: who can be told without a bell still is.
        if let Err(error) = redis.link.heed(rung).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "no bell was rung");
        }
    }
    let mut publish = cmd("PUBLISH");
    publish
        .arg(redis.names.hints())
        .arg(hint::message(redis.names.me, note));
    let published = publish.query_async(&mut connection).await;
    redis.link.heed(published).await
}

async fn ping(redis: &Inner) -> RedisResult<()> {
    let mut connection = redis.link.connection().await?;
    let answered = cmd("PING").query_async(&mut connection).await;
    redis.link.heed(answered).await
}
