//! Decides whether and when a job runs: claims, leases, logs, limits, retries.
//!
//! ```text
//! claims ── a bell or a tick ──> claim ──> supervise ──> job
//!                                            │  scribe: log lines, lease, cancel poll
//!                                            └> conclude: finish, retry, release
//! schedule ── if this worker leads: the periodic work of all (the sweep, …)
//! ```

mod claims;
mod conclude;
mod pulse;
mod run;
mod scribe;
mod shortages;
mod slots;
mod supervise;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use self::run::Run;
use self::{claims::Claims, scribe::Scribe};
use crate::{Environment, schedule};

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
    let leading = shutdown.child_token();
    tracker.spawn(schedule::run(environment.clone(), leading.clone()));
    let (hub, stop) = (environment.hub.clone(), leading.clone());
    tracker.spawn(async move { hub.hear_bells(&stop).await });
    let _leads_no_longer = leading.drop_guard();
    let claims = Claims::new(environment, scribe, tracker.clone());
    tokio::select! {
        () = claims.run(&shutdown) => {}
        () = pulse.ended() => {
            // What runs would lose its lease; a process that starts anew is of more use.
            return tracing::error!("leases are renewed no more; the worker stops");
        }
    }
    tracker.close();
    tracker.wait().await;
    pulse.stop().await;
    tracing::info!("worker stopped");
}
