//! Signing in with GitHub: who somebody is there decides who they are here.
//!
//! An account of GitHub's is known by its number. One that nobody linked is let in as a new
//! user if the operator admits whoever belongs to an organisation, or everybody; it never
//! becomes a user that is there already, whatever its login or address: only a user who is
//! signed in links one. What GitHub's token is good for is over when it said who it speaks
//! for; none is kept. The browser's way is the site's; here is what both ways share, and that
//! of programs (`weir login`).

mod device;
mod enter;
mod model;
mod unlink;

use poem_openapi::OpenApi;
use weir_config::Config;
use weir_domain::{Decision, Retryable, task::ErrorCode, token::TokenSecret};
use weir_upstream::{Github, GithubApp, GithubError, UpstreamError};

use self::model::{DeviceLogin, DeviceQuestion};
pub(crate) use self::{
    enter::{enter, link},
    unlink::unlink,
};
use crate::{
    app::Running,
    auth::Caller,
    error::{ApiError, ApiResult, Code},
    payload::{Checked, NoStore, Wire},
    tags::Tag,
    visit::Visit,
    web_logins::LoginAnswer,
};

/// `/-/v1/login/device`.
#[derive(Debug)]
pub(crate) struct GithubLoginsApi;

#[OpenApi(tag = "Tag::Logins")]
impl GithubLoginsApi {
    /// Begins a login for which the user types a code at GitHub
    ///
    /// Show `userCode` and `verificationUrl` to the user, and ask `/-/v1/login/device/done`
    /// until there is a token. 404 where nobody signs in with GitHub.
    #[oai(
        path = "/-/v1/login/device",
        method = "post",
        operation_id = "create_device_login"
    )]
    async fn create(&self, visit: Visit, _caller: Caller) -> ApiResult<NoStore<Wire<DeviceLogin>>> {
        device::create(&visit).await.map(Wire).map(NoStore)
    }

    /// Fetches the token of a login by GitHub's code
    ///
    /// 202 until the user has typed it; then 200 with a token. 403 for whoever GitHub, or this
    /// server, does not let in.
    #[oai(
        path = "/-/v1/login/device/done",
        method = "post",
        operation_id = "fetch_device_login"
    )]
    async fn fetch(
        &self,
        visit: Visit,
        _caller: Caller,
        question: Checked<DeviceQuestion>,
    ) -> ApiResult<NoStore<LoginAnswer>> {
        device::fetch(&visit, &question).await.map(NoStore)
    }
}

/// Returns the client of the configured GitHub.
///
/// # Errors
/// 404 if there is none.
pub(crate) fn client(running: &Running) -> ApiResult<Github> {
    let app = running.app.settings.github.as_ref();
    let app = app.ok_or_else(|| ApiError::not_found("Nobody signs in with GitHub here"))?;
    Ok(running.app.content.upstreams.github(app))
}

/// What GitHub refuses is said alike whatever it is; its word is for the log.
impl From<GithubError> for ApiError {
    fn from(error: GithubError) -> Self {
        match error {
            GithubError::Refused(word) => {
                tracing::info!(word, "GitHub signed nobody in");
                refused()
            }
            GithubError::Upstream(error) => unavailable(error),
        }
    }
}

fn unavailable(error: UpstreamError) -> ApiError {
    let sentence = "GitHub does not answer as it should; try again later";
    let wait = match error.decision() {
        Decision::Wait(wait) | Decision::Retry(Some(wait)) => wait.as_secs().max(1),
        Decision::Retry(None) | Decision::GiveUp | Decision::Stop => 10,
    };
    let is_passing = matches!(
        error.code(),
        ErrorCode::UpstreamUnavailable | ErrorCode::Timeout
    );
    if is_passing {
        ApiError::new(Code::UpstreamUnavailable, sentence)
            .with_header(http::header::RETRY_AFTER, wait.to_string())
            .with_cause(error)
    } else {
        ApiError::new(Code::BadGateway, sentence).with_cause(error)
    }
}

/// Returns the app that is configured, if one is.
pub fn github_app(config: &Config) -> Option<GithubApp> {
    let github = config.github.as_ref()?;
    Some(GithubApp {
        url: github.url.clone(),
        api_url: github.api_url.clone(),
        client_id: github.client_id.clone(),
        client_secret: TokenSecret::from_text(github.client_secret.reveal()),
        orgs: github.orgs.clone(),
    })
}

/// Says that GitHub signed nobody in.
pub(crate) fn refused() -> ApiError {
    ApiError::new(Code::Forbidden, "GitHub did not sign you in; try again")
}
