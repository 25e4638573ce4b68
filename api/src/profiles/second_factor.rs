//! Having a second factor, for what, and no more.
//!
//! A secret is made and shown as the address for an app; the first code that the app gives back
//! confirms it, and the recovery codes are shown, once. Until then it is needed for nothing.

use rand::RngCore;
use weir_domain::Digest;
use weir_store::{
    clock,
    users::{
        User,
        otp::{self, Mode, Otp},
    },
};

use super::model::{Tfa, Wish};
use crate::{
    error::{ApiError, ApiResult},
    limits::Who,
    logins::note,
    passwords::{
        otp::{asked, give_back, open, seal, take_try},
        period_of, totp,
    },
    visit::Visit,
};

/// How many recovery codes a user gets.
const RECOVERY_CODES: usize = 10;

/// Does what is wanted; the caller has proven who they are.
///
/// # Errors
/// 401 for a wrong first code, 409 if there is nothing to confirm, 501 without a key to seal with.
pub(super) async fn apply(visit: &Visit, user: &User, wish: Wish) -> ApiResult<Tfa> {
    match wish {
        Wish::Mode(mode, _) if user.has_otp => set_mode(visit, user, mode).await,
        Wish::Mode(mode, _) => begin(visit, user, mode).await,
        Wish::Confirm(code) => confirm(visit, user, &code).await,
        Wish::Disable(_) => disable(visit, user).await,
    }
}

async fn begin(visit: &Visit, user: &User, mode: Mode) -> ApiResult<Tfa> {
    let secret = totp::new_secret();
    let sealed = seal(visit.running(), user.id, &secret)?;
    let id = user.id;
    let begun = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            otp::begin(tx, id, (&sealed, mode), now).await
        })
    });
    begun.await?;
    let base = url::Url::parse(visit.base().as_str());
    let host = base.ok().and_then(|url| url.host_str().map(str::to_owned));
    let issuer = host.unwrap_or_else(|| "weir".to_owned());
    Ok(Tfa::address(totp::address(&secret, &user.name, &issuer)))
}

async fn confirm(visit: &Visit, user: &User, code: &str) -> ApiResult<Tfa> {
    let (running, by) = (visit.running(), visit.actor());
    let pending = otp::find(running.reader(), user.id).await?;
    let Some(Otp { sealed, mode, .. }) = pending.filter(|otp| otp.is_pending) else {
        return Err(nothing_to_confirm());
    };
    let secret = open(running, user.id, &sealed)?;
    let who = visit
        .caller
        .user()
        .map_or(Who::User(user.id), Who::tries_codes);
    take_try(running, &who)?;
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let Some(period) = totp::find(&secret, &digits, period_of(running.now())) else {
        return Err(asked("The one-time password is wrong or too old"));
    };
    give_back(running, &who);
    let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let hashes: Vec<_> = codes
        .iter()
        .map(|code| Digest::of(code.as_bytes()))
        .collect();
    let (id, name) = (user.id, user.name.clone());
    let confirmed = running.app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            if !otp::confirm(tx, id, (&sealed, period), now).await? {
                return Ok(false);
            }
            otp::set_recovery_codes(tx, id, &hashes).await?;
            let detail = format!("on, {}", mode.as_str());
            note(tx, &by, ("user.otp", &name), &detail, now).await?;
            Ok(true)
        })
    });
    if confirmed.await? {
        Ok(Tfa::recovery_codes(&codes))
    } else {
        Err(nothing_to_confirm())
    }
}

async fn set_mode(visit: &Visit, user: &User, mode: Mode) -> ApiResult<Tfa> {
    let (id, name, by) = (user.id, user.name.clone(), visit.actor());
    let changed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            otp::set_mode(tx, id, mode, now).await?;
            note(tx, &by, ("user.otp", &name), mode.as_str(), now).await
        })
    });
    changed.await?;
    Ok(Tfa::done())
}

async fn disable(visit: &Visit, user: &User) -> ApiResult<Tfa> {
    let (id, name, by) = (user.id, user.name.clone(), visit.actor());
    let removed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            otp::remove(tx, id, now).await?;
            note(tx, &by, ("user.otp", &name), "off", now).await
        })
    });
    removed.await?;
    Ok(Tfa::of(None))
}

fn recovery_code() -> String {
    let mut random = [0_u8; 32];
    rand::rng().fill_bytes(&mut random);
    Digest(random).to_string()
}

fn nothing_to_confirm() -> ApiError {
    ApiError::new(
        crate::error::Code::Conflict,
        "There is no second factor to confirm; ask for one first",
    )
}
