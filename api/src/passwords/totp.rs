//! One-time passwords from a shared secret and the time: six digits that last 30 seconds.
//!
//! Source: RFC 6238 with HMAC-SHA-1, which is what every authenticator app understands; the
//! address is that of Google Authenticator's key URI format.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rand::RngCore;
use ring::hmac;

/// How long a code lasts.
pub(crate) const PERIOD_SECS: i64 = 30;
/// How many periods before and after this one count, for clocks that differ.
const SLACK: i64 = 1;
const DIGITS: usize = 6;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// What a label is written with as it is.
const LABEL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Makes a secret of the length of the hash, as RFC 4226 recommends.
pub(crate) fn new_secret() -> [u8; 20] {
    let mut secret = [0; 20];
    rand::rng().fill_bytes(&mut secret);
    secret
}

/// Returns the period near `now` whose code this is.
pub(crate) fn find(secret: &[u8], text: &str, now: i64) -> Option<i64> {
    let is_code = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_code {
        return None;
    }
    (now - SLACK..=now + SLACK).find(|period| code(secret, *period) == text)
}

/// Returns the code of a period.
pub(crate) fn code(secret: &[u8], period: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &period.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 0xf);
    let four = [tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]];
    format!("{:0DIGITS$}", u32::from_be_bytes(four) % 1_000_000)
}

/// Returns the address that an authenticator app is given, as a QR code or by hand.
pub(crate) fn address(secret: &[u8], user: &str, issuer: &str) -> String {
    let (user, issuer) = (
        utf8_percent_encode(user, LABEL),
        utf8_percent_encode(issuer, LABEL),
    );
    let secret = base32(secret);
    format!(
        "otpauth://totp/{issuer}:{user}?secret={secret}&issuer={issuer}\
         &algorithm=SHA1&digits={DIGITS}&period={PERIOD_SECS}"
    )
}

/// Source: RFC 4648, section 6, without padding: 20 bytes need none.
fn base32(bytes: &[u8]) -> String {
    let groups = bytes.chunks(5);
    let letters = groups.flat_map(|group| {
        let mut all = [0_u8; 8];
        all[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(all);
        let count = (group.len() * 8).div_ceil(5);
        (0..count).map(move |at| {
            let five = (bits >> (35 - 5 * at)) & 0x1f;
            char::from(ALPHABET[usize::try_from(five).unwrap_or_default()])
        })
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, seconds / PERIOD_SECS), expected, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_found_in_its_period_and_the_two_beside_it() {
        let secret = new_secret();
        for (at, is_found) in [
            (98, false),
            (99, true),
            (100, true),
            (101, true),
            (102, false),
        ] {
            let found = find(&secret, &code(&secret, at), 100);
            // Two periods may have one code, once in half a million.
            assert_eq!(found.is_some(), is_found, "{at}");
        }
        for text in [
            "",
            "12345",
            "1234567",
            "12 345",
            "١٢٣٤٥٦",
            "-12345",
            "abcdef",
        ] {
            assert_eq!(find(&secret, text, 100), None, "{text}");
        }
    }

    #[test]
    fn the_address_spells_secret_and_label_as_apps_read_them() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(
            base32(b"12345678901234567890"),
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        );
        let address = address(&[0; 20], "jü r", "127.0.0.1");
        assert_eq!(
            address,
            "otpauth://totp/127.0.0.1:j%C3%BC%20r?secret=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
             &issuer=127.0.0.1&algorithm=SHA1&digits=6&period=30"
        );
    }
}
