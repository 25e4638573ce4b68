//! The way of programs: GitHub's device flow, with us between the program and GitHub.
//!
//! The program holds GitHub's device code, as the flow means it to; we ask with it as the app
//! that it was made for, so a code of another app gets nobody in, and keep nothing.

use weir_upstream::DeviceProgress;

use super::{
    client, enter,
    model::{DeviceLogin, DeviceQuestion},
};
use crate::{
    error::{ApiError, ApiResult},
    sessions::user_agent,
    visit::Visit,
    web_logins::{LoginAnswer, Minting, Program, mint},
};

/// Least time between two questions where GitHub says none, in seconds.
const PAUSE_SECS: u64 = 5;

/// Begins.
///
/// # Errors
/// 404 without a GitHub, 403 where the app is not registered for it.
pub(super) async fn create(visit: &Visit) -> ApiResult<DeviceLogin> {
    let code = client(visit.running())?.start_device().await?;
    Ok(DeviceLogin {
        device_code: code.device_code,
        user_code: code.user_code,
        verification_url: code.verification_url,
        expires_in: code.valid.as_secs(),
        interval: code.interval.as_secs(),
    })
}

/// Returns the token, or that the user has not typed the code yet.
///
/// # Errors
/// 403 for a code that is unknown, old or denied, and for whoever is not let in.
pub(super) async fn fetch(visit: &Visit, question: &DeviceQuestion) -> ApiResult<LoginAnswer> {
    let github = client(visit.running())?;
    let code = question.device_code.as_deref().unwrap_or_default();
    if code.is_empty() {
        return Err(ApiError::invalid_field("deviceCode", "must be there"));
    }
    let token = match github.poll_device(code).await? {
        DeviceProgress::Waiting(pause) => {
            let pause = pause.map_or(PAUSE_SECS, |pause| pause.as_secs());
            return Ok(LoginAnswer::Waiting(pause));
        }
        DeviceProgress::Done(token) => token,
    };
    let user = enter(visit, &github, &token).await?;
    let (agent, address) = (user_agent(&visit.headers), visit.found.client.to_string());
    let minting = Minting::of(visit, "by GitHub's code");
    let minted = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let program = Program {
                user_agent: &agent,
                address: &address,
            };
            mint(tx, (user, false), program, minting).await
        })
    });
    Ok(LoginAnswer::Done(minted.await?))
}
