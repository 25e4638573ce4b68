//! Makes a token.

use std::time::Duration;

use weir_domain::{Timestamp, TokenId, token::TokenSecret};
use weir_store::{
    audit, clock,
    tokens::{self, Listed},
    users,
};

use super::wanted::{Granted, Wanted};
use crate::{
    auth::{Credential, SignedIn, User},
    error::{ApiError, ApiResult},
    limits::Who,
    passwords::{self, otp},
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

/// Checks that the caller just proved who they are, or does so with this password; and that
/// whoever has a second factor brings it.
///
/// # Errors
/// 422 if there is no password and it is needed, 401 if it is wrong or a code is, 429 if either was
/// wrong too often.
pub(super) async fn prove(visit: &Visit, user: &SignedIn, password: Option<&str>) -> ApiResult<()> {
    let running = visit.running();
    let otp = visit.one_time_password();
    match user.credential {
        // The code came with it.
        Credential::Password => return Ok(()),
        _ if has_just_proved(user, running.now()) => return confirm(visit, user, otp).await,
        _ => {}
    }
    let password = password.ok_or_else(|| ApiError::invalid_field("password", "is required"))?;
    let client = visit.found.client;
    let (proved, proof) = passwords::prove(running, &user.name, password, otp, client).await?;
    if proved.id == user.id {
        proof.spend(running).await
    } else {
        Err(ApiError::unauthorized("The password is another user's"))
    }
}

/// Checks the second factor of whoever makes a token, if they have one, and uses the code up: what
/// else may be refused is refused before.
///
/// # Errors
/// 401 that asks for a one-time password; 429 after too many wrong ones.
pub(crate) async fn confirm(visit: &Visit, user: &User, code: Option<&str>) -> ApiResult<()> {
    let running = visit.running();
    let account = users::get(running.reader(), user.id).await?;
    otp::check(running, &account, code, &Who::tries_codes(user)).await
}

/// Says whether whoever asks signed in by hand within the last five minutes.
pub(crate) fn has_just_proved(user: &User, now: Timestamp) -> bool {
    match user.credential {
        Credential::Password => true,
        Credential::Session(_) => {
            let since = user.proved_at.map(|at| now.since(at));
            since.is_some_and(|since| since < FRESH)
        }
        Credential::Token(_) => false,
    }
}

/// Returns what the caller gets who wants this.
///
/// # Errors
/// 403 if it would be more than the caller's own credentials.
pub(super) fn grant(visit: &Visit, user: &User, wanted: Wanted) -> ApiResult<Granted> {
    wanted.of(user, visit.running().now())
}

/// Makes a token for the caller.
///
/// # Errors
/// If the database refuses.
///
/// # Cancel safety
/// The token may be there although nobody has its text; it shows in lists.
pub(super) async fn create(visit: &Visit, user: &SignedIn, granted: Granted) -> ApiResult<Made> {
    let running = visit.running();
    let secret = running.new_secret();
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

#[cfg(test)]
mod tests {
    use weir_domain::{SessionId, UserId};

    use super::*;
    use crate::auth::Restrictions;

    #[test]
    fn a_young_session_is_a_proof_and_a_token_never_is() {
        let now = Timestamp(1_000_000);
        let ago = |secs| Some(now.minus(Duration::from_secs(secs)));
        let session = Credential::Session(SessionId::new());
        let token = Credential::Token(TokenId::new());
        for (credential, proved_at, is_proof) in [
            (Credential::Password, None, true),
            (session, ago(0), true),
            (session, ago(299), true),
            (session, ago(300), false),
            (session, None, false),
            (token, ago(0), false),
            (token, None, false),
        ] {
            let user = User {
                id: UserId::new(),
                name: "alice".to_owned(),
                is_admin: false,
                credential,
                proved_at,
                restrictions: Restrictions::default(),
            };
            let found = has_just_proved(&user, now);
            assert_eq!(found, is_proof, "{credential:?} {proved_at:?}");
        }
    }
}
