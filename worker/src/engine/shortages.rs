//! Telling everybody that syncs wait because a disk of this worker is low.
//!
//! The row is a hint for people: it is renewed while it is true, and believed for a while.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use weir_runtime::Shortage;
use weir_store::{StoreError, clock, shortages};

use crate::Environment;

/// Between two looks at the disks.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What was seen and told last.
#[derive(Debug, Default)]
pub(super) struct Shortages(Mutex<Option<Seen>>);

#[derive(Debug, Clone)]
struct Seen {
    at: Instant,
    shortage: Option<Shortage>,
    told_at: Option<Instant>,
}

impl Shortages {
    /// Returns what is short, and tells it.
    pub(super) async fn look(&self, environment: &Environment) -> Option<Shortage> {
        let last = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(last) = &last
            && last.at.elapsed() < LOOK_EVERY
        {
            return last.shortage.clone();
        }
        let shortage = environment.room.shortage();
        let told_at = last.and_then(|last| last.told_at);
        let told_at = match (&shortage, told_at) {
            (Some(_), Some(at)) if at.elapsed() < shortages::BELIEVED / 3 => Some(at),
            (None, None) => None,
            _ => tell(environment, shortage.as_ref(), told_at.is_none()).await,
        };
        let seen = Seen {
            at: Instant::now(),
            shortage: shortage.clone(),
            told_at,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        shortage
    }
}

/// Returns when it was told that there is a shortage, if there is.
async fn tell(
    environment: &Environment,
    shortage: Option<&Shortage>,
    is_new: bool,
) -> Option<Instant> {
    match shortage {
        Some(shortage) if is_new => {
            let folder = shortage.folder.display();
            tracing::warn!(%folder, "{shortage}; syncs wait, reads go on");
        }
        Some(_) => {}
        None => tracing::info!("there is room on the disk again; syncs go on"),
    }
    let (worker, text) = (environment.worker, shortage.map(ToString::to_string));
    let told = environment.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            match text {
                Some(text) => shortages::put(tx, worker, &text, now).await,
                None => shortages::remove(tx, worker, now).await,
            }
        })
    });
    let told: Result<(), StoreError> = told.await;
    if let Err(error) = told {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "nobody could be told that a disk is low");
    }
    shortage.map(|_| Instant::now())
}
