//! Collects blobs that nothing refers to: doomed at one look, deleted at one a grace later.

use tokio::time::Instant;
use weir_content::{ContentError, DELETION_LAPSES};
use weir_domain::Digest;
use weir_store::{blobs, clock, versions};

use crate::{Environment, guard::Guard};

/// Rows looked at in one go.
const PAGE: i64 = 1000;
/// Files deleted in one go; long before a deletion lapses.
const FILES: i64 = 200;

/// What was collected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Collected {
    /// Blobs that nothing refers to, and that go after the grace.
    pub(crate) doomed: u64,
    /// Blobs that are gone.
    pub(crate) deleted: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
}

/// Dooms what nothing refers to, versions that were removed among it; a dry run only counts what
/// is waste already.
pub(crate) async fn doom(
    environment: &Environment,
    guard: &impl Guard,
    is_dry: bool,
) -> Result<u64, ContentError> {
    let db = &environment.db;
    let bound = clock::now(db.read()).await?;
    let bound = bound.minus(environment.settings.upkeep.blob_grace);
    if !is_dry {
        guard
            .write(move |tx| Box::pin(async move { versions::purge_all_removed(tx, bound).await }))
            .await?;
    }
    let (mut doomed, mut after) = (0, None);
    loop {
        let page = blobs::page(db.read(), after, bound, PAGE).await?;
        let Some((last, _)) = page.last() else {
            return Ok(doomed);
        };
        after = Some(*last);
        let waste = page.iter().filter(|(_, is_waste)| *is_waste);
        let waste: Vec<Digest> = waste.map(|(digest, _)| *digest).collect();
        if is_dry || waste.is_empty() {
            doomed += waste.len() as u64;
            continue;
        }
        let written = guard.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                blobs::doom(tx, &waste, bound, now).await
            })
        });
        doomed += written.await?;
    }
}

/// Deletes what was doomed a grace ago, and what others began to delete and did not end.
pub(crate) async fn delete(
    environment: &Environment,
    guard: &impl Guard,
) -> Result<Collected, ContentError> {
    let grace = environment.settings.upkeep.blob_grace;
    let mut collected = Collected::default();
    loop {
        let begun_at = Instant::now();
        let begun = guard.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let bounds = (now.minus(grace), now.minus(DELETION_LAPSES));
                blobs::begin_deletion(tx, bounds, FILES, now).await
            })
        });
        let begun = begun.await?;
        if begun.is_empty() {
            return Ok(collected);
        }
        collected.bytes += begun.iter().map(|(_, size)| size).sum::<u64>();
        let digests = begun.into_iter().map(|(digest, _)| digest).collect();
        collected.deleted += environment.content.erase(begun_at, digests).await?;
    }
}
