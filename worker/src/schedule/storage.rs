//! Keeps what is stored few and right: collects what nobody refers to, reads again what was
//! proven long ago.

use std::{cmp, time::Duration};

use weir_content::{ContentError, Finding, Pace};
use weir_store::{blobs, clock, settings};

use super::{lead::Lead, warn};
use crate::{
    Environment,
    environment::EngineSettings,
    upkeep::{
        collect, orphans,
        verify::{self, Watcher},
    },
};

/// Between two collections, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// Blobs read before the list is read anew.
const PAGE: i64 = 500;
/// When files without a row were last looked for; all files are listed for that.
const CLEARED_AT: &str = "orphans_cleared_at";

/// Returns the pause between two collections.
pub(super) fn collect_every(settings: &EngineSettings) -> Duration {
    cmp::min(settings.upkeep.blob_grace / 4, LONGEST_PAUSE)
}

/// Collects blobs, and once in a grace files without a row.
pub(super) async fn collect(lead: &Lead) -> Result<(), ContentError> {
    let environment = &lead.environment;
    let mut collected = collect::delete(environment, lead).await?;
    collected.doomed = collect::doom(environment, lead, false).await?;
    if collected != collect::Collected::default() {
        tracing::info!(?collected, "blobs were collected");
    }
    if is_clearing_due(environment).await? {
        let cleared = orphans::clear(environment, lead, false).await?;
        if cleared != orphans::Cleared::default() {
            tracing::info!(?cleared, "files without a row were removed");
        }
        note_clearing(lead).await?;
    }
    Ok(())
}

async fn is_clearing_due(environment: &Environment) -> Result<bool, ContentError> {
    let db = environment.db.read();
    let last = settings::find(db, CLEARED_AT).await?;
    let last: i64 = last.and_then(|text| text.parse().ok()).unwrap_or(0);
    let bound = clock::now(db).await?;
    Ok(last < bound.minus(environment.settings.upkeep.blob_grace).0)
}

async fn note_clearing(lead: &Lead) -> Result<(), ContentError> {
    let noted = lead.write(|tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            settings::put(tx, CLEARED_AT, &now.0.to_string(), now).await
        })
    });
    noted.await?;
    Ok(())
}

/// Reads blobs again whose proof is old, at the pace that is configured.
pub(super) async fn verify(lead: &Lead) -> Result<(), ContentError> {
    let environment = &lead.environment;
    let upkeep = environment.settings.upkeep;
    if upkeep.verify_interval.is_zero() {
        return Ok(());
    }
    let mut pace = Pace::new(Some(upkeep.verify_rate));
    loop {
        let bound = clock::now(environment.db.read()).await?;
        let bound = bound.minus(upkeep.verify_interval);
        let due = blobs::due(environment.db.read(), bound, PAGE).await?;
        if due.is_empty() {
            return Ok(());
        }
        verify::verify(environment, lead, due, (&mut pace, &Repairs(environment))).await?;
    }
}

/// Has everything repaired that is found.
struct Repairs<'a>(&'a Environment);

impl Watcher for Repairs<'_> {
    async fn found(&self, finding: &Finding) {
        if let Err(error) = verify::repair(self.0, finding).await {
            warn(
                &error,
                "a damaged tarball is fetched again when it is asked for",
            );
        }
    }
}
