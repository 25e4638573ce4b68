//! Ending a run: finished, to be tried again, or given back.
//!
//! Each takes the task as [`super::lock_task`] or [`super::lock_again`] returned it, and is one
//! conditional update that names the fence; whoever lost the lease gets
//! [`StoreError::LeaseLost`] and has changed nothing.

use sea_orm::ConnectionTrait;
use weir_domain::{
    TaskId, Timestamp,
    task::{ErrorCode, Level, LogLine, Report, TaskState},
};

use super::{Task, begun, counts::count_transition, row};
use crate::{
    Signal, StoreError, Tx,
    sql::{by_index, sql},
    task_logs,
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

/// Ends the run and the task. Warnings it was given before stay.
///
/// # Errors
/// [`StoreError::LeaseLost`] if the run is no longer this worker's.
pub async fn finish(
    tx: &Tx,
    (task, fence): (&Task, &Fence),
    outcome: &Outcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    task_runs::end(tx, fence).await?;
    end(tx, task, outcome, now).await
}

/// Ends the locked task and does what follows: counters, the held sibling, watchers.
pub(super) async fn end(
    tx: &Tx,
    task: &Task,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (code, sentence) = outcome.failure.clone().unzip();
    let json =
        |text: serde_json::Result<String>| text.map_err(|_| StoreError::Changed("task outcome"));
    let report = outcome
        .report
        .as_ref()
        .map(|report| json(serde_json::to_string(report)))
        .transpose()?;
    let mut warnings = task.warnings.clone();
    warnings.extend(
        outcome
            .warnings
            .iter()
            .filter(|text| !task.warnings.contains(text))
            .cloned(),
    );
    let ended = sql(
        "UPDATE tasks SET state = $2, is_held = false, is_ready = false, error_code = $3, \
         error = $4, warnings = $5, report = COALESCE($6, report), finished_at = $7 \
         WHERE id = $1 AND state = $8",
    )
    .bind(task.id.0)
    .bind(outcome.state().as_str())
    .bind(code.map(|code| code.as_str().to_owned()))
    .bind(sentence)
    .bind(json(serde_json::to_string(&warnings))?)
    .bind(report)
    .bind(now.0)
    .bind(task.state.as_str())
    .execute(&**tx)
    .await?;
    if ended == 0 {
        return Err(StoreError::Changed("task"));
    }
    count_transition(tx, task.kind, Some(task.state), outcome.state()).await?;
    tx.signal(Signal::TaskChanged(task.id));
    release_held(tx, &task.dedupe_key, now).await?;
    Ok(())
}

/// Lets a held row go whose key has not begun.
pub(super) fn letting_go(connection: &impl ConnectionTrait) -> String {
    format!(
        "UPDATE tasks {} SET is_held = false, is_ready = (run_after <= $2), \
         ready_at = CASE WHEN run_after <= $2 THEN $2 ELSE ready_at END \
         WHERE dedupe_key = $1 AND state = 'waiting' AND generation = 0 AND is_held \
         AND NOT EXISTS (SELECT 1 {})",
        by_index(connection, "tasks_one_fresh"),
        begun(connection, "$1")
    )
}

/// Lets the held fresh row of `key` go, unless something of the key is still begun.
///
/// Says how many rows that were (none or one).
pub(super) async fn release_held(tx: &Tx, key: &str, now: Timestamp) -> Result<u64, StoreError> {
    let released = sql(letting_go(&**tx))
        .bind(key)
        .bind(now.0)
        .execute(&**tx)
        .await?;
    if released > 0 {
        tx.signal(Signal::TaskReady);
    }
    Ok(released)
}

/// Adds a warning to a task in whatever state, once.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such task.
pub async fn add_warning(tx: &Tx, id: TaskId, text: &str) -> Result<(), StoreError> {
    let mut warnings = row::get_for_update(tx, id).await?.warnings;
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

/// When and why a task is tried again.
#[derive(Debug, Clone)]
pub struct Again {
    /// Not before this.
    pub run_after: Timestamp,
    /// Whether the attempt is used up.
    pub counts: bool,
    /// Shown while it waits.
    pub why: String,
}

/// Ends the run; the task waits and is tried again, unless the run was told to stop.
///
/// # Errors
/// [`StoreError::LeaseLost`] if the run is no longer this worker's.
pub async fn retry(
    tx: &Tx,
    (task, fence): (&Task, &Fence),
    again: &Again,
    now: Timestamp,
) -> Result<(), StoreError> {
    if let Some(order) = task_runs::end(tx, fence).await?.order() {
        return end_cancelled(tx, task, &order, now).await;
    }
    back_to_waiting(tx, task, again).await
}

/// Ends the run without consuming the attempt, for another worker to take at once.
///
/// # Errors
/// [`StoreError::LeaseLost`] if the run is no longer this worker's.
pub async fn release(
    tx: &Tx,
    (task, fence): (&Task, &Fence),
    now: Timestamp,
) -> Result<(), StoreError> {
    if let Some(order) = task_runs::end(tx, fence).await?.order() {
        return end_cancelled(tx, task, &order, now).await;
    }
    let again = Again {
        run_after: now,
        counts: false,
        why: String::new(),
    };
    back_to_waiting(tx, task, &again).await
}

/// Ends the locked task, which nobody runs any more, and says in its log by whose order.
pub(super) async fn end_cancelled(
    tx: &Tx,
    task: &Task,
    order: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let line = LogLine::new(now, Level::Warn, order);
    task_logs::append_line(tx, task.id, &line).await?;
    let outcome = Outcome::failed(ErrorCode::Cancelled, "Cancelled");
    end(tx, task, &outcome, now).await
}

/// Returns the locked, begun task to waiting; its generation stays, its attempt may be
/// given back.
pub(super) async fn back_to_waiting(tx: &Tx, task: &Task, again: &Again) -> Result<(), StoreError> {
    let why = Some(again.why.clone()).filter(|why| !why.is_empty());
    let returned = sql("UPDATE tasks SET state = 'waiting', run_after = $2, is_ready = false, \
         attempts = attempts - $3, error = COALESCE($4, error) WHERE id = $1 AND state = 'processing'")
        .bind(task.id.0)
        .bind(again.run_after.0)
        .bind(i64::from(!again.counts))
        .bind(why)
        .execute(&**tx)
        .await?;
    if returned == 0 {
        return Err(StoreError::Changed("task"));
    }
    let (from, to) = (TaskState::Processing, TaskState::Waiting);
    count_transition(tx, task.kind, Some(from), to).await?;
    tx.signal(Signal::TaskChanged(task.id));
    tx.signal(Signal::TaskReady);
    Ok(())
}
