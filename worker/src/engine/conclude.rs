//! Concludes a run: last lines, outcome and follow-ups in one transaction.

use std::{sync::Arc, time::Duration};

use weir_domain::{
    Decision, Retryable, Timestamp,
    task::{ErrorCode, Level},
};
use weir_store::{
    Db, StoreError, Tx, clock,
    task_runs::{self, Fence},
    tasks::{self, Again, Claimed, Outcome, Task},
};

use super::{
    run::{Due, Run},
    scribe::Scribe,
    supervise::Ending,
};
use crate::{
    Environment,
    environment::EngineSettings,
    job::{FollowUps, JobError},
    measures::Ended,
};

/// How often the final transaction is tried before the lease is left to lapse.
const TRIES: u32 = 5;

/// What the last transaction of a run writes.
pub(super) struct Conclusion {
    pub(super) claimed: Arc<Claimed>,
    pub(super) verdict: Arc<Verdict>,
    /// Lines not yet stored.
    pub(super) rest: Arc<Vec<Due>>,
    pub(super) follow_ups: Option<FollowUps>,
}

/// What becomes of the task.
pub(super) enum Verdict {
    Finish(Box<Outcome>),
    Retry {
        why: JobError,
        counts: bool,
        pause: Duration,
    },
    Release,
}

/// Writes how the run ended. Failing that, the lease lapses and the sweep takes over.
pub(super) async fn conclude(
    environment: &Environment,
    scribe: &Scribe,
    claimed: &Arc<Claimed>,
    run: &Arc<Run>,
    ending: Ending,
) {
    let settings = environment.settings;
    let (verdict, follow_ups) = match ending {
        Ending::Lost => {
            scribe.end(run).await;
            environment.measures.ended(claimed.task.kind, Ended::Lost);
            tracing::warn!("lease lost; the run stops and writes nothing");
            return;
        }
        Ending::Done(done) => {
            let outcome = Outcome {
                failure: None,
                warnings: done.warnings,
                report: Some(done.report),
            };
            (Verdict::Finish(Box::new(outcome)), done.follow_ups)
        }
        Ending::Cancelled => {
            run.log_now(Level::Warn, run.order());
            let outcome = Outcome::failed(ErrorCode::Cancelled, "Cancelled");
            (Verdict::Finish(Box::new(outcome)), None)
        }
        Ending::Released => {
            run.log_now(Level::Info, "The worker stops; another one will go on");
            (Verdict::Release, None)
        }
        Ending::Failed(error) if error.decision == Decision::Stop => {
            scribe.end(run).await;
            return;
        }
        Ending::Failed(error) => (
            judge(&error, claimed, settings, environment.clock.now()),
            None,
        ),
    };
    if let Verdict::Retry { why, pause, .. } = &verdict {
        let text = format!("{}; next try in {:.1} s", why.message, pause.as_secs_f64());
        run.log_now(Level::Warn, &text);
    }
    if let Verdict::Finish(outcome) = &verdict
        && let Some((code, sentence)) = &outcome.failure
        && *code != ErrorCode::Cancelled
    {
        run.log_now(Level::Error, &format!("Failed ({code}): {sentence}"));
    }
    let conclusion = Conclusion {
        claimed: Arc::clone(claimed),
        verdict: Arc::new(verdict),
        rest: Arc::new(scribe.end(run).await),
        follow_ups,
    };
    if let Some(verdict) = conclusion.write(&environment.db, settings).await {
        let ended = match &*verdict {
            Verdict::Finish(outcome) => match &outcome.failure {
                None => Ended::Well,
                Some((code, _)) => Ended::Badly(*code),
            },
            Verdict::Retry { .. } => Ended::ToBeRetried,
            Verdict::Release => Ended::Released,
        };
        environment.measures.ended(claimed.task.kind, ended);
    }
}

/// Decides what a failure means for the task.
fn judge(error: &JobError, claimed: &Claimed, settings: EngineSettings, now: Timestamp) -> Verdict {
    let task = &claimed.task;
    match error.decision {
        Decision::Retry(after) if !settings.is_last(task, now) => {
            let pause = after.unwrap_or_else(|| settings.backoff.pause(task.attempts));
            Verdict::Retry {
                why: error.clone(),
                counts: true,
                pause,
            }
        }
        Decision::Wait(pause) if !settings.is_old(task, now) => Verdict::Retry {
            why: error.clone(),
            counts: false,
            pause,
        },
        _ => {
            let outcome = Outcome::failed(error.code, error.message.clone());
            Verdict::Finish(Box::new(outcome))
        }
    }
}

impl Conclusion {
    /// Writes it, with a few tries, and returns what was written. What can never be written
    /// becomes an error of the task: left to lapse, it would poison the task and cost a worker
    /// each time.
    pub(super) async fn write(mut self, db: &Db, settings: EngineSettings) -> Option<Arc<Verdict>> {
        for attempt in 1..=TRIES {
            let error = match self.try_to_write(db, settings.lease).await {
                Ok(()) => return Some(self.verdict),
                Err(StoreError::LeaseLost) => {
                    tracing::warn!("lease lost before the run was concluded");
                    return None;
                }
                Err(error) => error,
            };
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                attempt,
                "the end of a run could not be written"
            );
            if error.decision() == Decision::GiveUp {
                let error = JobError::from(error);
                let sentence = format!("Its end cannot be recorded: {}", error.message);
                let outcome = Outcome::failed(ErrorCode::Internal, sentence);
                self.verdict = Arc::new(Verdict::Finish(Box::new(outcome)));
                self.follow_ups = None;
            }
            tokio::time::sleep(settings.backoff.pause(attempt)).await;
        }
        None
    }

    async fn try_to_write(&self, db: &Db, lease: Duration) -> Result<(), StoreError> {
        let (claimed, verdict) = (Arc::clone(&self.claimed), Arc::clone(&self.verdict));
        let (rest, next) = (Arc::clone(&self.rest), self.follow_ups.clone());
        db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                // They lock every key they need, ours too, before anything is written.
                if let Some(follow_ups) = next {
                    follow_ups(tx, now).await?;
                }
                let task = tasks::lock_again(tx, &claimed.task).await?;
                for due in rest.iter() {
                    let (chunk, progress) = (due.chunk.as_ref(), due.progress);
                    task_runs::heartbeat(tx, &claimed.fence, chunk, progress, (now, lease)).await?;
                }
                end(tx, (&task, &claimed.fence), &verdict, now).await
            })
        })
        .await
    }
}

async fn end(
    tx: &Tx,
    run: (&Task, &Fence),
    verdict: &Verdict,
    now: Timestamp,
) -> Result<(), StoreError> {
    match verdict {
        Verdict::Finish(outcome) => tasks::finish(tx, run, outcome, now).await,
        Verdict::Retry { why, counts, pause } => {
            let again = Again {
                run_after: now.plus(*pause),
                counts: *counts,
                why: why.message.clone(),
            };
            tasks::retry(tx, run, &again, now).await
        }
        Verdict::Release => tasks::release(tx, run, now).await,
    }
}
