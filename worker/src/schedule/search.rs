//! Makes packages findable that are not: those that were there before there was an index, and
//! those that a process of the release before shows anew meanwhile.
//!
//! A few packages a transaction, so that nobody waits long; nothing is kept about how far it
//! got, because what is done is no longer behind.

use std::time::Duration;

use weir_content::ContentError;
use weir_store::search;

use super::lead::Lead;

/// Between two looks.
pub(super) const INDEX_EVERY: Duration = Duration::from_secs(60);
/// Packages in one transaction.
const PAGE: i64 = 20;

/// Brings every package's entry up to date.
pub(super) async fn index(lead: &Lead) -> Result<(), ContentError> {
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let behind = search::behind(lead.environment.db.read(), &after, PAGE).await?;
        let Some(last) = behind.last() else {
            break;
        };
        last.as_str().clone_into(&mut after);
        count += behind.len();
        let refreshed = lead.write(move |tx| {
            Box::pin(async move {
                for name in &behind {
                    search::refresh(tx, name).await?;
                }
                Ok(())
            })
        });
        refreshed.await?;
    }
    if count > 0 {
        tracing::info!(count, "packages can be found now");
    }
    Ok(())
}
