//! Whether a password is somebody's.
//!
//! One function decides, whoever asks: the login routes, the site's form, what changes an account.
//! Trying costs the same whether there is such a user or not: a hash is computed in either case,
//! on threads of low priority and never on all cores ([`Cores`]). How often one may try is
//! [`tries`]; who has a second factor needs that too ([`otp`]).

mod argon;
mod cores;
pub(crate) mod otp;
pub(crate) mod totp;
pub(crate) mod tries;

use std::net::IpAddr;

use weir_config::{Allowance, Shares, accounts::PASSWORD_CHARS};
use weir_domain::{Timestamp, user_name};
use weir_store::users::{self, User, password::PasswordHash};

pub(crate) use self::argon::at_start;
use self::{cores::Cores, otp::Proof, tries::Try};
use crate::{
    app::Running,
    error::{ApiError, ApiResult},
    limits::{Buckets, Who},
};

/// What is kept about passwords while the process runs.
#[derive(Debug)]
pub(crate) struct Passwords {
    /// Where hashes are computed.
    pub(crate) cores: Cores,
    /// How often a wrong password is written down.
    notes: Buckets,
}

/// Wrong passwords of one account that are written down; a flood is one all the same.
const NOTES: Allowance = Allowance {
    per_minute: 6,
    burst: 6,
};

impl Default for Passwords {
    fn default() -> Self {
        Self {
            cores: Cores::default(),
            notes: Buckets::new(&Shares {
                login_failures: Some(NOTES),
                ..Shares::default()
            }),
        }
    }
}

/// Returns the user whose name and password these are; their one-time password is used up.
///
/// # Errors
/// As [`prove`].
pub(crate) async fn check(
    running: &Running,
    name: &str,
    password: &str,
    code: Option<&str>,
    client: IpAddr,
) -> ApiResult<User> {
    let (user, proof) = prove(running, name, password, code, client).await?;
    proof.spend(running).await?;
    Ok(user)
}

/// Returns the user whose name and password these are, with the proof of their second factor: to
/// be used up once nothing else is in the way.
///
/// # Errors
/// 401 if they are nobody's, are those of a disabled user, or lack a one-time password (which
/// alone is said); 429 after too many tries, or while too many others are tried.
///
/// # Cancel safety
/// Whoever hangs up before the answer tried a wrong one.
pub(crate) async fn prove(
    running: &Running,
    name: &str,
    password: &str,
    code: Option<&str>,
    client: IpAddr,
) -> ApiResult<(User, Proof)> {
    // Nobody's password is so long or short: it is not worth a hash.
    if !PASSWORD_CHARS.contains(&password.chars().count()) {
        return Err(wrong());
    }
    let tried = Try::begin(running, name, client).await?;
    let account = users::password::find(running.reader(), name).await?;
    let (user, hash) = account.map_or((None, None), |found| (Some(found.user), found.hash));
    let (password, compared) = (password.to_owned(), hash.clone());
    let comparing = move |memory: &mut _| argon::is_right(&password, compared.as_ref(), memory);
    let is_right = match running.passwords.cores.run(comparing).await {
        Ok(is_right) => is_right && hash.is_some(),
        Err(busy) => {
            tried.was_not_tried(running);
            return Err(busy);
        }
    };
    let Some(user) = user.filter(|user| is_right && !user.is_disabled) else {
        tried.failed(running, name).await?;
        return Err(wrong());
    };
    let who = Who::Account(self::account(&user.name));
    let proof = match otp::find(running, &user, code, &who).await {
        Ok(proof) => proof,
        Err(refused) => {
            // Who was not asked for a code yet did nothing wrong.
            if code.is_none() {
                tried.was_not_tried(running);
            } else {
                tried.failed(running, name).await?;
            }
            return Err(refused);
        }
    };
    tried.succeeded(running, &user).await?;
    Ok((user, proof))
}

/// Returns what is kept of a new password.
///
/// # Errors
/// 429 while too many others wait for a core.
pub(crate) async fn hash(running: &Running, password: &str) -> ApiResult<PasswordHash> {
    let password = password.to_owned();
    let hashing = move |memory: &mut _| argon::hash(&password, memory);
    running
        .passwords
        .cores
        .run(hashing)
        .await?
        .map_err(ApiError::internal)
}

fn wrong() -> ApiError {
    ApiError::unauthorized("The name or the password is wrong")
}

/// Returns what two names of one account have in common, as limits know it.
fn account(name: &str) -> [u8; 16] {
    let digest = weir_domain::Digest::of(user_name::key(name).as_bytes()).0;
    let mut account = [0; 16];
    account.copy_from_slice(&digest[..16]);
    account
}

/// Returns the 30-second period that `now` lies in.
pub(crate) fn period_of(now: Timestamp) -> i64 {
    now.0.div_euclid(1000).div_euclid(totp::PERIOD_SECS)
}
