//! Bearer tokens: random text shown once, of which only a hash is kept.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngCore;

use crate::Digest;

/// Least length of a token given by configuration, in characters.
pub const MIN_CONFIGURED_CHARS: usize = 32;

/// The text of a token. Never logged, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(String);

impl TokenSecret {
    /// Makes a new secret: `npm_`, 192 random bits, six characters of checksum.
    pub fn generate() -> Self {
        let mut random = [0_u8; 24];
        rand::rng().fill_bytes(&mut random);
        let body = hex::encode(random);
        let checksum = URL_SAFE_NO_PAD.encode(Digest::of(body.as_bytes()).0);
        let checksum: String = checksum
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(6)
            .collect();
        Self(format!("npm_{body}{checksum}"))
    }

    /// Takes a secret that a caller sent or an operator configured.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, to be shown once or sent to a server.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns what is stored and looked up in its place.
    pub fn hash(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// Returns the form shown in lists: `npm_ab...yz`.
    pub fn masked(&self) -> String {
        let head: String = self.0.chars().take(6).collect();
        let tail: String = self
            .0
            .chars()
            .skip(self.0.chars().count().saturating_sub(2))
            .collect();
        format!("{head}...{tail}")
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_do_not_show_in_debug_output() {
        let (a, b) = (TokenSecret::generate(), TokenSecret::generate());
        assert_ne!(a, b);
        assert!(a.reveal().len() >= 50 && a.reveal().starts_with("npm_"));
        assert!(!format!("{a:?}").contains(a.reveal()));
        assert_eq!(a.masked().len(), 11);
    }
}
