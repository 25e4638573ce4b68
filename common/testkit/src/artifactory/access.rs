//! Who asks, and whether they may.
//!
//! Source: "Artifactory REST API, Authentication": Basic with a password or a token, Bearer with a
//! token, `X-JFrog-Art-Api` with a key. Wrong credentials are refused even where anonymous reading
//! is allowed.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderMap;

use super::{answer::Answer, shelf::Shelf};

/// Who asks; nobody in particular without a name.
pub(super) type Asker = Option<String>;

impl Shelf {
    /// Returns who asks.
    ///
    /// # Errors
    /// With the answer for credentials that nobody has.
    pub fn asker(&self, headers: &HeaderMap) -> Result<Asker, Answer> {
        let refused = || Answer::unauthorized("Bad credentials");
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let owner = |secret: &str| {
            let mut accounts = self.accounts.iter();
            let found = accounts.find(|(_, a)| a.secrets.iter().any(|known| known == secret));
            found.map(|(name, _)| name.clone())
        };
        if let Some(key) = text("x-jfrog-art-api") {
            return owner(key).map(Some).ok_or_else(refused);
        }
        let Some(shown) = text("authorization") else {
            return Ok(None);
        };
        if let Some(token) = shown.strip_prefix("Bearer ") {
            return owner(token).map(Some).ok_or_else(refused);
        }
        let basic = || {
            let decoded = STANDARD.decode(shown.strip_prefix("Basic ")?).ok()?;
            let text = String::from_utf8(decoded).ok()?;
            let (name, secret) = text.split_once(':')?;
            let account = self.accounts.get(name)?;
            let is_theirs = account.secrets.iter().any(|known| known == secret);
            is_theirs.then(|| name.to_owned())
        };
        basic().map(Some).ok_or_else(refused)
    }

    /// Says whether they may read.
    ///
    /// # Errors
    /// With the refusal.
    pub fn check_read(&self, asker: &Asker) -> Result<(), Answer> {
        if asker.is_some() || self.reads_anonymously {
            return Ok(());
        }
        Err(Answer::unauthorized("Authentication is required"))
    }

    /// Returns who writes.
    ///
    /// # Errors
    /// With the refusal.
    pub fn check_write(&self, asker: &Asker) -> Result<String, Answer> {
        let Some(name) = asker else {
            return Err(Answer::unauthorized("Authentication is required"));
        };
        if self.accounts.get(name).is_some_and(|one| one.may_write) {
            return Ok(name.clone());
        }
        let message = format!("Not enough permissions to deploy/delete for user '{name}'.");
        Err(Answer::error(403, &message))
    }
}
