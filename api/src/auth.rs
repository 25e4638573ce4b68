//! Who is asking, and what their credentials let them.
//!
//! The front authenticates every request that shows credentials, wherever it goes: those that
//! do not hold are 401 even where nobody needs any (but where somebody signs in: there they
//! play no part). What a route is to credentials is in [`subject`], what they may do there in
//! [`restrictions`]: one table, which [`gate`] holds in front of every documented operation.
//! Handlers say what they require by the type of an argument: [`Caller`] (anybody),
//! [`Submitter`], [`Observer`], [`SignedIn`], [`Admin`].

mod cache;
mod credentials;
mod extract;
mod gate;
mod open_answers;
mod restrictions;
mod subject;
mod used;

use std::{net::IpAddr, sync::Arc};

use http::request::Parts;
use weir_domain::{SessionId, Timestamp, TokenId, UserId, token::TokenSecret};
use weir_store::tokens::Token;

use self::credentials::Shown;
pub(crate) use self::{
    cache::TokenCache,
    credentials::{name_and_password, otp},
    extract::{ADMIN_SCHEME, Admin, Caller, Observer, SignedIn, Submitter},
    gate::guard,
    open_answers::{OpenAnswer, OpenAnswers},
    restrictions::Restrictions,
    subject::may_forbid,
    used::{keep_marking, mark_last},
};
use crate::{
    app::Running,
    error::{ApiError, ApiResult},
    passwords, sessions,
};

/// Somebody who proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// Identifier.
    pub(crate) id: UserId,
    /// Name.
    pub(crate) name: String,
    /// Whether these credentials carry admin rights.
    pub(crate) is_admin: bool,
    /// What was shown.
    pub(crate) credential: Credential,
    /// When they last typed a password or the like; nothing says so of a token.
    pub(crate) proved_at: Option<Timestamp>,
    /// What these credentials may not, of what their user may.
    pub(crate) restrictions: Restrictions,
}

/// What somebody proved with who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credential {
    /// A token.
    Token(TokenId),
    /// A session of the site.
    Session(SessionId),
    /// The password itself, in this request.
    Password,
}

impl User {
    /// Returns the token that was shown, if it was one.
    pub(crate) fn token(&self) -> Option<TokenId> {
        match self.credential {
            Credential::Token(id) => Some(id),
            Credential::Session(_) | Credential::Password => None,
        }
    }
}

impl From<Token> for User {
    fn from(token: Token) -> Self {
        Self {
            id: token.user_id,
            name: token.user_name,
            is_admin: token.is_admin,
            credential: Credential::Token(token.id),
            proved_at: None,
            restrictions: Restrictions {
                is_readonly: token.is_readonly,
                is_automation: token.is_automation,
                expires_at: token.expires_at,
                cidrs: token.cidrs,
                grant: token.grant,
            },
        }
    }
}

impl From<User> for Caller {
    fn from(user: User) -> Self {
        Self(Some(Arc::new(user)))
    }
}

/// Finds out who sent a request to `path` from `client`.
///
/// # Errors
/// 401 for credentials that do not hold; 403 for a session that comes without its CSRF token.
pub(crate) async fn authenticate(
    running: &Running,
    parts: &Parts,
    path: &str,
    client: IpAddr,
) -> ApiResult<Caller> {
    if subject::signs_in(&parts.method, path) {
        return Ok(Caller::nobody());
    }
    match credentials::shown(&parts.headers) {
        Shown::Nothing => {
            let session = sessions::find(running, parts, path).await?;
            Ok(session.unwrap_or_else(Caller::nobody))
        }
        Shown::Unreadable => Err(invalid()),
        Shown::Token(secret) => by_token(running, &secret, client)
            .await?
            .ok_or_else(invalid),
        Shown::Pair(name, secret) => {
            let may_be_password = subject::takes_passwords(path) && !secret.is_generated();
            match by_token(running, &secret, client).await? {
                Some(caller) => Ok(caller),
                None if may_be_password => {
                    by_password(running, parts, (&name, &secret), client).await
                }
                None => Err(invalid()),
            }
        }
    }
}

async fn by_token(
    running: &Running,
    secret: &TokenSecret,
    client: IpAddr,
) -> ApiResult<Option<Caller>> {
    let Some(shown) = running.tokens.find(running, secret.hash()).await? else {
        return Ok(None);
    };
    let now = running.now();
    shown.user.restrictions.hold(now, client)?;
    running.tokens.was_used(&shown, now);
    Ok(Some(Caller(Some(Arc::clone(&shown.user)))))
}

async fn by_password(
    running: &Running,
    parts: &Parts,
    (name, password): (&str, &TokenSecret),
    client: IpAddr,
) -> ApiResult<Caller> {
    let otp = otp(&parts.headers);
    let user = passwords::check(running, name, password.reveal(), otp, client).await?;
    Ok(Caller::from(User {
        id: user.id,
        name: user.name,
        is_admin: user.is_admin,
        credential: Credential::Password,
        proved_at: Some(running.now()),
        restrictions: Restrictions::default(),
    }))
}

/// Returns whom a token speaks for that was read just now.
///
/// # Errors
/// 401 if it does not hold, or not there.
pub(crate) fn of_token(running: &Running, token: Token, client: IpAddr) -> ApiResult<Caller> {
    let user = User::from(token);
    user.restrictions.hold(running.now(), client)?;
    Ok(Caller::from(user))
}

fn invalid() -> ApiError {
    ApiError::unauthorized("The token is unknown or has expired")
}
