//! One-time passwords: the sealed secret, the last period whose code was used, recovery codes.
//!
//! A secret is first *pending*; a code made with it confirms it. A code works once: its period
//! must be later than the last one used, which is decided by one conditional write. Of recovery
//! codes only SHA-256 digests are kept, and each is deleted by its use.

use std::str::FromStr;

use sea_orm::{ConnectionTrait, FromQueryResult};
use weir_domain::{Digest, Timestamp, UserId};

use super::change::change_one;
use crate::{
    StoreError, Tx,
    sql::{Count, sql},
};

/// How long a secret waits to be confirmed, in milliseconds: a quarter of an hour.
const LAPSES_AFTER_MS: i64 = 15 * 60 * 1000;

/// What needs a one-time password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Signing in, and changing the account.
    Auth,
    /// Publishing, too; the same as the other while nothing can be published.
    AuthAndWrites,
}

impl Mode {
    /// Returns the word that npm has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth-only",
            Self::AuthAndWrites => "auth-and-writes",
        }
    }
}

impl FromStr for Mode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Self::Auth, Self::AuthAndWrites];
        all.into_iter().find(|mode| mode.as_str() == text).ok_or(())
    }
}

/// A user's second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otp {
    /// The sealed secret.
    pub sealed: Vec<u8>,
    /// What it is needed for.
    pub mode: Mode,
    /// Whether it was not confirmed yet, and so is needed for nothing.
    pub is_pending: bool,
    /// The last period whose code was used; none while it is pending.
    pub used_period: Option<i64>,
}

/// Returns a user's second factor: the confirmed one, else the pending one, else none.
///
/// # Errors
/// If the database cannot be asked, or says what is no mode.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: UserId,
) -> Result<Option<Otp>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        secret: Option<Vec<u8>>,
        pending: Option<Vec<u8>>,
        mode: Option<String>,
        period: Option<i64>,
    }
    let row: Option<Row> = sql(
        "SELECT otp_secret AS secret, otp_pending AS pending, otp_mode AS mode, \
         otp_period AS period FROM users WHERE id = $1",
    )
    .bind(id.0)
    .one(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let is_pending = row.secret.is_none();
    let Some(sealed) = row.secret.or(row.pending) else {
        return Ok(None);
    };
    let mode = row.mode.unwrap_or_default().parse();
    let mode = mode.map_err(|()| StoreError::Corrupt {
        table: "users",
        column: "otp_mode",
        id: id.to_string(),
    })?;
    Ok(Some(Otp {
        sealed,
        mode,
        is_pending,
        used_period: row.period,
    }))
}

/// Keeps a secret that is to be confirmed, in the place of another such one.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such user.
pub async fn begin(
    tx: &Tx,
    id: UserId,
    (sealed, mode): (&[u8], Mode),
    now: Timestamp,
) -> Result<(), StoreError> {
    let change = sql(
        "UPDATE users SET otp_pending = $1, otp_mode = $2, updated_at = $3, otp_begun_at = $3 \
         WHERE id = $4 AND otp_secret IS NULL",
    );
    change_one(
        tx,
        change.bind(sealed.to_vec()).bind(mode.as_str()),
        id,
        now,
    )
    .await
}

/// Confirms the pending secret, of whose codes that of `period` is used up; says whether it was
/// still the pending one, and not begun too long ago.
///
/// # Errors
/// If the database refuses.
pub async fn confirm(
    tx: &Tx,
    id: UserId,
    (sealed, period): (&[u8], i64),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let confirmed = sql(
        "UPDATE users SET otp_secret = otp_pending, otp_pending = NULL, otp_period = $1, \
         updated_at = $2 WHERE id = $3 AND otp_secret IS NULL AND otp_pending = $4 \
         AND COALESCE(otp_begun_at, updated_at) > $5",
    );
    let confirmed = confirmed.bind(period).bind(now.0).bind(id.0);
    let confirmed = confirmed
        .bind(sealed.to_vec())
        .bind(now.0 - LAPSES_AFTER_MS);
    Ok(confirmed.execute(&**tx).await? == 1)
}

/// Changes what a confirmed secret is needed for.
///
/// # Errors
/// [`StoreError::NotFound`] if the user has none.
pub async fn set_mode(tx: &Tx, id: UserId, mode: Mode, now: Timestamp) -> Result<(), StoreError> {
    let change = sql(
        "UPDATE users SET otp_mode = $1, updated_at = $2 WHERE id = $3 AND otp_secret IS NOT NULL",
    );
    change_one(tx, change.bind(mode.as_str()), id, now).await
}

/// Takes the second factor and its recovery codes away, pending or not.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such user.
pub async fn remove(tx: &Tx, id: UserId, now: Timestamp) -> Result<(), StoreError> {
    set_recovery_codes(tx, id, &[]).await?;
    let change = sql(
        "UPDATE users SET otp_secret = NULL, otp_pending = NULL, otp_mode = NULL, \
         otp_period = NULL, updated_at = $1 WHERE id = $2",
    );
    change_one(tx, change, id, now).await
}

/// Uses the code of a period up; says whether nobody did so before.
///
/// # Errors
/// If the database refuses.
///
/// # Concurrency
/// Of all who bring one code at once, in whatever process, one gets in.
pub async fn use_period(tx: &Tx, id: UserId, period: i64) -> Result<bool, StoreError> {
    let used = sql("UPDATE users SET otp_period = $1 WHERE id = $2 AND otp_period < $1");
    Ok(used.bind(period).bind(id.0).execute(&**tx).await? == 1)
}

/// Replaces a user's recovery codes.
///
/// # Errors
/// If the database refuses.
pub async fn set_recovery_codes(tx: &Tx, id: UserId, codes: &[Digest]) -> Result<(), StoreError> {
    sql("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(id.0)
        .execute(&**tx)
        .await?;
    for code in codes {
        sql("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)")
            .bind(id.0)
            .bind(code.0.to_vec())
            .execute(&**tx)
            .await?;
    }
    Ok(())
}

/// Says whether this is a recovery code that nobody used yet.
///
/// # Errors
/// If the database cannot be asked.
pub async fn has_recovery_code(
    connection: &impl ConnectionTrait,
    id: UserId,
    code: &Digest,
) -> Result<bool, StoreError> {
    let row: Option<Count> =
        sql("SELECT COUNT(*) AS n FROM recovery_codes WHERE user_id = $1 AND code_hash = $2")
            .bind(id.0)
            .bind(code.0.to_vec())
            .one(connection)
            .await?;
    Ok(row.is_some_and(|row| row.n > 0))
}

/// Uses a recovery code up; says whether it was one.
///
/// # Errors
/// If the database refuses.
pub async fn use_recovery_code(tx: &Tx, id: UserId, code: &Digest) -> Result<bool, StoreError> {
    let used = sql("DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2");
    let used = used.bind(id.0).bind(code.0.to_vec());
    Ok(used.execute(&**tx).await? == 1)
}

/// Says whether anything is sealed for any user.
///
/// # Errors
/// If the database cannot be asked.
pub async fn is_any(connection: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let row: Option<Count> = sql(
        "SELECT COUNT(*) AS n FROM users WHERE otp_secret IS NOT NULL OR otp_pending IS NOT NULL",
    )
    .one(connection)
    .await?;
    Ok(row.is_some_and(|row| row.n > 0))
}
