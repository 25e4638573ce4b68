//! Revokes a token of the caller's. What is not theirs is not there, and no answer repeats what
//! was asked for: it may be a secret.

use weir_domain::{Timestamp, TokenId, token::TokenSecret};
use weir_store::{audit, clock, tokens};

use crate::{
    auth::SignedIn,
    error::{ApiError, ApiResult, Code},
    names::no_such_token,
    visit::Visit,
};

/// Finds the caller's token by its text, by its key, or by how only its key begins.
///
/// # Errors
/// 404 if there is none, 409 if there are several.
pub(super) async fn find(visit: &Visit, user: &SignedIn, wanted: &str) -> ApiResult<TokenId> {
    let running = visit.running();
    let hash = TokenSecret::from_text(wanted).hash().to_string();
    for key in [&hash, wanted] {
        let found = tokens::find_owned(running.reader(), user.id, key).await?;
        match found[..] {
            [] => {}
            [only] => return Ok(only),
            _ => {
                let sentence = "Several of your tokens have keys that begin so";
                return Err(ApiError::new(Code::Conflict, sentence));
            }
        }
    }
    Err(no_such_token())
}

/// Revokes the caller's token; says when.
///
/// # Errors
/// 404 if it is not one of theirs.
pub(super) async fn revoke(visit: &Visit, user: &SignedIn, id: TokenId) -> ApiResult<Timestamp> {
    let (owner, by) = (user.id, visit.actor());
    let revoked = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let token = tokens::find(&**tx, id).await?;
            let is_theirs = token.is_some_and(|token| token.user_id == owner);
            if !is_theirs || !tokens::revoke(tx, id, now).await? {
                return Ok(None);
            }
            audit::insert(tx, &by.did("token.revoke", id.to_string(), "", now)).await?;
            Ok(Some(now))
        })
    });
    revoked.await?.ok_or_else(no_such_token)
}
