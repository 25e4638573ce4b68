//! Secrets that are stored and must be read again: sealed with a key that the database lacks.
//!
//! AES-256-GCM. What is sealed is bound to its place (row and column): moved elsewhere, it does
//! not open. Each sealed text names its key, so of several keys the first seals, all open, and
//! old ones can go once nothing names them. Layout: version 1, 4 bytes of the key's SHA-256,
//! 12 random bytes, then the text and its tag.

use std::{fmt, io, path::PathBuf};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use rand::RngCore;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use weir_config::Config;
use weir_domain::Digest;

use crate::private_file;

/// The file of a key that was made by itself, in the data folder.
pub const KEY_FILE: &str = "secret-key";

const KEY_BYTES: usize = 32;
const VERSION: u8 = 1;
const NAME_BYTES: usize = 4;
const HEAD: usize = 1 + NAME_BYTES + NONCE_LEN;

/// Seals and opens; without keys it does neither.
#[derive(Default)]
pub struct Sealer(Vec<Key>);

struct Key {
    name: [u8; NAME_BYTES],
    key: LessSafeKey,
}

/// Why something is not sealed or not opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// There is no key at all.
    #[error("no secret key is configured; set WEIR_SECRET_KEY or WEIR_SECRET_KEY_FILE")]
    NoKey,
    /// It was sealed with a key that is not configured any more.
    #[error("it was sealed with a secret key that is not configured")]
    OtherKey,
    /// It is not what was sealed for this place.
    #[error("it is damaged, or was sealed for another place")]
    Damaged,
}

/// Why there are no keys to seal with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// What is given is no key.
    #[error("{0}: not 32 bytes in base64, or several such separated by commas")]
    NotAKey(String),
    /// The file cannot be read or written.
    #[error("{path}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
}

impl Sealer {
    /// Takes keys in base64, separated by commas or lines.
    ///
    /// # Errors
    /// If one of them is none; `origin` says where they come from.
    pub fn from_text(text: &str, origin: &str) -> Result<Self, KeyError> {
        let words = text.split([',', '\n', '\r', ' ']);
        let words = words.filter(|word| !word.is_empty());
        let keys: Option<Vec<_>> = words.map(key).collect();
        let keys = keys.filter(|keys| !keys.is_empty());
        keys.map(Self)
            .ok_or_else(|| KeyError::NotAKey(origin.to_owned()))
    }

    /// Takes the keys that are configured; else that of the data folder, where `weir serve` with
    /// `SQLite` makes one (`may_make`). Processes on several hosts share no folder: theirs is
    /// configured, or they have none.
    ///
    /// # Errors
    /// If what is given is no key, or the file cannot be read or written.
    pub fn of_config(config: &Config, may_make: bool) -> Result<Self, KeyError> {
        if let Some(keys) = &config.accounts.secret_key {
            return Self::from_text(keys.reveal(), "secret_key");
        }
        if let Some(path) = &config.accounts.secret_key_file {
            let text = std::fs::read_to_string(path).map_err(at(path))?;
            return Self::from_text(&text, &path.display().to_string());
        }
        if config.database.sqlite_file().is_none() {
            return Ok(Self::default());
        }
        let path = config.data.join(KEY_FILE);
        match private_file::read(&path).map_err(at(&path))? {
            Some(text) => Self::from_text(&text, &path.display().to_string()),
            None if may_make => {
                let mut random = [0_u8; KEY_BYTES];
                rand::rng().fill_bytes(&mut random);
                let text = STANDARD.encode(random);
                private_file::write(&path, &format!("{text}\n")).map_err(at(&path))?;
                Self::from_text(&text, &path.display().to_string())
            }
            None => Ok(Self::default()),
        }
    }

    /// Says whether there is a key.
    pub fn has_key(&self) -> bool {
        !self.0.is_empty()
    }

    /// Seals a text for its place, such as `users.otp_secret:<id>`, with the first key.
    ///
    /// # Errors
    /// [`SealError::NoKey`].
    pub fn seal(&self, plain: &[u8], place: &str) -> Result<Vec<u8>, SealError> {
        let key = self.0.first().ok_or(SealError::NoKey)?;
        let mut nonce = [0_u8; NONCE_LEN];
        rand::rng().fill_bytes(&mut nonce);
        let mut text = plain.to_vec();
        let nonce_once = Nonce::assume_unique_for_key(nonce);
        let sealed =
            key.key
                .seal_in_place_append_tag(nonce_once, Aad::from(place.as_bytes()), &mut text);
        sealed.map_err(|_| SealError::Damaged)?;
        Ok([&[VERSION][..], &key.name, &nonce, &text].concat())
    }

    /// Opens what was sealed for a place, with whichever key it names.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn open(&self, sealed: &[u8], place: &str) -> Result<Vec<u8>, SealError> {
        if sealed.len() < HEAD || sealed[0] != VERSION {
            return Err(SealError::Damaged);
        }
        let (head, text) = sealed.split_at(HEAD);
        let (name, nonce) = head[1..].split_at(NAME_BYTES);
        if self.0.is_empty() {
            return Err(SealError::NoKey);
        }
        let key = self.0.iter().find(|key| key.name == name);
        let key = key.ok_or(SealError::OtherKey)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Damaged)?;
        let mut text = text.to_vec();
        let opened = key
            .key
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut text);
        let opened = opened.map_err(|_| SealError::Damaged)?;
        Ok(opened.to_vec())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({} keys)", self.0.len())
    }
}

