//! What may make this mirror ask its upstream: operators, users, or readers as well.
//!
//! The words are cnpmcore's. Each mode allows what the one before it allows, and more.
//! Private scopes stay here in all of them.

use std::{fmt, str::FromStr};

/// Who or what may cause a request to an upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SyncMode {
    /// Nobody: what is held is served, and nothing else.
    None,
    /// Administrators ask for syncs; readers get the tarballs of what is mirrored.
    Admin,
    /// Users ask for syncs too; an upstream's change feed renews what is mirrored already.
    Exist,
    /// As [`Self::Exist`], and a change feed also brings what is not mirrored yet.
    All,
    /// As [`Self::Exist`], and so does a read of what is missing or old.
    #[default]
    Proxy,
}

impl SyncMode {
    /// The words accepted.
    pub const WORDS: &'static [&'static str] = &["none", "admin", "exist", "all", "proxy"];
    /// Every mode, in the order of the words.
    pub const ALL: [Self; 5] = [Self::None, Self::Admin, Self::Exist, Self::All, Self::Proxy];

    /// Returns the word used in configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Admin => "admin",
            Self::Exist => "exist",
            Self::All => "all",
            Self::Proxy => "proxy",
        }
    }

    /// Says whether an upstream may be asked at all.
    pub fn asks_upstream(self) -> bool {
        self != Self::None
    }

    /// Says whether somebody may ask for a sync.
    pub fn allows_sync(self, is_admin: bool) -> bool {
        match self {
            Self::None => false,
            Self::Admin => is_admin,
            Self::Exist | Self::All | Self::Proxy => true,
        }
    }

    /// Says whether a read of what is missing or old asks upstream for it.
    pub fn pulls(self) -> bool {
        self == Self::Proxy
    }
}

impl fmt::Display for SyncMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no sync mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sync mode is `none`, `admin`, `exist`, `all` or `proxy`")]
pub struct InvalidSyncMode;

impl FromStr for SyncMode {
    type Err = InvalidSyncMode;

    fn from_str(text: &str) -> Result<Self, InvalidSyncMode> {
        let mut all = Self::ALL.into_iter();
        all.find(|mode| mode.as_str() == text)
            .ok_or(InvalidSyncMode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_allows_what_the_one_before_it_allows() {
        let allowed = |mode: SyncMode| {
            [
                mode.asks_upstream(),
                mode.allows_sync(true),
                mode.allows_sync(false),
                mode.pulls(),
            ]
        };
        let table = [
            ("none", [false; 4]),
            ("admin", [true, true, false, false]),
            ("exist", [true, true, true, false]),
            ("all", [true, true, true, false]),
            ("proxy", [true; 4]),
        ];
        assert_eq!(table.map(|(word, _)| word), SyncMode::WORDS);
        for (word, expected) in table {
            assert_eq!(allowed(word.parse().expect("listed")), expected, "{word}");
        }
        assert_eq!("Proxy".parse::<SyncMode>(), Err(InvalidSyncMode));
    }
}
