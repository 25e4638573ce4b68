//! Repeating: what failed is wished for again, as a new task.
//!
//! A repetition is a wish like any other: it joins the task that will do the work anyway, so
//! whoever repeats twice gets one task. It wants what all wishes for the former task wanted.

use std::collections::HashSet;

use weir_domain::{
    TaskId, Timestamp,
    task::{Priority, SyncPackage, TaskSpec},
};

use super::{ListFilter, NewRequest, NewTask, Submitted, Task, list_repeatable, lock, submit};
use crate::{StoreError, Tx, packages, scopes, task_requests};

/// Wishes for the work of `former` again.
///
/// # Errors
/// If the database refuses.
pub async fn repeat(
    tx: &Tx,
    former: &Task,
    request: &NewRequest,
    (fair_key, now): (i64, Timestamp),
) -> Result<Submitted, StoreError> {
    let new = NewTask {
        spec: current(tx, &former.spec).await?,
        priority: if request.options.force {
            Priority::FORCED
        } else {
            Priority::USER
        },
        fair_key,
        run_after: now,
        retry_of: Some(former.id),
    };
    submit(tx, &new, request, now).await
}

/// Returns the same work on what it is about now: a package stays with its registry, and one that
/// is not mirrored comes from where its scope does, whatever was so when it failed.
async fn current(tx: &Tx, spec: &TaskSpec) -> Result<TaskSpec, StoreError> {
    let TaskSpec::SyncPackage(sync) = spec else {
        return Ok(spec.clone());
    };
    let home = match packages::find(&**tx, &sync.package).await? {
        Some(package) => package.registry,
        None => scopes::home(&**tx, &sync.package).await?,
    };
    Ok(TaskSpec::SyncPackage(SyncPackage {
        package: sync.package.clone(),
        registry: home.unwrap_or(sync.registry),
    }))
}

/// What [`repeat_failed`] did.
#[derive(Debug)]
pub struct Repeated {
    /// Each former task with its new one, newest first.
    pub tasks: Vec<(Task, Submitted)>,
    /// Where the next page begins, if there may be one (see [`ListFilter::before`]).
    pub next: Option<TaskId>,
}

/// Wishes again for what [`list_repeatable`] lists.
///
/// # Errors
/// If the database refuses; then nothing was submitted.
///
/// # Concurrency
/// Of two at once, each failure is repeated by one.
pub async fn repeat_failed(
    tx: &Tx,
    filter: &ListFilter,
    request: &NewRequest,
    mut place: impl FnMut() -> i64,
    now: Timestamp,
) -> Result<Repeated, StoreError> {
    let seen = list_repeatable(&**tx, filter).await?;
    lock(tx, seen.iter().map(|task| task.dedupe_key.as_str())).await?;
    let is_full = seen.len() as u64 >= filter.limit;
    let next = seen.last().filter(|_| is_full).map(|task| task.id);
    let seen: HashSet<_> = seen.iter().map(|task| task.id).collect();
    // Those that somebody repeated before they were locked are no longer listed.
    let mut failed = list_repeatable(&**tx, filter).await?;
    failed.retain(|task| seen.contains(&task.id));
    let ids: Vec<_> = failed.iter().map(|task| task.id).collect();
    let mut options = task_requests::options(&**tx, &ids).await?;
    let mut tasks = Vec::with_capacity(failed.len());
    for former in failed {
        let request = NewRequest {
            options: options.remove(&former.id).unwrap_or_default(),
            ..request.clone()
        };
        let submitted = repeat(tx, &former, &request, (place(), now)).await?;
        tasks.push((former, submitted));
    }
    Ok(Repeated { tasks, next })
}
