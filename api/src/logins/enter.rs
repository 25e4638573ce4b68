//! Signs somebody in, or makes them a user first.

use weir_domain::{Timestamp, UserName, email};
use weir_store::{
    StoreError, Tx,
    audit::{self, Actor},
    clock,
    tokens::{self, NewToken},
    users::{self, NewUser, User},
};

use super::model::{LogIn, LoggedIn, other_email};
use crate::{
    error::{ApiError, ApiResult},
    names::CouchId,
    passwords::{self, tries},
    visit::Visit,
};

/// Signs in whoever has the password; registers whoever is new and says where mail reaches them.
///
/// # Errors
/// 401 for a wrong password, or a name without an account; 403 if that wants to be one and may
/// not; 409 if the address is another; 422 for what is missing, out of bounds, or too like the
/// name of somebody else.
pub(super) async fn enter(visit: &Visit, path: &CouchId, body: &LogIn) -> ApiResult<LoggedIn> {
    let (name, password) = body.checked(path)?;
    let running = visit.running();
    let known = users::find_by_name(running.reader(), name.as_str()).await?;
    if let (None, Some(email)) = (known, &body.email) {
        let user = register(visit, name, (email, password)).await?;
        return signed_in(visit, &user).await;
    }
    let (code, client) = (visit.one_time_password(), visit.found.client);
    let (user, proof) = passwords::prove(running, name.as_str(), password, code, client).await?;
    if let (Some(given), Some(held)) = (&body.email, &user.email)
        && !email::is_same(given, held)
    {
        // Old clients bring the same code again.
        return Err(other_email());
    }
    proof.spend(running).await?;
    signed_in(visit, &user).await
}

async fn signed_in(visit: &Visit, user: &User) -> ApiResult<LoggedIn> {
    let token = mint(visit, user).await?;
    Ok(LoggedIn::new(user, token))
}

async fn register(
    visit: &Visit,
    name: &UserName,
    (email, password): (&str, &str),
) -> ApiResult<User> {
    let running = visit.running();
    if !running.app.settings.allows_registration {
        return Err(ApiError::forbidden("Public registration is not allowed"));
    }
    tries::admit_newcomer(running, visit.found.client)?;
    let hash = passwords::hash(running, password).await?;
    let (name, email, by) = (name.as_str().to_owned(), email.to_owned(), visit.actor());
    let made = running.app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let new = NewUser {
                name: &name,
                email: Some(&email),
                password: Some(&hash),
                ..NewUser::default()
            };
            let user = users::create(tx, &new, now).await?;
            let (by, what) = (by.known_as(user.id), ("user.create", user.name.as_str()));
            note(tx, &by, what, "registered", now).await?;
            Ok(user)
        })
    });
    made.await.map_err(taken)
}

/// The error for a name that cannot be had.
pub(crate) fn taken(error: StoreError) -> ApiError {
    match error {
        StoreError::AlreadyExists(_) => {
            ApiError::invalid_field("name", "is taken, or looks like one that is")
        }
        other => other.into(),
    }
}

/// Makes a token that may what its user may: whoever has the password may make any.
///
/// # Errors
/// If the database refuses.
pub(super) async fn mint(visit: &Visit, user: &User) -> ApiResult<String> {
    let (secret, by) = (
        visit.running().new_secret(),
        visit.actor().known_as(user.id),
    );
    let (made, id, is_admin) = (secret.clone(), user.id, user.is_admin);
    let minted = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let new = NewToken {
                name: Some("login"),
                is_admin,
                ..NewToken::default()
            };
            let token = tokens::insert(tx, id, &made, new, now).await?;
            note(
                tx,
                &by,
                ("token.create", &token.to_string()),
                "by a login",
                now,
            )
            .await
        })
    });
    minted.await?;
    Ok(secret.reveal().to_owned())
}

/// Writes into the trail what a user did to an account.
///
/// # Errors
/// If the database refuses.
pub(crate) async fn note(
    tx: &Tx,
    by: &Actor,
    (action, target): (&str, &str),
    detail: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    audit::insert(tx, &by.clone().did(action, target, detail, at)).await
}
