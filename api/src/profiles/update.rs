//! Changes a profile: texts, password, second factor.

use std::collections::BTreeMap;

use weir_store::{
    clock, sessions,
    users::{
        self, User,
        password::{self, PasswordHash},
    },
};

use super::{
    model::{MORE, Profile, ProfileChange, Wish, more},
    second_factor, show,
};
use crate::{
    auth::{Credential, SignedIn},
    error::{ApiError, ApiResult},
    limits::Who,
    logins::note,
    passwords::{
        self,
        otp::{self, Proof},
    },
    visit::Visit,
};

/// Makes the changes, once it is sure who asks.
///
/// # Errors
/// 401 for a wrong password or code, or a code that is missing; 422 for what cannot be done
/// together.
pub(super) async fn update(
    visit: &Visit,
    caller: &SignedIn,
    change: ProfileChange,
) -> ApiResult<Profile> {
    if change.password.is_some() && change.tfa.is_some() {
        let sentence = "cannot be changed together with the password";
        return Err(ApiError::invalid_field("tfa", sentence));
    }
    let running = visit.running();
    let (user, proof) = proven(visit, caller, &change).await?;
    let hash = match &change.password {
        Some((_, new)) => Some(passwords::hash(running, new).await?),
        None => None,
    };
    proof.spend(running).await?;
    if !change.texts.is_empty() {
        set_texts(visit, &user, change.texts).await?;
    }
    if let Some(hash) = hash {
        set_password(visit, &user, hash).await?;
    }
    let answer = match change.tfa {
        Some(wish) => Some(second_factor::apply(visit, &user, wish).await?),
        None => None,
    };
    let mut profile = show::show(visit, user.id).await?;
    if let Some(tfa) = answer {
        profile.tfa = tfa;
    }
    Ok(profile)
}

/// Makes sure that the caller is who the token says, as far as the change needs it.
async fn proven(
    visit: &Visit,
    caller: &SignedIn,
    change: &ProfileChange,
) -> ApiResult<(User, Proof)> {
    let running = visit.running();
    let code = visit.one_time_password();
    let password = match (&change.password, &change.tfa) {
        (Some((old, _)), _) => Some(old),
        (_, Some(Wish::Mode(_, password) | Wish::Disable(password))) => Some(password),
        _ => None,
    };
    if let Some(password) = password {
        let client = visit.found.client;
        return passwords::prove(running, &caller.name, password, code, client).await;
    }
    let user = users::get(running.reader(), caller.id).await?;
    let proof = otp::find(running, &user, code, &Who::tries_codes(caller)).await?;
    Ok((user, proof))
}

async fn set_texts(
    visit: &Visit,
    user: &User,
    mut texts: BTreeMap<&'static str, Option<String>>,
) -> ApiResult<()> {
    let (id, name, by) = (user.id, user.name.clone(), visit.actor());
    let changed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let held = users::get(&**tx, id).await?;
            let mut more = more(&held);
            let address = texts.remove("email");
            let is_other = address
                .as_ref()
                .is_some_and(|address| *address != held.email);
            let called = texts.remove("fullname");
            for field in MORE {
                match texts.remove(field) {
                    Some(Some(text)) => drop(more.insert(field.to_owned(), text)),
                    Some(None) => drop(more.remove(field)),
                    None => {}
                }
            }
            let profile = users::Profile {
                email: address.unwrap_or(held.email),
                display_name: called.unwrap_or(held.display_name),
                more: Some(serde_json::json!(more).to_string()).filter(|_| !more.is_empty()),
            };
            users::set_profile(tx, id, &profile, now).await?;
            if is_other {
                note(tx, &by, ("user.email", &name), "", now).await?;
            }
            Ok(())
        })
    });
    Ok(changed.await?)
}

/// Sets the password; whoever is signed in elsewhere by the former one is so no longer.
async fn set_password(visit: &Visit, user: &User, hash: PasswordHash) -> ApiResult<()> {
    let here = visit.caller.user().and_then(|user| match user.credential {
        Credential::Session(id) => Some(id),
        _ => None,
    });
    let (id, name, by) = (user.id, user.name.clone(), visit.actor());
    let changed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            password::set(tx, id, &hash, now).await?;
            sessions::revoke_all(tx, id, here, now).await?;
            note(tx, &by, ("user.password", &name), "", now).await
        })
    });
    Ok(changed.await?)
}
