//! That tokens are used is written down beside requests, many at once.
//!
//! What is noted and not written when the process dies is lost: it is for people, who look for
//! tokens that nobody uses.

use std::{
    collections::HashSet,
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use weir_domain::TokenId;
use weir_store::{clock, tokens};

use crate::{app::Running, error::warn_of};

/// Between two looks at what was noted.
const EVERY: Duration = Duration::from_secs(1);

/// Tokens whose use is not written down yet.
#[derive(Debug, Default)]
pub(super) struct Used(Mutex<HashSet<TokenId>>);

impl Used {
    pub(super) fn note(&self, token: TokenId) {
        self.lock().insert(token);
    }

    fn take(&self) -> Vec<TokenId> {
        mem::take(&mut *self.lock()).into_iter().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<TokenId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes down what was noted, again and again.
pub(crate) async fn keep_marking(running: &Running) {
    loop {
        tokio::time::sleep(EVERY).await;
        mark_last(running).await;
    }
}

/// Writes down what was noted.
pub(crate) async fn mark_last(running: &Running) {
    let used = running.tokens.used.take();
    if used.is_empty() {
        return;
    }
    let marked = running.app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            tokens::mark_used(tx, &used, now).await
        })
    });
    if let Err(failure) = marked.await {
        warn_of(&failure, "it was not written down that tokens are used");
    }
}
