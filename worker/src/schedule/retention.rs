//! Removes tasks that ended long ago, and the objects of their logs.

use std::time::Duration;

use weir_content::ContentError;
use weir_domain::task::TaskState;
use weir_store::{
    clock,
    tasks::{self, Expiry, SealedObject},
};

use super::{lead::Lead, warn};
use crate::environment::EngineSettings;

/// Tasks removed in one transaction.
const BATCH: i64 = 100;
/// Between two transactions: others write too.
const BREATH: Duration = Duration::from_millis(50);
/// Between two looks, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Returns the pause between two looks.
pub(super) fn every(settings: &EngineSettings) -> Duration {
    let shortest = Duration::from_millis(100);
    (settings.upkeep.task_retention / 10).clamp(shortest, LONGEST_PAUSE)
}

/// Removes all that have been kept for long enough.
pub(super) async fn remove(lead: &Lead) -> Result<(), ContentError> {
    let upkeep = lead.environment.settings.upkeep;
    if upkeep.task_retention.is_zero() {
        return Ok(());
    }
    let now = clock::now(lead.environment.db.read()).await?;
    let expiry = Expiry {
        success: now.minus(upkeep.task_retention),
        error: now.minus(upkeep.error_retention()),
    };
    let mut count = 0;
    for state in [TaskState::Success, TaskState::Error] {
        let mut after = None;
        loop {
            let removed = lead.write(move |tx| {
                Box::pin(
                    async move { tasks::remove_expired(tx, (state, expiry), after, BATCH).await },
                )
            });
            let removed = removed.await?;
            count += removed.tasks;
            remove_logs(lead, removed.logs).await;
            if removed.last.is_none() {
                break;
            }
            after = removed.last;
            tokio::time::sleep(BREATH).await;
        }
    }
    if count > 0 {
        tracing::info!(count, "old tasks were removed");
    }
    Ok(())
}

async fn remove_logs(lead: &Lead, logs: Vec<SealedObject>) {
    for log in logs {
        let generation = log.generation.unsigned_abs();
        let blobs = &lead.environment.content.blobs;
        // One that stays is found by its having no task.
        if let Err(error) = blobs.remove_log(log.task, generation).await {
            warn(&error, "the log of a removed task is left");
        }
    }
}
