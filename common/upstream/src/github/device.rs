//! The flow for a program without a browser: its user types a code into one elsewhere.

use std::time::Duration;

use super::{Github, GithubError, PersonToken};

/// Least time between two questions, where GitHub does not say one.
const INTERVAL: u64 = 5;

/// What a program shows, and what it asks with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    /// What it asks with.
    pub device_code: String,
    /// What its user types.
    pub user_code: String,
    /// Where.
    pub verification_url: String,
    /// How long both codes are good.
    pub valid: Duration,
    /// Least time between two questions.
    pub interval: Duration,
}

/// What became of a code.
#[derive(Debug, Clone)]
pub enum DeviceProgress {
    /// Its user has not typed it yet; ask again after this long, if GitHub said how long.
    Waiting(Option<Duration>),
    /// Its user said yes.
    Done(PersonToken),
}

impl Github {
    /// Begins the flow.
    ///
    /// # Errors
    /// [`GithubError::Refused`] if the app is not registered for it.
    pub async fn start_device(&self) -> Result<DeviceCode, GithubError> {
        let scope = [("scope", self.scope())];
        let answer = self.post("login/device/code", &scope).await?.accepted()?;
        let seconds = |name| answer.number(name).map(Duration::from_secs);
        Ok(DeviceCode {
            device_code: answer.get("device_code")?.to_owned(),
            user_code: answer.get("user_code")?.to_owned(),
            verification_url: answer.get("verification_uri")?.to_owned(),
            valid: seconds("expires_in")?,
            interval: seconds("interval").unwrap_or(Duration::from_secs(INTERVAL)),
        })
    }

    /// Asks what became of a code.
    ///
    /// # Errors
    /// [`GithubError::Refused`] for one that is unknown, too old, or that its user denied.
    pub async fn poll_device(&self, device_code: &str) -> Result<DeviceProgress, GithubError> {
        let fields = [
            ("device_code", device_code),
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ];
        let answer = self.ask_token(&fields).await?;
        match answer.find("error") {
            Some("authorization_pending" | "slow_down") => {
                let pause = answer.number("interval").ok().map(Duration::from_secs);
                Ok(DeviceProgress::Waiting(pause))
            }
            _ => Ok(DeviceProgress::Done(answer.accepted()?.token()?)),
        }
    }
}
