//! A browser's way to GitHub and back, to sign in or to link an account.
//!
//! It leaves with a state that is good once, for ten minutes, and for this browser: what it is
//! bound to is the digest of the cookie that the form was bound to. PKCE's verifier is derived
//! from both, so whoever sees the code on its way has no use for it, and nothing of it is kept.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::Response;
use weir_domain::{Digest, UserId, text::printable};
use weir_store::{
    clock,
    github_sign_ins::{self, SignIn},
};
use weir_upstream::{Departure, Return};

use super::{asking::Asking, login, next, page, second_factor};
use crate::{
    error::{ApiError, ApiResult, Code},
    github, passwords,
    sessions::{self, Opaque, Way},
};

/// Where it comes back; what is registered at GitHub.
const DONE: &str = "/-/login/github/done";

/// Longest code and state that are looked at.
const MAX_CHARS: usize = 200;

/// Sends a browser to sign in.
pub(super) async fn depart(asking: Asking) -> ApiResult<Response> {
    let key = asking.checked()?;
    let wanted = next::within(asking.field("next")).unwrap_or("/-/account");
    leave(&asking, &key, (None, wanted)).await
}

/// Sends a browser to link an account.
pub(super) async fn link(asking: Asking) -> ApiResult<Response> {
    let user = match asking.signed_in("/-/account") {
        Ok(user) => user,
        Err(login) => return Ok(*login),
    };
    let key = asking.checked()?;
    // Another way to sign in is as good as the password, so it takes the password.
    let otp = second_factor::code(&asking);
    let (running, client) = (asking.visit.running(), asking.visit.found.client);
    let proved = passwords::check(running, &user.name, asking.field("password"), otp, client);
    let linker = Some(proved.await?.id);
    leave(&asking, &key, (linker, "/-/account")).await
}

/// Takes the link to an account away.
pub(super) async fn unlink(asking: Asking) -> ApiResult<Response> {
    let user = match asking.signed_in("/-/account") {
        Ok(user) => user,
        Err(login) => return Ok(*login),
    };
    asking.checked()?;
    github::unlink(&asking.visit, user, second_factor::code(&asking)).await?;
    Ok(page::see(&asking.path("/-/account")))
}

async fn leave(
    asking: &Asking,
    key: &Opaque,
    (linker, next): (Option<UserId>, &str),
) -> ApiResult<Response> {
    let visit = &asking.visit;
    let github = github::client(visit.running())?;
    let state = Opaque::generate();
    let (state_hash, browser) = (state.hash(), key.hash());
    let sign_in = SignIn {
        linker,
        next: next.to_owned(),
    };
    let noted = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            github_sign_ins::insert(tx, (&state_hash, &browser), &sign_in, now).await
        })
    });
    noted.await?;
    let verifier = verifier(key, &state);
    let challenge = URL_SAFE_NO_PAD.encode(Digest::of(verifier.as_bytes()).0);
    let url = github.authorize_url(&Departure {
        redirect_uri: &redirect_uri(asking),
        state: state.reveal(),
        challenge: &challenge,
    });
    Ok(page::see(url.as_str()))
}

/// Takes a browser back.
pub(super) async fn arrive(asking: Asking) -> ApiResult<Response> {
    let visit = &asking.visit;
    let github = github::client(visit.running())?;
    let (key, is_new) = asking.key();
    let state = Opaque::read(asking.query("state")).filter(|_| !is_new);
    let state = state.ok_or_else(lost)?;
    let (state_hash, browser) = (state.hash(), key.hash());
    let taken = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            github_sign_ins::take(tx, (&state_hash, &browser), now).await
        })
    });
    let sign_in = taken.await?.ok_or_else(lost)?;
    let code = code(&asking)?;
    let back = Return {
        code,
        redirect_uri: &redirect_uri(&asking),
        verifier: &verifier(&key, &state),
    };
    let token = github.exchange(&back).await?;
    if let Some(linker) = sign_in.linker {
        // Bound to the session's cookie, so it can only be the same user's.
        github::link(visit, (&github, &token), linker).await?;
        return Ok(page::see(&asking.path("/-/account")));
    }
    let user = github::enter(visit, &github, &token).await?;
    let session = sessions::begin(visit, user, Way::Github).await?;
    Ok(login::signed_in(&asking, &session, &sign_in.next))
}

/// Returns the code that the browser brought.
fn code(asking: &Asking) -> ApiResult<&str> {
    let word = asking.query("error");
    if !word.is_empty() {
        tracing::info!(word = printable(word, 64), "GitHub signed nobody in");
        return Err(github::refused());
    }
    let code = asking.query("code");
    if code.is_empty() || code.len() > MAX_CHARS {
        return Err(github::refused());
    }
    Ok(code)
}

fn redirect_uri(asking: &Asking) -> String {
    format!("{}{DONE}", asking.visit.base())
}

fn verifier(key: &Opaque, state: &Opaque) -> String {
    key.derive("pkce", state.reveal())
}

/// The way back is not this browser's, or not any more.
fn lost() -> ApiError {
    ApiError::new(
        Code::BadRequest,
        "This way back from GitHub is used, too old, or another browser's; sign in again",
    )
}
