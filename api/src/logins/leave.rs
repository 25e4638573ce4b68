//! Signs out: a token is taken back by its text.

use weir_domain::token::TokenSecret;
use weir_store::{clock, tokens};

use super::{enter::note, model::Left};
use crate::{
    auth::SignedIn,
    error::{ApiError, ApiResult},
    names::PathSecret,
    visit::Visit,
};

/// Takes a token back.
///
/// # Errors
/// 404 if it is none, or somebody else's; the text is not said again.
pub(super) async fn leave(visit: &Visit, user: &SignedIn, token: &PathSecret) -> ApiResult<Left> {
    let hash = TokenSecret::from_text(token.0.as_str()).hash();
    let (caller, is_admin, by) = (user.id, user.is_admin, visit.actor());
    let taken = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let found = tokens::find_by_hash(&**tx, &hash).await?;
            let Some(found) = found.filter(|found| found.user_id == caller || is_admin) else {
                return Ok(false);
            };
            let now = clock::now(&**tx).await?;
            let what = ("token.revoke", &*found.id.to_string());
            note(tx, &by, what, "by a logout", now).await?;
            tokens::revoke(tx, found.id, now).await
        })
    });
    if taken.await? {
        Ok(Left { ok: true })
    } else {
        Err(ApiError::not_found("You have no such token"))
    }
}
