//! Takes the link between a user and their account at GitHub away.
//!
//! Whoever holds that account may be why, so the sessions that came by it end too.

use weir_store::{audit, clock, github_accounts, sessions, users::password};

use crate::{
    auth::{Credential, User},
    error::{ApiError, ApiResult, Code},
    sessions::Way,
    tokens,
    visit::Visit,
};

/// What came of it.
enum Unlinked {
    Done,
    NoLink,
    NoPassword,
}

/// Unlinks a user's account, if they have another way to sign in; a code of their second factor
/// is used up only then.
///
/// # Errors
/// 404 if none is linked, 409 for whoever has no password, 401 that asks for a one-time password.
pub(crate) async fn unlink(visit: &Visit, user: &User, code: Option<&str>) -> ApiResult<()> {
    let db = visit.running().reader();
    if github_accounts::of_user(db, user.id).await?.is_none() {
        return Unlinked::NoLink.answer();
    }
    if !password::is_set(db, user.id).await? {
        return Unlinked::NoPassword.answer();
    }
    tokens::confirm(visit, user, code).await?;
    let here = match user.credential {
        Credential::Session(id) => Some(id),
        _ => None,
    };
    let (id, by) = (user.id, visit.actor());
    let unlinked = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            if !password::is_set(&**tx, id).await? {
                return Ok(Unlinked::NoPassword);
            }
            let Some(account) = github_accounts::remove(tx, id).await? else {
                return Ok(Unlinked::NoLink);
            };
            let now = clock::now(&**tx).await?;
            sessions::revoke_by_way(tx, id, (Way::Github.as_str(), here), now).await?;
            let detail = format!("{} ({}) of GitHub", account.login, account.github_id);
            let event = by.did("github.unlink", id.to_string(), detail, now);
            audit::insert(tx, &event).await?;
            Ok(Unlinked::Done)
        })
    });
    unlinked.await?.answer()
}

impl Unlinked {
    fn answer(self) -> ApiResult<()> {
        match self {
            Self::Done => Ok(()),
            Self::NoLink => Err(ApiError::not_found("You have linked no account of GitHub")),
            Self::NoPassword => Err(ApiError::new(
                Code::Conflict,
                "You have no password, so GitHub is your only way to sign in; get a password first",
            )),
        }
    }
}
