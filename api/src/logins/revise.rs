//! Changes a user's document, as old clients do it after a conflict.

use weir_domain::{UserName, email, user_name};
use weir_store::{
    clock, sessions,
    users::{
        self, User,
        password::{self, PasswordHash},
    },
};

use super::{
    enter::{mint, note},
    model::{LogIn, LoggedIn, revision},
};
use crate::{
    auth::name_and_password,
    error::{ApiError, ApiResult, Code},
    names::{CouchId, Revision},
    passwords,
    visit::Visit,
};

/// Changes address and password of whoever has the password.
///
/// # Errors
/// 401 for a wrong one, 409 if the user changed since the revision was read, 422 for what is
/// missing or out of bounds.
pub(super) async fn revise(
    visit: &Visit,
    path: &CouchId,
    rev: &Revision,
    body: &LogIn,
) -> ApiResult<LoggedIn> {
    let (name, given) = body.checked(path)?;
    let held = match name_and_password(&visit.headers) {
        Some((basic_name, password)) => {
            assert_same(name, &basic_name)?;
            password.reveal().to_owned()
        }
        None => given.to_owned(),
    };
    let running = visit.running();
    let (code, client) = (visit.one_time_password(), visit.found.client);
    let (user, proof) = passwords::prove(running, name.as_str(), &held, code, client).await?;
    if revision(&user) != rev.0 {
        let sentence = "The user changed since this revision; read it again";
        return Err(ApiError::new(Code::Conflict, sentence));
    }
    let hash = match (held != given).then_some(given) {
        Some(text) => Some(passwords::hash(running, text).await?),
        None => None,
    };
    proof.spend(running).await?;
    let user = change(visit, user, (body.email.clone(), hash)).await?;
    let token = mint(visit, &user).await?;
    Ok(LoggedIn::new(&user, token))
}

fn assert_same(name: &UserName, basic: &str) -> ApiResult<()> {
    if user_name::key(name.as_str()) == user_name::key(basic) {
        return Ok(());
    }
    Err(ApiError::unauthorized(
        "These are the credentials of another user",
    ))
}

async fn change(
    visit: &Visit,
    user: User,
    (address, hash): (Option<String>, Option<PasswordHash>),
) -> ApiResult<User> {
    let is_held = |given: &String| {
        let held = user.email.as_deref();
        held.is_some_and(|held| email::is_same(held, given))
    };
    let address = address.filter(|given| !is_held(given));
    if address.is_none() && hash.is_none() {
        return Ok(user);
    }
    let by = visit.actor().known_as(user.id);
    let changed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            if let Some(address) = &address {
                users::set_email(tx, user.id, address, now).await?;
                note(tx, &by, ("user.email", &user.name), "", now).await?;
            }
            if let Some(hash) = &hash {
                password::set(tx, user.id, hash, now).await?;
                sessions::revoke_all(tx, user.id, None, now).await?;
                note(tx, &by, ("user.password", &user.name), "", now).await?;
            }
            users::get(&**tx, user.id).await
        })
    });
    Ok(changed.await?)
}
