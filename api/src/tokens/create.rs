//! Makes a token.

use std::time::Duration;

use weir_domain::{Timestamp, TokenId, token::TokenSecret};
use weir_store::{
    audit, clock,
    tokens::{self, Listed},
};

use super::wanted::{Granted, Wanted};
use crate::{
    auth::{Credential, SignedIn, otp},
    error::{ApiError, ApiResult},
    passwords,
    visit::Visit,
};

/// How long after somebody signed in they need not prove again who they are.
const FRESH: Duration = Duration::from_secs(300);

/// A token with its text.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) id: TokenId,
    pub(super) secret: TokenSecret,
    pub(super) granted: Granted,
    pub(super) created_at: Timestamp,
}

impl From<Made> for Listed {
    fn from(made: Made) -> Self {
        let wanted = made.granted.wanted;
        Self {
            id: made.id,
            key: made.secret.hash(),
            mask: made.secret.masked(),
            name: wanted.name,
            description: wanted.description,
            is_admin: wanted.is_admin,
            is_readonly: wanted.is_readonly,
            is_automation: wanted.is_automation,
            expires_at: made.granted.expires_at,
            cidrs: wanted.cidrs,
            grant: wanted.grant,
            last_used_at: None,
            created_at: made.created_at,
            updated_at: made.created_at,
        }
    }
}

/// Checks that the caller just proved who they are, or does so with this password.
///
/// # Errors
/// 422 if there is none and it is needed, 401 if it is wrong, 429 if it was wrong too often.
pub(super) async fn prove(visit: &Visit, user: &SignedIn, password: Option<&str>) -> ApiResult<()> {
    let running = visit.running();
    let is_fresh = match user.credential {
        Credential::Password => true,
        Credential::Session(_) => {
            let since = user.proved_at.map(|at| running.now().since(at));
            since.is_some_and(|since| since < FRESH)
        }
        Credential::Token(_) => false,
    };
    if is_fresh {
        return Ok(());
    }
    let password = password.ok_or_else(|| ApiError::invalid_field("password", "is required"))?;
    let otp = otp(&visit.headers);
    let client = visit.found.client;
    let proved = passwords::check(running, &user.name, password, otp, client).await?;
    if proved.id == user.id {
        Ok(())
    } else {
        Err(ApiError::unauthorized("The password is another user's"))
    }
}

/// Makes a token for the caller.
///
/// # Errors
/// 403 if it would be more than the caller's own credentials.
///
/// # Cancel safety
/// The token may be there although nobody has its text; it shows in lists.
pub(super) async fn create(visit: &Visit, user: &SignedIn, wanted: Wanted) -> ApiResult<Made> {
    let running = visit.running();
    let granted = wanted.of(user, running.now())?;
    let secret = TokenSecret::generate_as(&running.app.settings.token_prefix);
    let (owner, new, text) = (user.id, granted.clone(), secret.clone());
    let by = visit.actor();
    let made = running.app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let id = tokens::insert(tx, owner, &text, new.as_new(), now).await?;
            let event = by.did("token.create", id.to_string(), new.limits(), now);
            audit::insert(tx, &event).await?;
            Ok((id, now))
        })
    });
    let (id, created_at) = made.await?;
    Ok(Made {
        id,
        secret,
        granted,
        created_at,
    })
}
