//! Removes what nobody signs in with any more: sessions, tickets and logins that are over, at
//! once; tokens and networks long after, so that people see for a while what became of them.

use std::time::Duration;

use futures::future::BoxFuture;
use weir_content::ContentError;
use weir_domain::Timestamp;
use weir_store::{
    StoreError, Tx, clock, github_sign_ins, log_tickets, sessions, tokens, users, web_logins,
};

use super::lead::Lead;

/// Between two looks for what is over.
pub(super) const END_EVERY: Duration = Duration::from_secs(20);
/// Between two looks for what was over long ago; no index leads to it.
pub(super) const FORGET_EVERY: Duration = Duration::from_secs(3600);
/// How long a token that has expired is listed.
const TOKENS_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Rows of one table removed in one transaction.
const BATCH: i64 = 500;
/// Between two transactions: others write too.
const BREATH: Duration = Duration::from_millis(50);

/// Removes at most so many of what is over at a moment; says how many.
type Remove = for<'t> fn(&'t Tx, Timestamp, i64) -> BoxFuture<'t, Result<u64, StoreError>>;

/// Removes sessions, tickets and logins that are over.
pub(super) async fn end(lead: &Lead) -> Result<(), ContentError> {
    let all: [Remove; 4] = [
        |tx, now, limit| Box::pin(sessions::expire(tx, now, limit)),
        |tx, now, limit| Box::pin(log_tickets::expire(tx, now, limit)),
        |tx, now, limit| Box::pin(web_logins::expire(tx, now, limit)),
        |tx, now, limit| Box::pin(github_sign_ins::expire(tx, now, limit)),
    ];
    each(lead, &all).await
}

/// Removes tokens that expired, and forgets networks, long ago.
pub(super) async fn forget(lead: &Lead) -> Result<(), ContentError> {
    let all: [Remove; 2] = [
        |tx, now, limit| Box::pin(tokens::remove_expired(tx, now.minus(TOKENS_KEPT), limit)),
        |tx, now, limit| Box::pin(users::forget_networks(tx, now, limit)),
    ];
    each(lead, &all).await
}

/// Removes in batches until nothing is left.
async fn each(lead: &Lead, all: &[Remove]) -> Result<(), ContentError> {
    for &remove in all {
        loop {
            let removed = lead.write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    remove(tx, now, BATCH).await
                })
            });
            if removed.await? < BATCH.unsigned_abs() {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
    }
    Ok(())
}
