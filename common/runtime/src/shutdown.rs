//! The end of a process: asked for once, in order; asked for twice, at once.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Knows whether this process is to end.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// Returns one that only [`Shutdown::begin`] sets off.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns one that SIGTERM and SIGINT set off; a second signal ends the process on
    /// the spot with the status a shell expects (128 + the signal's number).
    ///
    /// # Errors
    /// The system's, if handlers cannot be installed.
    pub fn on_signals() -> io::Result<Self> {
        let shutdown = Self::new();
        let ending = shutdown.clone();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        // Not among the supervised tasks: nobody waits for the listener to end.
        TaskTracker::new().spawn(async move {
            let name = either(&mut terminate, &mut interrupt).await.0;
            tracing::info!(signal = name, "stopping; a second signal stops at once");
            ending.begin();
            let (name, number) = either(&mut terminate, &mut interrupt).await;
            tracing::warn!(signal = name, "stopped at once");
            std::process::exit(128 + number);
        });
        Ok(shutdown)
    }

    /// Sets it off.
    pub fn begin(&self) {
        self.0.cancel();
    }

    /// Says whether it was set off.
    pub fn has_begun(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Returns the token to hand to whatever must notice.
    pub fn token(&self) -> CancellationToken {
        self.0.clone()
    }

    /// Waits until it is set off.
    pub async fn begun(&self) {
        self.0.cancelled().await;
    }
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) -> (&'static str, i32) {
    tokio::select! {
        _ = terminate.recv() => ("SIGTERM", SignalKind::terminate().as_raw_value()),
        _ = interrupt.recv() => ("SIGINT", SignalKind::interrupt().as_raw_value()),
    }
}
