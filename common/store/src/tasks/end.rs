//! Ending a run: finished, to be tried again, or given back.
//!
//! Each is one conditional update that names the fence; whoever lost the lease gets
//! [`StoreError::LeaseLost`] and has changed nothing.

use weir_domain::{
    TaskId, Timestamp,
    task::{ErrorCode, Report, TaskState},
};

use super::{Task, advisory_lock, counts::count_transition, row};
use crate::{
    Signal, StoreError, Tx,
    sql::sql,
    task_runs::{self, Fence},
};

/// How a task ended.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Why it failed, if it did: the code and a sentence.
    pub failure: Option<(ErrorCode, String)>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// What it did.
    pub report: Option<Report>,
}

impl Outcome {
    /// Returns the outcome of a failure.
    pub fn failed(code: ErrorCode, sentence: impl Into<String>) -> Self {
        Self {
            failure: Some((code, sentence.into())),
            ..Self::default()
        }
    }

    fn state(&self) -> TaskState {
        if self.failure.is_some() {
            TaskState::Error
        } else {
            TaskState::Success
        }
    }
}

/// Ends the run and the task.
///
/// # Errors
/// [`StoreError::LeaseLost`] if the run is no longer this worker's.
pub async fn finish(
    tx: &Tx,
    fence: &Fence,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    let task = row::get(&**tx, fence.task).await?;
    advisory_lock(tx, &task.dedupe_key).await?;
    task_runs::end(tx, fence).await?;
    write_outcome(tx, fence.task, outcome, now).await?;
    ended(tx, &task, outcome.state(), now).await
}

/// Writes how a task ended; who may is decided by the caller.
pub(super) async fn write_outcome(
    tx: &Tx,
    id: TaskId,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (code, sentence) = outcome.failure.clone().unzip();
    let json =
        |text: serde_json::Result<String>| text.map_err(|_| StoreError::Changed("task outcome"));
    let report = outcome
        .report
        .map(|report| json(serde_json::to_string(&report)))
        .transpose()?;
    sql("UPDATE tasks SET state = $2, is_held = false, is_ready = false, error_code = $3, error = $4, \
         warnings = $5, report = COALESCE($6, report), finished_at = $7 WHERE id = $1")
        .bind(id.0)
        .bind(outcome.state().as_str())
        .bind(code.map(|code| code.as_str().to_owned()))
        .bind(sentence)
        .bind(json(serde_json::to_string(&outcome.warnings))?)
        .bind(report)
        .bind(now.0)
        .execute(&**tx)
        .await?;
    Ok(())
}

/// What follows when a task has ended, however it did: counters, the held sibling, watchers.
///
/// `task` is the row as it was before.
pub(super) async fn ended(
    tx: &Tx,
    task: &Task,
    to: TaskState,
    now: Timestamp,
) -> Result<(), StoreError> {
    count_transition(tx, task.kind, Some(task.state), to).await?;
    tx.signal(Signal::TaskChanged(task.id));
    release_held(tx, &task.dedupe_key, now).await
}

/// Lets the held fresh row of `key` go, unless something of the key is still begun.
pub(super) async fn release_held(tx: &Tx, key: &str, now: Timestamp) -> Result<(), StoreError> {
    let released = sql(format!(
        "UPDATE tasks SET is_held = false, is_ready = (run_after <= $2), \
         ready_at = CASE WHEN run_after <= $2 THEN $2 ELSE ready_at END \
         WHERE dedupe_key = $1 AND is_held AND state = 'waiting' AND NOT EXISTS \
         (SELECT 1 FROM tasks b WHERE b.dedupe_key = $1 AND {})",
        "(b.state = 'processing' OR (b.state = 'waiting' AND b.generation > 0))"
    ))
    .bind(key)
    .bind(now.0)
    .execute(&**tx)
    .await?;
    if released > 0 {
        tx.signal(Signal::TaskReady);
    }
    Ok(())
}

/// Adds a warning to a task in whatever state, once.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such task.
pub async fn add_warning(tx: &Tx, id: TaskId, text: &str) -> Result<(), StoreError> {
    let mut warnings = row::get(&**tx, id).await?.warnings;
    if warnings.iter().any(|warning| warning == text) {
        return Ok(());
    }
    warnings.push(text.to_owned());
    let warnings =
        serde_json::to_string(&warnings).map_err(|_| StoreError::Changed("task warnings"))?;
    sql("UPDATE tasks SET warnings = $2 WHERE id = $1")
        .bind(id.0)
        .bind(warnings)
        .execute(&**tx)
        .await?;
    tx.signal(Signal::TaskChanged(id));
    Ok(())
}

/// Ends the run; the task waits until `run_after` and is tried again.
///
/// `counts` says whether the attempt is used up; `why` is shown while it waits.
///
/// # Errors
/// [`StoreError::LeaseLost`] if the run is no longer this worker's.
pub async fn retry(
    tx: &Tx,
    fence: &Fence,
    run_after: Timestamp,
    counts: bool,
    why: &str,
) -> Result<(), StoreError> {
    task_runs::end(tx, fence).await?;
    back_to_waiting(tx, fence.task, run_after, counts, Some(why)).await
}

/// Ends the run without consuming the attempt, for another worker to take at once.
///
/// # Errors
/// [`StoreError::LeaseLost`] if the run is no longer this worker's.
pub async fn release(tx: &Tx, fence: &Fence, now: Timestamp) -> Result<(), StoreError> {
    task_runs::end(tx, fence).await?;
    back_to_waiting(tx, fence.task, now, false, None).await
}

/// Returns a begun task to waiting; its generation stays, its attempt may be given back.
pub(super) async fn back_to_waiting(
    tx: &Tx,
    id: TaskId,
    run_after: Timestamp,
    counts: bool,
    why: Option<&str>,
) -> Result<(), StoreError> {
    let kind = row::get(&**tx, id).await?.kind;
    sql("UPDATE tasks SET state = 'waiting', run_after = $2, is_ready = false, \
         attempts = attempts - $3, error = COALESCE($4, error) WHERE id = $1 AND state = 'processing'")
        .bind(id.0)
        .bind(run_after.0)
        .bind(i64::from(!counts))
        .bind(why.map(str::to_owned))
        .execute(&**tx)
        .await?;
    count_transition(tx, kind, Some(TaskState::Processing), TaskState::Waiting).await?;
    tx.signal(Signal::TaskChanged(id));
    tx.signal(Signal::TaskReady);
    Ok(())
}
