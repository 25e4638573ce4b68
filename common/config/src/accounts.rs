//! Who administers, who may become a user, and what secrets at rest are sealed with.

use std::path::PathBuf;

use weir_domain::{UserName, token::MIN_CONFIGURED_CHARS};

use crate::{
    ConfigError, Secret,
    effective::Effective,
    kind::Kind,
    setting::{
        Fallback::{Computed, Text, Unset},
        Group, row,
    },
};

/// Bounds of a password's length, in characters.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=100;

/// Its rows in the table of settings.
pub(crate) const GROUP: Group = Group {
    title: "Accounts",
    settings: &[
        row(
            "admin_name",
            Kind::UserName,
            Text("admin"),
            "Name of the administrator made at the first start.",
        ),
        row(
            "admin_token",
            Kind::Secret(MIN_CONFIGURED_CHARS),
            Computed("made at the first start, in the file admin-token of the data folder"),
            "The administrator's token; other users of the machine can see flags, so prefer the environment.",
        ),
        row(
            "token_prefix",
            Kind::TokenPrefix,
            Text("npm_"),
            "What the text of new tokens begins with, so that those who look for lost secrets know them.",
        ),
        row(
            "admin_password",
            Kind::Secret(*PASSWORD_CHARS.start()),
            Unset("none: the administrator has the token only, or the password given since"),
            "The administrator's password, of at most 100 characters; it holds from every start on.",
        ),
        row(
            "public_registration",
            Kind::Switch,
            Text("false"),
            "Whether anybody may become a user; who is one can always sign in.",
        ),
        row(
            "secret_key",
            Kind::Secret(1),
            Unset(
                "`secret_key_file`, else made at the first start of `weir serve` with SQLite, in the file secret-key of the data folder",
            ),
            "32 random bytes in base64 that seal what is stored and must be read again, such as secrets of one-time passwords; of several, separated by commas, the first seals and all open.",
        ),
        row(
            "secret_key_file",
            Kind::File,
            Unset("none"),
            "A file that says what `secret_key` would.",
        ),
    ],
};

/// What is decided about users beside the administrator's name and token.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// The administrator's password, if configured.
    pub admin_password: Option<Secret>,
    /// Whether anybody may become a user.
    pub public_registration: bool,
    /// What seals secrets at rest, if given.
    pub secret_key: Option<Secret>,
    /// Where that stands, if given.
    pub secret_key_file: Option<PathBuf>,
}

impl Accounts {
    pub(crate) fn read(from: &Effective) -> Result<Self, ConfigError> {
        Ok(Self {
            admin_password: from.find("admin_password", password)?,
            public_registration: from.word("public_registration")?,
            secret_key: from.find("secret_key", printable)?,
            secret_key_file: from.find("secret_key_file", crate::config::absolute)?,
        })
    }
}

pub(crate) fn user_name(text: &str) -> Option<String> {
    UserName::parse(text).ok().map(|name| name.to_string())
}

pub(crate) fn admin_token(text: &str) -> Option<Secret> {
    printable(text).filter(|_| text.len() >= MIN_CONFIGURED_CHARS)
}

fn password(text: &str) -> Option<Secret> {
    printable(text).filter(|_| PASSWORD_CHARS.contains(&text.len()))
}

fn printable(text: &str) -> Option<Secret> {
    let is_printable = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_printable.then(|| Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_printable_and_has_its_bounds() {
        assert!(password("12345678").is_some());
        assert!(password(&"a".repeat(100)).is_some());
        for bad in ["1234567", &"a".repeat(101), "with space", "ümlauts-are-odd"] {
            assert!(password(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_administrators_name_is_a_user_name() {
        assert_eq!(user_name("root").as_deref(), Some("root"));
        for bad in ["", "a:b", "a b", "a/b"] {
            assert_eq!(user_name(bad), None, "{bad}");
        }
    }
}
