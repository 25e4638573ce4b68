//! Deleting what apalis leaves in Redis for ever: bells that were heard, workers that ended.

use apalis_core::worker::context::WorkerContext;
use redis::{RedisResult, Script, aio::MultiplexedConnection};

use super::{super::Names, settings::settings};

/// Most bells that one call deletes; Redis does nothing else meanwhile.
pub(super) const AT_ONCE: usize = 500;
/// How long a living worker's description stays after its last sign, in milliseconds.
const WORKER_KEPT_MS: usize = 3_600_000;

/// Deletes bells that were heard, and such as no worker can get any more; returns how many.
/// Says of `worker` that it lives.
pub(super) async fn clear(
    connection: &mut MultiplexedConnection,
    names: &Names,
    worker: &str,
) -> RedisResult<usize> {
    let config = settings(names, 0).config;
    Script::new(include_str!("lua/clear.lua"))
        .key(config.done_jobs_set())
        .key(config.dead_jobs_set())
        .key(config.job_data_hash())
        .key(config.job_meta_hash())
        .key(config.scheduled_jobs_set())
        .key(config.active_jobs_list())
        .key(config.workers_set())
        .key(config.inflight_jobs_set())
        .key(config.worker_metadata_key(&WorkerContext::new(worker)))
        .arg(AT_ONCE)
        .arg(WORKER_KEPT_MS)
        .invoke_async(connection)
        .await
}

/// Deletes a worker that has ended, and the bells it held.
pub(super) async fn forget(
    connection: &mut MultiplexedConnection,
    names: &Names,
    worker: &str,
) -> RedisResult<()> {
    let config = settings(names, 0).config;
    let context = WorkerContext::new(worker);
    Script::new(include_str!("lua/forget.lua"))
        .key(config.inflight_set_for(&context))
        .key(config.job_data_hash())
        .key(config.job_meta_hash())
        .key(config.workers_set())
        .key(config.worker_metadata_key(&context))
        .arg(worker)
        .invoke_async(connection)
        .await
}
