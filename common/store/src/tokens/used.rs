//! When tokens were last used: to the minute, many at once.

use std::time::Duration;

use weir_domain::{Timestamp, TokenId};

use crate::{StoreError, Tx, sql::sql};

/// How often it is written down at most that a token is used.
pub const USED_EVERY: Duration = Duration::from_secs(60);
/// Most tokens of one statement.
const BATCH: usize = 500;

/// Writes down that tokens were used, unless that was done within [`USED_EVERY`]; says of how
/// many.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// Of several processes that saw a token within a minute, one writes.
pub async fn mark_used(tx: &Tx, used: &[TokenId], now: Timestamp) -> Result<u64, StoreError> {
    let mut written = 0;
    for ids in used.chunks(BATCH) {
        written += sql("UPDATE tokens SET last_used_at = $1 \
             WHERE (last_used_at IS NULL OR last_used_at <= $2) AND id IN ($*)")
        .bind(now.0)
        .bind(now.minus(USED_EVERY).0)
        .bind_all(ids.iter().map(|id| id.0))
        .execute(&**tx)
        .await?;
    }
    Ok(written)
}
