//! The second factor: a code of the moment, or a recovery code, each good for once.
//!
//! Who lacks one is told by `www-authenticate: OTP`, which is what package managers ask for it on.
//! A wrong code that comes with the password counts against the account wherever it comes from, one
//! that comes with a token against that: nobody who lacks the password makes its owner wait.

use std::time::Instant;

use weir_domain::{Digest, UserId};
use weir_runtime::sealing::SealError;
use weir_store::users::{User, otp};

use super::{period_of, totp};
use crate::{
    app::Running,
    error::{ApiError, ApiResult, Code},
    limits::{Class, Who, too_many},
};

/// Characters of a recovery code: the only form beside digits that npm lets its user type.
const RECOVERY_CHARS: usize = 64;

/// A second factor that is right and not used up yet; nothing where none is needed.
#[derive(Debug)]
#[must_use = "it lets in until it is used up"]
pub(crate) struct Proof(Option<(UserId, Once)>);

/// What is good for once.
#[derive(Debug, Clone, Copy)]
enum Once {
    /// The code of a period.
    Period(i64),
    /// A recovery code, by its digest.
    Recovery(Digest),
}

/// Checks the second factor of a user, if they have one, and uses it up; `who` has so many tries.
/// Those of whoever only shows a token are apart, so that nobody uses up those of the owner.
///
/// # Errors
/// 401 that asks for a one-time password; 429 after too many wrong ones.
///
/// # Concurrency
/// Of all who bring one code at once, in whatever process, one gets in.
pub(crate) async fn check(
    running: &Running,
    user: &User,
    code: Option<&str>,
    who: &Who,
) -> ApiResult<()> {
    find(running, user, code, who).await?.spend(running).await
}

/// Checks the second factor of a user, if they have one, and leaves it to be used up.
///
/// # Errors
/// As [`check`].
pub(crate) async fn find(
    running: &Running,
    user: &User,
    code: Option<&str>,
    who: &Who,
) -> ApiResult<Proof> {
    if !user.has_otp {
        return Ok(Proof(None));
    }
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
        return Err(asked("This needs a one-time password"));
    };
    take_try(running, who)?;
    let Some(once) = read(running, user.id, code).await? else {
        return Err(wrong());
    };
    give_back(running, who);
    Ok(Proof(Some((user.id, once))))
}

impl Proof {
    /// Uses it up.
    ///
    /// # Errors
    /// 401 if somebody else did meanwhile.
    pub(crate) async fn spend(self, running: &Running) -> ApiResult<()> {
        let Some((user, once)) = self.0 else {
            return Ok(());
        };
        let used = running.app.content.db.write(move |tx| {
            Box::pin(async move {
                match once {
                    Once::Period(period) => otp::use_period(tx, user, period).await,
                    Once::Recovery(hash) => otp::use_recovery_code(tx, user, &hash).await,
                }
            })
        });
        if used.await? { Ok(()) } else { Err(wrong()) }
    }
}

/// Takes one of the tries at a code, to be given back for a right one.
///
/// # Errors
/// 429 after too many wrong ones.
pub(crate) fn take_try(running: &Running, who: &Who) -> ApiResult<()> {
    let taken = running
        .buckets
        .take(Class::LoginFailures, who, Instant::now());
    taken.map_err(|wait| too_many(Class::LoginFailures.sentence(), wait))
}

/// Gives back the try of a right code.
pub(crate) fn give_back(running: &Running, who: &Who) {
    running
        .buckets
        .give_back(Class::LoginFailures, who, Instant::now());
}

/// Finds out what a code is, if it is right and was not used.
async fn read(running: &Running, user: UserId, code: &str) -> ApiResult<Option<Once>> {
    let db = running.reader();
    if is_recovery_code(code) {
        let hash = Digest::of(code.to_ascii_lowercase().as_bytes());
        let is_one = otp::has_recovery_code(db, user, &hash).await?;
        return Ok(is_one.then_some(Once::Recovery(hash)));
    }
    let Some(kept) = otp::find(db, user).await? else {
        return Ok(None);
    };
    let secret = open(running, user, &kept.sealed)?;
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let period = totp::find(&secret, &digits, period_of(running.now()));
    let period = period.filter(|period| kept.used_period < Some(*period));
    Ok(period.map(Once::Period))
}

/// Opens the sealed secret of a user.
///
/// # Errors
/// If that needs a key that is not there, or it is not what was sealed.
pub(crate) fn open(running: &Running, user: UserId, sealed: &[u8]) -> ApiResult<Vec<u8>> {
    let opened = running.app.settings.sealer.open(sealed, &place(user));
    opened.map_err(unsealed)
}

/// Seals a secret of a user.
///
/// # Errors
/// 501 if there is no key to do so.
pub(crate) fn seal(running: &Running, user: UserId, secret: &[u8]) -> ApiResult<Vec<u8>> {
    let sealed = running.app.settings.sealer.seal(secret, &place(user));
    sealed.map_err(unsealed)
}

fn place(user: UserId) -> String {
    format!("users.otp_secret:{user}")
}

fn unsealed(why: SealError) -> ApiError {
    match why {
        SealError::NoKey => ApiError::new(
            Code::NotImplemented,
            "Two-factor authentication needs WEIR_SECRET_KEY on this server",
        ),
        other => ApiError::internal(other),
    }
}

/// The error for whoever must bring a one-time password; package managers ask for one then.
pub(crate) fn asked(sentence: &str) -> ApiError {
    ApiError::new(Code::Unauthorized, sentence).with_header(http::header::WWW_AUTHENTICATE, "OTP")
}

fn wrong() -> ApiError {
    asked("The one-time password is wrong, too old, or was used before")
}

fn is_recovery_code(code: &str) -> bool {
    code.len() == RECOVERY_CHARS && code.bytes().all(|byte| byte.is_ascii_hexdigit())
}
