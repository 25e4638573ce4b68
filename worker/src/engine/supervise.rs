//! Supervises one run: starts its job, and stops it when it may not go on.
//!
//! The job is a future of its own; whatever ends it (its result, a panic, a lost lease, a
//! cancellation, a limit of time, the process's grace) becomes one [`Ending`].

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use weir_domain::task::{ErrorCode, Level};
use weir_store::{task_logs::Chunk, task_requests::Request, tasks::Claimed};

use super::{conclude, run::Run, scribe::Scribe};
use crate::{
    Attempt, Environment,
    environment::EngineSettings,
    job::{Done, JobError},
    jobs,
};

/// Time kept of the grace for giving tasks back.
const RELEASE_TIME: Duration = Duration::from_secs(3);

/// Most requests named in the lines of a run.
const MOST_WISHES: usize = 4;

/// How a run came to its end.
#[derive(Debug)]
pub(super) enum Ending {
    /// The job succeeded.
    Done(Box<Done>),
    /// The job stopped by itself.
    Failed(JobError),
    /// Nobody wants the task any more.
    Cancelled,
    /// The process stops; another worker goes on.
    Released,
    /// The run belongs to somebody else now.
    Lost,
}

/// Runs a claimed task to its conclusion.
pub(super) async fn run(
    environment: &Environment,
    scribe: &Scribe,
    claimed: &Arc<Claimed>,
    shutdown: &CancellationToken,
) {
    let task = &claimed.task;
    let span = tracing::info_span!("task", task.id = %task.id, task.kind = %task.kind, task.target = %task.target,
        attempt.number = task.attempts, request_id = wishes(&claimed.requests));
    let measures = &environment.measures;
    let (_running, began) = (measures.begin(), Instant::now());
    async {
        let position = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let next = Chunk::new(position(task.log_lines) + 1, position(task.log_bytes));
        let run = scribe.begin(claimed.fence, next, Arc::clone(&environment.clock));
        if task.attempts > 1 || claimed.task.crashes > 0 {
            run.log_now(
                Level::Info,
                &format!("Attempt {} begins", task.attempts + task.crashes),
            );
        }
        let attempt = Attempt {
            task: Arc::new(task.clone()),
            requests: Arc::new(claimed.requests.clone()),
            is_last: environment.settings.is_last(task, environment.clock.now()),
            run: Arc::clone(&run),
            db: environment.db.clone(),
        };
        // Cancelled in a tree too large to end all of it at once.
        let ending = if claimed.requests.is_empty() {
            Ending::Cancelled
        } else {
            watch(environment, &attempt, &run, shutdown).await
        };
        tracing::debug!(?ending, "run ended");
        conclude::conclude(environment, scribe, claimed, &run, ending).await;
    }
    .instrument(span)
    .await;
    measures.lasted(task.kind, began.elapsed());
}

/// Returns the names of the HTTP requests that a run serves, the first few, so that each is
/// found in every line about it.
fn wishes(requests: &[Request]) -> String {
    let mut ids: Vec<&str> = requests
        .iter()
        .filter_map(|one| one.request_id.as_deref())
        .collect();
    ids.dedup();
    ids.truncate(MOST_WISHES);
    ids.join(",")
}

async fn watch(
    environment: &Environment,
    attempt: &Attempt,
    run: &Run,
    shutdown: &CancellationToken,
) -> Ending {
    let job = AssertUnwindSafe(jobs::run(environment, attempt)).catch_unwind();
    tokio::select! {
        biased;
        () = run.lost.cancelled() => Ending::Lost,
        () = run.cancelled.cancelled() => Ending::Cancelled,
        ended = job => match ended {
            Ok(Ok(done)) => Ending::Done(Box::new(done)),
            // It heard of it when it wanted to write.
            Ok(Err(_)) if run.cancelled.is_cancelled() => Ending::Cancelled,
            Ok(Err(error)) => Ending::Failed(error),
            Err(panic) => Ending::Failed(panicked(panic.as_ref())),
        },
        error = overtime(run, environment.settings) => Ending::Failed(error),
        () = out_of_grace(shutdown, environment.settings.grace) => Ending::Released,
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> JobError {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("without a message");
    tracing::error!(panic = text, "a job panicked");
    JobError {
        decision: weir_domain::Decision::Retry(None),
        code: ErrorCode::Internal,
        message: format!("The job panicked: {text}"),
    }
}

/// Ends when the run has lasted too long, or shown no sign of life for too long.
async fn overtime(run: &Run, settings: EngineSettings) -> JobError {
    let end = Instant::now() + settings.run_limit;
    loop {
        let silent_at = run.last_sign() + settings.silence;
        let now = Instant::now();
        if now >= end {
            let limit = settings.run_limit.as_secs();
            return timeout(format!("It ran longer than {limit} s"));
        }
        if now >= silent_at {
            let limit = settings.silence.as_secs();
            return timeout(format!("It showed no sign of life for {limit} s"));
        }
        tokio::time::sleep_until(silent_at.min(end)).await;
    }
}

fn timeout(message: String) -> JobError {
    JobError {
        decision: weir_domain::Decision::Retry(None),
        code: ErrorCode::Timeout,
        message,
    }
}

async fn out_of_grace(shutdown: &CancellationToken, grace: Duration) {
    shutdown.cancelled().await;
    tokio::time::sleep(grace.saturating_sub(RELEASE_TIME)).await;
}
