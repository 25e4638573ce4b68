//! Random texts that prove something to whoever has their digest.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngCore;
use weir_domain::Digest;

/// Characters of such a text: 256 random bits.
const CHARS: usize = 43;

/// A random text. Never logged, never stored.
#[derive(Clone)]
pub(crate) struct Opaque(String);

impl Opaque {
    /// Makes a new one.
    pub(crate) fn generate() -> Self {
        let mut random = [0_u8; 32];
        rand::rng().fill_bytes(&mut random);
        Self(URL_SAFE_NO_PAD.encode(random))
    }

    /// Reads what a caller shows; nothing that could not be ours.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (text.len() == CHARS && text.bytes().all(is_ours)).then(|| Self(text.to_owned()))
    }

    /// Returns the text, for the one who is to have it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns what is stored and looked up in its place.
    pub(crate) fn hash(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// Returns another text that only its holder and we can make.
    pub(crate) fn derive(&self, purpose: &str, of: &str) -> String {
        let text = format!("{purpose}\0{}\0{of}", self.0);
        URL_SAFE_NO_PAD.encode(Digest::of(text.as_bytes()).0)
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opaque(…)")
    }
}

/// Returns what our pages show beside the cookie `key`.
pub(crate) fn csrf(key: &Opaque) -> String {
    key.derive("csrf", "")
}

/// Compares two texts; how long it takes says nothing of where they differ.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    Digest::of(one.as_bytes()) == Digest::of(other.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_differ_and_do_not_show_themselves() {
        let (one, other) = (Opaque::generate(), Opaque::generate());
        assert_ne!(one.reveal(), other.reveal());
        assert_ne!(csrf(&one), csrf(&other));
        assert_ne!(csrf(&one), one.derive("pkce", ""));
        assert!(!format!("{one:?}").contains(one.reveal()));
        let again = Opaque::read(one.reveal()).expect("ours");
        assert_eq!((again.hash(), csrf(&again)), (one.hash(), csrf(&one)));
    }

    #[test]
    fn what_is_not_ours_is_not_read() {
        let long = "a".repeat(CHARS + 1);
        for text in ["", "a", &long, &"é".repeat(20), &format!("{}=", &long[2..])] {
            assert!(Opaque::read(text).is_none(), "{text:?}");
        }
    }
}
