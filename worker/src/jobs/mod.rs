//! The code that runs each kind of task. Forgetting a kind does not compile.

mod collect_blobs;
mod drill;
mod sync_catalogue;
mod sync_catalogues;
pub mod sync_package;
mod verify_blobs;
mod warnings;

use weir_domain::task::TaskSpec;

use crate::{
    Attempt, Environment,
    job::{Done, JobError},
};

/// Runs the job of the attempt's task.
///
/// # Errors
/// Why it stopped, with what to do next.
///
/// # Cancel safety
/// May be dropped at any await: every step it had committed is one a later run repeats or
/// finds done.
pub async fn run(environment: &Environment, attempt: &Attempt) -> Result<Done, JobError> {
    match &attempt.task.spec {
        TaskSpec::SyncPackage(sync) => sync_package::run(environment, attempt, sync).await,
        TaskSpec::Drill(drill) => Ok(drill::run(attempt, drill).await),
        TaskSpec::VerifyBlobs(wanted) => verify_blobs::run(environment, attempt, wanted).await,
        TaskSpec::CollectBlobs(wanted) => collect_blobs::run(environment, attempt, wanted).await,
        TaskSpec::SyncCatalogue(sync) => sync_catalogue::run(environment, attempt, sync).await,
        TaskSpec::SyncCatalogues(_) => sync_catalogues::run(environment, attempt).await,
    }
}
