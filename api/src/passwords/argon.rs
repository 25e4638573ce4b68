//! The hash itself: argon2id, with its salt and costs in one text (a PHC string).
//!
//! 19 MiB and two passes, the least that OWASP recommends: a few tens of milliseconds of a core.
//! A password is hashed in composed form (NFKC): the same keys give the same bytes on every system.
//! Memory is given from outside, to be used again: what threads that end give back, an allocator
//! may keep for each of them.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        Error,
        phc::{self, Output, ParamsString, Salt},
    },
};
use rand::RngCore;
use unicode_normalization::UnicodeNormalization;
use weir_store::users::password::PasswordHash;

/// What a hash is computed in.
pub(super) type Memory = Vec<Block>;

/// What passwords of nobody are compared with: of the same costs as all others, and of no password.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA\
    $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes a password with a new salt.
pub(super) fn hash(password: &str, memory: &mut Memory) -> Result<PasswordHash, Error> {
    let mut salt = [0_u8; 16];
    rand::rng().fill_bytes(&mut salt);
    let params = Params::default();
    let output = compute(
        password,
        (&salt, &params),
        Params::DEFAULT_OUTPUT_LEN,
        memory,
    )?;
    let hashed = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(Salt::new(&salt)?),
        hash: Some(output),
    };
    Ok(PasswordHash::new(hashed.to_string()))
}

/// Compares a password with what is kept of it; without that, with a decoy, at the same cost.
pub(super) fn is_right(password: &str, hash: Option<&PasswordHash>, memory: &mut Memory) -> bool {
    let kept = hash.map_or(DECOY, PasswordHash::reveal);
    match compare(password, kept, memory) {
        Ok(is_right) => is_right,
        Err(error) => {
            tracing::error!(%error, "a stored password hash is not readable");
            false
        }
    }
}

fn compare(password: &str, kept: &str, memory: &mut Memory) -> Result<bool, Error> {
    let kept = phc::PasswordHash::new(kept)?;
    let is_ours = kept.algorithm == Algorithm::Argon2id.ident()
        && kept.version == Some(Version::V0x13.into());
    let (Some(salt), Some(expected), true) = (&kept.salt, &kept.hash, is_ours) else {
        return Err(Error::Algorithm);
    };
    let params = Params::try_from(&kept)?;
    let output = compute(password, (salt, &params), expected.len(), memory)?;
    // It takes the same time wherever they differ.
    Ok(output == *expected)
}

fn compute(
    password: &str,
    (salt, params): (&[u8], &Params),
    len: usize,
    memory: &mut Memory,
) -> Result<Output, Error> {
    let composed: String = password.nfkc().collect();
    memory.resize(params.block_count(), Block::default());
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..len).ok_or(Error::OutputSize)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(composed.as_bytes(), salt, output, &mut memory[..])?;
    Ok(Output::new(output)?)
}

/// Returns what is to be kept of a configured password, unless `kept` is already that: at a
/// start, before anything is served.
pub(crate) async fn at_start(password: String, kept: Option<PasswordHash>) -> Option<PasswordHash> {
    let hashing = move || {
        let mut memory = Memory::new();
        let is_kept = kept.is_some() && is_right(&password, kept.as_ref(), &mut memory);
        let new = || hash(&password, &mut memory);
        (!is_kept).then(new)
    };
    let hashed = tokio::task::spawn_blocking(hashing).await;
    let hashed = hashed.expect("hashing does not panic").transpose();
    hashed.expect("the costs are constant and the salt is long")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(password: &str) -> PasswordHash {
        hash(password, &mut Memory::new()).expect("hashed")
    }

    fn is_right(password: &str, hash: Option<&PasswordHash>) -> bool {
        super::is_right(password, hash, &mut Memory::new())
    }

    #[test]
    fn a_password_is_recognised_and_no_other() {
        let kept = hashed("correct horse");
        assert!(kept.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!kept.reveal().contains("horse"));
        assert!(is_right("correct horse", Some(&kept)));
        for wrong in ["correct horsf", "Correct horse", "correct horse ", ""] {
            assert!(!is_right(wrong, Some(&kept)), "{wrong}");
        }
        assert_ne!(hashed("correct horse"), kept, "salted");
        assert!(!format!("{kept:?}").contains("argon2id"));
    }

    #[test]
    fn what_is_kept_is_what_other_programs_understand() {
        use argon2::PasswordVerifier;
        let kept = hashed("correct horse");
        let kept = phc::PasswordHash::new(kept.reveal()).expect("readable");
        let verified = Argon2::default().verify_password(b"correct horse", &kept);
        assert!(verified.is_ok());
        // Of another program: cheaper, and with a shorter output.
        let argon = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(64, 1, 1, Some(16)).expect("costs"),
        );
        let theirs = argon2::PasswordHasher::hash_password_with_salt(&argon, b"theirs", &[7; 16]);
        let theirs: phc::PasswordHash = theirs.expect("hashed");
        let theirs = PasswordHash::new(theirs.to_string());
        assert!(is_right("theirs", Some(&theirs)));
        assert!(!is_right("other", Some(&theirs)));
        for unreadable in [
            "",
            "plain",
            "$2b$12$abc",
            "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA",
        ] {
            assert!(!is_right(unreadable, Some(&PasswordHash::new(unreadable))));
        }
    }

    #[test]
    fn a_password_is_the_same_however_its_letters_are_composed() {
        let kept = hashed("pass-ju\u{308}rgen");
        assert!(is_right("pass-jürgen", Some(&kept)));
    }

    #[test]
    fn memory_that_was_used_before_makes_no_difference() {
        let mut memory = Memory::new();
        let kept = hash("correct horse", &mut memory).expect("hashed");
        assert!(super::is_right("correct horse", Some(&kept), &mut memory));
        assert!(!super::is_right("wrong horse", Some(&kept), &mut memory));
        assert!(super::is_right("correct horse", Some(&kept), &mut memory));
    }

    #[test]
    fn the_decoy_costs_what_a_password_does_and_is_none() {
        let parsed = phc::PasswordHash::new(DECOY).expect("readable");
        let real = hashed("something");
        let real = phc::PasswordHash::new(real.reveal()).expect("readable");
        assert_eq!(parsed.params, real.params);
        assert_eq!(parsed.algorithm, real.algorithm);
        let lengths = |hash: &phc::PasswordHash| hash.hash.as_ref().map(Output::len);
        assert_eq!(lengths(&parsed), lengths(&real));
        for password in ["", "password", "AAAAAAAA"] {
            assert!(!is_right(password, None));
        }
    }
}
