//! Browsers that were sent to GitHub and are to come back: each once, in time, and itself.
//!
//! Of the state and of the browser's cookie here are only the SHA-256.

use std::time::Duration;

use sea_orm::FromQueryResult;
use uuid::Uuid;
use weir_domain::{Digest, Timestamp, UserId};

use crate::{StoreError, Tx, sql::sql};

/// How long a browser may be away: as long as GitHub's code lives.
pub const VALID: Duration = Duration::from_secs(600);

/// What a browser was sent for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Who links an account; nobody when somebody signs in.
    pub linker: Option<UserId>,
    /// Where it goes then, within the site.
    pub next: String,
}

/// Records that a browser was sent.
///
/// # Errors
/// If the database refuses.
pub async fn insert(
    tx: &Tx,
    (state, browser): (&Digest, &Digest),
    sign_in: &SignIn,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql(
        "INSERT INTO github_sign_ins (state_hash, browser_hash, linker_id, next, expires_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(state.0.to_vec())
    .bind(browser.0.to_vec())
    .bind(sign_in.linker.map(|user| user.0))
    .bind(sign_in.next.as_str())
    .bind(now.plus(VALID).0)
    .execute(&**tx)
    .await?;
    Ok(())
}

/// Takes away what this browser was sent for with this state. Another browser's word changes
/// nothing.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// Of all who come back at once, in whatever process, one is let in.
pub async fn take(
    tx: &Tx,
    (state, browser): (&Digest, &Digest),
    now: Timestamp,
) -> Result<Option<SignIn>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        linker_id: Option<Uuid>,
        next: String,
    }
    let row: Option<Row> = sql("DELETE FROM github_sign_ins WHERE state_hash = $1 \
         AND browser_hash = $2 AND expires_at > $3 RETURNING linker_id, next")
    .bind(state.0.to_vec())
    .bind(browser.0.to_vec())
    .bind(now.0)
    .one(&**tx)
    .await?;
    Ok(row.map(|row| SignIn {
        linker: row.linker_id.map(UserId),
        next: row.next,
    }))
}

/// Removes what is too old, at most `limit`; says how many.
///
/// # Errors
/// If the database refuses.
pub async fn expire(tx: &Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    sql("DELETE FROM github_sign_ins WHERE state_hash IN \
         (SELECT state_hash FROM github_sign_ins WHERE expires_at <= $1 LIMIT $2)")
    .bind(now.0)
    .bind(limit)
    .execute(&**tx)
    .await
}
