//! Bearer tokens: random text shown once, of which only a hash is kept, and what a token may
//! be limited to.
//!
//! The text is a prefix, 192 random bits, and six characters that follow from them: whoever
//! looks for lost tokens in a heap of text finds ours, and nothing else.

mod cidr;
mod grant;

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngCore;

pub use self::{
    cidr::{Cidr, InvalidCidr, MAX_CIDRS},
    grant::{Grant, MAX_NAMES, Permission},
};
use crate::Digest;

/// Least length of a token given by configuration, in characters.
pub const MIN_CONFIGURED_CHARS: usize = 32;
/// What the text of a token begins with, unless the operator says otherwise.
pub const PREFIX: &str = "npm_";
/// Characters of the random part: 192 bits in hexadecimal.
const BODY_CHARS: usize = 48;
/// Characters that follow from the random part.
const CHECKSUM_CHARS: usize = 6;

/// The text of a token. Never logged, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(String);

impl TokenSecret {
    /// Makes a new secret with the usual prefix.
    pub fn generate() -> Self {
        Self::generate_as(PREFIX)
    }

    /// Makes a new secret with this prefix.
    pub fn generate_as(prefix: &str) -> Self {
        let mut random = [0_u8; BODY_CHARS / 2];
        rand::rng().fill_bytes(&mut random);
        let body = hex::encode(random);
        let checksum = checksum(&body);
        Self(format!("{prefix}{body}{checksum}"))
    }

    /// Takes a secret that a caller sent or an operator configured.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Says whether it was made here, by its form: no password looks so.
    pub fn is_generated(&self) -> bool {
        let parts = self.0.rsplit_once('_').and_then(|(_, rest)| {
            let body = rest.get(..BODY_CHARS)?;
            Some((body, rest.get(BODY_CHARS..)?))
        });
        parts.is_some_and(|(body, end)| checksum(body) == end)
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

fn checksum(body: &str) -> String {
    let digest = URL_SAFE_NO_PAD.encode(Digest::of(body.as_bytes()).0);
    let plain = digest.chars().filter(char::is_ascii_alphanumeric);
    plain.take(CHECKSUM_CHARS).collect()
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

    #[test]
    fn what_was_made_here_is_known_by_its_checksum() {
        for prefix in ["npm_", "weir_", "of_a_firm_"] {
            let secret = TokenSecret::generate_as(prefix);
            assert!(secret.is_generated() && secret.reveal().starts_with(prefix));
            // One wrong character anywhere behind the prefix.
            for at in prefix.len()..secret.reveal().len() {
                let mut text = secret.reveal().to_owned();
                let other = if &text[at..=at] == "0" { "1" } else { "0" };
                text.replace_range(at..=at, other);
                assert!(!TokenSecret::from_text(text).is_generated(), "at {at}");
            }
        }
        for text in [
            "",
            "_",
            "npm_",
            "npm_x",
            "correct horse battery staple",
            "ä_ö",
        ] {
            assert!(!TokenSecret::from_text(text).is_generated(), "{text}");
        }
    }
}
