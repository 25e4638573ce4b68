//! Who a token speaks for, and where they belong.

use super::{Github, GithubError, PersonToken};
use crate::UpstreamError;

/// Longest login: GitHub's own have 39 characters, those of enterprises a suffix more.
const MAX_LOGIN: usize = 80;

/// Somebody at GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their number, which stays theirs.
    pub id: i64,
    /// Their login at the moment.
    pub login: String,
}

impl Github {
    /// Asks who a token speaks for.
    ///
    /// # Errors
    /// [`GithubError::Upstream`], also for somebody without number or name.
    pub async fn person(&self, token: &PersonToken) -> Result<Person, GithubError> {
        let answer = self.get("user", token).await?;
        let (id, login) = (answer.number("id")?, answer.get("login")?);
        if id <= 0 || !is_login(login) {
            return Err(answer.odd("its `id` or `login` is none").into());
        }
        Ok(Person {
            id,
            login: login.to_owned(),
        })
    }

    /// Says whether a token's person belongs to one of the organisations of the app, or whether
    /// it asks for none.
    ///
    /// # Errors
    /// [`GithubError::Upstream`] if nobody knows.
    pub async fn belongs(&self, token: &PersonToken) -> Result<bool, GithubError> {
        for org in &self.app.orgs {
            let path = format!("user/memberships/orgs/{org}");
            match self.get(&path, token).await {
                // Whoever is only invited is no member yet.
                Ok(answer) if answer.find("state") == Some("active") => return Ok(true),
                Ok(_)
                | Err(
                    UpstreamError::NotFound { .. } | UpstreamError::Refused { status: 403, .. },
                ) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.app.orgs.is_empty())
    }
}

fn is_login(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=MAX_LOGIN).contains(&text.len()) && text.bytes().all(is_plain)
}
