//! Looks after the rows that tell caches what to forget: numbers them, and throws old ones
//! away.

use std::time::Duration;

use weir_content::ContentError;
use weir_store::{
    clock, invalidations,
    sequences::{self, Sequence},
};

use super::lead::Lead;

/// How long a committed row may lack its number; nobody waits for one to be heard of it.
pub(super) const NUMBER_EVERY: Duration = Duration::from_millis(200);
/// Between two prunings.
pub(super) const PRUNE_EVERY: Duration = Duration::from_secs(60);
/// How long a row stays: whoever did not read for longer forgets everything.
const KEPT: Duration = Duration::from_secs(600);

/// Numbers what is committed.
pub(super) async fn number(lead: &Lead) -> Result<(), ContentError> {
    const ROWS: Sequence = Sequence::Invalidations;
    while sequences::is_behind(lead.environment.db.read(), ROWS).await? {
        let numbered = lead.write(|tx| Box::pin(async move { sequences::number(tx, ROWS).await }));
        numbered.await?;
    }
    Ok(())
}

/// Removes old rows.
pub(super) async fn prune(lead: &Lead) -> Result<(), ContentError> {
    loop {
        let pruned = lead.write(|tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                invalidations::prune(tx, now.minus(KEPT)).await
            })
        });
        if pruned.await? == 0 {
            return Ok(());
        }
    }
}
