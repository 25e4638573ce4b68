//! Takes the link between a user and their account at GitHub away.

use weir_store::{audit, clock, github_accounts, users::password};

use crate::{
    auth::User,
    error::{ApiError, ApiResult, Code},
    visit::Visit,
};

/// What came of it.
enum Unlinked {
    Done,
    NoLink,
    NoPassword,
}

/// Unlinks a user's account, if they have another way to sign in.
///
/// # Errors
/// 404 if none is linked, 409 for whoever has no password.
pub(crate) async fn unlink(visit: &Visit, user: &User) -> ApiResult<()> {
    let (id, by) = (user.id, visit.actor());
    let unlinked = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            if github_accounts::of_user(&**tx, id).await?.is_none() {
                return Ok(Unlinked::NoLink);
            }
            if !password::is_set(&**tx, id).await? {
                return Ok(Unlinked::NoPassword);
            }
            let Some(account) = github_accounts::remove(tx, id).await? else {
                return Ok(Unlinked::NoLink);
            };
            let now = clock::now(&**tx).await?;
            let detail = format!("{} ({}) of GitHub", account.login, account.github_id);
            let event = by.did("github.unlink", id.to_string(), detail, now);
            audit::insert(tx, &event).await?;
            Ok(Unlinked::Done)
        })
    });
    match unlinked.await? {
        Unlinked::Done => Ok(()),
        Unlinked::NoLink => Err(ApiError::not_found("You have linked no account of GitHub")),
        Unlinked::NoPassword => Err(ApiError::new(
            Code::Conflict,
            "You have no password, so GitHub is your only way to sign in; get a password first",
        )),
    }
}
