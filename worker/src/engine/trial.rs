//! A run without an engine, for tests of single jobs: begun from a claim, concluded as the engine
//! does. What a job logs and how far it is are written when it ends, or when told to.

use std::sync::Arc;

use weir_domain::{Decision, SystemClock};
use weir_store::{
    Db,
    task_logs::Chunk,
    tasks::{Claimed, Outcome},
};

use super::{
    conclude::{Conclusion, Verdict},
    scribe::Scribe,
};
use crate::{
    Attempt, EngineSettings,
    job::{Done, JobError},
};

/// A claimed task in the hands of a test.
pub(crate) struct Trial {
    pub(crate) attempt: Attempt,
    claimed: Arc<Claimed>,
    scribe: Scribe,
    db: Db,
}

impl Trial {
    pub(crate) fn begin(db: &Db, claimed: Claimed) -> Self {
        let scribe = Scribe::new(db.clone(), EngineSettings::default().lease);
        let position = |n: u64| i64::try_from(n).expect("a small number");
        let task = &claimed.task;
        let next = Chunk::new(position(task.log_lines) + 1, position(task.log_bytes));
        let run = scribe.begin(claimed.fence, next, Arc::new(SystemClock));
        Self {
            attempt: Attempt {
                task: Arc::new(task.clone()),
                requests: Arc::new(claimed.requests.clone()),
                is_last: false,
                run,
                db: db.clone(),
            },
            claimed: Arc::new(claimed),
            scribe,
            db: db.clone(),
        }
    }

    /// Writes what the job said so far, as the pulse does.
    pub(crate) async fn flush(&self) {
        self.scribe.flush(&self.db).await;
    }

    /// Ends the run; false if it was somebody else's by then.
    pub(crate) async fn conclude(self, ended: Result<Done, JobError>) -> bool {
        let (verdict, follow_ups) = match ended {
            Ok(done) => {
                let outcome = Outcome {
                    failure: None,
                    warnings: done.warnings,
                    report: Some(done.report),
                };
                (Verdict::Finish(Box::new(outcome)), done.follow_ups)
            }
            Err(error) if error.decision == Decision::Stop => return false,
            Err(error) => {
                let outcome = Outcome::failed(error.code, error.message);
                (Verdict::Finish(Box::new(outcome)), None)
            }
        };
        let conclusion = Conclusion {
            claimed: self.claimed,
            verdict: Arc::new(verdict),
            rest: Arc::new(self.scribe.end(&self.attempt.run).await),
            follow_ups,
        };
        let written = conclusion.write(&self.db, EngineSettings::default()).await;
        written.is_some()
    }
}
