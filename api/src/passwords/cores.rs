//! Where hashes are computed: one a core at a time, behind whoever else wants the core.
//!
//! A hash takes 19 MiB and tens of milliseconds, so a flood of passwords must neither take all
//! cores from what is served, nor all memory. Whoever waits too long for a turn is told to come
//! back; the wait costs nothing but the connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};
use weir_runtime::background;

use crate::{
    error::{ApiError, ApiResult},
    limits::too_many,
};

/// Longest wait for a turn.
const PATIENCE: Duration = Duration::from_secs(3);
/// When whoever waited in vain may come back.
const PAUSE: Duration = Duration::from_secs(5);

/// The turns.
#[derive(Debug)]
pub(crate) struct Cores {
    turns: Arc<Semaphore>,
    computed: AtomicU64,
}

impl Default for Cores {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new(cores)),
            computed: AtomicU64::new(0),
        }
    }
}

impl Cores {
    /// Does `work` on a thread of its own when it is its turn.
    ///
    /// # Errors
    /// 429 if that is not soon.
    ///
    /// # Cancel safety
    /// What has begun goes on to its end and keeps its turn until then.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> ApiResult<T> {
        let turn = timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(turn) = turn else {
            return Err(too_many("Too many logins at once; come back later", PAUSE));
        };
        let turn = turn.map_err(ApiError::internal)?;
        self.computed.fetch_add(1, Relaxed);
        let (tell, told) = oneshot::channel();
        let begun = background::spawn("password", move || {
            let result = work();
            drop(turn);
            // Nobody may be waiting any more.
            let _ = tell.send(result);
        });
        begun.map_err(ApiError::internal)?;
        told.await.map_err(ApiError::internal)
    }

    /// Returns how many hashes were computed.
    pub(crate) fn computed(&self) -> u64 {
        self.computed.load(Relaxed)
    }
}