fn key(text: &str) -> Option<Key> {
    let bytes = STANDARD
        .decode(text)
        .or_else(|_| STANDARD_NO_PAD.decode(text))
        .or_else(|_| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')))
        .ok()
        .filter(|bytes| bytes.len() == KEY_BYTES)?;
    let name = Digest::of(&bytes).0;
    Some(Key {
        name: [name[0], name[1], name[2], name[3]],
        key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes).ok()?),
    })
}

fn at(path: &std::path::Path) -> impl FnOnce(io::Error) -> KeyError + use<> {
    let path: PathBuf = path.to_owned();
    move |source| KeyError::File {
        path: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use weir_config::{Flags, Sources, setting::Setting};

    use super::*;

    const PLACE: &str = "users.otp_secret:1";

    fn keys(bytes: &[u8]) -> String {
        let texts: Vec<_> = bytes.iter().map(|n| STANDARD.encode([*n; 32])).collect();
        texts.join(",")
    }

    fn sealer(bytes: &[u8]) -> Sealer {
        Sealer::from_text(&keys(bytes), "test").expect("keys")
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let one = sealer(&[1]);
        let sealed = one.seal(b"open sesame", PLACE).expect("sealed");
        assert!(!sealed.windows(6).any(|part| part == b"sesame"));
        assert_ne!(one.seal(b"open sesame", PLACE).expect("sealed"), sealed);
        assert_eq!(one.open(&sealed, PLACE).expect("opens"), b"open sesame");
        let elsewhere = one.open(&sealed, "users.otp_secret:2");
        assert!(matches!(elsewhere, Err(SealError::Damaged)));
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(one.open(&damaged, PLACE).is_err(), "byte {at}");
            assert!(one.open(&sealed[..at], PLACE).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_first_key_seals_and_every_key_opens() {
        let (old, both, new) = (sealer(&[1]), sealer(&[2, 1]), sealer(&[2]));
        let sealed = old.seal(b"x", PLACE).expect("sealed");
        assert_eq!(both.open(&sealed, PLACE).expect("opens"), b"x");
        assert!(matches!(new.open(&sealed, PLACE), Err(SealError::OtherKey)));
        let sealed = both.seal(b"x", PLACE).expect("sealed");
        assert_eq!(new.open(&sealed, PLACE).expect("opens"), b"x");
        let none = Sealer::default();
        assert!(matches!(none.seal(b"x", PLACE), Err(SealError::NoKey)));
        assert!(matches!(none.open(&sealed, PLACE), Err(SealError::NoKey)));
        assert_eq!(format!("{both:?}"), "Sealer(2 keys)");
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_shown() {
        for text in ["", "short", &STANDARD.encode([1; 31]), "not base64!!"] {
            let refused = Sealer::from_text(text, "secret_key").expect_err("refused");
            let line = refused.to_string();
            assert!(line.starts_with("secret_key: not 32 bytes"), "{line}");
            assert!(text.is_empty() || !line.contains(text), "{line}");
        }
    }

    fn config(folder: &std::path::Path, given: &[(&str, &str)]) -> Config {
        let setting = |key: &str| Setting::find(key).expect("a setting");
        let mut all = vec![(setting("data"), folder.display().to_string())];
        let given = given
            .iter()
            .map(|(key, text)| (setting(key), (*text).to_owned()));
        all.extend(given);
        let flags = Flags {
            file: None,
            given: all,
        };
        let sources = Sources {
            folder: folder.to_owned(),
            flags,
            ..Sources::default()
        };
        Config::load(&sources).expect("valid").config
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_only() {
        let folder = tempfile::TempDir::new().expect("temporary folder");
        let config = config(folder.path(), &[]);
        let before = Sealer::of_config(&config, false).expect("none");
        assert!(!before.has_key());
        let made = Sealer::of_config(&config, true).expect("made");
        let path = folder.path().join(KEY_FILE);
        let mode = path.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let sealed = made.seal(b"x", PLACE).expect("sealed");
        let kept = Sealer::of_config(&config, false).expect("kept");
        assert_eq!(kept.open(&sealed, PLACE).expect("opens"), b"x");
    }

    #[test]
    fn a_server_database_needs_a_key_that_is_given() {
        let folder = tempfile::TempDir::new().expect("temporary folder");
        let url = ("database_url", "postgres://db.example/weir");
        let none = Sealer::of_config(&config(folder.path(), &[url]), true).expect("none");
        assert!(!none.has_key());
        let file = folder.path().join("key");
        std::fs::write(&file, format!("{}\n", keys(&[7]))).expect("written");
        let path = file.display().to_string();
        let by_file = config(folder.path(), &[url, ("secret_key_file", &path)]);
        let by_file = Sealer::of_config(&by_file, false).expect("read");
        let by_text = config(folder.path(), &[url, ("secret_key", &keys(&[7]))]);
        let by_text = Sealer::of_config(&by_text, false).expect("read");
        let sealed = by_file.seal(b"x", PLACE).expect("sealed");
        assert_eq!(by_text.open(&sealed, PLACE).expect("opens"), b"x");
    }
}
