//! `?wait=`: answers about a task when there is something new to say.
//!
//! The answer comes when the task's state is another than when the request came, when it is
//! over, when the time is up, or when the process stops: always the status as it then is. The
//! hub says when to look; it looks for itself at what nobody told it.

use std::time::Duration;

use tokio::time::Instant;
use weir_store::tasks::Task;

use super::item::find_task;
use crate::{
    error::ApiResult,
    payload::{Asked, Number, Violations},
    visit::Visit,
};

/// How many seconds somebody waits.
pub(crate) type Wait = Number<0, 60>;

/// Shortest time between two looks: a task that writes its log wakes us more often.
const PAUSE: Duration = Duration::from_millis(100);

/// Returns the task when its state has changed, at the latest after the time that was asked
/// for.
///
/// # Errors
/// 422 for a time out of bounds, 404 if the task goes meanwhile.
pub(crate) async fn until_changed(visit: &Visit, task: Task, wait: Asked<Wait>) -> ApiResult<Task> {
    let mut wrong = Violations::default();
    let seconds = wait.take("wait", &mut wrong).map_or(0, |wait| wait.0);
    wrong.none_or(())?;
    let before = task.state;
    until(visit, task, Duration::from_secs(seconds), |task| {
        task.state != before
    })
    .await
}

/// Returns the task when it is over, at the latest after this time.
///
/// # Errors
/// 404 if the task goes meanwhile.
pub(crate) async fn until_over(visit: &Visit, task: Task, wait: Duration) -> ApiResult<Task> {
    until(visit, task, wait, |task| task.state.is_final()).await
}

async fn until(
    visit: &Visit,
    mut task: Task,
    wait: Duration,
    is_news: impl Fn(&Task) -> bool,
) -> ApiResult<Task> {
    let deadline = Instant::now() + wait;
    if wait.is_zero() || task.state.is_final() {
        return Ok(task);
    }
    let mut watch = visit.running().app.hub.watch(task.id);
    loop {
        // Read after the watch began, or what happened in between would be missed.
        let is_last = Instant::now() >= deadline || visit.running().shutdown.is_cancelled();
        task = find_task(visit, task.id).await?;
        if is_last || is_news(&task) {
            return Ok(task);
        }
        let rested = Instant::now() + PAUSE;
        tokio::select! {
            () = watch.changed() => tokio::time::sleep_until(rested.min(deadline)).await,
            () = tokio::time::sleep_until(deadline) => {}
            () = visit.running().shutdown.cancelled() => {}
        }
    }
}
