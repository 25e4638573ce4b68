//! Tokens seen lately, by the SHA-256 of their text.
//!
//! Any change of a token empties the cache: at once, or when the process hears of what another
//! one did. While it may not have heard, the row is asked. What is kept is what a request
//! needs, so one with a known token allocates nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use moka::sync::Cache;
use weir_domain::{Digest, Timestamp, TokenId};
use weir_store::tokens::{self, USED_EVERY};

use super::{User, used::Used};
use crate::{
    app::{Generation, Running},
    error::ApiResult,
};

/// How long a token that nobody shows any more is remembered.
const TTL: Duration = Duration::from_secs(60);
/// Most tokens remembered, known or not.
const CAPACITY: u64 = 10_000;

/// Tokens seen lately, and those whose use is not written down yet.
#[derive(Debug)]
pub(crate) struct TokenCache {
    known: Cache<Digest, Known>,
    generation: Generation,
    pub(super) used: Used,
}

#[derive(Debug, Clone)]
struct Known {
    shown: Option<Arc<Shown>>,
    generation: u64,
}

/// A token that is one.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) user: Arc<User>,
    id: TokenId,
    /// When its use was noted last, in milliseconds.
    noted_at: AtomicI64,
}

impl Default for TokenCache {
    fn default() -> Self {
        Self {
            known: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(TTL)
                .build(),
            generation: Generation::default(),
            used: Used::default(),
        }
    }
}

impl TokenCache {
    /// Forgets everything: some token changed.
    pub(crate) fn forget(&self) {
        self.generation.advance();
    }

    /// Notes that a token was used, to be written down later.
    pub(super) fn was_used(&self, shown: &Shown, now: Timestamp) {
        let noted_at = shown.noted_at.load(Relaxed);
        let is_due = now.since(Timestamp(noted_at)) >= USED_EVERY;
        // Of many requests at once, one notes it.
        let swap = || {
            shown
                .noted_at
                .compare_exchange(noted_at, now.0, Relaxed, Relaxed)
        };
        if is_due && swap().is_ok() {
            self.used.note(shown.id);
        }
    }

    pub(super) async fn find(
        &self,
        running: &Running,
        hash: Digest,
    ) -> ApiResult<Option<Arc<Shown>>> {
        let generation = self.generation.now();
        if let Some(known) = self.known.get(&hash)
            && known.generation == generation
            && running.is_current()
        {
            return Ok(known.shown);
        }
        let found = tokens::find_by_hash(running.reader(), &hash).await?;
        let shown = found.map(|token| {
            Arc::new(Shown {
                id: token.id,
                noted_at: AtomicI64::new(token.last_used_at.map_or(i64::MIN, |at| at.0)),
                user: Arc::new(User::from(token)),
            })
        });
        let known = Known {
            shown: shown.clone(),
            generation,
        };
        self.known.insert(hash, known);
        Ok(shown)
    }
}
