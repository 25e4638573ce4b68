//! Fetches the token of a login, once it is confirmed.

use weir_domain::Digest;
use weir_store::{
    StoreError, Tx, clock,
    web_logins::{self, Progress},
};

use super::{LoginAnswer, MAX_CHARS, Minted, Minting, Program, mint};
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
    match progress.ok_or_else(unknown)? {
        Progress::Waiting => Ok(LoginAnswer::Waiting(PAUSE_SECS)),
        Progress::Confirmed => {
            let minting = Minting::of(visit, "by a web login");
            let redeemed = running
                .app
                .content
                .db
                .write(move |tx| Box::pin(async move { redeem(tx, &hash, minting).await }));
            let token = redeemed.await?.ok_or_else(unknown)?;
            Ok(LoginAnswer::Done(token))
        }
    }
}

/// Turns a confirmed login into its token; nothing if another was faster.
async fn redeem(tx: &Tx, hash: &Digest, minting: Minting) -> Result<Option<Minted>, StoreError> {
    let now = clock::now(&**tx).await?;
    let Some(confirmed) = web_logins::take(tx, hash, now).await? else {
        return Ok(None);
    };
    let program = Program {
        user_agent: &confirmed.login.user_agent,
        address: &confirmed.login.address,
    };
    let whose = (confirmed.user, confirmed.is_admin);
    mint(tx, whose, program, minting).await.map(Some)
}

fn unknown() -> ApiError {
    ApiError::not_found("This login is unknown, answered, or too old; begin another one")
}
