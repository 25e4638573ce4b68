//! The thread that keeps the scribe writing.
//!
//! It has a runtime and a connection of its own: however busy the worker's threads are, leases are renewed
//! and lines appear.

use std::{thread::JoinHandle, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::scribe::{FLUSH_EVERY, Scribe};

/// The beating thread.
pub(super) struct Pulse {
    stop: CancellationToken,
    /// Set when the thread has ended, in whatever way.
    ended: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

/// Longest time without looking whether a beat is due; shorter for a short lease.
const IDLE: Duration = Duration::from_millis(500);

/// Starts the thread; if there can be none, it has ended at once.
pub(super) fn start(scribe: Scribe) -> Pulse {
    let stop = CancellationToken::new();
    let (stopped, ended) = (stop.clone(), CancellationToken::new());
    let guard = ended.clone().drop_guard();
    let thread = std::thread::Builder::new()
        .name("weir-pulse".to_owned())
        .spawn(move || {
            let _guard = guard;
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            match runtime {
                Ok(runtime) => runtime.block_on(beat(scribe, stopped)),
                Err(error) => {
                    tracing::error!(%error, "no runtime for task logs");
                }
            }
        });
    if let Err(error) = &thread {
        tracing::error!(%error, "no thread for task logs");
    }
    Pulse {
        stop,
        ended,
        thread: thread.ok(),
    }
}

async fn beat(scribe: Scribe, stop: CancellationToken) {
    let mut last = Instant::now();
    let idle = IDLE.min(scribe.lease() / 6);
    let db = loop {
        match scribe.db().beside().await {
            Ok(db) => break db,
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "no connection for task logs"
            ),
        }
        tokio::select! {
            () = tokio::time::sleep(IDLE) => {}
            () = stop.cancelled() => return,
        }
    };
    loop {
        tokio::select! {
            () = scribe.woken() => {}
            () = tokio::time::sleep(idle) => {}
            () = stop.cancelled() => break,
        }
        // At once when nothing was written lately, else at the end of the interval.
        tokio::time::sleep_until(last + FLUSH_EVERY).await;
        while scribe.flush(&db).await {}
        last = Instant::now();
    }
    scribe.flush(&db).await;
}

impl Pulse {
    /// Waits until leases are renewed no more.
    pub(super) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Writes what is left and ends the thread.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        if let Some(thread) = self.thread {
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
    }
}
