//! Has documents made in br and zstd that are asked for twice so; until then who asks gets gzip.
//!
//! What was asked for is remembered in a fixed number of places, each for whatever was asked
//! for last: no lock, nothing to clean up, and who asks for too many things in between only
//! asks once more. One document is made at a time; nobody waits for it.

use std::{
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use http::header::CONTENT_ENCODING;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use weir_content::ContentError;
use weir_domain::PackageName;

use super::{
    ready::{Content, Ready},
    wanted::Wanted,
};
use crate::app::Running;

/// Places for what was asked for.
const PLACES: usize = 4096;
/// Documents that wait to be made; what comes when there are so many is asked for again.
const MOST_WAITING: usize = 256;
/// In a place: it is being made, or could not be.
const BEGUN: u64 = 1;

/// What is to be made, and what was asked for once.
#[derive(Debug)]
pub(crate) struct Encoder {
    asked: Asked,
    waiting: Arc<Semaphore>,
    /// Each keeps a core busy.
    turn: Semaphore,
    tracker: TaskTracker,
}

impl Default for Encoder {
    fn default() -> Self {
        Self {
            asked: Asked::default(),
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
            turn: Semaphore::new(1),
            tracker: TaskTracker::new(),
        }
    }
}

impl Encoder {
    /// Notes that something else was given than what was wanted; the second time that is made.
    pub(super) fn ask(&self, running: &Running, wanted: &Wanted) {
        // A package that has changed is another one.
        let mark = running.shelf.mark(&wanted.key);
        let print = BuildHasherDefault::<DefaultHasher>::default().hash_one((&wanted.key, mark));
        if !self.asked.is_second(print) {
            return;
        }
        let Ok(place) = Arc::clone(&self.waiting).try_acquire_owned() else {
            return self.asked.forget(print);
        };
        let (running, wanted) = (running.clone(), wanted.clone());
        self.tracker.spawn(async move {
            let made = tokio::select! {
                made = make(&running, &wanted, mark) => made,
                () = running.shutdown.cancelled() => return,
            };
            drop(place);
            match made {
                // Should it be forgotten, it need only be found.
                Ok(()) => running.encoder.asked.forget(print),
                Err(error) => tracing::warn!(
                    package.name = wanted.key.name(),
                    error = &error as &dyn std::error::Error,
                    "a document could not be compressed once more"
                ),
            }
        });
    }
}

/// Makes the document and puts it where hits are answered from.
async fn make(running: &Running, wanted: &Wanted, mark: u64) -> Result<(), ContentError> {
    let _turn = running.encoder.turn.acquire().await;
    let Ok(name) = PackageName::parse(wanted.key.name()) else {
        return Ok(());
    };
    let (best, shelf) = (wanted.encodings.best, &running.shelf);
    let (content, base) = (&running.app.content, running.bases.get(wanted.base));
    let made = content.encode(&name, (wanted.form, best), base).await?;
    // What is too large for the shelf is found by its row.
    let given = shelf.find(&wanted.key_at_hand(), &*running.app.clock);
    let Some((document, given)) = made.zip(given) else {
        return Ok(());
    };
    let blob = (document.digest, document.size_bytes);
    if let Some(bytes) = content.blobs.read(blob).await?
        && given.is_tagged(&document.etag)
    {
        let ready = Ready::clone(&given).sending(Content::Memory(bytes));
        let ready = ready.with(CONTENT_ENCODING, best.as_str());
        shelf.put(wanted.key.clone(), mark, Arc::new(ready));
    }
    Ok(())
}

/// What was asked for lately, by numbers that stand for it.
#[derive(Debug)]
struct Asked(Box<[AtomicU64]>);

impl Default for Asked {
    fn default() -> Self {
        Self((0..PLACES).map(|_| AtomicU64::default()).collect())
    }
}

impl Asked {
    /// Says whether this is asked for the second time; it says so once.
    fn is_second(&self, print: u64) -> bool {
        let (once, begun) = (print & !BEGUN, print | BEGUN);
        let place = self.place(print);
        match place.load(Relaxed) {
            seen if seen == begun => false,
            seen if seen == once => place
                .compare_exchange(once, begun, Relaxed, Relaxed)
                .is_ok(),
            _ => {
                place.store(once, Relaxed);
                false
            }
        }
    }

    /// Lets it be asked for twice again.
    fn forget(&self, print: u64) {
        let (place, begun) = (self.place(print), print | BEGUN);
        // If something else is there by now, it is forgotten already.
        place.compare_exchange(begun, 0, Relaxed, Relaxed).ok();
    }

    fn place(&self, print: u64) -> &AtomicU64 {
        let at = (print >> 1) % self.0.len() as u64;
        &self.0[usize::try_from(at).unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_second_time_is_the_second() {
        let asked = Asked::default();
        let says = [42, 42, 42, 44, 42].map(|print| asked.is_second(print));
        assert_eq!(says, [false, true, false, false, false]);
        asked.forget(42);
        assert_eq!([42, 42].map(|print| asked.is_second(print)), [false, true]);
    }

    #[test]
    fn what_shares_a_place_only_asks_again() {
        let asked = Asked::default();
        let other = 42 + 2 * PLACES as u64;
        let says = [42, other, 42, 42, other].map(|print| asked.is_second(print));
        assert_eq!(says, [false, false, false, true, false]);
        asked.forget(42);
        assert!(asked.is_second(other), "what is there now is not forgotten");
    }
}
