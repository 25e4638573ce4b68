//! Seals the logs of finished tasks, and removes the chunks of those sealed a while ago.

use std::time::Duration;

use weir_content::ContentError;
use weir_store::{
    clock,
    sealed_logs::{self, Sealed},
};

use super::lead::Lead;

/// How long chunks stay after their log was sealed: readers may be at them.
const CHUNKS_KEPT: Duration = Duration::from_secs(600);
/// Between two looks for logs to seal, at most.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Between two looks for chunks that may go.
pub(super) const STRIP_EVERY: Duration = Duration::from_secs(60);
/// Logs handled in one go.
const PAGE: i64 = 100;

/// Seals every log whose task ended long enough ago.
pub(super) async fn seal(lead: &Lead) -> Result<(), ContentError> {
    let (db, settings) = (&lead.environment.db, &lead.environment.settings);
    let bound = clock::now(db.read()).await?.minus(settings.seal_after);
    let mut after = None;
    loop {
        let page = sealed_logs::unsealed(db.read(), bound, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(*last);
        let tasks: Vec<_> = page.iter().map(|log| log.task).collect();
        let settled =
            lead.write(move |tx| Box::pin(async move { sealed_logs::settle(tx, &tasks).await }));
        let settled = settled.await?;
        let mut sealed = Vec::new();
        for log in page.iter().filter(|log| !settled.contains(&log.task)) {
            match lead.environment.content.seal_log(*log).await {
                Ok(log) => sealed.push(log),
                // One that nobody can seal keeps no other from it.
                Err(error @ ContentError::Log(..)) => {
                    tracing::error!(%error, "a log is left unsealed");
                }
                Err(error) => return Err(error),
            }
        }
        if !sealed.is_empty() {
            point(lead, sealed).await?;
        }
    }
}

/// Points at logs whose frames are in place, all or none.
async fn point(lead: &Lead, sealed: Vec<Sealed>) -> Result<(), ContentError> {
    let pointed = lead.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            for log in &sealed {
                sealed_logs::insert(tx, log, now).await?;
            }
            Ok(())
        })
    });
    Ok(pointed.await?)
}

/// Removes chunks that nobody needs any more.
pub(super) async fn strip(lead: &Lead) -> Result<(), ContentError> {
    loop {
        let stripped = lead.write(|tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                sealed_logs::strip(tx, now.minus(CHUNKS_KEPT), PAGE).await
            })
        });
        if stripped.await? == 0 {
            return Ok(());
        }
    }
}
