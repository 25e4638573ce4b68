//! Organisations and their teams: names, roles, and what a team may do with a package.

use std::{fmt, str::FromStr};

/// Longest name of an organisation or a team, in bytes.
pub const MAX_GROUP_NAME_BYTES: usize = 214;

/// The text is no name of an organisation or a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 214 of a-z, 0-9, `-`, `_` and `.`, the first a letter or digit")]
pub struct InvalidGroupName;

/// The text is none of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an unknown word")]
pub struct UnknownWord;

macro_rules! group_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Reads a name; an `@` before it, as clients write scopes, is left out.
            ///
            /// # Errors
            /// [`InvalidGroupName`] for what is none.
            pub fn parse(text: &str) -> Result<Self, InvalidGroupName> {
                let text = text.strip_prefix('@').unwrap_or(text);
                let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
                let is_one = text.len() <= MAX_GROUP_NAME_BYTES
                    && text.bytes().next().is_some_and(is_plain)
                    && text.bytes().all(|byte| is_plain(byte) || b"-_.".contains(&byte));
                is_one.then(|| Self(text.to_owned())).ok_or(InvalidGroupName)
            }

            /// Returns the name, without `@`.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

group_name!(
    /// The name of an organisation; packages of the scope of this name are its own.
    OrgName
);
group_name!(
    /// The name of a team within its organisation.
    TeamName
);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$about])* $variant,)* }

        impl $name {
            /// Every one, the least first.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let mut all = Self::ALL.iter().copied();
                all.find(|one| one.as_str() == text).ok_or(UnknownWord)
            }
        }
    };
}

words! {
    /// What a member may do in an organisation.
    Role {
        /// Belongs to it.
        Developer = "developer",
        /// Manages its teams and members.
        Admin = "admin",
        /// Manages everything of it, its administrators and owners too.
        Owner = "owner",
    }
}
words! {
    /// What a team may do with a package.
    Permission {
        /// Read it.
        Read = "read",
        /// Publish it too.
        Write = "write",
    }
}
words! {
    /// Who may read a package.
    Access {
        /// Members of the teams that are bound to it, and their organisations' owners.
        Restricted = "restricted",
        /// Everybody.
        Public = "public",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_names_are_plain_words() {
        for (text, name) in [("acme", "acme"), ("@acme", "acme"), ("a-1_b.c", "a-1_b.c")] {
            assert_eq!(OrgName::parse(text).map(|name| name.0), Ok(name.to_owned()));
        }
        let long = "a".repeat(MAX_GROUP_NAME_BYTES + 1);
        for text in ["", "@", "@@a", "-a", "A", "a/b", "a:b", "a b", "ä", &long] {
            assert_eq!(TeamName::parse(text), Err(InvalidGroupName), "{text}");
        }
    }

    #[test]
    fn roles_have_an_order() {
        assert!(Role::Owner > Role::Admin && Role::Admin > Role::Developer);
        assert_eq!("admin".parse(), Ok(Role::Admin));
        assert_eq!("member".parse::<Role>(), Err(UnknownWord));
    }
}
