//! Decides whether and when a job runs: claims, leases, logs, limits, retries.
//!
//! ```text
//! claims ── a bell or a tick ──> claim ──> supervise ──> job
//!                                            │  scribe: log lines, lease, cancel poll
//!                                            └> conclude: finish, retry, release
//! sweep  ── every few seconds: what nobody looks after
//! ```

mod claims;
mod conclude;
mod pulse;
mod run;
mod scribe;
mod slots;
mod supervise;
mod sweep;
#[cfg(test)]
mod tests;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use self::run::Run;
use self::{claims::Claims, scribe::Scribe};
use crate::Environment;

/// Runs tasks until `shutdown`, then lets the running ones end within the grace, and gives
/// the rest back.
///
/// # Cancel safety
/// Dropping it leaves leases to lapse; use `shutdown`.
pub async fn run(environment: Environment, shutdown: CancellationToken) {
    tracing::info!(worker.id = %environment.worker, slots = environment.settings.concurrency, "worker starts");
    let tracker = TaskTracker::new();
    let scribe = Scribe::new(environment.db.clone(), environment.settings.lease);
    let pulse = pulse::start(scribe.clone());
    tracker.spawn(sweep::run(environment.clone(), shutdown.clone()));
    let (hub, stop) = (environment.hub.clone(), shutdown.clone());
    tracker.spawn(async move { hub.hear_bells(&stop).await });
    Claims::new(environment, scribe, tracker.clone())
        .run(&shutdown)
        .await;
    tracker.close();
    tracker.wait().await;
    pulse.stop().await;
    tracing::info!("worker stopped");
}
