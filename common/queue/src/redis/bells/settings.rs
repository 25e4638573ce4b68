//! Every setting of apalis, in one function: each is the answer to a measured defect of
//! apalis-redis 1.0, and has a test that fails without it.

use std::{sync::Arc, time::Duration};

use apalis::layers::WorkerBuilderExt;
use apalis_core::{
    backend::ext::BackendExt,
    error::WorkerError,
    task::data::Data,
    worker::{builder::WorkerBuilder, context::WorkerContext},
};
use apalis_redis::{Config, RedisStorage};
use futures::{FutureExt, future::BoxFuture};
use redis::{AsyncConnectionConfig, aio::MultiplexedConnection};
use tokio::sync::{Notify, watch};

use super::{super::Names, strategy::TickOrWake};

/// What is done about a bell.
pub(super) type Heard = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// Who hears bells.
#[derive(Clone)]
pub(super) struct Listener {
    /// Called for each.
    pub(super) heard: Heard,
    /// How many wait for one; while nobody does they stay in Redis, for other processes.
    pub(super) waiting: watch::Receiver<usize>,
}

/// How apalis is used.
pub(super) struct Settings {
    /// Queue, heartbeats, acknowledgements.
    pub(super) config: Config,
    /// The connection of apalis' worker.
    pub(super) connection: AsyncConnectionConfig,
    /// The worker's name.
    pub(super) name: String,
    /// How often to look for bells although nobody published that one was rung.
    pub(super) tick: Duration,
    /// Bells in hand at once.
    pub(super) concurrency: usize,
}

/// Returns the settings for the worker's start of this number.
pub(super) fn settings(names: &Names, start: u64) -> Settings {
    Settings {
        config: Config::default()
            .queue(names.bells())
            // More would lie in the worker, which neither beats nor acknowledges meanwhile: the
            // others take what it holds.
            .batch_size(1)
            // Also the second net under polling that stops. By default half a minute.
            .heartbeat_interval(Duration::from_secs(5))
            // What a killed worker held is heard after a quarter of a minute, not after five.
            .missed_heartbeats(3)
            // A lock protects nothing, and costs a search through all that lies there.
            .lock_tasks(false)
            // Nobody listens to what apalis would publish.
            .emit_events(false)
            // Without results nothing is acknowledged, and every bell comes back.
            .persist_results(true),
        // By default half a second: one slow command of anybody ends the worker.
        connection: AsyncConnectionConfig::new()
            .set_response_timeout(Some(Duration::from_secs(10))),
        // A name that was just used is refused for as long as its last heartbeat counts.
        name: format!("{}-{}-{start}", std::process::id(), names.me),
        // apalis' own strategies lose wake-ups, and without one it looks once a heartbeat.
        tick: Duration::from_secs(1),
        // By default no bound: the whole queue would come into memory.
        concurrency: 1,
    }
}

/// Returns apalis' worker, at work until it fails.
pub(super) fn work(
    settings: Settings,
    connection: MultiplexedConnection,
    wake: Arc<Notify>,
    listener: Listener,
) -> BoxFuture<'static, Result<(), WorkerError>> {
    let storage = RedisStorage::<(), _>::new(connection).with_config(settings.config);
    WorkerBuilder::new(settings.name.as_str())
        .backend(storage.poll_with_strategy(TickOrWake::new(settings.tick, wake)))
        .data(listener.heard)
        .enable_tracing()
        .catch_panic()
        .concurrency(settings.concurrency)
        .build(hear)
        .run_with_ctx(move |worker| take_while_wanted(worker, listener.waiting.clone()))
        .boxed()
}

/// Lets a worker take bells only while somebody waits for one; it beats all the same.
async fn take_while_wanted(
    worker: WorkerContext,
    mut waiting: watch::Receiver<usize>,
) -> Result<(), WorkerError> {
    // It is polled for the first time after this, and starts then.
    while worker.is_pending() {
        tokio::task::yield_now().await;
    }
    loop {
        // Who is what it shall be, or has ended, refuses: no matter.
        let is_wanted = *waiting.borrow_and_update() > 0;
        drop(if is_wanted {
            worker.resume()
        } else {
            worker.pause()
        });
        if waiting.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Always succeeds: apalis' retries are never wanted.
async fn hear((): (), heard: Data<Heard>) {
    heard().await;
}
