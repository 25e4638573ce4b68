//! Telling everybody that syncs wait because a disk of this worker is low.
//!
//! The row is a hint for people: it is renewed while it is true, and believed for a while.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;
use weir_runtime::Shortage;
use weir_store::{clock, shortages};

use crate::Environment;

/// When others were told last that a disk is low; nothing while none is.
#[derive(Debug, Default)]
pub(super) struct Shortages(Mutex<Option<Instant>>);

impl Shortages {
    /// Returns what is short, and tells it.
    pub(super) async fn look(&self, environment: &Environment) -> Option<Shortage> {
        let shortage = environment.room.shortage();
        let told_at = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_told = match (&shortage, told_at) {
            (Some(_), Some(at)) => at.elapsed() < shortages::BELIEVED / 3,
            (shortage, told_at) => shortage.is_none() && told_at.is_none(),
        };
        if !is_told {
            tell(environment, shortage.as_ref(), told_at.is_none()).await;
            let told_at = shortage.is_some().then(Instant::now);
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = told_at;
        }
        shortage
    }
}

async fn tell(environment: &Environment, shortage: Option<&Shortage>, is_new: bool) {
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
    if let Err(error) = told.await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "nobody could be told that a disk is low");
    }
}
