//! Removes files that no row names: of puts whose process died, of logs whose task is gone, of
//! deletions that the disk forgot.

use futures::{StreamExt, TryStreamExt};
use tokio::time::Instant;
use weir_blob::{Listed, ListedLog};
use weir_content::ContentError;
use weir_store::{blobs, clock, tasks};

use crate::{Environment, guard::Guard};

/// Files looked at in one go.
const PAGE: usize = 500;

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cleared {
    /// Blobs without a row.
    pub(crate) blobs: u64,
    /// Sealed logs without a task.
    pub(crate) logs: u64,
}

/// Removes them; a dry run only counts.
pub(crate) async fn clear(
    environment: &Environment,
    guard: &impl Guard,
    is_dry: bool,
) -> Result<Cleared, ContentError> {
    let (db, stored) = (&environment.db, &environment.content.blobs);
    let bound = clock::now(db.read()).await?;
    let bound = bound.minus(environment.settings.upkeep.blob_grace);
    let mut cleared = Cleared::default();
    let old = stored
        .list()
        .try_filter(|blob| std::future::ready(blob.modified_at < bound));
    let mut pages = old.try_chunks(PAGE);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|cut_off| cut_off.1)?;
        cleared.blobs += clear_blobs(environment, guard, page, is_dry).await?;
    }
    let old = stored
        .list_logs()
        .try_filter(|log| std::future::ready(log.modified_at < bound));
    let mut pages = old.try_chunks(PAGE);
    while let Some(page) = pages.next().await {
        let page: Vec<ListedLog> = page.map_err(|cut_off| cut_off.1)?;
        let ids: Vec<_> = page.iter().map(|log| log.task).collect();
        let missing = tasks::missing(db.read(), &ids).await?;
        for log in page.iter().filter(|log| missing.contains(&log.task)) {
            cleared.logs += 1;
            if !is_dry {
                stored.remove_log(log.task, log.generation).await?;
            }
        }
    }
    Ok(cleared)
}

async fn clear_blobs(
    environment: &Environment,
    guard: &impl Guard,
    page: Vec<Listed>,
    is_dry: bool,
) -> Result<u64, ContentError> {
    let digests: Vec<_> = page.iter().map(|blob| blob.digest).collect();
    let missing = blobs::missing(environment.db.read(), &digests).await?;
    if is_dry || missing.is_empty() {
        return Ok(missing.len() as u64);
    }
    let orphans = page.iter().filter(|blob| missing.contains(&blob.digest));
    let orphans: Vec<_> = orphans.map(|blob| (blob.digest, blob.size)).collect();
    let begun = Instant::now();
    let adopted = guard.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            blobs::adopt(tx, &orphans, now).await
        })
    });
    let adopted = adopted
        .await?
        .into_iter()
        .map(|(digest, _)| digest)
        .collect();
    environment.content.erase(begun, adopted).await
}
