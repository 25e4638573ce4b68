//! What Artifactory sends when something changes.
//!
//! Source: "Webhooks, event types and payload": the header `X-JFrog-Event-Auth` is the secret as it
//! is or, with payload signing, the lower-case hexadecimal HMAC-SHA256 of the body, without prefix.
//! There is no time, no number and no delivery id in it: anybody who saw one can send it again.

use http::Method;
use ring::hmac;
use serde_json::json;
use weir_domain::catalogue::Reference;

use super::{REPOSITORY, folder};
use crate::client::Call;

/// How a delivery proves where it is from.
#[derive(Debug, Clone, Copy)]
pub enum Secret<'a> {
    /// It says the secret.
    Plain(&'a str),
    /// It is signed with it.
    Signed(&'a str),
    /// It does not.
    None,
}

/// Something that happened to a file.
#[derive(Debug, Clone)]
pub struct Event {
    /// `deployed`, `deleted`, `moved`, `copied`, `cached`.
    pub kind: String,
    /// The repository.
    pub repository: String,
    /// The file's path in it.
    pub path: String,
}

impl Event {
    /// Something happened to a file of a recipe's revision.
    pub fn of(kind: &str, reference: &str, revision: &str, file: &str) -> Self {
        let reference: Reference = reference.parse().expect("a reference");
        Self {
            kind: kind.to_owned(),
            repository: REPOSITORY.to_owned(),
            path: format!("{}/{revision}/export/{file}", folder(&reference)),
        }
    }

    /// Returns the body.
    pub fn body(&self) -> String {
        let name = self.path.rsplit('/').next();
        json!({
            "domain": "artifact", "event_type": self.kind,
            "data": {
                "repo_key": self.repository, "path": self.path, "name": name, "size": 1024,
                "sha256": "0".repeat(64),
            },
            "subscription_key": "weir", "jpd_origin": "https://artifactory.example",
            "source": "jfrog/deployer",
        })
        .to_string()
    }

    /// Begins the delivery.
    pub fn to(&self, url: &str, secret: Secret<'_>) -> Call {
        let body = self.body();
        let call = Call::new(Method::POST, url).header("content-type", "application/json");
        let call = match secret {
            Secret::None => call,
            Secret::Plain(secret) => call.header("x-jfrog-event-auth", secret),
            Secret::Signed(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
                let signature = hmac::sign(&key, body.as_bytes());
                call.header("x-jfrog-event-auth", &hex::encode(signature))
            }
        };
        call.body(body)
    }
}
