//! Tokens that expired long ago: their owners have seen by now that they did.
//!
//! Nobody has to forget them: they stopped working when they expired.

use weir_domain::Timestamp;

use crate::{StoreError, Tx, sql::sql};

/// Removes tokens that expired before a moment, at most `limit`; says how many.
///
/// # Errors
/// If the database refuses.
pub async fn remove_expired(tx: &Tx, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    sql("DELETE FROM tokens WHERE id IN \
         (SELECT id FROM tokens WHERE expires_at < $1 LIMIT $2)")
    .bind(before.0)
    .bind(limit)
    .execute(&**tx)
    .await
}
