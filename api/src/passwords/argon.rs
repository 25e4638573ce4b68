//! The hash itself: argon2id, with its salt and costs in one text (a PHC string).
//!
//! 19 MiB and two passes, the least that OWASP recommends: a few tens of milliseconds of a core.
//! A password is hashed in composed form (NFKC): the same keys give the same bytes on every system.

use argon2::{
    Argon2, PasswordHasher, PasswordVerifier,
    password_hash::{Error, phc},
};
use rand::RngCore;
use unicode_normalization::UnicodeNormalization;
use weir_store::users::password::PasswordHash;

/// What passwords of nobody are compared with: of the same costs as all others, and of no password.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA\
    $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes a password with a new salt.
pub(super) fn hash(password: &str) -> Result<PasswordHash, Error> {
    let mut salt = [0_u8; 16];
    rand::rng().fill_bytes(&mut salt);
    let hashed: phc::PasswordHash =
        Argon2::default().hash_password_with_salt(composed(password).as_bytes(), &salt)?;
    Ok(PasswordHash::new(hashed.to_string()))
}

/// Compares a password with what is kept of it; without that, with a decoy, at the same cost.
pub(super) fn is_right(password: &str, hash: Option<&PasswordHash>) -> bool {
    let kept = hash.map_or(DECOY, PasswordHash::reveal);
    let Ok(kept) = phc::PasswordHash::new(kept) else {
        tracing::error!("a stored password hash is not readable");
        return false;
    };
    let compared = Argon2::default().verify_password(composed(password).as_bytes(), &kept);
    compared.is_ok()
}

/// Returns what is to be kept of a configured password, unless `kept` is already that: at a
/// start, before anything is served.
pub(crate) async fn at_start(password: String, kept: Option<PasswordHash>) -> Option<PasswordHash> {
    let hashing = move || {
        let is_kept = kept.is_some() && is_right(&password, kept.as_ref());
        (!is_kept).then(|| hash(&password).expect("the costs are constant and the salt is long"))
    };
    let hashed = tokio::task::spawn_blocking(hashing).await;
    hashed.expect("hashing does not panic")
}

fn composed(password: &str) -> String {
    password.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_recognised_and_no_other() {
        let kept = hash("correct horse").expect("hashed");
        assert!(kept.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!kept.reveal().contains("horse"));
        assert!(is_right("correct horse", Some(&kept)));
        for wrong in ["correct horsf", "Correct horse", "correct horse ", ""] {
            assert!(!is_right(wrong, Some(&kept)), "{wrong}");
        }
        let again = hash("correct horse").expect("hashed");
        assert_ne!(again, kept, "salted");
        assert!(!format!("{kept:?}").contains("argon2id"));
    }

    #[test]
    fn a_password_is_the_same_however_its_letters_are_composed() {
        let kept = hash("pass-ju\u{308}rgen").expect("hashed");
        assert!(is_right("pass-jürgen", Some(&kept)));
    }

    #[test]
    fn the_decoy_costs_what_a_password_does_and_is_none() {
        let parsed = phc::PasswordHash::new(DECOY).expect("readable");
        let real = hash("something").expect("hashed");
        let real = phc::PasswordHash::new(real.reveal()).expect("readable");
        assert_eq!(parsed.params, real.params);
        assert_eq!(parsed.algorithm, real.algorithm);
        let lengths = |hash: &phc::PasswordHash| hash.hash.as_ref().map(|hash| hash.len());
        assert_eq!(lengths(&parsed), lengths(&real));
        for password in ["", "password", "AAAAAAAA"] {
            assert!(!is_right(password, None));
        }
    }
}
