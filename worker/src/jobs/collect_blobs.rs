//! Collects blobs because somebody asked for it; the leader does the same by itself.

use weir_domain::task::{CollectBlobs, Report};

use crate::{
    Attempt, Environment,
    job::{Done, JobError},
    upkeep::{collect, orphans},
};

pub(super) async fn run(
    environment: &Environment,
    attempt: &Attempt,
    wanted: &CollectBlobs,
) -> Result<Done, JobError> {
    let hours = environment.settings.upkeep.blob_grace.as_secs_f64() / 3600.0;
    if !wanted.is_dry {
        let deleted = collect::delete(environment, attempt).await?;
        let (count, mib) = (deleted.deleted, deleted.bytes >> 20);
        attempt
            .info(format!("{count} blobs ({mib} MiB) deleted"))
            .await;
    }
    let doomed = collect::doom(environment, attempt, wanted.is_dry).await?;
    attempt
        .info(format!(
            "Nothing refers to {doomed} further blobs; they go in {hours:.1} hours unless that changes"
        ))
        .await;
    let cleared = orphans::clear(environment, attempt, wanted.is_dry).await?;
    let verb = if wanted.is_dry { "would go" } else { "deleted" };
    attempt
        .info(format!(
            "{} files without a row and {} logs without a task {verb}",
            cleared.blobs, cleared.logs
        ))
        .await;
    Ok(Done {
        report: Report::default(),
        warnings: Vec::new(),
        follow_ups: None,
    })
}
