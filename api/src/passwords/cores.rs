//! Where hashes are computed: one a core at a time, behind whoever else wants the core, and on all
//! cores but one.
//!
//! A hash takes 19 MiB and tens of milliseconds, so a flood of passwords must neither take all
//! cores from what is served, nor all memory. Few logins go on even where others want all cores; a
//! flood has what nobody else wants. Whoever waits too long for a turn is told to come back; the
//! wait costs nothing but the connection. What was computed in goes to who comes next, and is given
//! back when nobody waits.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};
use weir_runtime::background::{self, Priority};

use super::argon::Memory;
use crate::{
    error::{ApiError, ApiResult},
    limits::too_many,
};

/// Longest wait for a turn.
const PATIENCE: Duration = Duration::from_secs(3);
/// When whoever waited in vain may come back.
const PAUSE: Duration = Duration::from_secs(5);

/// As many who wait are a flood.
const FLOOD: usize = 16;

/// The turns.
#[derive(Debug)]
pub(crate) struct Cores(Arc<Turns>);

#[derive(Debug)]
struct Turns {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    computed: AtomicU64,
    spare: Mutex<Vec<Memory>>,
}

/// One who waits for a turn.
struct Waiting<'a>(&'a AtomicUsize);

impl Default for Cores {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let hashing = cores.saturating_sub(1).max(1);
        Self(Arc::new(Turns {
            free: Arc::new(Semaphore::new(hashing)),
            waiting: AtomicUsize::new(0),
            computed: AtomicU64::new(0),
            spare: Mutex::default(),
        }))
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
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> ApiResult<T> {
        let turn = self.0.turn().await?;
        self.0.computed.fetch_add(1, Relaxed);
        let (turns, (tell, told)) = (Arc::clone(&self.0), oneshot::channel());
        let begun = background::spawn("password", self.0.priority(), move || {
            let mut memory = turns.spare().pop().unwrap_or_default();
            let result = work(&mut memory);
            turns.keep(memory);
            drop(turn);
            // Nobody may be listening any more.
            let _ = tell.send(result);
        });
        begun.map_err(ApiError::internal)?;
        told.await.map_err(ApiError::internal)
    }

    /// Returns how many hashes were computed.
    pub(crate) fn computed(&self) -> u64 {
        self.0.computed.load(Relaxed)
    }
}

impl Turns {
    async fn turn(&self) -> ApiResult<OwnedSemaphorePermit> {
        let _waiting = Waiting::among(&self.waiting);
        let turn = timeout(PATIENCE, Arc::clone(&self.free).acquire_owned()).await;
        let late = |_| too_many("Too many logins at once; come back later", PAUSE);
        turn.map_err(late)?.map_err(ApiError::internal)
    }

    fn priority(&self) -> Priority {
        if self.waiting.load(Relaxed) < FLOOD {
            Priority::Low
        } else {
            Priority::Idle
        }
    }

    /// Keeps memory for who waits; for nobody, none is kept.
    fn keep(&self, memory: Memory) {
        let mut spare = self.spare();
        if self.waiting.load(Relaxed) > 0 {
            spare.push(memory);
        } else {
            spare.clear();
        }
    }

    fn spare(&self) -> MutexGuard<'_, Vec<Memory>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Waiting<'a> {
    fn among(all: &'a AtomicUsize) -> Self {
        all.fetch_add(1, Relaxed);
        Self(all)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn as_many_at_once_as_there_are_cores_and_nothing_is_kept_afterwards() {
        let cores = Cores::default();
        let most = cores.0.free.available_permits();
        let (now, peak) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        // Fewer than a flood, whose threads get nothing from a machine that is busy.
        let all = (2 * most).min(7);
        let works = (0..all).map(|n| {
            let (now, peak) = (Arc::clone(&now), Arc::clone(&peak));
            cores.run(move |memory| {
                peak.fetch_max(now.fetch_add(1, Relaxed) + 1, Relaxed);
                memory.resize(64, argon2::Block::default());
                std::thread::yield_now();
                now.fetch_sub(1, Relaxed);
                n
            })
        });
        let done: Vec<_> = join_all(works).await.into_iter().flatten().collect();
        assert_eq!(done, (0..all).collect::<Vec<_>>());
        assert!((1..=most).contains(&peak.load(Relaxed)));
        assert_eq!(cores.computed(), all as u64);
        assert!(cores.0.spare().is_empty());
        assert_eq!(cores.0.waiting.load(Relaxed), 0);
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_to_come_back() {
        let cores = Cores::default();
        let most = u32::try_from(cores.0.free.available_permits()).expect("few");
        let held = Arc::clone(&cores.0.free).acquire_many_owned(most).await;
        let late = cores.run(|_| ()).await.expect_err("no turn");
        assert_eq!(
            late.to_string(),
            "[TOO_MANY_REQUESTS] Too many logins at once; come back later"
        );
        assert_eq!(cores.computed(), 0);
        drop(held);
        cores.run(|_| ()).await.expect("a turn");
    }

    #[tokio::test]
    async fn who_fails_gives_the_turn_back() {
        let cores = Cores::default();
        let most = cores.0.free.available_permits();
        for _ in 0..=most {
            let failed = cores.run(|_| panic!("of the test")).await;
            assert!(failed.is_err());
        }
        cores.run(|_| ()).await.expect("a turn");
    }
}
