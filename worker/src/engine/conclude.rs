//! Concludes a run: last lines, outcome and follow-ups in one transaction.

use std::sync::Arc;

use weir_domain::{
    Decision, Retryable, Timestamp,
    task::{ErrorCode, Level},
};
use weir_store::{
    StoreError, Tx, clock, task_runs,
    tasks::{self, Again, Claimed, Outcome},
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
};

/// How often the final transaction is tried before the lease is left to lapse.
const TRIES: u32 = 5;

/// What to write at the end of a run.
enum Verdict {
    Finish(Outcome),
    Retry {
        why: JobError,
        counts: bool,
        pause: std::time::Duration,
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
            tracing::warn!("lease lost; the run stops and writes nothing");
            return;
        }
        Ending::Done(done) => {
            let outcome = Outcome {
                failure: None,
                warnings: done.warnings,
                report: Some(done.report),
            };
            (Verdict::Finish(outcome), done.follow_ups)
        }
        Ending::Cancelled => {
            run.log_now(Level::Warn, "Cancelled");
            (
                Verdict::Finish(Outcome::failed(ErrorCode::Cancelled, "Cancelled")),
                None,
            )
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
    if let Verdict::Finish(Outcome {
        failure: Some((code, sentence)),
        ..
    }) = &verdict
        && *code != ErrorCode::Cancelled
    {
        run.log_now(Level::Error, &format!("Failed ({code}): {sentence}"));
    }
    let rest = Arc::new(scribe.end(run).await);
    write(environment, claimed, Arc::new(verdict), rest, follow_ups).await;
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
        _ => Verdict::Finish(Outcome::failed(error.code, error.message.clone())),
    }
}

async fn write(
    environment: &Environment,
    claimed: &Arc<Claimed>,
    mut verdict: Arc<Verdict>,
    rest: Arc<Vec<Due>>,
    mut follow_ups: Option<FollowUps>,
) {
    for attempt in 1..=TRIES {
        let (mine, wanted, rest) = (Arc::clone(claimed), Arc::clone(&verdict), Arc::clone(&rest));
        let next = follow_ups.clone();
        let lease = environment.settings.lease;
        let written = environment
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    // They lock every key they need, ours too, before anything is written.
                    if let Some(follow_ups) = next {
                        follow_ups(tx, now).await?;
                    }
                    tasks::lock_task(tx, mine.fence.task).await?;
                    for due in rest.iter() {
                        let (chunk, progress) = (due.chunk.as_ref(), due.progress);
                        task_runs::heartbeat(tx, &mine.fence, chunk, progress, (now, lease))
                            .await?;
                    }
                    end(tx, &mine, &wanted, now).await
                })
            })
            .await;
        match written {
            Ok(()) => return,
            Err(StoreError::LeaseLost) => {
                return tracing::warn!("lease lost before the run was concluded");
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    attempt,
                    "the end of a run could not be written"
                );
                if error.decision() == Decision::GiveUp {
                    // Nor could any other worker: better an error than a poisoned task.
                    let error = JobError::from(error);
                    let sentence = format!("Its end cannot be recorded: {}", error.message);
                    verdict = Arc::new(Verdict::Finish(Outcome::failed(error.code, sentence)));
                    follow_ups = None;
                }
                tokio::time::sleep(environment.settings.backoff.pause(attempt)).await;
            }
        }
    }
}

async fn end(
    tx: &Tx,
    claimed: &Claimed,
    verdict: &Verdict,
    now: Timestamp,
) -> Result<(), StoreError> {
    match verdict {
        Verdict::Finish(outcome) => tasks::finish(tx, &claimed.fence, outcome, now).await,
        Verdict::Retry { why, counts, pause } => {
            let again = Again {
                run_after: now.plus(*pause),
                counts: *counts,
                why: why.message.clone(),
            };
            tasks::retry(tx, &claimed.fence, &again, now).await
        }
        Verdict::Release => tasks::release(tx, &claimed.fence, now).await,
    }
}
