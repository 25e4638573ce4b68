//! Forgets what readers caused and what left nothing: tasks of names that do not exist, tasks
//! that found nothing new, leases of fetches that nobody came back for, answers that there is
//! nothing or that nobody asks for any more.

use std::time::Duration;

use weir_content::ContentError;
use weir_store::{clock, fetches, kept_answers, pulls};

use super::lead::Lead;

/// Between two looks.
pub(super) const EVERY: Duration = Duration::from_secs(20);
/// How long a task stays for people to look at, and for readers who ask the same again: they
/// trust its answer for half of this.
const KEPT: Duration = Duration::from_secs(120);
/// How long a lapsed lease stays.
const LEASES_KEPT: Duration = Duration::from_secs(3600);
/// How long what a registry signed stays when nobody asks for it any more.
const STATEMENTS_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
/// Tasks looked at in one transaction.
const PAGE: i64 = 200;

/// Forgets them, a page at a time.
pub(super) async fn forget(lead: &Lead) -> Result<(), ContentError> {
    loop {
        let looked_at = lead.write(|tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                fetches::prune(tx, now.minus(LEASES_KEPT)).await?;
                kept_answers::prune(tx, now.minus(KEPT), now.minus(STATEMENTS_KEPT)).await?;
                pulls::forget(tx, now.minus(KEPT), PAGE).await
            })
        });
        if looked_at.await? < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            return Ok(());
        }
    }
}
