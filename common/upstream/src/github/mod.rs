//! GitHub, or a GitHub Enterprise Server, where people prove who they are.
//!
//! Both of its flows end with a token that speaks for somebody; it is asked who that is and
//! whether they belong to an organisation, and forgotten. What GitHub refuses it says with
//! status 200: an answer is judged by its fields. Keeps nothing, and knows no user of ours.
//!
//! Source: GitHub's documents, "Authorizing OAuth apps" and the REST API, version 2022-11-28.

mod answer;
mod device;
mod person;

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;
use weir_domain::token::TokenSecret;

use self::answer::Answer;
use crate::{
    UpstreamError,
    client::{Ask, Authorization, Client, Home, Offer, Sent, Side},
};

pub use self::{
    device::{DeviceCode, DeviceProgress},
    person::Person,
};

/// Largest answer; people and codes have a few kilobytes.
const MAX_BYTES: u64 = 256 << 10;

/// Our registration at a GitHub.
#[derive(Debug, Clone)]
pub struct GithubApp {
    /// Where people sign in; a path prefix is allowed.
    pub url: Url,
    /// Where its API answers.
    pub api_url: Url,
    /// Who we are there.
    pub client_id: String,
    /// The proof of it.
    pub client_secret: TokenSecret,
    /// Of which organisations a person must be in one; empty if of none.
    pub orgs: Vec<String>,
}

/// Why GitHub did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum GithubError {
    /// It said no, in its own word.
    #[error("GitHub answered `{0}`")]
    Refused(String),
    /// It did not answer, or not as it should.
    #[error("GitHub did not answer as it should")]
    Upstream(#[from] UpstreamError),
}

/// What leads a browser to GitHub and back.
#[derive(Debug, Clone, Copy)]
pub struct Departure<'a> {
    /// Where it comes back.
    pub redirect_uri: &'a str,
    /// What it brings back.
    pub state: &'a str,
    /// The challenge whose verifier is shown at the end, by `S256`.
    pub challenge: &'a str,
}

/// What a browser came back with.
#[derive(Debug, Clone, Copy)]
pub struct Return<'a> {
    /// GitHub's code.
    pub code: &'a str,
    /// Where it was sent to.
    pub redirect_uri: &'a str,
    /// What the challenge was made of.
    pub verifier: &'a str,
}

/// A token of GitHub's that speaks for a person.
#[derive(Debug, Clone)]
pub struct PersonToken(Authorization);

/// The client of one GitHub; cheap to clone.
#[derive(Debug, Clone)]
pub struct Github {
    client: Arc<Client>,
    app: GithubApp,
    site: Home,
    api: Home,
}

impl Github {
    pub(crate) fn new(client: Arc<Client>, app: GithubApp) -> Self {
        let home = |url| Home::at(url, !is_public(url));
        let (site, api) = (home(&app.url), home(&app.api_url));
        Self {
            client,
            app,
            site,
            api,
        }
    }

    /// Returns where a browser is sent.
    pub fn authorize_url(&self, departure: &Departure<'_>) -> Url {
        let mut url = below(&self.site, "login/oauth/authorize");
        url.query_pairs_mut()
            .append_pair("client_id", &self.app.client_id)
            .append_pair("redirect_uri", departure.redirect_uri)
            .append_pair("scope", self.scope())
            .append_pair("state", departure.state)
            .append_pair("code_challenge", departure.challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }

    /// Exchanges what a browser came back with for a token.
    ///
    /// # Errors
    /// [`GithubError::Refused`] for a code that is wrong, old, used or another's.
    pub async fn exchange(&self, back: &Return<'_>) -> Result<PersonToken, GithubError> {
        let fields = [
            ("client_secret", self.app.client_secret.reveal()),
            ("code", back.code),
            ("redirect_uri", back.redirect_uri),
            ("code_verifier", back.verifier),
        ];
        self.ask_token(&fields).await?.accepted()?.token()
    }

    /// What of a person's is asked for: nothing, or whether they belong somewhere.
    fn scope(&self) -> &'static str {
        if self.app.orgs.is_empty() {
            ""
        } else {
            "read:org"
        }
    }

    async fn ask_token(&self, fields: &[(&str, &str)]) -> Result<Answer, GithubError> {
        self.post("login/oauth/access_token", fields).await
    }

    /// Sends fields, and who we are, to the site.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, GithubError> {
        let own = [("client_id", self.app.client_id.as_str())];
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(own.iter().chain(fields))
            .finish();
        let ask = Ask {
            url: below(&self.site, path),
            accept: "application/json",
            offer: Offer::Identity,
            conditions: HeaderMap::new(),
            max_bytes: MAX_BYTES,
            body: Some(Sent {
                content_type: "application/x-www-form-urlencoded",
                bytes: form.into(),
            }),
            side: Side::People,
        };
        Ok(self.answer(&self.site, ask).await?)
    }

    /// Asks the API as a person.
    async fn get(&self, path: &str, token: &PersonToken) -> Result<Answer, UpstreamError> {
        let mut home = self.api.clone();
        home.authorize(token.0.clone());
        let version = HeaderName::from_static("x-github-api-version");
        let ask = Ask {
            url: below(&home, path),
            accept: "application/vnd.github+json",
            offer: Offer::Identity,
            conditions: [(version, HeaderValue::from_static("2022-11-28"))]
                .into_iter()
                .collect(),
            max_bytes: MAX_BYTES,
            body: None,
            side: Side::People,
        };
        self.answer(&home, ask).await
    }

    async fn answer(&self, home: &Home, ask: Ask) -> Result<Answer, UpstreamError> {
        let mut answer = self.client.fetch(home, ask).await?;
        let bytes = answer.body.read().await?;
        Ok(Answer::new(answer.place, &bytes))
    }
}

/// Says whether it is the one that everybody knows. Any other was named by the operator, who may
/// have it on a private address.
fn is_public(url: &Url) -> bool {
    let domain = url.domain().unwrap_or_default();
    domain == "github.com" || domain.ends_with(".github.com") || domain.ends_with(".ghe.com")
}

fn below(home: &Home, path: &str) -> Url {
    let mut url = home.url.clone();
    url.set_path(&format!("{}{path}", url.path()));
    url
}
