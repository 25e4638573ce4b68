//! Supervised futures: everything a process runs beside its main path has a name, is
//! waited for at the end, and does not die unseen.
//!
//! A panic becomes a log line. An *essential* future (the listener, the claim loop) takes
//! the process with it when it fails or ends early: a process that looks alive and does
//! nothing is worse than one that a supervisor restarts.

use std::{
    collections::BTreeMap,
    future::Future,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::FutureExt;
use tokio_util::task::TaskTracker;

use crate::{Shutdown, one_line};

/// Any error, as an essential future reports it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The supervised futures of a process; clones share them.
#[derive(Debug, Clone)]
pub struct Tasks {
    tracker: TaskTracker,
    shutdown: Shutdown,
    book: Arc<Book>,
}

/// How the futures of a process ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whether an essential one failed.
    pub has_failed: bool,
    /// Those that did not end within the grace.
    pub unfinished: Vec<&'static str>,
}

#[derive(Debug, Default)]
struct Book {
    next: AtomicU64,
    running: Mutex<BTreeMap<u64, &'static str>>,
    has_failed: AtomicBool,
}

impl Tasks {
    /// Returns an empty set that ends with `shutdown`.
    pub fn new(shutdown: Shutdown) -> Self {
        Self {
            tracker: TaskTracker::new(),
            shutdown,
            book: Arc::default(),
        }
    }

    /// Returns what ends them.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Runs a future whose end matters to nobody; its panic is logged.
    pub fn spawn(&self, name: &'static str, future: impl Future<Output = ()> + Send + 'static) {
        self.track(name, supervised(name, future));
    }

    /// Runs a future that lasts as long as the process: nobody waits for its end. Its panic
    /// is logged.
    pub fn spawn_beside(
        &self,
        name: &'static str,
        future: impl Future<Output = ()> + Send + 'static,
    ) {
        TaskTracker::new().spawn(supervised(name, future));
    }

    /// Runs a future without which the process is of no use: its failure, its panic, or
    /// its end before the shutdown begins the shutdown.
    pub fn spawn_essential(
        &self,
        name: &'static str,
        future: impl Future<Output = Result<(), BoxError>> + Send + 'static,
    ) {
        let (shutdown, book) = (self.shutdown.clone(), Arc::clone(&self.book));
        self.track(name, async move {
            let reason = match AssertUnwindSafe(future).catch_unwind().await {
                Ok(Ok(())) if shutdown.has_begun() => return,
                Ok(Ok(())) => "it ended before it was told to".to_owned(),
                Ok(Err(error)) => one_line(error.as_ref()),
                Err(_) => "it panicked".to_owned(),
            };
            tracing::error!(future = name, "the process stops: {reason}");
            book.has_failed.store(true, Ordering::SeqCst);
            shutdown.begin();
        });
    }

    /// Waits for the shutdown and then, at most for `grace`, for every future to end.
    ///
    /// # Cancel safety
    /// Dropping it leaves the futures running.
    pub async fn ended(&self, grace: Duration) -> Ended {
        self.shutdown.begun().await;
        self.tracker.close();
        let is_complete = tokio::time::timeout(grace, self.tracker.wait())
            .await
            .is_ok();
        let unfinished = if is_complete {
            Vec::new()
        } else {
            self.book.running().values().copied().collect()
        };
        Ended {
            has_failed: self.book.has_failed.load(Ordering::SeqCst),
            unfinished,
        }
    }

    fn track(&self, name: &'static str, future: impl Future<Output = ()> + Send + 'static) {
        let book = Arc::clone(&self.book);
        let number = book.next.fetch_add(1, Ordering::Relaxed);
        book.running().insert(number, name);
        self.tracker.spawn(async move {
            future.await;
            book.running().remove(&number);
        });
    }
}

async fn supervised(name: &'static str, future: impl Future<Output = ()>) {
    if AssertUnwindSafe(future).catch_unwind().await.is_err() {
        tracing::error!(future = name, "it panicked and is gone");
    }
}

impl Book {
    /// A name list is never half changed, so a poisoned lock is as good as a whole one.
    fn running(&self) -> MutexGuard<'_, BTreeMap<u64, &'static str>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(10);

    fn clean() -> Ended {
        Ended {
            has_failed: false,
            unfinished: Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_panic_of_an_ordinary_future_stops_nothing() {
        let tasks = Tasks::new(Shutdown::new());
        tasks.spawn("panics", async { panic!("on purpose") });
        tasks.tracker.close();
        tasks.tracker.wait().await;
        assert!(!tasks.shutdown().has_begun());
        tasks.shutdown().begin();
        assert_eq!(tasks.ended(GRACE).await, clean());
    }

    #[tokio::test]
    async fn an_essential_future_takes_the_process_with_it() {
        for (name, future) in [
            ("panics", async { panic!("on purpose") }.boxed()),
            ("ends", async { Ok(()) }.boxed()),
            ("fails", async { Err("on purpose".into()) }.boxed()),
        ] {
            let tasks = Tasks::new(Shutdown::new());
            tasks.spawn_essential(name, future);
            let ended = tokio::time::timeout(GRACE, tasks.ended(GRACE)).await;
            let ended = ended.expect("it begins the shutdown");
            assert!(ended.has_failed && ended.unfinished.is_empty(), "{name}");
        }
    }

    #[tokio::test]
    async fn an_essential_future_may_end_after_the_shutdown_began() {
        let tasks = Tasks::new(Shutdown::new());
        let token = tasks.shutdown().token();
        tasks.spawn_essential("serves", async move {
            token.cancelled().await;
            Ok(())
        });
        tasks.shutdown().begin();
        assert_eq!(tasks.ended(GRACE).await, clean());
    }

    #[tokio::test]
    async fn what_outlives_the_grace_is_named() {
        let tasks = Tasks::new(Shutdown::new());
        tasks.spawn("stubborn", std::future::pending());
        tasks.spawn("obedient", async {});
        tasks.shutdown().begin();
        let ended = tasks.ended(Duration::from_millis(50)).await;
        assert_eq!(ended.unfinished, ["stubborn"]);
    }
}
