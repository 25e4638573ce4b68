//! Brings one package of the mirror to the state of its upstream.

use weir_domain::task::SyncPackage;

use crate::{
    Attempt, Environment,
    job::{Done, JobError},
};

pub(super) async fn run(_: &Environment, _: &Attempt, _: &SyncPackage) -> Result<Done, JobError> {
    Err(JobError::give_up(
        weir_domain::task::ErrorCode::Internal,
        "not written yet",
    ))
}
