//! Puts right what nobody looks after any more: lapsed runs, held tasks, old ones.

use weir_content::ContentError;
use weir_store::{
    clock, idempotency,
    tasks::{self, SweepLimits, Swept},
};

use super::lead::Lead;

/// Sweeps once; says so if there was something.
pub(super) async fn sweep(lead: &Lead) -> Result<(), ContentError> {
    let limits = SweepLimits {
        queue_age: lead.environment.settings.queue_age,
    };
    let swept = lead.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            idempotency::expire(tx, now).await?;
            tasks::sweep(tx, limits, now).await
        })
    });
    let swept = swept.await?;
    if swept != Swept::default() {
        tracing::info!(?swept, "swept");
    }
    Ok(())
}
