//! Reads stored blobs again because somebody asked for it, as fast as the disk allows.
//!
//! All of them are those that were proven before the task was submitted; so a run that follows a
//! lost one goes on where that was.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use weir_content::{Finding, Pace};
use weir_domain::task::{Report, VerifyBlobs};
use weir_store::blobs;

use crate::{
    Attempt, Environment,
    job::{Done, JobError},
    upkeep::verify::{self, Watcher},
};

/// Blobs read between two lines of the log.
const PAGE: i64 = 500;
/// Findings that are warnings of the task; the others stand in its log.
const WARNINGS: usize = 100;

pub(super) async fn run(
    environment: &Environment,
    attempt: &Attempt,
    wanted: &VerifyBlobs,
) -> Result<Done, JobError> {
    let work = Work {
        environment,
        attempt,
        repairs: wanted.repairs,
        warnings: Mutex::default(),
        damaged: AtomicU64::new(0),
    };
    let db = environment.db.read();
    let (mut whole, mut seen) = (0, 0);
    for package in &wanted.packages {
        let stored = blobs::of_package(db, package).await?;
        let count = stored.len();
        attempt
            .info(format!("{count} blobs of {package} are read"))
            .await;
        seen += count as u64;
        whole += work.verify(stored).await?;
    }
    while wanted.packages.is_empty() {
        let due = blobs::due(db, attempt.task.created_at, PAGE).await?;
        if due.is_empty() {
            break;
        }
        seen += due.len() as u64;
        whole += work.verify(due).await?;
        attempt.info(format!("{seen} blobs read")).await;
    }
    let damaged = work.damaged.into_inner();
    attempt
        .info(format!(
            "Done: {whole} blobs are what they are called, {damaged} were damaged"
        ))
        .await;
    Ok(Done {
        report: Report::default(),
        warnings: work
            .warnings
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
        follow_ups: None,
    })
}

struct Work<'a> {
    environment: &'a Environment,
    attempt: &'a Attempt,
    repairs: bool,
    warnings: Mutex<Vec<String>>,
    damaged: AtomicU64,
}

impl Work<'_> {
    async fn verify(&self, stored: Vec<(weir_domain::Digest, u64)>) -> Result<u64, JobError> {
        let mut pace = Pace::new(None);
        let verified = verify::verify(self.environment, self.attempt, stored, (&mut pace, self));
        Ok(verified.await?)
    }
}

impl Watcher for Work<'_> {
    fn read(&self, bytes: u64) {
        self.attempt.progress(|progress| progress.bytes += bytes);
    }

    async fn found(&self, finding: &Finding) {
        self.damaged.fetch_add(1, Ordering::Relaxed);
        let Finding {
            digest,
            found,
            damage,
        } = finding;
        let text = format!("Blob {digest} is damaged ({found}) and out of use: {damage}");
        self.attempt.warn(&text).await;
        {
            let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
            if warnings.len() < WARNINGS {
                warnings.push(text);
            }
        }
        if !self.repairs {
            return;
        }
        if let Err(error) = verify::repair(self.environment, finding).await {
            let text = format!("It is fetched again when it is asked for, not now: {error}");
            self.attempt.warn(text).await;
        }
    }
}
