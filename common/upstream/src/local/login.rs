//! The steps of a login, for a command that has no token yet: what is asked until there is one.

use std::time::Duration;

use serde_json::Value;
use weir_domain::token::TokenSecret;

use super::{LocalClient, LocalError};

/// How long to wait before asking again, where the server does not say.
const PAUSE: Duration = Duration::from_secs(2);

/// What a server answers to a step.
#[derive(Debug, Clone, PartialEq)]
pub enum LoginStep {
    /// Somebody has to do something first; ask again after this long.
    Waiting(Duration),
    /// It has this to say.
    Done(Value),
}

impl LocalClient {
    /// Takes a step: sends `body` to `path`, or without one asks for it.
    ///
    /// # Errors
    /// What the server refuses with, or why it does not answer.
    pub async fn login_step(
        &self,
        path: &str,
        body: Option<&Value>,
    ) -> Result<LoginStep, LocalError> {
        let url = format!("{}{path}", self.base());
        let call = match body {
            Some(body) => self.http.post(url).json(body),
            None => self.http.get(url),
        };
        let sent = self.in_time(call.send()).await?;
        let answer = sent.map_err(|error| self.unreachable(&error))?;
        if answer.status() == http::StatusCode::ACCEPTED {
            let header = answer.headers().get(http::header::RETRY_AFTER);
            let seconds = header.and_then(|value| value.to_str().ok()?.parse().ok());
            let pause = seconds.map_or(PAUSE, Duration::from_secs);
            return Ok(LoginStep::Waiting(pause));
        }
        if !answer.status().is_success() {
            return Err(self.refused(answer).await);
        }
        let said = self.in_time(answer.json()).await?;
        said.map(LoginStep::Done)
            .map_err(|error| self.foreign(&error))
    }

    /// Takes a token back; one that the server does not know needs no taking.
    ///
    /// # Errors
    /// What the server refuses with, or why it does not answer.
    pub async fn log_out(&self, token: &TokenSecret) -> Result<(), LocalError> {
        let url = format!("{}/-/user/token/{}", self.base(), token.reveal());
        let sent = self.in_time(self.http.delete(url).send()).await?;
        let answer = sent.map_err(|error| self.unreachable(&error))?;
        match answer.status().as_u16() {
            200..=299 | 401 | 404 => Ok(()),
            _ => Err(self.refused(answer).await),
        }
    }
}
