//! Fetches the token of a login, once it is confirmed.

use weir_domain::token::TokenSecret;
use weir_store::{
    StoreError, Tx,
    audit::{self, Actor},
    clock,
    tokens::{self, NewToken},
    web_logins::{self, Confirmed, Progress},
};

use super::{LoginAnswer, MAX_CHARS, Minted};
use crate::{
    error::{ApiError, ApiResult},
    payload::{Asked, Text, Violations},
    sessions::Opaque,
    visit::Visit,
};

/// When to ask again, in seconds.
const PAUSE_SECS: u64 = 1;

/// Returns the token, or that nobody has confirmed yet.
///
/// # Errors
/// 404 for a login that is no more, or never was.
pub(super) async fn fetch(
    visit: &Visit,
    session: Asked<Text<MAX_CHARS>>,
) -> ApiResult<LoginAnswer> {
    let mut wrong = Violations::default();
    let session = session.take("session", &mut wrong);
    let key = session.and_then(|Text(text)| Opaque::read(&text));
    let hash = key.ok_or_else(unknown)?.hash();
    let running = visit.running();
    let progress = web_logins::progress(running.reader(), &hash, running.now()).await?;
    let (by, prefix) = (visit.actor(), running.app.settings.token_prefix.clone());
    match progress.ok_or_else(unknown)? {
        Progress::Waiting => Ok(LoginAnswer::Waiting(PAUSE_SECS)),
        Progress::Confirmed => {
            let minted = running.app.content.db.write(move |tx| {
                Box::pin(async move {
                    let now = clock::now(&**tx).await?;
                    match web_logins::take(tx, &hash, now).await? {
                        Some(confirmed) => mint(tx, &confirmed, by, &prefix).await.map(Some),
                        None => Ok(None),
                    }
                })
            });
            let token = minted.await?.ok_or_else(unknown)?;
            Ok(LoginAnswer::Done(token))
        }
    }
}

async fn mint(
    tx: &Tx,
    confirmed: &Confirmed,
    by: Actor,
    prefix: &str,
) -> Result<Minted, StoreError> {
    let (now, secret) = (clock::now(&**tx).await?, TokenSecret::generate_as(prefix));
    let program = confirmed.login.user_agent.split(' ').next();
    let name = format!(
        "{} at {}",
        program.filter(|name| !name.is_empty()).unwrap_or("login"),
        confirmed.login.address
    );
    let new = NewToken {
        name: Some(&name),
        is_admin: confirmed.is_admin,
        ..NewToken::default()
    };
    let id = tokens::insert(tx, confirmed.user, &secret, new, now).await?;
    let (by, detail) = (
        by.known_as(confirmed.user),
        format!("by a web login of {name}"),
    );
    audit::insert(tx, &by.did("token.create", id.to_string(), detail, now)).await?;
    Ok(Minted {
        token: Some(secret.reveal().to_owned()),
    })
}

fn unknown() -> ApiError {
    ApiError::not_found("This login is unknown, answered, or too old; begin another one")
}
