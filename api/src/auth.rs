//! Who is asking.
//!
//! The front authenticates every request that shows credentials, wherever it goes: a bad
//! or expired token is 401 even where nobody needs one. Handlers say what they require by
//! the type of an argument: [`Caller`] (anybody), [`Submitter`], [`Observer`],
//! [`SignedIn`], [`Admin`].
//!
//! Tokens are looked up by the SHA-256 of their text, through a cache that any change of a
//! token empties: at once, or when the process hears of what another one did. While it may
//! not have heard, the row is asked.

mod credentials;
mod extract;

use std::{sync::Arc, time::Duration};

use http::HeaderMap;
use moka::sync::Cache;
use weir_domain::{Digest, TokenId, UserId, token::TokenSecret};
use weir_store::tokens::{self, Token};

pub(crate) use self::extract::{ADMIN_SCHEME, Admin, Caller, Observer, SignedIn, Submitter};
use crate::{
    app::{Generation, Running},
    error::{ApiError, ApiResult},
};

/// How long a token that nobody shows any more is remembered.
const TTL: Duration = Duration::from_secs(60);
/// Most tokens remembered, known or not.
const CAPACITY: u64 = 10_000;

/// Somebody who proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// Identifier.
    pub(crate) id: UserId,
    /// Name.
    pub(crate) name: String,
    /// Whether this token carries admin rights.
    pub(crate) is_admin: bool,
    /// Whether this token may only read.
    pub(crate) is_readonly: bool,
    /// The token that was shown.
    pub(crate) token: TokenId,
}

impl From<&Token> for Caller {
    fn from(token: &Token) -> Self {
        Self(Some(Arc::new(User {
            id: token.user_id,
            name: token.user_name.clone(),
            is_admin: token.is_admin,
            is_readonly: token.is_readonly,
            token: token.id,
        })))
    }
}

impl Caller {
    /// Returns a user who showed the password and no token; without an administrator's rights.
    pub(crate) fn by_password(user: &weir_store::users::User) -> Self {
        Self(Some(Arc::new(User {
            id: user.id,
            name: user.name.clone(),
            is_admin: false,
            is_readonly: false,
            // No token has this identifier.
            token: TokenId(uuid::Uuid::nil()),
        })))
    }
}

/// Tokens seen lately.
#[derive(Debug)]
pub(crate) struct TokenCache {
    known: Cache<Digest, Known>,
    generation: Generation,
}

#[derive(Debug, Clone)]
struct Known {
    token: Option<Arc<Token>>,
    generation: u64,
}

impl Default for TokenCache {
    fn default() -> Self {
        Self {
            known: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(TTL)
                .build(),
            generation: Generation::default(),
        }
    }
}

impl TokenCache {
    /// Forgets everything: some token changed.
    pub(crate) fn forget(&self) {
        self.generation.advance();
    }

    async fn find(&self, running: &Running, hash: Digest) -> ApiResult<Option<Arc<Token>>> {
        let generation = self.generation.now();
        if let Some(known) = self.known.get(&hash)
            && known.generation == generation
            && running.is_current()
        {
            return Ok(known.token);
        }
        let found = tokens::find_by_hash(running.reader(), &hash).await?;
        let token = found.map(Arc::new);
        let known = Known {
            token: token.clone(),
            generation,
        };
        self.known.insert(hash, known);
        Ok(token)
    }
}

/// Finds out who sent a request.
///
/// # Errors
/// 401 for credentials that do not hold.
pub(crate) async fn authenticate(running: &Running, headers: &HeaderMap) -> ApiResult<Caller> {
    let secret = match credentials::shown(headers) {
        credentials::Shown::Nothing => return Ok(Caller(None)),
        credentials::Shown::Unreadable => return Err(invalid()),
        credentials::Shown::Secret(secret) => TokenSecret::from_text(secret),
    };
    let token = running.tokens.find(running, secret.hash()).await?;
    let now = running.app.clock.now();
    let token = token
        .filter(|token| token.expires_at.is_none_or(|end| end > now))
        .ok_or_else(invalid)?;
    Ok(Caller::from(&*token))
}

fn invalid() -> ApiError {
    ApiError::unauthorized("The token is unknown or has expired")
}
