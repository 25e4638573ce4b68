//! Ringing bells, while few lie in Redis.

use apalis_core::task::builder::TaskBuilder;
use apalis_redis::queries::push_tasks;
use redis::{ErrorKind, RedisError, RedisResult, aio::MultiplexedConnection, pipe};

use super::{super::Names, settings::settings};

/// Bells that may lie in Redis; apalis' worker cannot take any out of eight thousand.
pub(super) const MAX_LYING: usize = 1_000;

/// Rings up to `count` bells, as many as there is room for.
///
/// # Concurrency
/// Processes that ring at the same moment may each fill the same room; each rings a few.
pub(in super::super) async fn ring(
    connection: &mut MultiplexedConnection,
    names: &Names,
    count: usize,
) -> RedisResult<()> {
    let config = settings(names, 0).config;
    let (scheduled, active): (usize, usize) = pipe()
        .zcard(config.scheduled_jobs_set())
        .llen(config.active_jobs_list())
        .query_async(connection)
        .await?;
    let room = MAX_LYING.saturating_sub(scheduled + active);
    let bell = || TaskBuilder::new(b"null".to_vec()).build();
    let bells: Vec<_> = std::iter::repeat_with(bell).take(count.min(room)).collect();
    if bells.is_empty() {
        return Ok(());
    }
    match push_tasks(connection, &config, &bells).await {
        Ok(_) => Ok(()),
        Err(apalis_redis::Error::Database(error)) => Err(error),
        Err(other) => Err(RedisError::from((
            ErrorKind::Client,
            "apalis",
            other.to_string(),
        ))),
    }
}
